"""Contract: a waiting student is told how long the work ahead will take, by the length of each run."""

import dataclasses
import gc
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from tests.training.events import end, points
from training.messages import Begin, Error, Look, Shown, Snapshot, Stop, Train
from training.server import scheduler as schedulers
from training.server.checkpoints import Checkpoints
from training.server.limits import Limits
from training.server.pace import Pace
from training.server.run import Job, Run
from training.server.scheduler import NORMAL, Scheduler
from training.server.task import WorkerSlot
from training.spec.settings import Settings

LONG, SHORT = {"stop_at": "steps", "steps": 1000}, {"stop_at": "steps", "steps": 100}
"""Runs of 10 seconds and of 1 second."""


@pytest.fixture
def scheduler():
    """A scheduler with two slots and no worker; a step takes 0.01 seconds as a rule."""
    return Scheduler(SimpleNamespace(slots=2, hire=lambda receive: None), Limits(usual_step_s=0.01), threading.RLock())


@pytest.fixture
def run(tmp_path):
    return lambda **fields: Run(Settings(**fields), Checkpoints(tmp_path))


def under_way(scheduler, run, **more):
    """Let another worker be busy with the run."""
    scheduler.slots[object()] = WorkerSlot(started=0.0, ready=True, task=run, **more)


@pytest.mark.parametrize(
    ("ahead", "left", "wait"),
    [
        ([], 4.0, 4.0),
        ([], None, 10.0),
        ([LONG], 4.0, 12.0),
        ([SHORT], 4.0, 5.0),
        ([LONG, LONG, LONG], 4.0, 22.0),
        ([LONG, SHORT, SHORT], 4.0, 14.0),
    ],
)
def test_the_wait_is_what_is_left_and_ahead_shared_among_the_slots(scheduler, run, ahead, left, wait):
    """One slot is free after 12 seconds, the other after `left`, or, where that is unknown, after a whole run."""
    for seconds in (12.0, left):
        running = run(**LONG)
        running.history.left = seconds
        under_way(scheduler, running)
    for fields in ahead:
        scheduler.enqueue(run(**fields), NORMAL)
    last = run()
    scheduler.enqueue(last, NORMAL)
    assert scheduler.place(last) == {"place": len(ahead) + 1, "wait": wait}


def test_a_run_whose_progress_is_known_has_only_the_rest_before_it(run):
    run = run(**LONG)
    assert run.remaining(Pace(0.01)) == pytest.approx(10.0)
    run.at = 900
    assert run.remaining(Pace(0.01)) == pytest.approx(1.0)


def test_the_waits_of_a_class_follow_the_lengths_that_were_measured(scheduler, run, monkeypatch):
    """120 runs of 1000 steps on one slot; each takes 2 seconds where the guess was 10."""
    scheduler.backend.slots, clock = 1, [100.0]
    monkeypatch.setattr(schedulers.time, "monotonic", lambda: clock[0])
    worker, runs = FakeWorker(scheduler), [run(**LONG, seed=seed) for seed in range(120)]
    for run in runs:
        scheduler.enqueue(run, NORMAL)
    assert [scheduler.place(run)["place"] for run in runs[1:]] == [*range(1, 120)]
    waits = []
    for done, run in enumerate(runs):
        waits.append([scheduler.place(each)["wait"] for each in runs[done + 1 :]])
        worker.sends(Begin(0))
        clock[0] += 2.0
        run.at = 1000
        worker.sends(end())
    assert waits[0][:2] == [10, 20], "guessed, before anything was measured"
    for done, seconds in enumerate(waits[1:], start=1):
        assert seconds == [2 * (ahead + 1) for ahead in range(119 - done)]
    assert {run.status for run in runs} == {"finished"}


@pytest.fixture
def took(scheduler, run, monkeypatch):
    """Train runs, one after the other: the seconds that each takes, and whether it was traced."""
    scheduler.backend.slots, clock, worker = 1, [100.0], FakeWorker(scheduler)
    monkeypatch.setattr(schedulers.time, "monotonic", lambda: clock[0])

    def train(seconds: float, rate: float, fields: dict, traced: bool) -> None:
        scheduler.enqueue(run(**fields), NORMAL)
        worker.sends(Begin(0, traced))
        worker.sends(points(1000, left=0.0, rate=rate))
        clock[0] += seconds
        worker.sends(end())

    return train


def wait_of_the_second(scheduler, run, fields: dict) -> float:
    first, second = run(**fields), run(**fields)
    for one in (first, second):
        scheduler.enqueue(one, NORMAL)
    return scheduler.place(second)["wait"]


def test_what_was_spent_on_tracing_is_not_expected_of_the_runs_that_follow(scheduler, run, took):
    took(14.0, 500.0, LONG, traced=True)
    assert wait_of_the_second(scheduler, run, LONG) == pytest.approx(2.0)


def test_a_run_is_expected_to_take_what_its_kind_took_and_an_unknown_one_what_is_usual(scheduler, run, took):
    wide = LONG | {"width": 128}
    for seconds, fields in ((2.0, LONG), (60.0, LONG), (2.0, LONG), (6.0, wide)):
        took(seconds, 500.0, fields, traced=False)
    waits = [wait_of_the_second(scheduler, run, fields) for fields in (LONG, wide)]
    assert waits == [2.0, 2.0 + 2.0 + 6.0], "behind the two before"


class FakeWorker:
    """A worker that sends what the test says."""

    def __init__(self, scheduler):
        self.orders, self.scheduler = [], scheduler
        scheduler.slots[self] = WorkerSlot(started=0.0, ready=True)

    def send(self, order):
        self.orders.append(order)

    def sends(self, event):
        self.scheduler.receive(self, dataclasses.replace(event, job=self.orders[-1].job))

    def memory(self):
        return 0


def test_a_look_that_takes_the_place_of_an_earlier_one_waits_no_longer_for_it(scheduler, run):
    jobs = [Job(owner, run(), 20.0) for owner in ("ann", "bob")]
    for job, step in ((jobs[0], 1), (jobs[1], 1), (jobs[0], 2)):
        scheduler.look(job, step)
    assert [(look.run, look.step) for look in scheduler.in_turn()] == [(jobs[0].run, 2), (jobs[1].run, 1)]


def test_of_an_owner_one_look_is_under_way_and_one_waits(scheduler, run):
    """Whichever runs they look into; another student's is not held up by it."""
    ann, bob = [Job("ann", run(), 20.0), Job("ann", run(), 20.0)], Job("bob", run(), 20.0)
    one, other = FakeWorker(scheduler), FakeWorker(scheduler)
    for job, step in ((ann[0], 1), (ann[0], 2), (ann[1], 3), (bob, 4)):
        scheduler.look(job, step)
    assert [[order.step for order in worker.orders] for worker in (one, other)] == [[1], [4]]
    assert [look.step for look in scheduler.queue] == [3]
    one.sends(Snapshot(1, []))
    one.sends(Shown())
    assert [order.step for order in one.orders] == [1, 3]


def test_runs_and_looks_take_turns_where_both_wait_and_the_estimate_knows(scheduler, run):
    first, others = run(**LONG), [run(**LONG), run(**LONG)]
    worker, viewers = FakeWorker(scheduler), [Job(owner, run(), 20.0) for owner in "abc"]
    scheduler.backend.slots = 1
    scheduler.enqueue(first, NORMAL)
    for run in others:
        scheduler.enqueue(run, NORMAL)
    for job in viewers:
        scheduler.look(job, 1)
    assert [isinstance(task, Run) for task in scheduler.in_turn()] == [False, True, False, True, False]
    assert [scheduler.place(run)["wait"] for run in others] == [10.0, 21.0]
    taken = []
    for _ in range(6):
        taken.append(type(worker.orders[-1]))
        worker.sends(Shown() if taken[-1] is Look else Error(""))
    assert taken == [Train, Look] * 3


def test_a_look_for_which_nobody_waits_any_more_is_not_taken(scheduler, run):
    job = Job("ann", run(), 20.0)
    scheduler.look(job, 1)
    (look,) = scheduler.queue
    del job
    gc.collect()
    scheduler.tend(0.0)
    assert (scheduler.queue, look.status) == ([], "stopped")
    worker = FakeWorker(scheduler)
    scheduler.look(Job("bob", run(), 20.0), 2)
    scheduler.tend(0.0)
    assert [type(order) for order in worker.orders] == [Look, Stop]
    worker.sends(Shown())
    assert not scheduler.slots[worker].task


def test_where_no_process_can_be_started_it_is_tried_again_later_and_the_waiting_are_told(run, caplog):
    tried = []

    def hire(receive):
        tried.append(receive)
        raise OSError(24, "Too many open files")

    scheduler = Scheduler(SimpleNamespace(slots=2, hire=hire), Limits(), threading.RLock())
    waiting = run()
    scheduler.enqueue(waiting, NORMAL)
    for now in np.arange(0.0, 20.0, 0.1):
        scheduler.tend(now)
    assert len(tried) == len(caplog.records) == 4, "after 2, 4 and 8 seconds"
    assert (waiting.status, waiting.reason) == ("failed", "no worker")
