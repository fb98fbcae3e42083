"""Contract of a run's history: nothing doubled, nothing lost, bounded, cut where a run branches off."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from training.history import MOST_SNAPSHOTS, History, Told


def points(first: int, last: int, lanes: int = 2, **more) -> dict:
    """The message about the steps first … last−1; losses tell their step and lane."""
    at = list(range(first, last))
    return {
        **{"step": last, "at": at, "seconds": [step / 10 for step in at], "rate": 5.0, "left": 1.0},
        "loss": [[step + lane / 10 for step in at] for lane in range(lanes)],
        "accuracy": [[0.5 for _ in at] for _ in range(lanes)],
        "layers": [{"batch_mean": [-step for step in at]}],
        "validation": [
            {"step": step, "loss": [step] * lanes, "accuracy": [0.5] * lanes} for step in at if step % 5 == 0
        ],
        "inference": [],
        "diverged": [None] * lanes,
        "grid": [f"grid {last}"],
        **more,
    }


def told(*cuts: int) -> History:
    history = History()
    for first, last in itertools.pairwise(cuts):
        history.take("points", points(first, last))
    return history


def curve(history: History, name: str = "loss", lane: int = 0) -> list[float]:
    return [value for one in history.points for value in one.said[name][lane]]


def curve_of(history: History, name: str) -> list[float]:
    """A series that is not by lane."""
    return [value for one in history.points for value in one.said[name]]


def steps(history: History) -> list[int]:
    return [step for one in history.points for step in one.said["at"]]


cuts = some.lists(some.integers(1, 39), max_size=8).map(lambda inner: [0, *sorted(set(inner)), 40])


@given(cuts, cuts, some.integers(0, 40))
def test_a_run_told_again_from_any_step_in_other_pieces_is_told_once(first, again, step):
    history = told(*first)
    for begin, end in itertools.pairwise(again):
        if end > step:
            history.take("points", points(max(begin, step), end))
    assert steps(history) == list(range(40))
    assert curve(history) == list(range(40))
    assert [entry["step"] for one in history.points for entry in one.said["validation"]] == list(range(0, 40, 5))


@given(cuts, cuts, some.integers(0, 40))
def test_cut_at_a_step_it_goes_on_from_there_as_if_told_at_once(first, again, step):
    history = told(*first)
    short = history.until(step)
    assert steps(short) == list(range(step))
    assert curve(short, lane=1) == [each + 0.1 for each in range(step)]
    for begin, end in itertools.pairwise(again):
        if end > step:
            short.take("points", points(max(begin, step), end))
    assert curve(short) == list(range(40))
    assert steps(history) == list(range(40)), "the whole one stays as it was"


@given(cuts, some.integers(1, 40), some.integers(0, 40), some.booleans())
def test_the_seconds_of_a_worker_that_takes_a_run_up_go_on_where_the_last_ones_stood(first, step, back, cut):
    """Whether it was cut there, as for a fork, or is told a second time from an earlier step on."""
    history = told(*first)
    history = history.until(step) if cut else history
    begin = step if cut else back
    for clock in (0.0, 2.0):
        history.take_up()
        last = history.step
        message = points(begin, last + 5)
        history.take("points", {**message, "seconds": [clock + (at - begin) / 10 for at in message["at"]]})
    seconds = curve_of(history, "seconds")
    assert len(seconds) == history.step
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx((history.step - 3) / 10, abs=1e-6), "each time but the step that it began with"


@given(cuts, some.integers(0, 40), some.integers(0, 12))
def test_a_browser_never_misses_or_keeps_what_was_taken_back(first, step, known):
    """Whatever it knew before the cut, with what it is sent after it has exactly the history that now holds."""
    history = told(*first)
    seen = {one.n: one.said for one in history.points if one.n <= known}
    short = history.until(step)
    short.take("points", points(step, 50))
    since = short.since(min(known, history.n))
    kept = [said for n, said in seen.items() if n <= since]
    now = kept + [one.said for one in short.newer(since)[0]]
    assert [at for said in now for at in said["at"]] == list(range(50))


def test_the_messages_that_stay_whole_are_shared():
    history = told(0, 10, 20, 30)
    assert [a is b for a, b in zip(history.until(23).points, history.points, strict=True)] == [True, True, False]


def test_the_grid_is_the_last_one_and_no_part_of_the_points():
    history = told(0, 10, 20)
    assert history.grid == ["grid 20"]
    assert all("grid" not in one.said for one in history.points)
    assert history.until(10).grid is None, "it belonged to a later state"


def test_a_lane_is_lost_where_it_was_lost_first():
    history = told(0, 5)
    history.take("points", points(5, 10, diverged=[7, None]))
    history.take("points", points(10, 20, diverged=[10, 12]))
    assert history.points[-1].said["diverged"] == [7, 12]
    assert history.lost([20, 20]) == [7, 12]
    assert history.until(8).points[-1].said["diverged"] == [7, None]
    assert history.until(6).points[-1].said["diverged"] == [None, None]


@pytest.mark.parametrize("event", ["changed", "diverged"])
def test_a_mark_told_again_is_told_once(event):
    history = told(0, 10)
    said = {"step": 4, "lane": 0, "field": "dropout", "value": 0.5}
    history.take(event, dict(said))
    history.take(event, dict(said))
    assert [mark.said for mark in history.marks] == [{"event": event, **said}]


def test_a_new_lane_has_no_numbers_where_it_was_not_yet():
    history = told(0, 10, 20)
    history.widen(3)
    assert curve(history, lane=2) == [None] * 20
    assert curve(history, lane=1) == [step + 0.1 for step in range(20)]
    assert history.points[0].said["validation"][0]["loss"] == [0, 0, None]
    assert history.points[0].said["diverged"] == [None] * 3


def snapshot(step: int) -> dict:
    layers = [
        {"dead": layer / 4, "gamma": f"g{step}.{layer}", "beta": None, "pre": {"low": layer}} for layer in range(3)
    ]
    return {"step": step, "lanes": [{"layers": layers, "grid": "gg", "mistakes": []}, {"layers": layers, "grid": None}]}


def test_a_snapshot_comes_back_whole_or_with_the_arrays_of_one_layer():
    history = History()
    history.take("snapshot", snapshot(7))
    (one,) = history.snapshots
    assert one.said() == snapshot(7)
    layers = one.said(1)["lanes"][0].pop("layers")
    assert layers == [{"dead": 0.0, "beta": None}, snapshot(7)["lanes"][0]["layers"][1], {"dead": 0.5, "beta": None}]
    assert one.said(1)["lanes"][0]["grid"] == "gg"
    assert one.said(9)["lanes"][1]["layers"][2] == {"dead": 0.5, "beta": None}


def test_snapshots_are_thinned_evenly_and_the_last_one_stays():
    history = History()
    for step in range(1000):
        history.take("snapshot", snapshot(step))
        assert len(history.snapshots) <= MOST_SNAPSHOTS
        assert history.snapshots[-1].step == step
    kept = [one.step for one in history.snapshots]
    assert kept[0] == 0
    assert len(kept) > MOST_SNAPSHOTS / 2 - 2
    assert len(set(kept)) == len(kept)


def test_a_snapshot_of_a_known_step_is_not_told_again():
    history = History()
    for step in (4, 8, 4):
        history.take("snapshot", snapshot(step))
    assert [one.step for one in history.snapshots] == [4, 8]


def test_what_a_browser_could_not_read_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        _ = Told(1, {"loss": [float("nan")]}).text
    assert json.loads(Told(1, {"loss": [None, 0.1]}).text) == {"loss": [None, 0.1]}


def test_a_message_without_a_step_changes_nothing():
    history = told(0, 10)
    with pytest.raises(KeyError):
        history.take("points", {})
    assert steps(history) == list(range(10))


def test_a_snapshot_that_tells_of_the_step_taken_replaces_one_that_does_not():
    def shot(**layer):
        return {"step": 4, "lanes": [{"layers": [{"dead": 0.0, **layer}]}]}

    history = History()
    history.take("snapshot", shot())
    known = history.n
    history.take("snapshot", shot(taken={"mean": 1.0}))
    history.take("snapshot", shot())
    (kept,) = history.snapshots
    assert kept.said(0)["lanes"][0]["layers"][0]["taken"] == {"mean": 1.0}
    assert [one.step for one in history.newer(known)[1]] == [4], "whoever knows the poorer one is told"
