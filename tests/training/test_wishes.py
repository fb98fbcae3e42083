"""Contract of the orders: pause, resume, step, back, change, fork; and of going on after a worker's death."""

import contextlib
import dataclasses
import gc
import os
import signal

import pytest

from tests.training.engines import asked, losses, recorded, seconds, until, watched
from training.job import Training
from training.jobs import RefusedError
from training.settings import Settings
from training.shelf import Shelf
from training.wishes import checked


def paused(engine, twentieths: int = 20, after: int = 6, **fields) -> str:
    """A job that was paused after some steps."""
    job = engine.submit(asked(twentieths=twentieths, **fields), "ann")
    until(lambda: len(recorded(engine.poll(job))) >= after)
    engine.order(job, {"do": "pause"})
    watched(engine, job, "paused")
    return job


def attempts(engine, job) -> int:
    """How often a worker was told to train it, other than to go on with what it held."""
    return engine.look(job).training.shelf._attempts


def undisturbed(engine, settings) -> list[float]:
    """The losses of the run, trained by itself."""
    return losses(watched(engine, engine.submit(settings, "somebody", again=True), "finished"))


def test_a_pause_frees_the_slot_and_keeps_the_job(engine):
    job = paused(engine)
    assert engine.health()["running"] == 0
    position = engine.poll(job)["position"]
    assert engine.poll(job, layer=0)["snapshots"][-1]["step"] == position, "the insides of where it stands"
    watched(engine, engine.submit(asked(), "bob"), "finished")
    assert engine.poll(job)["status"] == "paused"


def test_a_worker_that_still_holds_the_run_goes_on_at_once(engine):
    job = paused(engine)
    engine.order(job, {"do": "resume"})
    assert recorded(watched(engine, job, "finished")) == list(range(20))
    assert attempts(engine, job) == 1


def test_a_run_whose_worker_took_another_goes_on_from_its_file_with_the_same_numbers(engine):
    job = paused(engine)
    watched(engine, engine.submit(asked(), "bob"), "finished")
    engine.order(job, {"do": "resume"})
    news = watched(engine, job, "finished")
    assert recorded(news) == list(range(20))
    assert attempts(engine, job) == 2
    assert losses(news) == undisturbed(engine, engine.look(job).settings)


def test_who_resumes_is_next_in_the_queue(engine):
    job = paused(engine)
    running = engine.submit(asked(twentieths=20), "bob")
    waiting = [engine.submit(asked(twentieths=1), owner) for owner in ("cem", "dua")]
    until(lambda: engine.poll(running)["status"] == "running")
    engine.order(job, {"do": "resume"})
    assert [engine.poll(one)["place"] for one in (job, *waiting)] == [1, 2, 3]


def test_of_two_workers_the_one_that_holds_the_run_goes_on_with_it(make):
    engine = make(slots=2, lease=30.0)
    until(lambda: engine.health()["ready"] == 2, 30)
    first, second = (engine.submit(asked(twentieths=40), owner) for owner in ("ann", "bob"))
    until(lambda: all(recorded(engine.poll(job)) for job in (first, second)))
    for job in (first, second):
        engine.order(job, {"do": "pause"})
        watched(engine, job, "paused")
    for job in (second, first):
        engine.order(job, {"do": "resume"})
        assert recorded(watched(engine, job, "finished")) == list(range(40))
        assert attempts(engine, job) == 1


@pytest.mark.parametrize("held", [True, False])
def test_steps_and_steps_back_stand_still_again_with_the_insides_of_that_step(engine, held):
    job = paused(engine)
    if not held:
        watched(engine, engine.submit(asked(twentieths=1), "bob"), "finished")
    at = engine.poll(job)["position"]
    for order, step in (
        ({"do": "step"}, at + 1),
        ({"do": "step", "count": 3}, at + 4),
        ({"do": "step_back"}, at + 3),
        ({"do": "step_back", "count": 2}, at + 1),
        ({"do": "goto", "step": 2}, 2),
        ({"do": "goto", "step": 0}, 0),
        ({"do": "goto", "step": at + 4}, at + 4),
    ):
        engine.order(job, order)
        until(lambda step=step: (engine.poll(job)["status"], engine.poll(job)["position"]) == ("paused", step))
        assert step in [told["step"] for told in engine.poll(job, layer=0)["snapshots"]]
    assert recorded(engine.poll(job)) == list(range(at + 4)), "nothing is told twice, nothing forgotten"
    engine.order(job, {"do": "resume"})
    news = watched(engine, job, "finished")
    assert losses(news) == undisturbed(engine, engine.look(job).settings)
    assert seconds(news) == sorted(seconds(news))


def test_a_step_back_from_the_beginning_stays_there(engine):
    job = paused(engine)
    engine.order(job, {"do": "step_back", "count": 500})
    until(lambda: engine.poll(job)["status"] == "paused")
    assert engine.poll(job)["position"] == 0


def test_a_step_beyond_the_end_ends_the_run(engine):
    job = paused(engine, twentieths=10, after=6)
    engine.order(job, {"do": "step", "count": 100})
    assert recorded(watched(engine, job, "finished")) == list(range(10))


def test_resumed_before_it_has_paused_it_goes_on(engine):
    job = engine.submit(asked(twentieths=20), "ann")
    until(lambda: recorded(engine.poll(job)))
    engine.order(job, {"do": "pause"})
    engine.order(job, {"do": "resume"})
    assert recorded(watched(engine, job, "finished")) == list(range(20))


def test_a_queued_job_can_be_paused_and_resumed(engine):
    engine.submit(asked(twentieths=20), "bob")
    until(lambda: engine.health()["running"] == 1)
    job = engine.submit(asked(), "ann")
    engine.order(job, {"do": "pause"})
    assert engine.poll(job)["status"] == "paused"
    engine.order(job, {"do": "resume"})
    watched(engine, job, "finished")


def test_a_worker_deaf_to_a_pause_is_killed_and_the_run_can_be_taken_up(engine):
    job = engine.submit(asked("deaf", 100), "ann")
    until(lambda: len(recorded(engine.poll(job))) > 6)
    engine.order(job, {"do": "pause"})
    assert watched(engine, job, "failed")["reason"] == "silent"


def test_a_change_takes_effect_and_becomes_part_of_the_definition(engine):
    job = engine.submit(asked(twentieths=20), "ann")
    until(lambda: len(recorded(engine.poll(job))) > 4)
    engine.order(job, {"do": "change", "field": "learning_rate", "value": 2.5})
    news = watched(engine, job, "finished")
    (mark,) = news["marks"]
    assert news["changes"] == f"{mark['step']}:learning_rate=2.5"
    assert mark == {"event": "changed", "step": mark["step"], "field": "learning_rate", "value": 2.5}
    assert losses(news) == undisturbed(engine, engine.look(job).settings), "the definition gives the same run"


def test_a_change_takes_effect_as_it_is_told(engine):
    job = engine.submit(asked(twentieths=20), "ann")
    until(lambda: len(recorded(engine.poll(job))) > 4)
    engine.order(job, {"do": "change", "field": "learning_rate", "value": 0.123456789})
    news = watched(engine, job, "finished")
    assert news["changes"].endswith(":learning_rate=0.123457")
    assert losses(news) == undisturbed(engine, engine.look(job).settings), "six digits train what six digits say"


def test_a_change_while_paused_rewrites_what_was_to_come(engine):
    job = paused(engine, after=8)
    engine.order(job, {"do": "goto", "step": 4})
    until(lambda: engine.poll(job)["status"] == "paused")
    known = engine.poll(job)["n"]
    engine.order(job, {"do": "change", "field": "learning_rate", "value": 2.5})
    news = engine.poll(job, known)
    assert news["changes"] == "4:learning_rate=2.5"
    assert news["marks"] == [{"event": "changed", "step": 4, "field": "learning_rate", "value": 2.5}]
    assert (news["since"], recorded(news)) == (0, [0, 1, 2, 3])
    assert all(frame.step <= 4 for frame in engine.look(job).training.shelf.keyframes)
    engine.order(job, {"do": "resume"})
    news = watched(engine, job, "finished")
    assert recorded(news) == list(range(20))
    assert losses(news) == undisturbed(engine, engine.look(job).settings)


def test_a_change_made_earlier_replaces_the_later_ones(engine):
    job = paused(engine)
    at = engine.poll(job)["position"]
    engine.order(job, {"do": "change", "field": "learning_rate", "value": 2.0})
    engine.order(job, {"do": "change", "field": "learning_rate", "value": 3.0})
    news = engine.poll(job)
    assert news["changes"] == f"{at}:learning_rate=3"
    assert [mark["value"] for mark in news["marks"]] == [3.0]
    engine.order(job, {"do": "goto", "step": 2})
    until(lambda: engine.poll(job)["status"] == "paused")
    engine.order(job, {"do": "change", "field": "dropout", "value": 0.5})
    assert engine.poll(job)["changes"] == "2:dropout=0.5"


@pytest.mark.parametrize(
    ("fields", "field", "value", "why"),
    [
        ({"batch_size": 16}, "batch_size", 16, "The batch size is 16 already"),
        ({"changes": "5:dropout=0.2"}, "dropout", 0.2, "The dropout is 0.2 already"),
        ({"own_1": "momentum=0.5", "own_2": "momentum=0.9"}, "momentum", 0.7, "Every lane has a momentum of its own"),
        ({"changes": "5:dropout=0.2"}, "dropout", 0.0, None),
        ({"changes": "6:dropout=0.2"}, "dropout", 0.0, None),
        ({"own_1": "momentum=0.5"}, "momentum", 0.7, None),
    ],
)
def test_a_change_that_changes_nothing_is_refused_with_the_reason(tmp_path, fields, field, value, why):
    training = Training(Settings(**fields), Shelf(tmp_path))
    training.at = 5
    with pytest.raises(ValueError, match=why) if why else contextlib.nullcontext():
        checked({"do": "change", "field": field, "value": value}, training)


def test_the_pace_can_be_changed(engine):
    job = engine.submit(asked(twentieths=500), "ann")
    until(lambda: recorded(engine.poll(job)))
    engine.order(job, {"do": "pace", "pace": "fast"})
    until(lambda: len(recorded(engine.poll(job))) > 300, 5)


def test_a_fork_takes_over_history_and_states_up_to_its_step(engine):
    origin = engine.submit(asked(twentieths=12), "ann")
    whole = watched(engine, origin, "finished")
    forked = dataclasses.replace(engine.look(origin).settings, lane_3="fork", fork_at=7)
    job = engine.submit(forked, "ann", origin=(origin, 7))
    assert recorded(engine.poll(job))[:7] == list(range(7)), "at once"
    assert losses(engine.poll(job))[:7] == losses(whole)[:7]
    told = engine.poll(job)["points"][2]
    assert told["loss"] == [*whole["points"][2]["loss"], [None]], "the new lane has no numbers yet"
    news = watched(engine, job, "finished")
    assert recorded(news) == list(range(12))
    assert (news["restored"], news["start"]) == (5, 7), "from the last state before the fork"
    assert seconds(news) == sorted(seconds(news)), "the new lane's worker counts from where the history stands"
    assert seconds(news)[-1] >= 10 * 0.05
    assert engine.poll(origin)["points"] == whole["points"]


@pytest.mark.parametrize("fields", [{"width": 3}, {"changes": "2:dropout=0.5"}, {"lane_3": "fork", "fork_at": 3}])
def test_what_is_not_the_same_run_so_far_takes_nothing_over(engine, fields):
    origin = engine.submit(asked(twentieths=8), "ann")
    watched(engine, origin, "finished")
    job = engine.submit(dataclasses.replace(engine.look(origin).settings, **fields), "ann", origin=(origin, 5))
    assert watched(engine, job, "finished")["start"] == 0


def test_after_its_workers_death_a_run_goes_on_from_its_last_recorded_state(engine):
    job = engine.submit(asked("mortal", 20), "ann")
    news = watched(engine, job, "failed")
    assert news["reason"] == "died"
    assert recorded(news) == list(range(8)), "what it had told is kept"
    assert news["recorded"]["keyframes"] == 1
    engine.order(job, {"do": "resume"})
    news = watched(engine, job, "finished")
    assert (news["restored"], news["start"]) == (5, 8)
    assert recorded(news) == list(range(20))
    assert (news["reason"], news["end"]["status"]) == ("", "finished")
    assert seconds(news) == sorted(seconds(news))


def test_all_who_saw_it_die_see_it_go_on(engine):
    settings = asked("mortal", 20)
    one, other = engine.submit(settings, "ann"), engine.submit(settings, "bob")
    watched(engine, other, "failed")
    engine.order(one, {"do": "resume"})
    assert recorded(watched(engine, other, "finished")) == list(range(20))


def test_a_worker_that_takes_too_much_memory_is_ended_and_that_is_said(make):
    engine = make(memory=200 * 2**20)
    job = engine.submit(asked("hog", 100), "ann")
    assert watched(engine, job, "failed")["reason"] == "memory"
    watched(engine, engine.submit(asked(), "bob"), "finished")


def test_a_run_that_was_stopped_can_be_taken_up_again(engine):
    job = engine.submit(asked(twentieths=20), "ann")
    until(lambda: len(recorded(engine.poll(job))) > 6)
    engine.stop(job)
    watched(engine, job, "stopped")
    engine.order(job, {"do": "resume"})
    assert recorded(watched(engine, job, "finished")) == list(range(20))


def test_who_takes_up_an_old_job_leaves_the_present_one(engine):
    old = paused(engine)
    new = engine.submit(asked(twentieths=100), "ann")
    assert engine.look(old).reason == "replaced"
    engine.order(old, {"do": "resume"})
    until(lambda: not engine.look(new).open)
    assert engine.look(new).reason == "replaced"
    watched(engine, old, "finished")


def test_pauses_do_not_count_as_training_time(make):
    engine = make(run=1.0)
    job = paused(engine, twentieths=14, after=6)
    until(lambda: engine.look(job).training.ran > 0)
    for _ in range(3):
        watched(engine, engine.submit(asked(twentieths=10), "bob"), "finished")
        engine.poll(job)
    engine.order(job, {"do": "resume"})
    watched(engine, job, "finished")


def test_the_lane_that_was_lost_is_told(engine):
    news = watched(engine, engine.submit(asked("diverging", 6), "ann"), "finished")
    assert [(mark["event"], mark["step"], mark["where"]) for mark in news["marks"]] == [("diverged", 3, "loss")]


@pytest.mark.parametrize(
    ("order", "named"),
    [
        ({"do": "explode"}, "pause"),
        ("pause", "pause"),
        ({"do": "step", "count": 0}, "count"),
        ({"do": "step", "count": True}, "count"),
        ({"do": "goto"}, "step"),
        ({"do": "goto", "step": -1}, "step"),
        ({"do": "pace", "pace": "warp"}, "slow, fast"),
        ({"do": "change", "field": "width", "value": 3}, "learning_rate"),
        ({"do": "change", "field": "learning_rate", "value": "1"}, "a number"),
        ({"do": "change", "field": "learning_rate", "value": float("nan")}, "from 1e-05 to 10"),
        ({"do": "change", "field": "dropout"}, "0 to 0.9"),
    ],
)
def test_what_is_no_order_is_refused_and_changes_nothing(engine, order, named):
    job = engine.submit(asked(twentieths=20), "ann")
    until(lambda: recorded(engine.poll(job)))
    with pytest.raises(ValueError, match=named):
        engine.order(job, order)
    assert recorded(watched(engine, job, "finished")) == list(range(20))


@pytest.mark.parametrize(
    ("order", "reason"),
    [({"do": "step"}, "not paused"), ({"do": "step_back"}, "not paused"), ({"do": "goto", "step": 1}, "not paused")],
)
def test_what_is_impossible_under_way_is_refused_with_a_word(engine, order, reason):
    job = engine.submit(asked(twentieths=20), "ann")
    until(lambda: recorded(engine.poll(job)))
    with pytest.raises(RefusedError, match=reason):
        engine.order(job, order)


@pytest.mark.parametrize("do", ["pause", "resume", "step"])
def test_what_is_impossible_at_the_end_is_refused_with_a_word(engine, do):
    job = engine.submit(asked(twentieths=2), "ann")
    watched(engine, job, "finished")
    with pytest.raises(RefusedError, match="over"):
        engine.order(job, {"do": do})


def test_an_unknown_job_takes_no_orders(engine):
    with pytest.raises(KeyError):
        engine.order("nobody's", {"do": "pause"})


def test_recorded_states_go_when_the_job_is_forgotten_and_all_of_them_at_the_end(make):
    engine = make(keep=0.2)
    job = engine.submit(asked(twentieths=8), "ann")
    watched(engine, job, "finished")
    folder = engine.look(job).training.shelf.folder
    assert list(folder.rglob("*.json"))
    until(lambda: engine.look(job) is None)
    gc.collect()
    until(lambda: not folder.exists())
    paused(engine)
    engine.close()
    assert not engine.files.exists()


def test_where_histories_take_too_much_the_oldest_are_forgotten(make):
    engine = make(remembered=30_000)
    jobs = [engine.submit(asked(twentieths=10, pace="fast"), str(number)) for number in range(8)]
    watched(engine, jobs[-1], "finished")
    until(lambda: engine.look(jobs[0]) is None)
    assert engine.look(jobs[-1])


def test_a_killed_worker_that_only_held_a_paused_run_costs_nothing(engine):
    job = paused(engine)
    os.kill(engine.pids()[0], signal.SIGKILL)
    until(lambda: engine.health()["workers"] == 0 or attempts(engine, job) == 1)
    assert engine.poll(job)["status"] == "paused"
    engine.order(job, {"do": "resume"})
    assert recorded(watched(engine, job, "finished")) == list(range(20))
