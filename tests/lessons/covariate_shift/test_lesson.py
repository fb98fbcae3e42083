"""What is asked before the colors change, and what answers it."""

import numpy as np
import pytest

from lessons.covariate_shift import LESSON, accounts, measure, race
from lessons.covariate_shift.experiment import GOALS


def test_the_prediction_is_what_the_first_net_with_batch_norm_gets_right_in_the_new_color():
    settings = LESSON.settings(**LESSON.asked_at)
    assert settings.shift == 1
    assert LESSON.table(settings, None).truth[0] == pytest.approx(
        LESSON.numbers(settings)["right with old statistics:"]
    )
    assert LESSON.table(LESSON.settings(), None).truth == pytest.approx(LESSON.table(settings, None).truth)


@pytest.mark.parametrize("seed", [0, 3])
def test_the_answer_begins_with_the_number_that_was_asked_for(seed):
    settings = LESSON.settings(seed=seed, **LESSON.asked_at)
    answer = LESSON.table(settings, None)
    (asked,) = answer.truth[0]
    assert answer.texts["reckoning"][0].startswith(f"**The model says: {asked:.0%}**")


def test_what_the_race_is_said_to_show_holds_in_its_preset():
    settings = LESSON.settings(**LESSON.presets["race"])
    found = race.facts(race.race(settings.seed, settings.activation, settings.noise))
    assert found["noisy_shift"] > 10 * found["bare_shift"] > 10 * found["steady_shift"]
    assert found["noisy_loss"] < accounts.LEARNED < found["bare_loss"]
    assert found["bare_loss"] == pytest.approx(np.log(2), abs=0.01)


@pytest.mark.parametrize("view", GOALS)
def test_a_trainings_goal_is_reached_with_one_activation_and_its_hint_names_the_other(view):
    tables = {
        activation: LESSON.table(LESSON.settings(beside=view, activation=activation), "shift")
        for activation in measure.RATES
    }
    met = {activation: bool(table.reached[0]) for activation, table in tables.items()}
    assert sorted(met.values()) == [False, True]
    for table in tables.values():
        assert len(set(table.reached)) == 1, "the color of the fur does not count"
        assert table.texts["check"][0].endswith("Try the other activation.") != table.reached[0]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("noise", measure.KINDS)
def test_the_race_turns_around_with_any_nets_and_noise(seed, noise):
    assert [race.met(race.race(seed, activation, noise)) for activation in ("sigmoid", "relu")] == [False, True]
