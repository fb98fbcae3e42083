"""Contract of the engine, against pretending workers: whatever one of them or a student does, the others go on."""

import dataclasses
import os
import signal
import time

import pytest

from tests.training.engines import FAKE, QUICK, alive, asked, recorded, until, watched
from training.jobs import Limits, QueueFullError, slots


def test_a_training_runs_to_its_end_and_tells_everything_in_order(engine):
    job = engine.submit(asked(), "ann")
    news = watched(engine, job, "finished")
    assert [told["step"] for told in news["points"]] == [0, 1, 2, 3, 4]
    assert recorded(news) == [0, 1, 2, 3], "the first look at step 0 is not doubled"
    assert news["reason"] == ""


def test_polling_from_n_on_gives_only_what_is_new(engine):
    job = engine.submit(asked(), "ann")
    everything = watched(engine, job, "finished")
    middle = engine.look(job).history.points[2].n
    assert recorded(engine.poll(job, middle)) == recorded(everything)[2:]
    assert engine.poll(job, everything["n"])["points"] == engine.poll(job, 999)["points"] == []


def test_jobs_start_in_order_and_know_their_place_and_rough_wait(engine):
    first, second, third = (engine.submit(asked(twentieths=10), owner) for owner in ("ann", "bob", "cem"))
    until(lambda: engine.poll(first)["n"] > 0)
    places = [engine.poll(job)["place"] for job in (second, third)]
    waits = [engine.poll(job)["wait"] for job in (second, third)]
    assert places == [1, 2]
    assert 0 <= waits[0] < waits[1]
    watched(engine, first, "finished")
    watched(engine, second, "running")
    until(lambda: engine.poll(third)["place"] == 1)


def test_as_many_run_at_once_as_there_are_slots(make):
    engine = make(slots=2)
    until(lambda: engine.health()["ready"] == 2, 30)
    jobs = [engine.submit(asked(twentieths=10), str(owner)) for owner in range(3)]
    until(lambda: engine.health()["running"] == 2)
    assert [engine.poll(job)["status"] for job in jobs].count("running") == 2
    assert engine.health()["queue"] == 1


def test_a_queued_job_is_stopped_at_once_and_leaves_the_queue(engine):
    engine.submit(asked(twentieths=20), "ann")
    second, third = engine.submit(asked(), "bob"), engine.submit(asked(), "cem")
    until(lambda: engine.health()["running"] == 1)
    engine.stop(second)
    assert engine.poll(second)["status"] == "stopped"
    assert engine.poll(third)["place"] == 1


def test_a_running_job_stops_and_frees_its_slot(engine):
    job = engine.submit(asked(twentieths=100), "ann")
    until(lambda: engine.poll(job)["n"] > 2)
    engine.stop(job)
    news = watched(engine, job, "stopped")
    assert news["reason"] == "asked"
    assert watched(engine, engine.submit(asked(), "bob"), "finished")


def test_stopping_what_is_over_changes_nothing(engine):
    job = engine.submit(asked(), "ann")
    watched(engine, job, "finished")
    engine.stop(job)
    assert engine.poll(job)["status"] == "finished"


def test_a_deaf_worker_is_killed_and_replaced(engine):
    job = engine.submit(asked("deaf", 200), "ann")
    until(lambda: engine.poll(job)["n"] > 0)
    before = engine.pids()
    engine.stop(job)
    assert watched(engine, job, "stopped")["points"], "what it had told is kept"
    watched(engine, engine.submit(asked(), "bob"), "finished")
    assert engine.pids() != before


@pytest.mark.parametrize(
    ("behaviour", "reason"), [("dying", "died"), ("silent", "silent"), ("raising", "error"), ("deaf", "time")]
)
def test_a_failing_job_says_why_keeps_its_history_and_the_next_one_runs(make, behaviour, reason):
    limits = Limits(stop=0.2, silence=1.0, run=0.8 if behaviour == "deaf" else 5.0, tick=0.02)
    engine = make(limits=limits)
    job = engine.submit(asked(behaviour, 100), "ann")
    until(lambda: engine.poll(job)["status"] in ("failed", "stopped"))
    news = engine.poll(job)
    assert news["reason"] == reason
    assert [told["step"] for told in news["points"]][:1] == [0]
    watched(engine, engine.submit(asked(), "bob"), "finished")


def test_killed_twice_the_queue_behind_loses_nothing(engine):
    for _ in range(2):
        job, waiting = engine.submit(asked(twentieths=100), "ann"), engine.submit(asked(), "bob")
        until(lambda job=job: engine.poll(job)["n"] > 0)
        os.kill(engine.pids()[0], signal.SIGKILL)
        watched(engine, job, "failed")
        watched(engine, waiting, "finished")


@pytest.mark.parametrize("behaviour", ["chatty", "empty"])
def test_noise_on_the_workers_stdout_is_not_taken_for_news(engine, behaviour):
    assert recorded(watched(engine, engine.submit(asked(behaviour), "ann"), "finished")) == [0, 1, 2, 3]
    watched(engine, engine.submit(asked(), "bob"), "finished")


def test_the_worker_is_told_the_settings_to_the_last_digit(engine):
    settings = dataclasses.replace(asked(), learning_rate=0.123456789)
    told = watched(engine, engine.submit(settings, "ann"), "finished")["told"]
    assert told == dataclasses.asdict(settings)


def test_an_owner_has_one_open_job_twenty_presses_train_once(engine):
    jobs = [engine.submit(asked(twentieths=20), "ann") for _ in range(20)]
    watched(engine, jobs[-1], "finished")
    assert [engine.look(job).reason for job in jobs[:-1]] == ["replaced"] * 19
    assert engine.health()["queue"] == 0


def test_the_queue_is_bounded(engine):
    for owner in range(QUICK.queue + 1):
        engine.submit(asked(twentieths=100), str(owner))
        until(lambda: engine.health()["running"] == 1)
    with pytest.raises(QueueFullError):
        engine.submit(asked(), "one more")


def test_a_full_queue_costs_nobody_a_training(engine):
    running, waiting = (engine.submit(asked(twentieths=100), owner) for owner in ("ann", "bob"))
    until(lambda: engine.poll(running)["status"] == "running")
    for owner in range(QUICK.queue - 1):
        engine.submit(asked(), str(owner))
    with pytest.raises(QueueFullError):
        engine.submit(asked(), "ann")
    assert engine.poll(running)["status"] == "running"
    assert not engine.look(running).training.stopping
    replacing = engine.submit(asked(), "bob")
    assert (engine.look(waiting).reason, engine.look(replacing).status) == ("replaced", "queued")


def test_two_hundred_jobs_all_finish(make):
    engine = make(slots=4, limits=Limits(tick=0.02))
    jobs = [engine.submit(asked(twentieths=1), str(owner)) for owner in range(200)]
    until(lambda: engine.health() | {"running": 0} == engine.health() and engine.health()["queue"] == 0, 30)
    assert {engine.look(job).status for job in jobs} == {"finished"}


def test_a_job_that_nobody_watches_is_stopped_and_one_that_is_watched_is_not(make):
    engine = make(slots=2)
    unseen, seen = engine.submit(asked(twentieths=60), "ann"), engine.submit(asked(twentieths=60), "bob")
    until(lambda: engine.poll(seen)["status"] == "running" and not engine.look(unseen).open)
    assert engine.look(unseen).reason == "unseen"
    assert engine.poll(seen)["status"] == "running"


def test_an_owner_who_leaves_frees_the_slot_after_the_grace_time(engine):
    job = engine.submit(asked(twentieths=200), "ann")
    until(lambda: engine.poll(job)["n"] > 0)
    engine.abandon("ann")
    begun = time.monotonic()
    until(lambda: not engine.look(job).open)
    assert time.monotonic() - begun < QUICK.lease


def test_an_owner_who_comes_back_in_time_keeps_the_job(engine):
    job = engine.submit(asked(twentieths=30), "ann")
    until(lambda: engine.poll(job)["n"] > 0)
    engine.abandon("ann")
    watched(engine, job, "finished")


def test_what_is_long_over_is_forgotten(make):
    engine = make(limits=Limits(keep=0.3, tick=0.02))
    job = engine.submit(asked(), "ann")
    watched(engine, job, "finished")
    until(lambda: engine.look(job) is None)
    with pytest.raises(KeyError):
        engine.poll(job)


def test_what_is_long_over_is_remembered_while_a_session_holds_it(make):
    engine = make(limits=Limits(keep=0.1, tick=0.02))
    job = engine.submit(asked(), "ann")
    session = {"job": engine.look(job)}
    watched(engine, job, "finished")
    until(lambda: time.monotonic() - session["job"].ended > 0.3)
    assert recorded(engine.poll(job)) == [0, 1, 2, 3], "a page that comes back draws it again"
    session.clear()
    until(lambda: engine.look(job) is None)


def test_where_no_worker_can_start_the_waiting_are_told(make):
    engine = make(command=(*FAKE, "stillborn"))
    job = engine.submit(asked(), "ann")

    def gave_up() -> bool:
        engine._crew._next_birth = min(engine._crew._next_birth, time.monotonic() + 0.05)
        return engine.poll(job)["status"] == "failed"

    until(gave_up)
    assert engine.poll(job)["reason"] == "no worker"


def test_closing_leaves_no_orphans(make):
    engine = make(slots=2)
    job = engine.submit(asked("deaf", 200), "ann")
    until(lambda: engine.poll(job)["n"] > 0 and engine.health()["ready"] == 2)
    pids = engine.pids()
    engine.close()
    assert not any(map(alive, pids))
    time.sleep(3 * QUICK.tick)
    assert engine.health()["workers"] == 0, "the dead are not replaced"


@pytest.mark.parametrize(
    ("asked_for", "cores", "given"), [("3", 8, 3), ("", 8, 7), ("", 1, 1), ("0", 4, 1), ("x", 4, 3)]
)
def test_slots_come_from_the_environment_or_leave_one_core_free(monkeypatch, asked_for, cores, given):
    monkeypatch.setenv("BN_LAB_SLOTS", asked_for)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert slots() == given
