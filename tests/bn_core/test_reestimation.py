"""`population.reestimate` against a pass of all the data at once, layer by layer."""

import numpy as np
import pytest

from bn_core import BatchNormalization, population


def network(seed=0):
    """Dense, batch norm, tanh, Dense, batch norm, with random weights and running statistics; and its batch norms."""
    rng = np.random.default_rng(seed)
    first, second = BatchNormalization(epsilon=0.02), BatchNormalization(axis=1, epsilon=0.1)
    for layer, width in ((first, 5), (second, 4)):
        layer.build((None, width))
        layer.set_weights(list(rng.uniform(0.5, 2, (4, width))))
    into, out = rng.normal(size=(3, 5)), rng.normal(size=(5, 4))
    return [lambda x: x @ into, first, np.tanh, lambda x: x @ out, second], first, second


def through(layers, x):
    for layer in layers:
        x = layer(x)
    return x


def shifted(seed=1):
    rng = np.random.default_rng(seed)
    return [40 + 6 * rng.normal(size=(n, 3)) for n in (8, 1, 30)]


def test_empty_batches_change_nothing():
    """Even as the first batch, which tells a layer without weights its channels."""
    expected, found = [BatchNormalization(), np.tanh], [BatchNormalization(), np.tanh]
    population.reestimate(expected, shifted())
    population.reestimate(found, [np.zeros((0, 3)), *shifted(), np.zeros((0, 3))])
    np.testing.assert_allclose(found[0].get_weights(), expected[0].get_weights(), rtol=1e-14)


def test_after_reestimation_every_layer_normalizes_the_shifted_data_exactly():
    """Even the second layer, though the first one's new statistics have changed its inputs."""
    layers, first, second = network()
    before = [layer.get_weights() for layer in (first, second)]
    batches = shifted()
    population.reestimate(layers, iter(batches))
    for place, layer in ((1, first), (4, second)):
        enters = through(layers[:place], np.concatenate(batches))
        np.testing.assert_allclose(layer.moving_mean, enters.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(layer.moving_variance, enters.var(axis=0), rtol=1e-12)
        leaves = layer(enters)
        np.testing.assert_allclose(leaves.mean(axis=0), layer.beta, rtol=1e-12)
    for layer, weights in zip((first, second), before, strict=True):
        np.testing.assert_array_equal([layer.gamma, layer.beta], weights[:2])


def test_reestimation_is_one_training_pass_of_all_data_in_one_batch():
    """With momentum 0 that pass leaves its batch's statistics behind, layer after layer."""
    (ours, *own), (theirs, *layers) = network(), network()
    population.reestimate(ours, shifted())
    x = np.concatenate(shifted())
    for step in theirs:
        if step in layers:
            step.momentum = 0.0
        x = step(x, training=True) if step in layers else step(x)
    for mine, other in zip(own, layers, strict=True):
        np.testing.assert_allclose(mine.get_weights(), other.get_weights(), rtol=1e-12)


def test_a_layer_with_renorm_trains_on_from_the_new_statistics():
    """Their renormalized training output is that of inference, and a step that keeps everything changes nothing."""
    layer = BatchNormalization(renorm=True, momentum=1.0, epsilon=0.05)
    batches = shifted()
    population.reestimate([layer], batches)
    before = layer.get_weights()
    np.testing.assert_allclose(layer(batches[0], training=True), layer(batches[0]), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer.get_weights()[:5], before[:5], rtol=1e-13)


def test_padding_is_left_out_of_a_reestimation():
    layer, rng = BatchNormalization(), np.random.default_rng(7)
    x, mask = rng.normal(3, 2, (6, 5, 2)), rng.integers(0, 2, (6, 5)).astype(bool)
    population.reestimate([lambda x: 2 * x, layer], [x[:2], x[2:]], weights=[mask[:2, :, None], mask[2:, :, None]])
    np.testing.assert_allclose(layer.moving_mean, 2 * x[mask].mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(layer.moving_variance, 4 * x[mask].var(axis=0), rtol=1e-13)


def test_a_layer_of_pytorchs_convention_takes_over_the_unbiased_variance():
    layer = BatchNormalization(convention="pytorch")
    batches = [np.random.default_rng(n).normal(3, 2, (n, 4)) for n in (2, 3)]
    population.reestimate([layer], batches)
    np.testing.assert_allclose(layer.moving_variance, np.concatenate(batches).var(axis=0, ddof=1), rtol=1e-12)


def test_only_the_chosen_layers_are_reestimated():
    layers, first, second = network()
    before = first.get_weights()
    population.reestimate(layers, shifted(), chosen=[second])
    np.testing.assert_array_equal(first.get_weights(), before)
    enters = through(layers[:4], np.concatenate(shifted()))
    np.testing.assert_allclose(second.moving_mean, enters.mean(axis=0), rtol=1e-12)


def test_reestimation_builds_a_layer_and_reduces_all_axes_but_its_own():
    layer = BatchNormalization(axis=1)
    batches = [np.random.default_rng(n).normal(3, 2, (n, 4, 5)) for n in (2, 6)]
    population.reestimate([layer], batches)
    np.testing.assert_allclose(layer.moving_variance, np.concatenate(batches).var(axis=(0, 2)), rtol=1e-12)


def test_a_channel_that_is_not_finite_keeps_its_statistics():
    _, first, _ = network()
    old = first.get_weights()
    batches = shifted()
    batches[1][0, 0] = np.nan
    population.reestimate([first], [np.pad(x, [(0, 0), (0, 2)]) for x in batches])
    assert (first.moving_mean[0], first.moving_variance[0]) == (old[2][0], old[3][0])
    np.testing.assert_array_equal(first.moving_mean[3:], 0)
    asked = BatchNormalization(store_nonfinite=True)
    population.reestimate([asked], batches)
    np.testing.assert_array_equal(np.isfinite(asked.moving_mean), [False, True, True])


def test_reestimation_needs_data_and_a_layer_of_the_network():
    layers, *_ = network()
    with pytest.raises(ValueError, match="one batch or more"):
        population.reestimate(layers, [])
    with pytest.raises(ValueError, match="in the network"):
        population.reestimate(layers, shifted(), chosen=[BatchNormalization()])
