"""What the words say of runs that anyone can repeat: the presets of the studio and of live training."""

from functools import cache

import numpy as np
import pytest

from training.analysis.outcome import MARGIN
from training.spec import plan as plans
from training.spec.lesson import REACHING
from training.spec.lesson import Settings as Lesson
from training.spec.settings import Settings
from ui.studio.lesson import PRESETS as LIVE
from ui.studio.presets import PRESETS

pytest.importorskip("keras")
from training.worker.lanes import KerasLanes


@cache
def checked(settings: Settings) -> tuple[np.ndarray, np.ndarray, KerasLanes]:
    """Validation loss and accuracy (checks, lanes) at every validation after step 0, and the lanes at the end."""
    plan = plans.make(settings)
    lanes, scores = KerasLanes(plan), []
    for step in [*plan.validation_steps(), plan.steps]:
        if step > lanes.at:
            lanes.run(step)
            scores.append(lanes.scores("validation", "sample")["validation"])
    return *np.moveaxis(np.array(scores), 2, 0), lanes


def preset(name: str) -> tuple[np.ndarray, np.ndarray, KerasLanes]:
    return checked(PRESETS[name][1])


def test_in_the_race_batch_norm_leads_at_every_validation_and_the_plain_net_comes_near_in_accuracy_alone():
    loss, accuracy, _ = preset("race")
    assert np.all(accuracy[:, 1] > accuracy[:, 0])
    assert np.all(loss[:, 1] < loss[:, 0])
    assert accuracy[-1, 1] - accuracy[-1, 0] < MARGIN
    assert loss[-1, 0] > 1.5 * loss[-1, 1]


def test_noisy_batch_norm_learns_where_the_plain_net_does_not_and_ends_higher_in_loss_than_the_plain_kind():
    loss, accuracy, lanes = preset("noisy")
    without, normed, noisy = accuracy[-1]
    assert without < 0.2 < 0.9 < min(normed, noisy)
    assert loss[-1, 2] > 1.1 * loss[-1, 1]
    plain, normed = (
        next(
            np.linalg.norm(look["gradient"][begin:end])
            for name, begin, end in look["layout"]
            if name == "hidden_0.kernel"
        )
        for look in lanes.inspect()[:2]
    )
    assert plain < 1e-3 * normed, "the preset of the stall: hardly any gradient reaches layer 1"


def test_at_a_rate_of_3_the_plain_net_overflows_and_the_other_learns():
    loss, accuracy, _ = preset("fast")
    assert np.isnan(loss[-1, 0])
    assert accuracy[-1, 1] > 0.95


def test_normalized_over_two_the_net_gets_most_digits_wrong_in_inference():
    _, accuracy, _ = preset("tiny")
    assert accuracy[-1, 1] < 0.5 < accuracy[-1, 0]


def test_in_batches_of_two_neither_net_learns_and_at_0_05_the_plain_one_wins():
    """As the hint of live training's goal says."""
    _, accuracy, _ = checked(LIVE["tiny"].studio())
    assert max(accuracy[-1]) < 0.2
    _, accuracy, _ = checked(REACHING.studio())
    assert accuracy[-1, 0] - accuracy[-1, 1] > MARGIN


def test_on_the_spirals_batch_norm_learns_the_arms():
    _, accuracy, _ = preset("spirals")
    without, normed = accuracy[-1]
    assert normed > 0.9 > without


def test_early_on_most_training_batches_are_right_while_the_validation_is_far_behind():
    settings = Lesson().studio()
    plan = plans.make(settings)
    lanes = KerasLanes(plan)
    record = lanes.run(42)
    behind = lanes.scores("validation", "sample")["validation"][1][1]
    assert record[-5:, 3].mean() > behind + 0.15 > 0.5
