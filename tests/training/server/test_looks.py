"""Contract of looks: the inside at any computed step, soon, for all who ask for it, without changing the run."""

import dataclasses
import gc
import itertools
import json
import os
import signal
import time

import pytest

from tests.training.engines import asked, losses, poll, recorded, watched
from tests.waiting import until
from training.analysis.diagnosis import mishaps
from training.messages import CheckpointFailed, CheckpointSaved
from training.server.engine import NotYetError


def shown(news: dict, step: int) -> dict | None:
    """What a look at the step told of the step taken; None where there was none."""
    layers = [told["lanes"][0]["layers"][0] for told in news["snapshots"] if told["step"] == step]
    return next((layer["taken"] for layer in layers if "taken" in layer), None)


def looked(engine, job: str, step: int) -> dict:
    """Follow, as a browser would, until the look is there."""
    until(lambda: shown(poll(engine, job, layer=0), step))
    return shown(poll(engine, job, layer=0), step)


@pytest.fixture
def over(engine) -> str:
    """A run of 20 steps that is over."""
    job = engine.submit(asked(twentieths=20), "ann")
    watched(engine, job, "finished")
    return job


@pytest.mark.parametrize(("step", "restored"), [(1, 0), (5, 0), (6, 5), (13, 10), (20, 15)])
def test_a_look_goes_there_from_the_last_state_before_the_step_that_it_tells_of(engine, over, step, restored):
    engine.show(over, step)
    assert looked(engine, over, step)["restored"] == restored
    reached = [
        loss for at, loss in zip(range(1, 21), [*losses(poll(engine, over))[1:], None], strict=True) if at == step
    ]
    assert reached in ([None], [pytest.approx(looked(engine, over, step)["loss"])])


def test_a_look_changes_neither_numbers_nor_status_and_is_told_as_news(engine, over):
    before = poll(engine, over, layer=0)
    assert engine.show(over, 7) == engine.job(over).state == {"status": "finished", "position": 20, "changes": ""}
    looked(engine, over, 7)
    after = poll(engine, over, layer=0)
    assert [after[name] for name in ("points", "marks", "end", "status")] == [
        before[name] for name in ("points", "marks", "end", "status")
    ]
    assert after["looks"] == []
    assert [told["step"] for told in poll(engine, over, before["n"], layer=0)["snapshots"]] == [7]


def test_all_who_see_the_run_get_the_look_and_equal_looks_are_one(engine, over):
    other = engine.submit(engine.job(over).settings, "bob")
    for job in (over, other, over):
        engine.show(job, 9)
    assert len(engine._scheduler.looks()) == 1
    assert looked(engine, other, 9) == looked(engine, over, 9)
    known = poll(engine, over)["n"]
    engine.show(other, 9)
    assert poll(engine, other)["looks"] == [], "it is there already"
    assert poll(engine, over)["n"] == known


def test_a_look_comes_before_what_waits_and_of_a_job_the_last_one_counts(engine, over):
    busy, waiting = engine.submit(asked(twentieths=10), "bob"), engine.submit(asked(twentieths=20), "cem")
    until(lambda: engine.follow(busy)[0]["status"] == "running")
    other = engine.submit(engine.job(over).settings, "dua")
    for job, step in ((over, 3), (over, 11), (other, 5), (other, 11), (over, 17)):
        engine.show(job, step)
    assert [look.step for look in engine._scheduler.looks()] == [11, 17]
    assert poll(engine, over)["looks"] == [17]
    assert poll(engine, waiting)["place"] == 1
    looked(engine, other, 11)
    assert engine.job(waiting).open
    watched(engine, waiting, "finished")
    looked(engine, over, 17)


def test_whoever_asks_for_looks_again_and_again_holds_up_no_run(engine):
    """Two students do so, so that a look is always waiting."""
    settings, steps = asked(twentieths=200, stop_at="steps", steps=200), itertools.cycle(range(1, 200, 2))
    lookers = [engine.submit(settings, owner) for owner in ("ann", "bob")]
    watched(engine, lookers[0], "finished")

    def ask():
        for job in lookers:
            engine.show(job, next(steps))

    ask()
    for owner in ("cem", "dua", "eli"):
        run = engine.submit(asked(twentieths=1), owner)
        until(lambda run=run: ask() or engine.follow(run)[0]["status"] == "finished")


def test_a_look_comes_to_its_turn_though_there_is_always_a_run_that_waits(engine, over):
    runs = [engine.submit(asked(twentieths=8), str(number)) for number in range(6)]
    for step in (3, 7):
        engine.show(over, step)
        looked(engine, over, step)
    assert engine.job(runs[-2]).status == "queued"


def test_a_run_under_way_is_looked_into_by_another_worker(make):
    engine = make(slots=2)
    until(lambda: engine.health()["ready"] == 2)
    job = engine.submit(asked(twentieths=40), "ann")
    until(lambda: len(recorded(poll(engine, job))) > 8)
    engine.show(job, 7)
    assert looked(engine, job, 7)["restored"] == 5
    assert engine.job(job).status == "running"
    assert recorded(watched(engine, job, "finished")) == list(range(40))


def test_another_layers_snapshots_can_be_had_without_the_rest(engine, over):
    engine.show(over, 7)
    looked(engine, over, 7)
    for layer in (0, 1):
        assert json.loads(engine.snapshots(over, layer)) == {"snapshots": poll(engine, over, layer=layer)["snapshots"]}
    with pytest.raises(KeyError):
        engine.snapshots("nobody's", 0)


@pytest.mark.parametrize("step", [21, 20_000, -1])
def test_what_is_not_computed_yet_is_refused(engine, over, step):
    with pytest.raises(NotYetError, match="20"):
        engine.show(over, step)
    with pytest.raises(KeyError):
        engine.show("nobody's", 3)


def test_who_has_left_a_run_looks_into_what_there_was_then(engine):
    settings = asked(twentieths=12)
    one, other = engine.submit(settings, "ann"), engine.submit(settings, "bob")
    until(lambda: len(recorded(poll(engine, one))) > 6)
    engine.stop(one)
    watched(engine, other, "finished")
    engine.show(one, 5)
    assert looked(engine, one, 5) == looked(engine, other, 5)
    with pytest.raises(NotYetError):
        engine.show(one, 12)


@pytest.mark.parametrize("behaviour", ["dying", "raising"])
def test_a_look_that_cannot_be_had_is_no_longer_promised_and_the_run_stays_over(engine, over, behaviour):
    run = engine.job(over).run
    before = poll(engine, over)
    run.settings = dataclasses.replace(run.settings, seed=asked(behaviour).seed)
    engine.show(over, 9)
    until(lambda: poll(engine, over)["looks"] == [])
    assert shown(poll(engine, over, layer=0), 9) is None
    assert poll(engine, over)["status"] == "finished"
    assert (before["points"], before["end"]) == (poll(engine, over)["points"], poll(engine, over)["end"])


def test_a_worker_that_was_dead_before_a_look_reached_it_costs_nothing(engine, over):
    before = engine.pids()
    os.kill(before[0], signal.SIGKILL)
    engine.show(over, 9)
    looked(engine, over, 9)
    assert engine.job(over).status == "finished"


def test_recorded_states_go_when_the_job_is_forgotten_and_all_of_them_at_the_end(make):
    engine = make(retention_s=0.2)
    job = engine.submit(asked(twentieths=8), "ann")
    watched(engine, job, "finished")
    folder = engine.job(job).run.checkpoints.folder
    assert list(folder.rglob("*.json"))
    until(lambda: engine.job(job) is None)
    gc.collect()
    until(lambda: not folder.exists())
    engine.submit(asked(twentieths=8), "ann")
    engine.close()
    assert not engine.files.exists()


def test_where_recorded_states_take_too_much_the_oldest_go_and_a_look_trains_up_to_its_step(make):
    engine = make(states_bytes=100)
    jobs = []
    for _ in range(4):
        jobs.append(engine.submit(asked(twentieths=6), "ann"))
        watched(engine, jobs[-1], "finished")
    held = [engine.job(job) for job in jobs]
    until(lambda: sum(job.run.checkpoints.bytes for job in held) <= 100)
    assert not held[0].run.checkpoints.kept
    assert held[-1].run.checkpoints.kept, "the newest stay"
    engine.show(jobs[0], 6)
    until(lambda: 6 in [shot["step"] for shot in poll(engine, jobs[0], layer=0)["snapshots"]])


def test_that_states_are_not_recorded_is_told_until_they_are(engine, over):
    job = engine.job(over)
    assert mishaps(job) == []
    job.run.take_in(CheckpointFailed(7, "No space left on device"), 0.0)
    assert mishaps(job) == [{"key": "unrecorded", "lane": 0, "facts": {"step": 7}}]
    job.run.take_in(CheckpointSaved(8, "/nowhere"), 0.0)
    assert mishaps(job) == []


def test_where_histories_take_too_much_the_oldest_are_forgotten(make):
    engine = make(history_bytes=5_000)
    jobs = [engine.submit(asked(twentieths=8), str(number)) for number in range(6)]
    watched(engine, jobs[-1], "finished")
    until(lambda: engine.job(jobs[0]) is None)
    assert engine.job(jobs[-1])


def test_the_lane_that_was_lost_is_told(engine):
    news = watched(engine, engine.submit(asked("diverging", 6), "ann"), "finished")
    assert [(mark["event"], mark["step"], mark["where"]) for mark in news["marks"]] == [("diverged", 3, "loss")]


def test_a_slot_is_free_again_as_soon_as_the_last_step_is_trained_however_slowly_someone_watches(engine):
    watched_slowly, waiting = engine.submit(asked(twentieths=12), "ann"), engine.submit(asked(twentieths=12), "bob")
    known = 0

    def trained() -> bool:
        nonlocal known
        engine.follow(waiting)
        known = min(known + 1, engine.follow(watched_slowly, known, 0)[0]["n"])
        time.sleep(0.1)
        return not engine.job(watched_slowly).open

    until(trained)
    assert known < engine.job(watched_slowly).history.n, "of which much is still to be told"
    assert engine.health()["running"] == 1
    assert engine.job(waiting).status == "running"
    assert recorded(poll(engine, watched_slowly)) == list(range(12)), "all of it is there for whoever comes later"
