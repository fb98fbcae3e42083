"""The layer against Keras itself and by hand; each test's name is the contract it checks."""

import numpy as np
import pytest

from bn_core import BatchNormalization

SHAPES = [
    ((8, 3), -1),
    ((8, 3), 1),
    ((4, 5, 3), -1),
    ((4, 3, 5), 1),
    ((3, 4, 2, 3), -1),
    ((3, 3, 4, 2), 1),
    ((3, 3, 4, 2), -3),
    ((2, 3, 2, 3, 2), -1),
    ((5, 3), 0),
]


def twins(keras, shape, axis, seed=0, **arguments):
    """Our layer and Keras's, float64, with the same random weights and running statistics."""
    rng = np.random.default_rng(seed)
    ours = BatchNormalization(axis=axis, **arguments)
    theirs = keras.layers.BatchNormalization(axis=axis, dtype="float64", **arguments)
    ours.build(shape)
    theirs.build(shape)
    weights = [rng.uniform(0.5, 2, weight.shape) for weight in theirs.get_weights()]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs, rng


def assert_same_gradients(tensorflow, ours, theirs, x, d_y, training):
    x_tensor = tensorflow.constant(x)
    with tensorflow.GradientTape() as tape:
        tape.watch(x_tensor)
        y = theirs(x_tensor, training=training)
        loss = tensorflow.reduce_sum(y * d_y)
    affine = [weight.value for weight in (theirs.gamma, theirs.beta) if weight is not None]
    d_x, *d_affine = tape.gradient(loss, [x_tensor, *affine])
    np.testing.assert_allclose(ours(x, training=training), y, atol=1e-10, rtol=1e-10)
    np.testing.assert_allclose(ours.backward(d_y), d_x, atol=1e-10, rtol=1e-10)
    expected = [gradient for gradient in (ours.d_gamma, ours.d_beta) if gradient is not None]
    assert len(expected) == len(d_affine)
    for mine, other in zip(expected, d_affine, strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_outputs_gradients_and_weights_are_those_of_keras(keras, tensorflow, shape, axis, training):
    ours, theirs, rng = twins(keras, shape, axis, momentum=0.7, epsilon=0.02)
    for _ in range(3):
        x, d_y = rng.normal(3, 2, shape), rng.normal(size=shape)
        assert_same_gradients(tensorflow, ours, theirs, x, d_y, training)
        for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_allclose(mine, other, atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("center", "scale"), [(True, False), (False, True), (False, False)])
def test_without_gamma_or_beta_as_in_keras(keras, tensorflow, center, scale, training):
    ours, theirs, rng = twins(keras, (6, 2, 3), -1, center=center, scale=scale)
    x, d_y = rng.normal(size=(6, 2, 3)), rng.normal(size=(6, 2, 3))
    assert_same_gradients(tensorflow, ours, theirs, x, d_y, training)
    assert [weight.shape for weight in ours.get_weights()] == [weight.shape for weight in theirs.get_weights()]


def test_a_frozen_layer_ignores_training_as_in_keras(keras, tensorflow):
    ours, theirs, rng = twins(keras, (6, 3), -1)
    ours.trainable = theirs.trainable = False
    before = ours.get_weights()
    x, d_y = rng.normal(size=(6, 3)), rng.normal(size=(6, 3))
    assert_same_gradients(tensorflow, ours, theirs, x, d_y, training=True)
    for old, new in zip(before, ours.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_defaults_are_those_of_keras(keras):
    ours, theirs = BatchNormalization(), keras.layers.BatchNormalization()
    names = ("axis", "momentum", "epsilon", "center", "scale", "trainable")
    assert [getattr(ours, name) for name in names] == [getattr(theirs, name) for name in names]
    ours.build((None, 3))
    theirs.build((None, 3))
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_modes_differ_and_a_bare_call_is_inference():
    layer, x = BatchNormalization(), np.array([[2.0], [4], [4], [5], [7], [8]])
    np.testing.assert_array_equal(layer(x), layer(x, training=False))
    np.testing.assert_allclose(layer(x), x / np.sqrt(1.001))
    np.testing.assert_allclose(layer(x, training=True), (x - 5) / np.sqrt(4.001))
    np.testing.assert_allclose([layer.moving_mean, layer.moving_variance], [[0.05], [1.03]])


def test_gradients_belong_to_the_gamma_of_the_call():
    rng = np.random.default_rng(2)
    layer, x, d_y = BatchNormalization(), rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    layer(x, training=True)
    expected = layer.backward(d_y)
    layer(x, training=True)
    layer.gamma = layer.gamma * 7
    np.testing.assert_array_equal(layer.backward(d_y), expected)


def test_initializers_by_name_and_by_function():
    layer = BatchNormalization(beta_initializer="ones", gamma_initializer=lambda shape: np.full(shape, 0.3))
    layer.build((None, 2))
    np.testing.assert_array_equal(layer.get_weights(), [[0.3, 0.3], [1, 1], [0, 0], [1, 1]])


def test_large_offset_in_float32_is_normalized_exactly():
    constant = np.full((7, 1), 1234567.8, np.float32)
    y = BatchNormalization()(constant, training=True)
    np.testing.assert_array_equal(y, np.zeros((7, 1), np.float32))
    spread = np.float32(1e6) + np.random.default_rng(0).normal(size=(4096, 1)).astype(np.float32)
    assert abs(BatchNormalization()(spread, training=True).mean(dtype=float)) < 1e-6


def test_integers_and_short_floats_are_accepted():
    assert BatchNormalization()(np.arange(6).reshape(3, 2), training=True).dtype == np.float64
    assert BatchNormalization()(np.ones((3, 2), np.float16)).dtype == np.float16


def test_one_value_per_channel_gives_beta():
    layer = BatchNormalization(beta_initializer=lambda shape: np.array([3.0, 4.0]))
    np.testing.assert_array_equal(layer(np.array([[100.0, -5]]), training=True), [[3, 4]])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_bad_value_spoils_its_channel_once_and_the_running_statistics_never(bad):
    layer = BatchNormalization(momentum=0.5)
    y = layer(np.array([[bad, 1.0], [0, 3]]), training=True)
    assert np.isnan(y[:, 0]).any()
    np.testing.assert_allclose(y[:, 1], [-1, 1], atol=1e-3)
    np.testing.assert_array_equal([layer.moving_mean, layer.moving_variance], [[0, 1], [1, 1]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"momentum": 1.5}, "momentum"),
        ({"momentum": -0.1}, "momentum"),
        ({"momentum": float("nan")}, "momentum"),
        ({"epsilon": 0}, "epsilon"),
        ({"epsilon": -1e-3}, "epsilon"),
        ({"epsilon": float("inf")}, "epsilon"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        BatchNormalization(**arguments)


@pytest.mark.parametrize(
    ("shape", "arguments", "message"),
    [
        ((3,), {}, "2 to 5 axes"),
        ((2,) * 6, {}, "2 to 5 axes"),
        ((3, 4), {"axis": 2}, "axis 2 does not exist"),
        ((3, None), {}, "known length"),
        ((3, 2), {"gamma_initializer": "random"}, "gamma_initializer must be one of zeros, ones"),
        ((3, 2), {"beta_initializer": lambda shape: np.zeros(5)}, "beta must have the shape"),
    ],
)
def test_a_shape_or_initializer_that_does_not_fit_is_refused(shape, arguments, message):
    with pytest.raises(ValueError, match=message):
        BatchNormalization(**arguments).build(shape)


def test_inputs_that_do_not_fit_are_refused():
    layer = BatchNormalization()
    with pytest.raises(RuntimeError, match="call of the layer first"):
        layer.backward(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="call build"):
        layer.set_weights([])
    layer(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="3 channels"):
        layer(np.zeros((2, 4)))
    with pytest.raises(ValueError, match="2 axes"):
        layer(np.zeros((2, 2, 3)))
    with pytest.raises(ValueError, match="empty batch"):
        layer(np.zeros((0, 3)), training=True)
    with pytest.raises(ValueError, match="shape of the last output"):
        layer.backward(np.zeros((2, 1)))
    with pytest.raises(ValueError, match="expected 4 weights"):
        layer.set_weights([np.ones(3)])
    with pytest.raises(ValueError, match="moving_mean must have the shape"):
        layer.set_weights([np.ones(3), np.ones(3), np.ones(2), np.ones(3)])
    with pytest.raises(ValueError, match="one axis less"):
        layer(np.zeros((2, 3)), mask=np.ones((2, 3), bool))
    with pytest.raises(ValueError, match="must broadcast"):
        layer(np.zeros((2, 3)), mask=np.ones(3, bool))
    assert layer(np.zeros((0, 3))).shape == (0, 3)
