"""The cluster's commands in requirements-cluster.txt, run by a shell in another folder; and the other instructions."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.conftest import Started, few
from tests.training.engines import FAKE, QUICK, asked, recorded, watched
from tests.waiting import until
from training.server.engine import Engine

pytest.importorskip("distributed")
ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "requirements-cluster.txt").read_text(encoding="utf-8")
WARNING = "could not run a worker; its own log says why"


def documented(what: str) -> str:
    """The command for the scheduler or a worker, with this environment's Python, on loopback and a free port."""
    (command,) = re.findall(rf"^#[^:]+: +(.*python -m dask {what} .*)$", TEXT, re.MULTILINE)
    return command.replace(".venv/bin/python", sys.executable).replace("--host 10.0.0.1", "--host 127.0.0.1 --port 0")


@pytest.fixture
def shell(tmp_path):
    """Runs a command in a folder; returns it with its log. All end with the test."""
    started = []

    def run(command: str, folder: Path, sign: str) -> Started:
        log = tmp_path / f"{len(started)}.log"
        with log.open("w") as out:
            line = f"cd {folder} && exec env {command}"
            process = subprocess.Popen(["sh", "-c", line], cwd=tmp_path, stdout=out, stderr=out, start_new_session=True)
        started.append(process)
        return Started(process, log, sign)

    yield run
    for process in reversed(started):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def cluster(shell):
    """Starts the documented worker in a folder, beside the documented scheduler; its engine."""
    engines = []

    def start(folder: Path) -> Engine:
        address = shell(documented("scheduler"), ROOT, "Scheduler at:").address
        worker = documented("worker").replace("tcp://10.0.0.1:8786", address)
        assert shell(worker, folder, "Registered to:").address
        engines.append(Engine(limits=QUICK, backend=few(address, FAKE, 1)))
        return engines[-1]

    yield start
    for engine in engines:
        engine.close()


def test_the_documented_commands_train(cluster):
    engine = cluster(ROOT)
    assert recorded(watched(engine, engine.submit(asked(), "ann"), "finished")) == [0, 1, 2, 3]


def test_a_worker_started_elsewhere_is_said_to_be(cluster, tmp_path, caplog):
    cluster(tmp_path)
    until(lambda: any(WARNING in record.getMessage() for record in caplog.records))
