"""Workers that grow are replaced between runs, and no run fails because of memory that earlier runs had left."""

import dataclasses

import pytest

from tests.training.engines import FAKE, QUICK, asked, recorded, watched
from tests.waiting import until
from training.server.engine import Engine

MIB = 2**20
GROWTH = 32
"""MiB that a worker told to hog takes with each twentieth of a second, and never gives back."""


@pytest.fixture
def make():
    engines = []

    def start(slots: int = 1, **limits) -> Engine:
        engines.append(Engine(slots, FAKE, dataclasses.replace(QUICK, **limits)))
        return engines[-1]

    yield start
    for engine in engines:
        engine.close()


def hogging(engine, twentieths: int, status: str = "finished") -> dict:
    return watched(engine, engine.submit(asked("hog", twentieths), "ann"), status)


def test_a_worker_that_has_grown_is_replaced_between_two_runs_and_a_small_one_stays(make):
    engine = make(recycled_bytes=120 * MIB)
    until(lambda: engine.health()["ready"])
    first = engine.pids()
    watched(engine, engine.submit(asked(), "ann"), "finished")
    assert engine.pids() == first
    hogging(engine, 6)
    until(lambda: engine.pids() not in ([], first) and engine.health()["ready"])
    assert hogging(engine, 1)["reason"] == ""


def test_a_run_that_fills_what_others_left_is_tried_on_a_fresh_worker_and_loses_nothing(make):
    engine = make(worker_memory_bytes=9 * GROWTH * MIB)
    hogging(engine, 6)
    first = engine.pids()
    assert recorded(hogging(engine, 5)) == list(range(5))
    assert engine.pids() != first


def test_a_run_too_large_even_for_a_fresh_worker_is_told_so(make):
    engine = make(worker_memory_bytes=6 * GROWTH * MIB)
    hogging(engine, 2)
    assert hogging(engine, 200, "failed")["reason"] == "memory"
    assert hogging(engine, 200, "failed")["reason"] == "memory"


def test_it_waits_for_a_fresh_worker_where_another_one_is_free(make):
    """The other worker is full, so it makes room for a new one."""
    engine = make(slots=2, worker_memory_bytes=9 * GROWTH * MIB)
    until(lambda: engine.health()["ready"] == 2)
    jobs = [engine.submit(asked("hog", 6), owner) for owner in ("ann", "bob")]
    for job in jobs:
        watched(engine, job, "finished")
    first = set(engine.pids())
    assert recorded(hogging(engine, 5)) == list(range(5))
    assert len(first & set(engine.pids())) < 2
