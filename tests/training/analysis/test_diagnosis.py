"""Contract: problems of a lane are named with their numbers, and healthy lanes have none."""

import pytest

from tests.training import events
from training.analysis.diagnosis import EARLY_STEPS, Finding, diagnose, findings, first_of_each_lane
from training.messages import Points, Snapshot
from training.server.checkpoints import Checkpoints
from training.server.run import Job, Run
from training.spec.settings import Settings


def points(accuracy, *, step=400, diverged=None, inference=None, loss=0.1, lanes=1) -> list[Points]:
    """One message with the last batches of equal lanes, each of that loss, and how they do in inference mode."""
    checks = [] if inference is None else [{"step": step, "loss": [0.1], "accuracy": [inference]}]
    curves = {"at": list(range(len(accuracy))), "seconds": [0.0] * len(accuracy)}
    scores = {"accuracy": [accuracy] * lanes, "loss": [[loss] * len(accuracy)] * lanes}
    return [events.points(step, **curves, **scores, inference=checks, diverged=[diverged] * lanes)]


def end(step, loss, accuracy):
    """The end of a run of one lane, with its scores on the sample."""
    return events.end(step, diverged=[None], final={"sample": {"loss": [loss], "accuracy": [accuracy]}})


def snapshot(*dead, step=390):
    return Snapshot(step, [{"layers": [{"dead": share} for share in dead]}])


def flat(*dead):
    """The shares of dead units per layer of the only lane."""
    return [(390, [list(dead)])]


def test_a_healthy_lane_is_left_in_peace():
    assert diagnose(points([0.95] * 40, inference=0.93), flat(0.1, 0.2), 0.1, [True]) == []


def test_before_it_has_had_time_nothing_is_said():
    assert diagnose(points([0.1] * 40, step=EARLY_STEPS - 1, inference=-1.0), [], 0.1, [True]) == []
    assert diagnose([], [], 0.1, [False], end(0, 2.0, 0.2)) == []


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
    """With nine in ten examples of one class, chance is always predicting that class."""
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
    short = points([0.9] * 40, step=EARLY_STEPS - 10, inference=0.95)
    over = end(EARLY_STEPS - 10, 2.0, 0.2)
    (found,) = diagnose(short, flat(1.0), 0.1, [True], over)
    assert (found.key, found.facts["inference"], found.facts["step"]) == ("lag", 0.2, EARLY_STEPS - 10)
    assert diagnose(short, flat(1.0), 0.95, [False], over) == []


@pytest.mark.parametrize(
    ("training", "inference", "lags"),
    [(0.05, 0.21, True), (0.05, 0.19, False), (0.06, 0.23, False), (0.001, 0.19, False), (0.5, 3.0, True)],
)
def test_statistics_that_cost_certainty_alone_lag_too_once_the_run_is_over(training, inference, lags):
    last = points([0.95] * 40, loss=training, inference=0.93)
    over = end(400, inference, 0.93)
    found = diagnose(last, [], 0.1, [True], over)
    assert [one.key for one in found] == ["lag.loss"] * lags
    losses = [(one.facts["training_loss"], one.facts["inference_loss"]) for one in found]
    assert losses == [(pytest.approx(training), inference)] * lags
    assert not diagnose(last, [], 0.1, [True]), "under way the statistics may still come"
    assert not diagnose(last, [], 0.1, [False], over), "without running statistics none lag"


def test_of_a_lane_that_diverged_nothing_more_is_said():
    assert diagnose(points([None] * 40, diverged=12), flat(1.0), 0.1, [True]) == []


def test_a_lane_that_was_not_yet_born_is_no_finding():
    assert diagnose(points([None] * 40), [(390, [[]])], 0.1, [True]) == []


def test_of_each_lane_only_the_most_telling_is_said():
    found = [Finding("plateau", 0), Finding("dead", 0), Finding("plateau", 1), Finding("dead", 2), Finding("lag", 2)]
    assert [(one.key, one.lane) for one in first_of_each_lane(found)] == [("dead", 0), ("plateau", 1), ("lag", 2)]


def test_a_history_is_diagnosed_anew_with_each_news(tmp_path):
    job = Job("ann", Run(Settings(lane_2="off"), Checkpoints(tmp_path)), lease=20)
    history, chance = job.history, job.facts["chance"]["train"]
    assert findings(job) == []
    history.add(*points([0.1] * 40, loss=2.3))
    (found,) = findings(job)
    assert (found["key"], found["lane"], found["facts"]["chance"]) == ("plateau", 0, chance)
    history.add(snapshot(0.0, 0.5))
    history.add(snapshot(0.0, 0.6, step=395))
    (found,) = findings(job)
    assert (found["key"], found["facts"]["step"]) == ("dead", 390)
    history.add(snapshot(None, None, step=398))
    assert [one["key"] for one in findings(job)] == ["plateau"], "NaN is neither dead nor alive"


def test_a_snapshot_from_before_a_fork_says_nothing_of_it():
    assert diagnose(points([0.9] * 40, lanes=2), flat(0.0), 0.1, [False, False]) == []
