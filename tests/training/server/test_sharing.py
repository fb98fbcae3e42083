"""Contract of shared runs: students who ask for the same run share it, and nobody disturbs another."""

import dataclasses

import pytest

from tests.training.engines import asked, losses, poll, recorded, restored, seconds, watched
from tests.waiting import until
from training.spec.settings import changed


def runs(engine, jobs) -> set:
    return {engine.job(job).run for job in jobs}


def test_thirty_students_pressing_train_need_one_training_and_all_get_the_whole_history(engine):
    settings = asked(twentieths=10)
    jobs = [engine.submit(settings, f"student {number}") for number in range(15)]
    until(lambda: len(recorded(poll(engine, jobs[0]))) > 3)
    jobs += [engine.submit(settings, f"latecomer {number}") for number in range(15)]
    assert engine.health()["queue"] == 0
    for job in jobs:
        assert recorded(watched(engine, job, "finished")) == list(range(10))
    assert len(runs(engine, jobs)) == 1
    assert len({run["settings"]["noise"] for run in started(engine)}) == 1


def started(engine) -> list[dict]:
    """The settings of the runs, and how many workers each was given to."""
    return [
        {"settings": dataclasses.asdict(run.settings), "attempts": run.checkpoints._attempts}
        for run in engine._jobs.runs()
    ]


def test_a_finished_run_is_not_trained_again_unless_that_is_asked_for(engine):
    settings = asked()
    first = engine.submit(settings, "ann")
    news = watched(engine, first, "finished")
    again = engine.submit(settings, "bob")
    assert engine.follow(again)[0]["status"] == "finished", "at once"
    assert poll(engine, again)["points"] == news["points"]
    anew = engine.submit(settings, "cem", again=True)
    assert engine.follow(anew)[0]["status"] in ("queued", "running")
    assert losses(watched(engine, anew, "finished")) == losses(news)


@pytest.mark.parametrize(("text", "same"), [("200: learning_rate = 3e-2;", True), ("200:learning_rate=0.3", False)])
def test_definitions_are_compared_by_what_they_mean(engine, text, same):
    settings = dataclasses.replace(asked(twentieths=40), changes="200:learning_rate=0.03")
    one, other = engine.submit(settings, "ann"), engine.submit(dataclasses.replace(settings, changes=text), "bob")
    assert (len(runs(engine, [one, other])) == 1) is same


def test_a_failed_or_stopped_run_is_not_handed_on(engine):
    settings = asked("raising")
    watched(engine, engine.submit(settings, "ann"), "failed")
    assert poll(engine, engine.submit(settings, "bob"))["status"] in ("queued", "running")


def test_one_who_leaves_does_not_stop_the_others(engine):
    settings = asked(twentieths=12)
    one, other = engine.submit(settings, "ann"), engine.submit(settings, "bob")
    until(lambda: recorded(poll(engine, one)))
    engine.stop(one)
    left = poll(engine, one)
    assert (left["status"], left["reason"]) == ("stopped", "asked")
    assert recorded(watched(engine, other, "finished")) == list(range(12))
    assert poll(engine, one)["points"] == left["points"], "what is told later is not for who has left"


def test_one_who_trains_something_else_does_not_stop_the_others(engine):
    settings = asked(twentieths=12)
    one, other = engine.submit(settings, "ann"), engine.submit(settings, "bob")
    until(lambda: recorded(poll(engine, one)))
    engine.submit(asked(), "ann")
    assert engine.job(one).reason == "replaced"
    watched(engine, other, "finished")


def test_the_last_one_who_leaves_ends_it_after_the_grace_time(make):
    engine = make(grace_s=0.3)
    settings = asked(twentieths=200)
    jobs = [engine.submit(settings, owner) for owner in ("ann", "bob")]
    until(lambda: recorded(poll(engine, jobs[0])))
    for owner in ("ann", "bob"):
        engine.abandon(owner)
    until(lambda: not engine.job(jobs[1]).open)
    assert [engine.job(job).reason for job in jobs] == ["unseen", "unseen"]


def test_one_unseen_for_long_finds_the_run_that_others_kept_alive(engine):
    settings = asked(twentieths=60)
    one, other = engine.submit(settings, "ann"), engine.submit(settings, "bob")
    engine.abandon("ann")
    until(lambda: len(recorded(poll(engine, other))) > 30)
    assert engine.follow(one)[0]["status"] == "running"


def altered(settings, step: int, rate: float):
    """The run with that learning rate from a step on."""
    return changed(settings, step, "learning_rate", rate)


def test_a_change_at_a_step_is_a_new_run_that_takes_over_the_steps_before(engine):
    settings = asked(twentieths=16)
    one, other = engine.submit(settings, "ann"), engine.submit(settings, "bob")
    until(lambda: len(recorded(poll(engine, one))) > 6)
    new = engine.submit(altered(settings, 6, 1.0), "ann", origin=(one, 6))
    assert recorded(poll(engine, new)) == list(range(6)), "at once"
    assert engine.job(one).reason == "replaced"
    whole, mine = watched(engine, other, "finished"), watched(engine, new, "finished")
    assert restored(mine) == 5, "from the last recorded state"
    assert recorded(mine) == recorded(whole) == list(range(16))
    assert losses(mine)[:7] == losses(whole)[:7]
    assert losses(mine)[8] != losses(whole)[8]
    alone = watched(engine, engine.submit(engine.job(new).settings, "cem", again=True), "finished")
    assert losses(mine) == losses(alone), "as if trained from the start"
    assert seconds(mine) == sorted(seconds(mine))


def test_what_was_told_before_is_shared_with_the_run_that_was_left(engine):
    settings = asked(twentieths=16)
    job = engine.submit(settings, "ann")
    watched(engine, job, "finished")
    new = engine.submit(altered(settings, 7, 1.0), "ann", origin=(job, 7))
    mine, whole = engine.job(new).history, engine.job(job).history
    assert all(a is b for a, b in zip(mine.points[:8], whole.points[:8], strict=True))
    assert all(a is b for a, b in zip(mine.snapshots[:3], whole.snapshots[:3], strict=True))
    assert (whole.points[7].step, whole.snapshots[2].step) == (7, 6)
    assert engine.job(new).run.checkpoints.nearest(7).step == 5


def test_a_finished_run_that_others_go_on_from_is_not_altered(engine):
    settings = asked(twentieths=8)
    job = engine.submit(settings, "ann")
    whole = watched(engine, job, "finished")
    new = engine.submit(altered(settings, 3, 1.0), "ann", origin=(job, 3))
    watched(engine, new, "finished")
    again = engine.submit(settings, "bob")
    assert poll(engine, again)["status"] == "finished"
    assert recorded(poll(engine, again)) == recorded(whole)
    assert engine.job(engine.submit(altered(settings, 3, 1.0), "cem")).status == "finished", "and the new one is known"


def test_a_run_that_is_another_one_before_the_step_is_trained_from_the_start(engine):
    settings = asked(twentieths=8)
    job = engine.submit(settings, "ann")
    watched(engine, job, "finished")
    new = engine.submit(altered(settings, 3, 1.0), "ann", origin=(job, 5))
    watched(engine, new, "finished")
    mine, whole = engine.job(new).history, engine.job(job).history
    assert not any(a is b for a, b in zip(mine.points, whole.points, strict=True))


def test_a_batch_waits_until_no_student_does_and_replaces_nothing(engine):
    running = engine.submit(asked(twentieths=10), "ann")
    until(lambda: engine.follow(running)[0]["status"] == "running")
    batch = [engine.submit(asked(twentieths=1), "bob's map", batch=True) for _ in range(5)]
    late = engine.submit(asked(twentieths=1), "bob")
    assert [engine.follow(job)[0]["place"] for job in (late, *batch)] == [1, 2, 3, 4, 5, 6]
    for job in (running, late, *batch):
        watched(engine, job, "finished")


def test_a_student_who_asks_for_a_run_of_a_batch_need_not_wait_for_the_batch(engine):
    running = engine.submit(asked(twentieths=20), "ann")
    until(lambda: engine.follow(running)[0]["status"] == "running")
    wanted = asked(twentieths=1)
    batch = [engine.submit(each, "map", batch=True) for each in (asked(), asked(), wanted)]
    job = engine.submit(wanted, "bob")
    assert engine.follow(job)[0]["place"] == engine.follow(batch[2])[0]["place"] == 1
    engine.stop(job)
    assert engine.follow(batch[2])[0]["status"] == "queued"
