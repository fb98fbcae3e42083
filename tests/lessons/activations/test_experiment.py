"""The record of the layers, against cases worked by hand, NumPy, and Keras on the real digits."""

import functools
from statistics import NormalDist

import numpy as np
import pytest
from numpy.testing import assert_allclose

from bn_core.nets import network
from bn_core.nets.activations import ACTIVATIONS, sigmoid
from lessons import digits, histogram
from lessons.activations import experiment as activations
from lessons.activations import layer_values
from lessons.activations.experiment import ENTERS, LEAVES, SCALES, Settings

SMALL = {"depth": 4, "width": 12, "batch_size": 20}
OFF_GRID = {"weight_scale": 1.37, "seed": 4, **SMALL}
WORDS = [(act, place, shown) for act in ACTIVATIONS for place in network.PLACEMENTS for shown in (ENTERS, LEAVES)]
ARRAYS = ("density", "below", "above", "mean", "std", "between", "idle")


def test_densities_count_every_value_once_hand_worked():
    """Bins of width 1 at −1, 0, 1: one value in each (one on an inner edge), one left of all, one on the last edge."""
    bins = histogram.Axis(np.array([-1.0, 0.0, 1.0]), tallest=1)
    density, below, above = histogram.densities(np.array([[[-7.0, -1.2, 0.0], [0.5, 1.5, 1e30]]]), bins)
    assert_allclose(density, [[1 / 6, 1 / 6, 1 / 6]])
    assert_allclose([below[0], above[0]], [1 / 6, 2 / 6])


@pytest.mark.parametrize("bins", [layer_values.WIDE, *layer_values.BOUNDED.values()])
def test_densities_agree_with_numpys_histogram(bins):
    values = np.random.default_rng(1).normal(0.2, 2, (3, 40, 7))
    density, below, above = histogram.densities(values, bins)
    edges = np.linspace(*bins.ends, len(bins.centers) + 1)
    for step in range(3):
        counts, _ = np.histogram(values[step], edges)
        assert_allclose(density[step] * bins.width, counts / 280, atol=1e-12)
        assert below[step] == np.mean(values[step] < bins.ends[0])
        assert above[step] == np.mean(values[step] > bins.ends[1])


def test_zero_and_the_ends_of_a_bounded_activation_lie_in_the_middle_of_a_bin():
    for bins, landmarks in [(layer_values.WIDE, [0]), (layer_values.BOUNDED["tanh"], [-1, 0, 1])]:
        for landmark in landmarks:
            assert np.min(abs(bins.centers - landmark)) < 1e-12


@pytest.mark.parametrize("bins", [layer_values.WIDE, *layer_values.BOUNDED.values()])
def test_the_normal_density_is_the_one_of_the_standard_library(bins):
    assert_allclose(bins.normal, [NormalDist().pdf(center) for center in bins.centers])


def test_moments_are_of_all_values_and_between_images_unit_by_unit():
    """Two units, two images: unit 0 gives 1 and 3, unit 1 gives 10 twice: images differ in unit 0 only."""
    mean, std, between = layer_values.moments(np.array([[[1.0, 10.0], [3.0, 10.0]]]))
    assert_allclose([mean[0], std[0], between[0]], [6, np.std([1, 10, 3, 10]), np.sqrt((1 + 0) / 2)])


def test_idle_is_the_share_of_small_slopes_or_of_units_that_never_fire():
    z = np.array([[[0.0, -2.0, 5.0], [2.0, -1.0, -5.0]]])
    slopes = {"tanh": 1 - np.tanh(z) ** 2, "sigmoid": 4 * sigmoid(z) * (1 - sigmoid(z))}
    for activation, slope in slopes.items():
        assert layer_values.IDLE[activation](z)[0] == np.mean(slope < 0.05) == 2 / 6
    assert layer_values.IDLE["relu"](z)[0] == 1 / 3


@pytest.mark.parametrize(("activation", "placement", "shown"), WORDS)
def test_a_sweep_is_many_runs(activation, placement, shown):
    settings = Settings(activation=activation, placement=placement, shown=shown, **SMALL)
    table = activations.sweep(settings)
    for step in (0, 20, 23, 40):
        alone = activations.run(activations.replace(settings, weight_scale=float(SCALES[step])))
        assert table[step].settings == alone.settings
        for lane in ("plain", "normed"):
            for name in ARRAYS:
                there, here = (getattr(getattr(result, lane), name) for result in (table[step], alone))
                assert_allclose(there, here, rtol=1e-9, atol=1e-12)
            assert getattr(table[step], lane).verdict == getattr(alone, lane).verdict


def test_shares_add_up_to_one():
    table = activations.sweep(Settings(**SMALL))
    for lane in (table.plain, table.normed):
        assert_allclose(lane.density.sum(axis=-1) * table.axis.width + lane.below + lane.above, 1)


@pytest.mark.parametrize(("activation", "placement", "shown"), WORDS)
def test_mean_and_std_are_keras_on_the_same_digits(keras_values, activation, placement, shown):
    """For the same batch and weights in a Keras model, both lanes, training=True, at a scale off the grid."""
    settings = Settings(activation=activation, placement=placement, shown=shown, **OFF_GRID)
    result = activations.run(settings)
    for lane, where in [(result.plain, None), (result.normed, placement)]:
        values = keras_values(activation, where)[shown]
        assert_allclose(lane.mean, [v.mean() for v in values], rtol=1e-9, atol=1e-11)
        assert_allclose(lane.std, [v.std() for v in values], rtol=1e-9)
        assert_allclose(lane.between, [np.sqrt(v.var(axis=0).mean()) for v in values], rtol=1e-9)


@pytest.fixture(scope="module")
def keras_values(keras):
    """What enters and what leaves every layer, from a Keras functional model per activation and placement."""

    @functools.cache
    def values(activation, placement):
        settings = Settings(**OFF_GRID)
        x = digits.batch(settings.batch_size, settings.seed)
        inputs = h = keras.Input((x.shape[1],), dtype="float64")
        outputs, denses = {ENTERS: [], LEAVES: []}, []
        for _ in range(settings.depth):
            denses.append(keras.layers.Dense(settings.width, use_bias=False, dtype="float64"))
            enters = denses[-1](h)
            enters = keras.layers.BatchNormalization(dtype="float64")(enters) if placement == "before" else enters
            h = keras.layers.Activation(activation, dtype="float64")(enters)
            h = keras.layers.BatchNormalization(dtype="float64")(h) if placement == "after" else h
            outputs[ENTERS].append(enters)
            outputs[LEAVES].append(h)
        weights = network.draw_weights(x.shape[1], settings.width, settings.depth, settings.seed)
        for dense, weight in zip(denses, weights, strict=True):
            dense.set_weights([settings.weight_scale * weight])
        told = keras.Model(inputs, outputs)(x, training=True)
        return {shown: [np.asarray(value) for value in layers] for shown, layers in told.items()}

    return values


def test_the_batch_has_mean_0_and_std_1_over_all_digits_and_grows_without_changing():
    x = digits.batch(256, 7)
    assert x.shape == (256, 64)
    assert abs(x.mean()) < 0.05
    assert x.std() == pytest.approx(1, abs=0.05)
    np.testing.assert_array_equal(digits.batch(2, 7), x[:2])


@pytest.mark.parametrize("placement", network.PLACEMENTS)
def test_batch_norm_gives_every_layer_std_1_but_for_epsilon(placement):
    """Normalized values have the variance v / (v + epsilon): never above 1, and almost 1 where v is not tiny."""
    table = activations.sweep(Settings(placement=placement, shown=ENTERS if placement == "before" else LEAVES, **SMALL))
    assert table.normed.std.max() <= 1
    assert table.normed.std[SCALES >= 1].min() > 0.95
    assert abs(table.normed.mean).max() < 1e-12


def test_verdicts_tell_the_known_cases():
    """He et al. for relu; sigmoid forgets its input; tanh saturates at large weights, even with batch norm after it."""
    known = {
        ("relu", 1.0, "before"): ("shrunk", "kept"),
        ("relu", activations.HE, "before"): ("kept", "kept"),
        ("relu", 3.0, "before"): ("grown", "kept"),
        ("sigmoid", 1.0, "before"): ("alike", "kept"),
        ("tanh", 10.0, "before"): ("saturated", "kept"),
        ("tanh", 10.0, "after"): ("saturated", "saturated"),
    }
    for (activation, scale, placement), verdicts in known.items():
        result = activations.run(Settings(activation=activation, weight_scale=scale, placement=placement))
        assert (result.plain.verdict, result.normed.verdict) == verdicts


def test_a_dying_relu_layer_is_called_dead():
    """Batch 2, width 8: about every third unit is dead for both images, so that in some seed half of them are."""
    verdicts = {str(activations.run(Settings(batch_size=2, width=8, seed=seed)).plain.verdict) for seed in range(20)}
    assert "dead" in verdicts
    assert verdicts <= set(activations.VERDICTS)


def test_keeping_scale_gives_the_last_layer_the_first_ones_std():
    result = activations.run(Settings(weight_scale=0.7, seed=3))
    kept = activations.run(activations.replace(result.settings, weight_scale=result.keeping_scale))
    assert kept.plain.std[-1] == pytest.approx(kept.plain.std[0], rel=1e-9)
    assert result.keeping_scale == pytest.approx(activations.HE, rel=0.05)


@pytest.mark.parametrize("settings", [Settings(activation="tanh"), Settings(depth=1)])
def test_keeping_scale_is_unknown_where_there_is_no_such_law(settings):
    assert np.isnan(activations.run(settings).keeping_scale)


def test_the_grid_is_logarithmic_and_holds_1_and_he():
    assert (SCALES[0], SCALES[20], SCALES[23], SCALES[-1]) == (0.1, 1, np.sqrt(2), 10)
    assert_allclose(np.diff(np.log10(SCALES)), 0.05, atol=0.001)
    assert [Settings(weight_scale=float(scale)).step for scale in SCALES] == list(range(41))


def test_the_layer_looked_at_is_never_deeper_than_the_net():
    assert Settings(depth=3, layer=10).looked_at == 2
    assert Settings(depth=20, layer=10).looked_at == 9


@pytest.mark.parametrize("extreme", [{"weight_scale": 10.0}, {"weight_scale": 0.1}])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_corners_stay_finite(extreme, activation):
    result = activations.run(Settings(depth=20, width=8, batch_size=2, activation=activation, **extreme))
    for lane in (result.plain, result.normed):
        assert all(np.isfinite(getattr(lane, name)).all() for name in ARRAYS)


def test_at_tiny_weights_even_batch_norm_fades_behind_a_sigmoid():
    """Epsilon: the variance that arrives is no longer large beside it."""
    result = activations.run(Settings(activation="sigmoid", weight_scale=0.1))
    assert result.normed.verdict == "shrunk"


def test_in_a_batch_of_two_batch_norm_leaves_plus_and_minus_one():
    result = activations.run(Settings(batch_size=2, weight_scale=10.0))
    near_one = abs(abs(result.axis.centers) - 1) < 0.1
    assert (result.normed.density[:, near_one].sum(axis=-1) * result.axis.width).min() > 0.95
