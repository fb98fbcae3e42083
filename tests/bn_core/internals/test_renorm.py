"""Batch renormalization by hand and by what clipping makes of it; in `test_against_keras` are random layers with it."""

import numpy as np
import pytest

from bn_core import BatchNormalization


def test_initial_values_and_the_order_of_weights_are_those_of_keras(keras):
    ours = BatchNormalization(renorm=True, moving_variance_initializer=lambda shape: np.full(shape, 4.0))
    theirs = keras.layers.BatchNormalization(renorm=True, moving_variance_initializer=keras.initializers.Constant(4))
    ours.build((None, 2))
    theirs.build((None, 2))
    np.testing.assert_array_equal(ours.get_weights(), theirs.get_weights())
    assert [ours.moving_stddev[0], ours.renorm_mean[0], ours.renorm_stddev[0]] == [2, 0, 2]


def test_by_hand():
    """The batch 3, 7 has mean 5, deviation √(4 + 5) = 3; remembered are mean 3, deviation 2.5: r = 1.2, d = 0.8."""
    layer = BatchNormalization(renorm=True, momentum=0.5, renorm_momentum=0.75, epsilon=5.0)
    layer.build((None, 1))
    layer.set_weights([[2.0], [1.0], [0.0], [1.0], [5.0], [3.0], [2.5]])
    y = layer(np.array([[3.0], [7.0]]), training=True)
    np.testing.assert_allclose(y, [[1], [4.2]])  # 2 · (∓2/3 · 1.2 + 0.8) + 1
    expected = [[2], [1], [2.5], [16 - 5], [4], [3.5], [2.625]]  # moving_stddev (5 + 3) / 2 = 4
    np.testing.assert_allclose(layer.get_weights(), expected)


def test_a_remembered_deviation_is_taken_for_the_root_of_epsilon_at_least():
    layer = BatchNormalization(renorm=True, epsilon=4.0)
    layer.build((None, 1))
    layer.renorm_stddev = [0.5]
    np.testing.assert_allclose(layer(np.array([[3.0], [7.0]]), training=True), [[1.5], [3.5]])  # x / 2


def test_without_limits_the_first_batch_passes_unchanged_and_with_tight_ones_it_is_normalized():
    x = np.random.default_rng(0).normal(3, 2, (8, 2))
    np.testing.assert_allclose(BatchNormalization(renorm=True)(x, training=True), x, atol=1e-12)
    tight = BatchNormalization(renorm=True, renorm_clipping={"rmax": 1, "rmin": 1, "dmax": 0})
    np.testing.assert_allclose(tight(x, training=True), BatchNormalization()(x, training=True), atol=1e-12)


def test_a_bad_value_leaves_all_five_statistics_of_its_channel_as_they_were():
    layer = BatchNormalization(renorm=True)
    layer(np.array([[1.0, 2], [3, 5]]), training=True)
    before = layer.get_weights()
    layer(np.array([[np.nan, 2.0], [3, 6]]), training=True)
    for old, new in zip(before[2:], layer.get_weights()[2:], strict=True):
        assert old[0] == new[0]
        assert old[1] != new[1]


@pytest.mark.parametrize(
    "clipping",
    [{"rmx": 1}, {"rmin": 2, "rmax": 1}, {"rmax": -1}, {"rmin": -0.1}, {"dmax": -1}, {"dmax": float("nan")}, [1, 2]],
    ids=str,
)
def test_limits_that_mean_nothing_are_refused(clipping):
    with pytest.raises(ValueError, match="renorm_clipping"):
        BatchNormalization(renorm=True, renorm_clipping=clipping)


def test_renorm_momentum_is_a_share():
    with pytest.raises(ValueError, match="renorm_momentum is the share"):
        BatchNormalization(renorm=True, renorm_momentum=1.1)
