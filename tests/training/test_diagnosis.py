"""Contract: what ails a lane is named with its numbers, and what is healthy is left in peace."""

import pytest

from training.diagnosis import EARLY_STEPS, Finding, diagnose, most_telling, told
from training.history import History


def points(accuracy, *, step=400, diverged=None, inference=None, loss=0.1):
    """One message that tells a lane's last batches, each of that loss, and how it does in inference mode."""
    told = [] if inference is None else [{"step": step, "loss": [0.1], "accuracy": [inference]}]
    losses = [[loss] * len(accuracy)]
    return [{"step": step, "accuracy": [accuracy], "loss": losses, "inference": told, "diverged": [diverged]}]


def snapshot(*dead, step=390):
    return {"step": step, "lanes": [{"layers": [{"dead": share} for share in dead]}]}


def flat(*dead):
    """The shares of dead units per layer of the only lane."""
    return [(390, [list(dead)])]


def test_a_healthy_lane_is_left_in_peace():
    assert diagnose(points([0.95] * 40, inference=0.93), flat(0.1, 0.2), 0.1, [True]) == []


def test_before_it_has_had_time_nothing_is_said():
    assert diagnose(points([0.1] * 40, step=EARLY_STEPS - 1, inference=-1.0), [], 0.1, [True]) == []
    assert diagnose([], [], 0.1, [False], {}) == []


@pytest.mark.parametrize(
    ("chance", "accuracy", "ails"),
    [
        (0.1, 0.19, True),
        (0.1, 0.21, False),
        (0.5, 0.55, True),
        (0.9, 0.91, True),
        (0.9, 0.96, False),
        (1.0, 1.0, False),
    ],
)
def test_a_lane_that_guesses_sits_at_chance(chance, accuracy, ails):
    """Of nine in ten examples of one class, that is who always names it."""
    found = diagnose(points([accuracy] * 40), [], chance, [False])
    assert [one.key for one in found] == ["plateau"] * ails


def test_only_the_last_batches_count():
    assert diagnose(points([0.1] * 100 + [0.9] * 30), [], 0.1, [False]) == []


def test_the_layer_with_most_dead_units_is_named():
    assert diagnose(points([0.9] * 40), flat(0.2, 0.75, 0.5), 0.1, [False]) == [
        Finding("dead", 0, {"layer": 1, "share": 0.75, "step": 390})
    ]


def test_dead_units_are_named_with_the_step_that_first_shows_them_and_have_stayed_so_since():
    course = [(0, [[0.9]]), (100, [[0.1]]), (200, [[0.5]]), (300, [[0.8]])]
    (found,) = diagnose(points([0.9] * 40), course, 0.1, [False])
    assert found.facts == {"layer": 0, "share": 0.8, "step": 200}
    assert not diagnose(points([0.9] * 40), [*course, (400, [[0.4]])], 0.1, [False])


def test_running_statistics_lag_only_where_there_are_any():
    told = points([0.9] * 40, inference=0.4)
    assert [one.key for one in diagnose(told, [], 0.1, [True])] == ["lag"]
    assert diagnose(told, [], 0.1, [False]) == []


def test_of_a_short_run_that_is_over_it_is_said_that_they_lag_and_nothing_else():
    told_of = points([0.9] * 40, step=EARLY_STEPS - 10, inference=0.95)
    end = {"step": EARLY_STEPS - 10, "final": {"sample": {"loss": [2.0], "accuracy": [0.2]}}}
    (found,) = diagnose(told_of, flat(1.0), 0.1, [True], end)
    assert (found.key, found.facts["inference"], found.facts["step"]) == ("lag", 0.2, EARLY_STEPS - 10)
    assert diagnose(told_of, flat(1.0), 0.95, [False], end) == []


@pytest.mark.parametrize(
    ("training", "inference", "lags"),
    [(0.05, 0.21, True), (0.05, 0.19, False), (0.06, 0.23, False), (0.001, 0.19, False), (0.5, 3.0, True)],
)
def test_statistics_that_cost_certainty_alone_lag_too_once_the_run_is_over(training, inference, lags):
    told_of = points([0.95] * 40, loss=training, inference=0.93)
    end = {"step": 400, "final": {"sample": {"loss": [inference], "accuracy": [0.93]}}}
    found = diagnose(told_of, [], 0.1, [True], end)
    assert [one.key for one in found] == ["lag.loss"] * lags
    told_losses = [(one.facts["training_loss"], one.facts["inference_loss"]) for one in found]
    assert told_losses == [(pytest.approx(training), inference)] * lags
    assert not diagnose(told_of, [], 0.1, [True]), "under way the statistics may still come"
    assert not diagnose(told_of, [], 0.1, [False], end), "without running statistics none lag"


def test_of_a_lane_that_diverged_nothing_more_is_said():
    assert diagnose(points([None] * 40, diverged=12), flat(1.0), 0.1, [True]) == []


def test_a_lane_that_was_not_yet_born_is_no_finding():
    assert diagnose(points([None] * 40), [(390, [[]])], 0.1, [True]) == []


def test_of_each_lane_only_the_most_telling_is_said():
    found = [Finding("plateau", 0), Finding("dead", 0), Finding("plateau", 1), Finding("dead", 2), Finding("lag", 2)]
    assert [(one.key, one.lane) for one in most_telling(found)] == [("dead", 0), ("plateau", 1), ("lag", 2)]


def test_a_history_is_diagnosed_anew_with_each_news():
    history = History()
    assert told(history, 0.1, [False]) == []
    (point,) = points([0.1] * 40)
    history.take("points", {**point, "at": list(range(40)), "loss": [[2.3] * 40], "validation": []})
    (found,) = told(history, 0.1, [False])
    assert (found["key"], found["lane"], found["facts"]["chance"]) == ("plateau", 0, 0.1)
    history.take("snapshot", snapshot(0.0, 0.5))
    history.take("snapshot", snapshot(0.0, 0.6, step=395))
    (found,) = told(history, 0.1, [False])
    assert (found["key"], found["facts"]["step"]) == ("dead", 390)
    history.take("snapshot", snapshot(None, None, step=398))
    assert [one["key"] for one in told(history, 0.1, [False])] == ["plateau"], "NaN is neither dead nor alive"


def test_a_snapshot_from_before_a_fork_says_nothing_of_it():
    told_of = points([0.9] * 40)
    told_of[0] |= {"accuracy": [[0.9] * 40] * 2, "diverged": [None, None]}
    assert diagnose(told_of, flat(0.0), 0.1, [False, False]) == []
