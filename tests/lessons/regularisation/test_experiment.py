"""What the lesson on regularization claims, held against nets trained anew, Keras's Dropout, and the closed forms."""

import numpy as np
import pytest

from lessons.regularisation import experiment, measure
from lessons.regularisation.experiment import ALL, FEW, GRIDS, TASKS, Settings, measured, sweep
from lessons.regularisation.measure import BATCH_SIZES, PLACES, RATES, SEEDS

RATE, SIZE, MANY = GRIDS["dropout"], GRIDS["batch_size"], list(TASKS)[1]
LAST = PLACES[1]


@pytest.mark.parametrize(("norm", "place", "rate"), [(False, ALL, 0.2), (True, ALL, 0.3), (True, LAST, 0.5)])
def test_the_stored_losses_are_those_of_nets_trained_anew(norm, place, rate):
    anew = measure.trained("few", norm, place, 128, (0.0, rate), SEEDS[:2])
    stored = measured("few", place)
    for name, values in anew.items():
        kept = stored[name][BATCH_SIZES.index(128), int(norm)][[0, RATES.index(rate)], :2]
        np.testing.assert_allclose(values, kept, rtol=0.03, atol=0.01, err_msg=name)


def test_what_is_stored_is_complete():
    for task in TASKS.values():
        for place in PLACES:
            for name, values in measured(task, place).items():
                assert values.shape == (len(BATCH_SIZES), 2, len(RATES), len(SEEDS)), name
                assert np.all(np.isfinite(values))
    without = [measured("few", place)["test_loss"][:, :, 0] for place in PLACES]
    np.testing.assert_allclose(*without, rtol=0.02)  # at rate 0 the place makes no difference


def test_labels_to_learn_from_are_wrong_by_the_share_that_is_told_and_those_to_test_on_right():
    _, y, learned = measure.data(0.2)
    assert np.mean(learned != y) == pytest.approx(0.2, abs=0.03)
    np.testing.assert_array_equal(measure.data(0.0)[1], measure.data(0.0)[2])


def test_a_seeds_batches_hold_each_of_its_images_once_an_epoch_and_none_to_test_on():
    steps = list(measure.batches("few", 64, (0, 1)))
    assert len(steps) == 60 * 4
    epoch = np.concatenate(steps[:4], axis=1)
    assert all(len(set(rows)) == 256 for rows in epoch)
    assert max(map(np.max, steps)) < 1797 - measure.HELD_OUT
    assert set(epoch[0]) == set(np.concatenate(steps[-4:], axis=1)[0])
    assert set(epoch[0]) != set(epoch[1])


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_the_noise_of_dropout_is_that_of_keras(keras, rate):
    ones = np.ones((200, 500))
    dropped = keras.ops.convert_to_numpy(keras.layers.Dropout(rate, seed=0)(ones, training=True))
    assert dropped.std() == pytest.approx(experiment.dropout_noise(np.array(rate)), rel=0.02)


def test_the_noise_of_batch_norm_follows_the_theory():
    facts = sweep(Settings(), "batch_size", SIZE).facts
    np.testing.assert_allclose(facts["noise"], facts["theory"], rtol=0.1)


@pytest.mark.parametrize(("mean", "ratio"), [(0.0, 0.5), (1.0, 1 / 3)])
def test_half_dropped_halves_the_variance_of_inference_or_worse(mean, ratio):
    """The formula of the words, on values drawn; 1 / 3 by hand: 1 over 2 · (1 + 1) − 1."""
    rng = np.random.default_rng(0)
    values, kept = mean + rng.standard_normal(400_000), rng.random(400_000) >= 0.5
    assert values.var() / (values * kept / 0.5).var() == pytest.approx(ratio, rel=0.02)


def test_behind_relu_the_ratio_is_below_what_is_kept_and_in_the_last_layer_there_is_none():
    ratio = experiment.variance_ratio(0, ALL)
    assert ratio[0] == 1
    assert np.all(ratio[1:] < 1 - RATE[1:])
    assert np.all(np.diff(ratio) < 0)
    assert ratio[RATES.index(0.5)] < 0.5  # "less than half", say the words
    np.testing.assert_array_equal(experiment.variance_ratio(0, LAST), 1)


def test_verdicts_count_the_seeds():
    result = sweep(Settings(), "dropout", RATE)
    losses = measured("few", ALL)["test_loss"][BATCH_SIZES.index(8)]
    for step, word in enumerate(result.verdict[1:], 1):
        added = int(sum(losses[1, step, seed] < losses[1, 0, seed] for seed in range(6)))
        assert result.facts["added"][step] == added
        assert word == ("helps" if added >= 5 else "hurts" if added <= 1 else "open")


def test_every_verdict_has_the_state_that_the_words_and_presets_promise():
    def verdict_of(**given):
        return sweep(Settings(**given), "dropout", np.array([given.get("dropout", 0.0)])).verdict[0]

    assert verdict_of() == "better"
    assert verdict_of(batch_size=128) != "better"
    assert verdict_of(dropout=0.2) == "helps"
    assert verdict_of(dropout=0.5) == "hurts"
    assert verdict_of(task=MANY, dropout=0.2) == "hurts"


def test_on_few_images_with_wrong_labels_a_mixture_is_best_and_on_many_clean_ones_none_is_needed():
    """As the words say of all batch sizes and rates."""
    few, many = (measured(TASKS[task], ALL)["test_loss"].mean(axis=3) for task in (FEW, MANY))
    assert few[:, 1].min() < few[:, 0].min()
    assert few[:, 1].argmin() % len(RATES) > 0
    assert np.all(many[:, 1, 2] > 1.1 * many[:, 1, 0])


def test_both_curves_fall_and_then_rise():
    """As the instructor is told of batches of 8."""
    curves = measured("few", ALL)["test_loss"].mean(axis=3)[BATCH_SIZES.index(8)]
    for curve in curves:
        assert 0 < curve.argmin() < len(RATES) - 1


def test_what_is_told_of_single_batch_sizes():
    """Under “What is measured here”: without dropout in batches of 4 and 128, with a moderate one in 8 and 16."""
    losses = measured("few", ALL)["test_loss"].mean(axis=3)
    four, eight, sixteen, large = (losses[BATCH_SIZES.index(size)] for size in (4, 8, 16, 128))
    assert four[1, 0] < 1.1 * losses[:, 1].min()
    assert all(curves[1, 2] < 0.8 * curves[1, 0] for curves in (eight, sixteen))
    assert large[1, 0] > large[0, 0]


def test_the_neighbors_that_the_answer_calls_near_are_nearer_than_their_deviations():
    facts = {name: np.ravel(each)[0] for name, each in sweep(Settings(), "dropout", np.array([0.0])).facts.items()}
    losses = measured("few", ALL)["test_loss"][BATCH_SIZES.index(8)]
    assert facts["norm_none_std"] == pytest.approx(losses[1, 0].std())
    assert facts["plain_best_std"] == pytest.approx(losses[0, RATES.index(0.2)].std())
    apart = abs(facts["norm_none"] - facts["plain_best"])
    assert apart < min(facts["norm_none_std"], facts["plain_best_std"])
