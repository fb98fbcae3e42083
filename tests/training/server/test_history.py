"""Contract of a run's history: nothing doubled, nothing lost, bounded, cut where a run branches off."""

import dataclasses
import gc
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.training import events
from tests.training.events import diverged
from training.messages import Points, Snapshot
from training.server.entries import Mark, PointsEntry
from training.server.history import MOST_SNAPSHOTS, History


def points(first: int, last: int, lanes: int = 2, **more) -> Points:
    """The message about the steps first … last−1; losses give their step and lane."""
    at = list(range(first, last))
    checks = [{"step": step, "loss": [step] * lanes, "accuracy": [0.5] * lanes} for step in at if step % 5 == 0]
    curves = {
        "seconds": [step / 10 for step in at],
        "loss": [[step + lane / 10 for step in at] for lane in range(lanes)],
        "accuracy": [[0.5 for _ in at] for _ in range(lanes)],
        "layers": [{"batch_mean": [-step for step in at]}],
        "diverged": [None] * lanes,
    }
    return events.points(last, **{"at": at, **curves, "rate": 5.0, "left": 1.0, "validation": checks, **more})


def history_of(*cuts: int) -> History:
    history = History()
    for first, last in itertools.pairwise(cuts):
        history.add(points(first, last))
    return history


def curve(history: History, name: str = "loss", lane: int = 0) -> list[float]:
    return [value for one in history.points for value in getattr(one.message, name)[lane]]


def curve_of(history: History, name: str) -> list[float]:
    """A series that is not by lane."""
    return [value for one in history.points for value in getattr(one.message, name)]


def steps(history: History) -> list[int]:
    return [step for one in history.points for step in one.message.at]


cuts = some.lists(some.integers(1, 39), max_size=8).map(lambda inner: [0, *sorted(set(inner)), 40])


@given(cuts, cuts, some.integers(0, 40))
def test_a_run_sent_again_from_any_step_in_other_pieces_is_kept_once(first, again, step):
    history = history_of(*first)
    for begin, end in itertools.pairwise(again):
        if end > step:
            history.add(points(max(begin, step), end))
    assert steps(history) == list(range(40))
    assert curve(history) == list(range(40))
    assert [entry["step"] for one in history.points for entry in one.message.validation] == list(range(0, 40, 5))


@given(cuts, cuts, some.integers(0, 40))
def test_cut_at_a_step_it_goes_on_from_there_as_if_never_cut(first, again, step):
    history = history_of(*first)
    short = history.until(step)
    assert steps(short) == list(range(step))
    assert curve(short, lane=1) == [each + 0.1 for each in range(step)]
    for begin, end in itertools.pairwise(again):
        if end > step:
            short.add(points(max(begin, step), end))
    assert curve(short) == list(range(40))
    assert steps(history) == list(range(40)), "the whole one stays as it was"


@given(cuts, some.integers(1, 40), some.integers(0, 40), some.booleans())
def test_the_seconds_of_a_worker_that_resumes_a_run_go_on_where_the_last_ones_ended(first, step, back, cut):
    """Whether it was cut there, as for a fork, or is sent a second time from an earlier step on."""
    history = history_of(*first)
    history = history.until(step) if cut else history
    begin = step if cut else back
    for clock in (0.0, 2.0):
        history.resume()
        last = history.step
        history.add(points(begin, last + 5, seconds=[clock + (at - begin) / 10 for at in range(begin, last + 5)]))
    seconds = curve_of(history, "seconds")
    assert len(seconds) == history.step
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx((history.step - 3) / 10, abs=1e-6), "each time but the step that it began with"


def test_the_messages_that_stay_whole_are_shared():
    history = history_of(0, 10, 20, 30)
    assert [a is b for a, b in zip(history.until(23).points, history.points, strict=True)] == [True, True, False]


def test_a_lane_diverged_where_it_was_reported_first():
    history = history_of(0, 5)
    history.add(points(5, 10, diverged=[7, None]))
    history.add(points(10, 20, diverged=[10, 12]))
    assert history.points[-1].message.diverged == [7, 12]
    assert history.first_diverged([20, 20]) == [7, 12]
    assert history.until(8).points[-1].message.diverged == [7, None]
    assert history.until(6).points[-1].message.diverged == [None, None]


def test_a_lane_is_marked_once():
    history = history_of(0, 10)
    for step in (4, 6):
        history.add(diverged(0, step))
    assert [mark.message for mark in history.marks] == [diverged(0, 4)]
    assert history.until(5).marks == history.marks
    assert history.until(3).marks == []


def test_a_new_lane_has_no_numbers_where_it_was_not_yet():
    history = history_of(0, 10, 20).until(15, lanes=3)
    assert curve(history, lane=2) == [None] * 15
    assert curve(history, lane=1) == [step + 0.1 for step in range(15)]
    assert history.points[0].message.validation[0]["loss"] == [0, 0, None]
    assert history.points[0].message.diverged == [None] * 3
    numbers = [one.n for one in history.points]
    assert numbers == sorted(set(numbers))
    assert [one.n for one in history.newer(numbers[0])[0]] == numbers[1:]


def snapshot(step: int) -> Snapshot:
    layers = [
        {"dead": layer / 4, "gamma": f"g{step}.{layer}", "beta": None, "pre": {"low": layer}} for layer in range(3)
    ]
    return Snapshot(step, [{"layers": layers, "grid": "gg", "mistakes": []}, {"layers": layers, "grid": None}])


def few(layer: int) -> dict:
    return {"dead": layer / 4, "beta": None, "pre": {"low": layer}}


def test_a_snapshot_comes_back_whole_or_with_the_arrays_of_one_layer_and_the_distributions_of_all():
    history = History()
    history.add(snapshot(7))
    (one,) = history.snapshots
    assert json.loads(one.text(None)) == {"step": 7, "lanes": snapshot(7).lanes}
    first, second = json.loads(one.text(1))["lanes"]
    layers = snapshot(7).lanes[0]["layers"]
    assert first["layers"] == [few(0), layers[1], few(2)]
    assert first["grid"] == "gg"
    assert second["layers"][2] == few(2)
    assert json.loads(one.text(9))["lanes"][0]["layers"][1] == few(1)


def test_where_too_many_ask_for_looks_the_oldest_of_these_go_and_the_schedule_stays():
    history = History()
    for step in range(0, 1000, 10):
        history.add(snapshot(step))
    for step in range(1000):
        history.add(snapshot(step), requested=True)
        assert len(history.snapshots) <= MOST_SNAPSHOTS
        assert history.snapshots[-1].step == (step if step % 10 else max(step - 1, 990 * (step < 1)))
    kept = [one.step for one in history.snapshots]
    assert kept[:100] == list(range(0, 1000, 10))
    assert kept[100:] == [step for step in range(1000) if step % 10][-(MOST_SNAPSHOTS - 100) :]


def test_snapshots_beyond_any_schedule_are_thinned_and_the_first_and_last_stay():
    history = History()
    for step in range(1000):
        history.add(snapshot(step))
        assert len(history.snapshots) <= MOST_SNAPSHOTS
    kept = [one.step for one in history.snapshots]
    assert (kept[0], kept[-1]) == (0, 999)
    assert len(set(kept)) == len(kept) > MOST_SNAPSHOTS / 2 - 2


def test_its_size_is_counted_as_it_grows():
    history = history_of(0, 10, 20)
    history.add(diverged(0, 4))
    for step in (*range(0, 1000, 2), 4, 8):
        history.add(snapshot(step), requested=True)
    texts = [one.text for one in (*history.points, *history.marks)]
    assert history.size == sum(map(len, texts)) + sum(one.size for one in history.snapshots)
    assert history.until(10).size < history.size < history.copy().size + 1


def test_a_compacted_history_is_kept_as_text_with_the_same_messages():
    history = history_of(0, 10, 20)
    history.add(snapshot(7))
    messages = [one.message for one in history.points]
    history.compact()
    assert [one.message for one in history.points] == messages
    kept = [one for entry in (*history.points, *history.snapshots) for one in gc.get_referents(entry)]
    assert not [one for one in kept if isinstance(one, dict | list | Points)], (
        "nothing for garbage collection to go through"
    )


def test_what_is_computed_of_a_history_is_computed_again_only_after_a_new_message():
    history, computed = history_of(0, 10), []
    for _ in range(3):
        history.cached("steps", lambda: computed.append(history.n))
    history.add(points(10, 20))
    history.cached("steps", lambda: computed.append(history.n))
    assert computed == [1, 2]


def test_a_snapshot_of_a_known_step_is_not_kept_again():
    history = History()
    for step in (4, 8, 4):
        history.add(snapshot(step))
    assert [one.step for one in history.snapshots] == [4, 8]


def test_what_a_browser_could_not_read_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        PointsEntry(1, points(0, 1, seconds=[float("nan")]))


def test_a_browser_is_sent_the_fields_of_a_message_without_its_job():
    sent = json.loads(PointsEntry(1, dataclasses.replace(points(0, 1), job="j")).text)
    assert list(sent) == [
        *("step", "epoch", "rate", "left", "at", "seconds", "loss", "accuracy", "layers", "inference", "validation"),
        "diverged",
    ]
    assert Mark(1, diverged(0, 4)).text == (
        '{"event":"diverged","lane":0,"where":"weight","layer":1,"step":4,"learning_rate":3.0,"gradient_norms":[1.0]}'
    )


def test_a_snapshot_that_shows_the_step_taken_replaces_one_that_does_not():
    def shot(**layer):
        return Snapshot(4, [{"layers": [{"dead": 0.0, **layer}]}])

    history = History()
    history.add(shot())
    known = history.n
    history.add(shot(taken={"mean": 1.0}))
    history.add(shot())
    (kept,) = history.snapshots
    assert json.loads(kept.text(0))["lanes"][0]["layers"][0]["taken"] == {"mean": 1.0}
    assert [one.step for one in history.newer(known)[1]] == [4], "a browser that has the poorer one is sent it"
