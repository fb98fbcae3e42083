"""Contract of shared runs: who asks for the same gets the same training, and nobody disturbs another's."""

import dataclasses

import pytest

from tests.training.engines import asked, losses, recorded, until, watched


def trainings(engine, jobs) -> set:
    return {engine.look(job).training for job in jobs}


def test_thirty_students_pressing_train_need_one_training_and_all_get_the_whole_history(engine):
    settings = asked(twentieths=10)
    jobs = [engine.submit(settings, f"student {number}") for number in range(15)]
    until(lambda: len(recorded(engine.poll(jobs[0]))) > 3)
    jobs += [engine.submit(settings, f"latecomer {number}") for number in range(15)]
    assert engine.health()["queue"] == 0
    for job in jobs:
        assert recorded(watched(engine, job, "finished")) == list(range(10))
    assert len(trainings(engine, jobs)) == 1
    assert len({told["settings"]["noise"] for told in started(engine)}) == 1


def started(engine) -> list[dict]:
    """The definitions that reached the one worker's shelf of attempts."""
    return [
        {"settings": dataclasses.asdict(training.settings), "attempts": training.shelf._attempts}
        for training in engine._jobs.trainings()
    ]


def test_a_finished_run_is_not_trained_again_unless_that_is_asked_for(engine):
    settings = asked()
    first = engine.submit(settings, "ann")
    news = watched(engine, first, "finished")
    again = engine.submit(settings, "bob")
    assert engine.poll(again)["status"] == "finished", "at once"
    assert engine.poll(again)["points"] == news["points"]
    anew = engine.submit(settings, "cem", again=True)
    assert engine.poll(anew)["status"] in ("queued", "running")
    assert losses(watched(engine, anew, "finished")) == losses(news)


@pytest.mark.parametrize(("text", "same"), [("200: learning_rate = 3e-2;", True), ("200:learning_rate=0.3", False)])
def test_definitions_are_compared_by_what_they_mean(engine, text, same):
    settings = dataclasses.replace(asked(twentieths=40), changes="200:learning_rate=0.03")
    one, other = engine.submit(settings, "ann"), engine.submit(dataclasses.replace(settings, changes=text), "bob")
    assert (len(trainings(engine, [one, other])) == 1) is same


def test_a_failed_or_stopped_run_is_not_handed_on(engine):
    settings = asked("raising")
    watched(engine, engine.submit(settings, "ann"), "failed")
    assert engine.poll(engine.submit(settings, "bob"))["status"] in ("queued", "running")


def test_a_run_that_its_owner_has_given_orders_is_not_handed_on_while_it_runs(engine):
    settings = asked(twentieths=40)
    job = engine.submit(settings, "ann")
    until(lambda: recorded(engine.poll(job)))
    engine.order(job, {"do": "pace", "pace": "slow"})
    other = engine.submit(settings, "bob")
    assert len(trainings(engine, [job, other])) == 2


def test_one_who_leaves_does_not_stop_the_others(engine):
    settings = asked(twentieths=12)
    one, other = engine.submit(settings, "ann"), engine.submit(settings, "bob")
    until(lambda: recorded(engine.poll(one)))
    engine.stop(one)
    left = engine.poll(one)
    assert (left["status"], left["reason"]) == ("stopped", "asked")
    assert recorded(watched(engine, other, "finished")) == list(range(12))
    assert engine.poll(one)["points"] == left["points"], "what is told later is not for who has left"


def test_one_who_trains_something_else_does_not_stop_the_others(engine):
    settings = asked(twentieths=12)
    one, other = engine.submit(settings, "ann"), engine.submit(settings, "bob")
    until(lambda: recorded(engine.poll(one)))
    engine.submit(asked(), "ann")
    assert engine.look(one).reason == "replaced"
    watched(engine, other, "finished")


def test_the_last_one_who_leaves_ends_it_after_the_grace_time(engine):
    settings = asked(twentieths=200)
    jobs = [engine.submit(settings, owner) for owner in ("ann", "bob")]
    until(lambda: recorded(engine.poll(jobs[0])))
    for owner in ("ann", "bob"):
        engine.abandon(owner)
    until(lambda: not engine.look(jobs[1]).open)
    assert [engine.look(job).reason for job in jobs] == ["unseen", "unseen"]


def test_one_unseen_for_long_finds_the_run_that_others_kept_alive(engine):
    settings = asked(twentieths=60)
    one, other = engine.submit(settings, "ann"), engine.submit(settings, "bob")
    engine.abandon("ann")
    until(lambda: len(recorded(engine.poll(other))) > 30)
    assert engine.poll(one)["status"] == "running"


def test_a_pause_of_one_is_no_pause_for_the_others(engine):
    settings = asked(twentieths=20)
    one, other = engine.submit(settings, "ann"), engine.submit(settings, "bob")
    until(lambda: len(recorded(engine.poll(one))) > 8)
    engine.order(one, {"do": "pause", "step": 8})
    alone = engine.poll(one, layer=0)
    assert (alone["status"], alone["position"]) == ("paused", 8), "at once, without a worker"
    assert recorded(alone) == list(range(8))
    assert max(told["step"] for told in alone["snapshots"]) == 8
    whole = watched(engine, other, "finished")
    assert recorded(whole) == list(range(20))
    engine.order(one, {"do": "resume"})
    assert losses(watched(engine, one, "finished")) == losses(whole), "replayed from a recorded state: the same run"
    assert recorded(engine.poll(one)) == list(range(20))


def test_the_run_of_ones_own_shares_what_was_told_so_far(engine):
    settings = asked(twentieths=20)
    one, other = engine.submit(settings, "ann"), engine.submit(settings, "bob")
    until(lambda: len(recorded(engine.poll(one))) > 6)
    engine.order(one, {"do": "pause", "step": 5})
    mine, others = engine.look(one).history, engine.look(other).history
    assert all(a is b for a, b in zip(mine.points, others.points, strict=False))
    assert [frame.step for frame in engine.look(one).training.shelf.keyframes] == [5]


def test_a_change_of_one_goes_on_alone_and_is_part_of_the_definition(engine):
    settings = asked(twentieths=16)
    one, other = engine.submit(settings, "ann"), engine.submit(settings, "bob")
    until(lambda: len(recorded(engine.poll(one))) > 6)
    engine.order(one, {"do": "change", "field": "learning_rate", "value": 1.0, "step": 6})
    assert engine.look(one).settings.changes == "6:learning_rate=1"
    whole, mine = watched(engine, other, "finished"), watched(engine, one, "finished")
    assert losses(mine)[:7] == losses(whole)[:7]
    assert losses(mine)[8] != losses(whole)[8]
    assert engine.look(other).settings == settings


def test_a_finished_run_that_is_remembered_is_not_altered_by_who_rewinds_it(engine):
    settings = asked(twentieths=8)
    job = engine.submit(settings, "ann")
    whole = watched(engine, job, "finished")
    engine.order(job, {"do": "goto", "step": 3})
    assert watched(engine, job, "paused")["position"] == 3
    assert recorded(engine.poll(engine.submit(settings, "bob"))) == recorded(whole)


def test_a_browser_that_knew_more_than_its_own_run_holds_begins_again(engine):
    settings = asked(twentieths=30)
    one, other = engine.submit(settings, "ann"), engine.submit(settings, "bob")
    until(lambda: len(recorded(engine.poll(one))) > 8)
    known = engine.poll(one)
    engine.order(one, {"do": "pause", "step": 4})
    assert engine.poll(one, known["n"])["since"] == 0
    assert recorded(engine.poll(one, known["n"])) == [0, 1, 2, 3]
    early = engine.look(one).history.points[2].n
    assert engine.poll(one, early)["since"] == early, "who knew less goes on from there"
    assert recorded(engine.poll(one, early)) == [2, 3]
    assert engine.poll(other, known["n"])["since"] == known["n"], "nothing was taken back from the others"


def test_a_batch_waits_until_no_student_does_and_replaces_nothing(engine):
    running = engine.submit(asked(twentieths=10), "ann")
    until(lambda: engine.poll(running)["status"] == "running")
    batch = [engine.submit(asked(twentieths=1), "bob's map", batch=True) for _ in range(5)]
    late = engine.submit(asked(twentieths=1), "bob")
    assert [engine.poll(job)["place"] for job in (late, *batch)] == [1, 2, 3, 4, 5, 6]
    for job in (running, late, *batch):
        watched(engine, job, "finished")


def test_a_student_who_asks_for_a_run_of_a_batch_need_not_wait_for_the_batch(engine):
    running = engine.submit(asked(twentieths=20), "ann")
    until(lambda: engine.poll(running)["status"] == "running")
    wanted = asked(twentieths=1)
    batch = [engine.submit(each, "map", batch=True) for each in (asked(), asked(), wanted)]
    job = engine.submit(wanted, "bob")
    assert engine.poll(job)["place"] == engine.poll(batch[2])["place"] == 1
    engine.stop(job)
    assert engine.poll(batch[2])["status"] == "queued"
