"""A worker that does not read its orders is killed, nobody waits for it, and its run goes on elsewhere."""

import asyncio
import json
import os
import signal
import sys
import threading
import time

import pytest

from tests.training.engines import FAKE, QUICK, alive, asked, recorded, watched
from tests.ui.asgi import scope
from tests.waiting import until
from training.backends.outbox import Outbox
from training.backends.process import Process
from training.messages import Stop, Train
from training.server.engine import Engine

DEAF = (sys.executable, "-c", "import time; time.sleep(600)")
LARGE = Train("j", {"own": "x" * 1000})


@pytest.fixture
def engine():
    engine = Engine(1, FAKE, QUICK)
    yield engine
    engine.close()


def health(engine, monkeypatch) -> dict:
    """What /api/health answers."""
    from ui.api import routes

    monkeypatch.setattr(routes, "engine", lambda: engine)
    return json.loads(asyncio.run(routes.health(scope("/api/health"))).body)


def test_a_thousand_orders_to_a_worker_that_has_stopped_hold_nobody_up_and_its_run_goes_on(engine, monkeypatch):
    job = engine.submit(asked(twentieths=30), "ann")
    until(lambda: engine.follow(job)[0]["n"] > 3)
    (worker,) = engine._scheduler.slots
    os.kill(worker.pid, signal.SIGSTOP)

    def order() -> None:
        with engine._lock:
            for _ in range(1000):
                worker.send(LARGE)

    sender = threading.Thread(target=order, daemon=True)
    sender.start()
    sender.join(20)
    if sender.is_alive():
        os.kill(worker.pid, signal.SIGKILL)  # or the fixture waits for ever
        pytest.fail("the engine is locked")
    assert health(engine, monkeypatch)["status"] == "ok"
    assert recorded(watched(engine, job, "finished")) == list(range(30))
    assert not alive(worker.pid)


def test_a_worker_is_killed_when_its_orders_find_no_room_and_its_end_is_told_once(caplog):
    told = []
    worker = Process(DEAF, lambda _, event: told.append(event))
    for _ in range(1000):
        worker.send(LARGE)
    until(lambda: told == [None])
    assert [record.getMessage() for record in caplog.records] == [f"worker {worker.pid} reads no orders and is killed"]
    worker.send(Stop("j"))  # to a dead one: nothing
    worker.close()


def test_a_deaf_worker_is_closed_in_its_time_though_orders_wait():
    worker = Process(DEAF, lambda _, event: None)
    for _ in range(50):
        worker.send(Train("j", {"own": "x" * 4000}))
    begin = time.monotonic()
    worker.close(0.1)
    assert time.monotonic() - begin < 60
    assert not alive(worker.pid)


def test_what_is_put_is_written_in_order_and_then_the_pipe_is_closed():
    reading, writing = os.pipe()
    outbox = Outbox(os.fdopen(writing, "wb"), "outbox", most=1000)
    assert all(outbox.put(b"%d\n" % number) for number in range(500))
    assert outbox.put(None)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"".join(b"%d\n" % number for number in range(500))


def test_a_full_outbox_says_so():
    reading, writing = os.pipe()
    outbox = Outbox(os.fdopen(writing, "wb"), "outbox", most=2)
    line = b"x" * 10**6  # more than a pipe holds
    until(lambda: not outbox.put(line))
    assert not outbox.put(None)
    os.close(reading)
