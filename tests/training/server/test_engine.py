"""Contract of the engine, with fake workers: whatever one worker or student does, the others can go on."""

import dataclasses
import os
import signal
import time

import pytest

from tests.training.engines import FAKE, QUICK, alive, asked, losses, poll, recorded, restored, watched
from tests.waiting import until
from training.backends import slots
from training.server.limits import Limits, QueueFullError, from_environment


def test_a_training_runs_to_its_end_and_tells_everything_in_order(engine):
    job = engine.submit(asked(), "ann")
    news = watched(engine, job, "finished")
    assert [message["step"] for message in news["points"]] == [0, 1, 2, 3, 4]
    assert recorded(news) == [0, 1, 2, 3], "the first look at step 0 is not doubled"
    assert news["reason"] == ""


def test_polling_from_n_on_gives_only_what_is_new(engine):
    job = engine.submit(asked(), "ann")
    everything = watched(engine, job, "finished")
    middle = engine.job(job).history.points[2].n
    assert recorded(poll(engine, job, middle)) == recorded(everything)[2:]
    assert poll(engine, job, everything["n"])["points"] == poll(engine, job, 999)["points"] == []


def test_jobs_start_in_order_and_know_their_place_and_rough_wait(engine):
    first, second, third = (engine.submit(asked(twentieths=10), owner) for owner in ("ann", "bob", "cem"))
    until(lambda: engine.follow(first)[0]["n"] > 0)
    places = [engine.follow(job)[0]["place"] for job in (second, third)]
    waits = [engine.follow(job)[0]["wait"] for job in (second, third)]
    assert places == [1, 2]
    assert 0 <= waits[0] < waits[1]
    watched(engine, first, "finished")
    watched(engine, second, "running")
    until(lambda: engine.follow(third)[0]["place"] == 1)


def test_as_many_run_at_once_as_there_are_slots(make):
    engine = make(slots=2)
    until(lambda: engine.health()["ready"] == 2)
    jobs = [engine.submit(asked(twentieths=10), str(owner)) for owner in range(3)]
    until(lambda: engine.health()["running"] == 2)
    assert [engine.follow(job)[0]["status"] for job in jobs].count("running") == 2
    assert engine.health()["queue"] == 1


def test_a_queued_job_is_stopped_at_once_and_leaves_the_queue(engine):
    engine.submit(asked(twentieths=20), "ann")
    second, third = engine.submit(asked(), "bob"), engine.submit(asked(), "cem")
    until(lambda: engine.health()["running"] == 1)
    engine.stop(second)
    assert engine.follow(second)[0]["status"] == "stopped"
    assert engine.follow(third)[0]["place"] == 1


def test_a_running_job_stops_and_frees_its_slot(engine):
    job = engine.submit(asked(twentieths=100), "ann")
    until(lambda: engine.follow(job)[0]["n"] > 2)
    engine.stop(job)
    news = watched(engine, job, "stopped")
    assert news["reason"] == "asked"
    assert watched(engine, engine.submit(asked(), "bob"), "finished")


def test_stopping_what_is_over_changes_nothing(engine):
    job = engine.submit(asked(), "ann")
    watched(engine, job, "finished")
    engine.stop(job)
    assert engine.follow(job)[0]["status"] == "finished"


def test_a_disobedient_worker_is_killed_and_replaced(make):
    engine = make(stop_timeout_s=0.8)
    job = engine.submit(asked("disobedient", 200), "ann")
    until(lambda: engine.follow(job)[0]["n"] > 0)
    before = engine.pids()
    engine.stop(job)
    assert watched(engine, job, "stopped")["points"], "what it had told is kept"
    watched(engine, engine.submit(asked(), "bob"), "finished")
    assert engine.pids() != before


@pytest.mark.parametrize(
    ("behaviour", "reason"), [("dying", "died"), ("silent", "silent"), ("raising", "error"), ("disobedient", "time")]
)
def test_a_failing_job_says_why_keeps_its_history_and_the_next_one_runs(make, behaviour, reason):
    limits = Limits(
        stop_timeout_s=0.2,
        silence_timeout_s=1.0,
        run_timeout_s=0.8 if behaviour == "disobedient" else 60.0,
        tick_s=0.02,
    )
    engine = make(limits=limits)
    job = engine.submit(asked(behaviour, 100), "ann")
    until(lambda: engine.follow(job)[0]["status"] in ("failed", "stopped"))
    news = poll(engine, job)
    assert news["reason"] == reason
    assert [message["step"] for message in news["points"]][:1] == [0]
    watched(engine, engine.submit(asked(), "bob"), "finished")


def dies(engine, job: str) -> None:
    """Kill the worker that has just told something about the job."""
    known = engine.follow(job)[0]["n"]
    until(lambda: engine.follow(job)[0]["n"] > known)
    os.kill(engine.pids()[0], signal.SIGKILL)


def test_a_run_whose_worker_dies_goes_on_by_itself_and_loses_nothing(engine):
    job = engine.submit(asked(twentieths=40), "ann")
    until(lambda: engine.follow(job)[0]["recorded"]["checkpoints"] > 1)
    dies(engine, job)
    news = watched(engine, job, "finished")
    assert recorded(news) == list(range(40))
    assert restored(news) >= 10, "from the last recorded state"


def test_a_run_whose_workers_die_again_and_again_fails_and_the_queue_behind_loses_nothing(engine):
    job, waiting = engine.submit(asked(twentieths=200), "ann"), engine.submit(asked(), "bob")
    dies(engine, job)
    dies(engine, job)
    assert watched(engine, job, "failed")["reason"] == "died"
    watched(engine, waiting, "finished")


def test_whatever_becomes_of_a_run_what_its_readers_need_of_it_is_known(make):
    """Before its worker has sent anything, and if its worker never will."""
    engine = make(command=(*FAKE, "failing"))
    settings = asked("dying", stop_at="steps", steps=17)
    run = engine.job(engine.submit(settings, "ann")).run
    for status in ("queued", "running", "stopped", "failed"):
        run.status = status
        facts = engine.job(engine.submit(settings, "bob")).facts
        assert (facts["steps"], facts["examples"]["train"]) == (17, 1348)
        assert 0.1 < facts["chance"]["validation"] < 0.13


@pytest.mark.parametrize("behaviour", ["chatty", "empty"])
def test_noise_on_the_workers_stdout_is_not_taken_for_news(engine, behaviour):
    assert recorded(watched(engine, engine.submit(asked(behaviour), "ann"), "finished")) == [0, 1, 2, 3]
    watched(engine, engine.submit(asked(), "bob"), "finished")


def test_the_worker_gets_the_settings_to_the_last_digit(engine):
    settings = dataclasses.replace(asked(), learning_rate=0.123456789)
    news = watched(engine, engine.submit(settings, "ann"), "finished")
    assert losses(news)[1] == 1 - settings.learning_rate / 10, "as the worker computes it"


def test_an_owner_has_one_open_job_twenty_presses_train_once(engine):
    jobs = [engine.submit(asked(twentieths=20), "ann") for _ in range(20)]
    watched(engine, jobs[-1], "finished")
    assert [engine.job(job).reason for job in jobs[:-1]] == ["replaced"] * 19
    assert engine.health()["queue"] == 0


def test_the_queue_is_bounded(engine):
    for owner in range(QUICK.most_queued + 1):
        engine.submit(asked(twentieths=100), str(owner))
        until(lambda: engine.health()["running"] == 1)
    with pytest.raises(QueueFullError):
        engine.submit(asked(), "one more")


def test_one_address_leaves_places_in_the_queue_to_others(make):
    engine = make(most_queued_per_client=2)
    engine.submit(asked(twentieths=100), "first")
    until(lambda: engine.health()["running"] == 1)
    for owner in ("ann", "bob"):
        engine.submit(asked(), owner, client="10.0.0.1")
    with pytest.raises(QueueFullError):
        engine.submit(asked(), "eve", client="10.0.0.1")
    engine.submit(asked(), "bob", client="10.0.0.1")  # who asks again gives up a place
    engine.submit(asked(), "cat", client="10.0.0.2")
    assert engine.health()["queue"] == 3


def test_a_full_queue_costs_nobody_a_training(engine):
    running, waiting = (engine.submit(asked(twentieths=100), owner) for owner in ("ann", "bob"))
    until(lambda: engine.follow(running)[0]["status"] == "running")
    for owner in range(QUICK.most_queued - 1):
        engine.submit(asked(), str(owner))
    with pytest.raises(QueueFullError):
        engine.submit(asked(), "ann")
    assert engine.follow(running)[0]["status"] == "running"
    assert not engine.job(running).run.stopping
    replacing = engine.submit(asked(), "bob")
    assert (engine.job(waiting).reason, engine.job(replacing).status) == ("replaced", "queued")


def test_two_hundred_jobs_all_finish(make):
    engine = make(slots=4, limits=Limits(tick_s=0.02))
    jobs = [engine.submit(asked(twentieths=1), str(owner)) for owner in range(200)]
    until(lambda: engine.health() | {"running": 0} == engine.health() and engine.health()["queue"] == 0)
    assert {engine.job(job).status for job in jobs} == {"finished"}


def test_a_job_that_nobody_watches_is_stopped_and_one_that_is_watched_is_not(make):
    engine = make(slots=2, lease_s=1.5)
    unseen, seen = engine.submit(asked(twentieths=60), "ann"), engine.submit(asked(twentieths=60), "bob")
    until(lambda: engine.follow(seen)[0]["status"] == "running" and not engine.job(unseen).open)
    assert engine.job(unseen).reason == "unseen"
    assert engine.follow(seen)[0]["status"] == "running"


def test_an_owner_who_leaves_frees_the_slot_after_the_grace_time(make):
    engine = make(grace_s=0.3)
    job = engine.submit(asked(twentieths=200), "ann")
    until(lambda: engine.follow(job)[0]["n"] > 0)
    engine.abandon("ann")
    until(lambda: not engine.job(job).open)
    assert engine.job(job).ended - engine.job(job).seen < QUICK.lease_s


def test_a_lost_connection_has_a_minute_to_come_back():
    """However it was lost: reported by the browser, or only silent."""
    assert (Limits().grace_s, Limits().lease_s) == (60.0, 60.0)


@pytest.mark.parametrize(("asked_for", "given"), [("", 60.0), ("20", 20.0)])
def test_the_operator_says_how_long(monkeypatch, asked_for, given):
    monkeypatch.setenv("BN_LAB_GRACE_SECONDS", asked_for)
    assert (from_environment().grace_s, from_environment().lease_s) == (given, given)


@pytest.mark.parametrize("bad", ["1.5", "-1", "a minute", "²"])
def test_a_grace_that_is_no_number_of_seconds_is_refused(monkeypatch, bad):
    monkeypatch.setenv("BN_LAB_GRACE_SECONDS", bad)
    with pytest.raises(ValueError, match="BN_LAB_GRACE_SECONDS must be"):
        from_environment()


def test_an_owner_who_comes_back_in_time_keeps_the_job(engine):
    job = engine.submit(asked(twentieths=30), "ann")
    until(lambda: engine.follow(job)[0]["n"] > 0)
    engine.abandon("ann")
    watched(engine, job, "finished")


def test_what_is_long_over_is_forgotten(make):
    engine = make(limits=Limits(retention_s=0.3, tick_s=0.02))
    job = engine.submit(asked(), "ann")
    watched(engine, job, "finished")
    until(lambda: engine.job(job) is None)
    with pytest.raises(KeyError):
        poll(engine, job)


def test_what_is_long_over_is_remembered_while_a_session_holds_it(make):
    engine = make(limits=Limits(retention_s=0.1, tick_s=0.02))
    job = engine.submit(asked(), "ann")
    session = {"job": engine.job(job)}
    watched(engine, job, "finished")
    until(lambda: time.monotonic() - session["job"].ended > 0.3)
    assert recorded(poll(engine, job)) == [0, 1, 2, 3], "a page that comes back draws it again"
    session.clear()
    until(lambda: engine.job(job) is None)


def test_where_no_worker_can_start_what_waits_fails(make):
    engine = make(command=(*FAKE, "failing"))
    job = engine.submit(asked(), "ann")

    def gave_up() -> bool:
        engine._scheduler._next_start = min(engine._scheduler._next_start, time.monotonic() + 0.05)
        return engine.follow(job)[0]["status"] == "failed"

    until(gave_up)
    assert engine.follow(job)[0]["reason"] == "no worker"


def test_closing_leaves_no_orphans(make):
    engine = make(slots=2)
    job = engine.submit(asked("disobedient", 200), "ann")
    until(lambda: engine.follow(job)[0]["n"] > 0 and engine.health()["ready"] == 2)
    pids = engine.pids()
    engine.close()
    assert not any(map(alive, pids))
    time.sleep(3 * QUICK.tick_s)
    assert engine.health()["workers"] == 0, "the dead are not replaced"


@pytest.mark.parametrize(
    ("asked_for", "cores", "given"), [("3", 8, 3), ("", 8, 7), ("", 1, 1), ("0", 4, 1), ("x", 4, 3)]
)
def test_slots_come_from_the_environment_or_leave_one_core_free(monkeypatch, asked_for, cores, given):
    monkeypatch.setenv("BN_LAB_SLOTS", asked_for)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert slots() == given
