"""The vectorized forward pass is Keras's own, layer by layer, and a sweep is many runs."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from bn_core.nets import network
from bn_core.nets.activations import ACTIVATIONS

CASES = [(activation, placement) for activation in ACTIVATIONS for placement in (None, *network.PLACEMENTS)]


def keras_net(keras, weights, activation):
    """Keras's Dense, Activation and BatchNormalization for every layer."""
    for weight in weights:
        dense = keras.layers.Dense(weight.shape[1], use_bias=False, dtype="float64")
        dense.build((None, weight.shape[0]))
        act = keras.layers.Activation(activation, dtype="float64")
        yield dense, act, keras.layers.BatchNormalization(dtype="float64")


def keras_layers(net, x, weights, scale, placement):
    """(what enters, what leaves) every layer of the same net, as the Keras layers compute it."""
    h = x
    for (dense, act, norm), weight in zip(net, weights, strict=True):
        dense.set_weights([scale * weight])
        enters = norm(dense(h), training=True) if placement == "before" else dense(h)
        h = norm(act(enters), training=True) if placement == "after" else act(enters)
        yield np.asarray(enters), np.asarray(h)


@pytest.mark.parametrize(("activation", "placement"), CASES)
def test_every_layer_is_keras_layer_at_random_weight_scales(keras, activation, placement):
    rng = np.random.default_rng(5)
    x, scales = rng.normal(0.3, 2, (23, 11)), np.exp(rng.normal(0, 0.5, 3))
    weights = network.draw_weights(inputs=11, width=17, depth=5, seed=8)
    layers = list(network.forward(x, weights, scales, activation, placement))
    net = list(keras_net(keras, weights, activation))
    for step, scale in enumerate(scales):
        expected = keras_layers(net, x, weights, scale, placement)
        for layer, (enters, leaves) in zip(layers, expected, strict=True):
            assert_allclose(layer.enters[step], enters, rtol=1e-9, atol=1e-12)
            assert_allclose(layer.leaves[step], leaves, rtol=1e-9, atol=1e-12)


def test_epsilon_is_keras_default(keras):
    assert keras.layers.BatchNormalization().epsilon == network.EPSILON


def test_weights_have_variance_one_over_fan_in_in_every_layer():
    first, second = network.draw_weights(inputs=400, width=300, depth=2, seed=1)
    assert first.shape == (400, 300)
    assert second.shape == (300, 300)
    assert first.var() == pytest.approx(1 / 400, rel=0.02)
    assert second.var() == pytest.approx(1 / 300, rel=0.02)


def test_a_deeper_net_begins_with_the_shallower_one():
    shallow, deep = (network.draw_weights(inputs=6, width=4, depth=depth, seed=2) for depth in (2, 5))
    for one, other in zip(shallow, deep, strict=False):
        np.testing.assert_array_equal(one, other)


def test_a_plain_relu_net_grows_as_the_scale_to_the_layers_number():
    x, weights = np.random.default_rng(3).normal(size=(9, 4)), network.draw_weights(4, 8, 6, seed=3)
    for number, layer in enumerate(network.forward(x, weights, np.array([1.0, 1.7]), "relu"), start=1):
        assert_allclose(layer.leaves[1], 1.7**number * layer.leaves[0], rtol=1e-12)


def test_float32_input_is_computed_in_float32():
    x, weights = np.ones((3, 4), dtype=np.float32), network.draw_weights(4, 8, 2, seed=3)
    for placement in (None, *network.PLACEMENTS):
        assert [layer.leaves.dtype for layer in network.forward(x, weights, [1.0], "tanh", placement)] == [
            np.float32
        ] * 2


def test_unknown_words_are_refused_before_any_layer_is_asked_for():
    with pytest.raises(ValueError, match="placement must be"):
        network.forward(np.ones((2, 2)), [np.eye(2)], [1.0], "relu", "around")
    with pytest.raises(KeyError, match="swish"):
        network.forward(np.ones((2, 2)), [np.eye(2)], [1.0], "swish")


def test_scale_1_is_keras_default_and_root_2_he_normal_between_layers_of_equal_width(keras):
    initializers = keras.initializers
    for scale, initializer in [(1, initializers.GlorotUniform(seed=1)), (np.sqrt(2), initializers.HeNormal(seed=1))]:
        assert np.std(np.asarray(initializer((300, 300)))) == pytest.approx(scale / np.sqrt(300), rel=0.01)
