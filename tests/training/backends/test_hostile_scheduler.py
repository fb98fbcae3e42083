"""A hostile scheduler sends programs in each way that dask unpickles; the server runs none of them."""

import contextlib
import os
import threading
from pathlib import Path

import pytest

from tests.training.conftest import Dask
from tests.waiting import until

pytest.importorskip("distributed")
HOSTILE = Path(__file__).with_name("hostile_scheduler.py")
ANSWERS = ("answer", "serialized", "type of an answer", "exception", "traceback")
TOLD = ("event", "class of an event", "type of a result", "stream")


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """The address of a scheduler that sends programs; they leave their ways and processes in `tmp_path`."""
    monkeypatch.setenv("BOMBS", str(tmp_path / "bombs"))
    (tmp_path / "bombs").mkdir()
    dask = Dask(tmp_path)
    try:
        yield dask.run(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--preload", HOSTILE
        ).address
    finally:
        dask.end()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # by a client whose stream was broken
def test_no_program_that_the_cluster_sends_is_run_by_the_server(hostile, tmp_path, caplog):
    from distributed import Future, Queue

    from training.backends.dask_cluster import Cluster

    cluster = Cluster(hostile)
    client = until(lambda: cluster._client)
    asked, last = Future("asked", client), threading.Event()
    client._stream_handlers["that was it"] = last.set
    for way in ANSWERS:
        with contextlib.suppress(Exception):
            Queue(way, client=client).get(timeout="5 s")
    for way in TOLD:
        last.clear(), caplog.clear()
        Queue(way, client=client).get(timeout="5 s")
        until(lambda: last.is_set() or "Failed to deserialize" in caplog.text)
    assert asked.status == "finished", "what was told of it has come"
    cluster.close()
    assert not list((tmp_path / "bombs").glob(f"*-{os.getpid()}"))
