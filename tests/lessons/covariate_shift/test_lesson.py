"""What is asked before the colors change, and what answers it."""

import numpy as np
import pytest

from lessons.covariate_shift import LESSON, accounts, race


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
