"""Folded kernels in Keras itself: the model without its batch norm predicts what the model with it predicted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bn_core import BatchNormalization
from bn_core.folding import CHANNEL_AXES, fold, fold_layer
from bn_core.steps import Statistics

LAYERS = {
    "Dense": ((5,), lambda layers, **how: layers.Dense(7, **how)),
    "Conv1D": ((9, 5), lambda layers, **how: layers.Conv1D(7, 3, padding="same", **how)),
    "Conv2D": ((6, 5, 4), lambda layers, **how: layers.Conv2D(7, (3, 2), strides=2, padding="same", **how)),
    "grouped Conv2D": ((6, 5, 4), lambda layers, **how: layers.Conv2D(6, 3, groups=2, **how)),
    "Conv3D": ((4, 3, 3, 2), lambda layers, **how: layers.Conv3D(5, 2, **how)),
    "DepthwiseConv1D": ((9, 5), lambda layers, **how: layers.DepthwiseConv1D(3, depth_multiplier=2, **how)),
    "DepthwiseConv2D": ((6, 5, 4), lambda layers, **how: layers.DepthwiseConv2D(3, depth_multiplier=3, **how)),
    "Conv1DTranspose": ((5, 4), lambda layers, **how: layers.Conv1DTranspose(7, 3, strides=2, **how)),
    "Conv2DTranspose": ((4, 3, 5), lambda layers, **how: layers.Conv2DTranspose(7, (3, 2), strides=2, **how)),
    "Conv3DTranspose": ((3, 2, 2, 5), lambda layers, **how: layers.Conv3DTranspose(4, 2, **how)),
}
"""An input's shape, and the layer with more output channels, or fewer, than input channels."""


def pair(keras, name, dtype, use_bias, center, scale, seed=3):
    """A linear layer and the batch norm after it in Keras, with random weights throughout; and an input."""
    rng = np.random.default_rng(seed)
    shape, make = LAYERS[name]
    linear = make(keras.layers, use_bias=use_bias, dtype=dtype)
    norm = keras.layers.BatchNormalization(epsilon=0.02, center=center, scale=scale, dtype=dtype)
    x = rng.normal(1, 2, (3, *shape)).astype(dtype)
    norm(linear(x))
    linear.set_weights([rng.normal(size=weight.shape) for weight in linear.get_weights()])
    gamma = [rng.uniform(0.5, 2, norm.moving_mean.shape) * rng.choice([-1, 1], norm.moving_mean.shape)] * scale
    others = [rng.normal(0, 2, norm.moving_mean.shape) for _ in range(center + 1)]
    norm.set_weights([*gamma, *others, rng.uniform(0.1, 9, norm.moving_mean.shape)])
    return linear, norm, x


def ours(norm):
    """The Keras layer's twin."""
    layer = BatchNormalization(epsilon=norm.epsilon, center=norm.center, scale=norm.scale)
    layer.build((None, *norm.moving_mean.shape))
    layer.set_weights(norm.get_weights())
    return layer


@pytest.mark.parametrize(("use_bias", "center", "scale"), [(1, 1, 1), (0, 1, 1), (1, 0, 1), (1, 1, 0), (0, 0, 0)])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-14), ("float32", 2e-6)])
@pytest.mark.parametrize("name", LAYERS)
def test_one_folded_keras_layer_gives_what_two_gave(keras, name, dtype, tolerance, use_bias, center, scale):
    linear, norm, x = pair(keras, name, dtype, bool(use_bias), bool(center), bool(scale))
    before = np.asarray(norm(linear(x)))
    weights = [*linear.get_weights(), None]
    folded = fold_layer(*weights[:2], ours(norm), kind=name.split()[-1], activation=linear.get_config()["activation"])
    alone = LAYERS[name][1](keras.layers, use_bias=True, dtype=dtype)
    alone.build(x.shape)
    alone.set_weights(folded)
    after = np.asarray(alone(x))
    assert folded.kernel.dtype == folded.bias.dtype == after.dtype == np.dtype(dtype)
    assert np.abs(after - before).max() <= tolerance * np.abs(before).max()


def test_a_separable_convolution_takes_it_into_its_pointwise_kernel(keras):
    x = np.random.default_rng(0).normal(size=(2, 6, 5, 3))
    linear = keras.layers.SeparableConv2D(4, 3, depth_multiplier=2, dtype="float64")
    norm = keras.layers.BatchNormalization(dtype="float64")
    norm(linear(x))
    norm.set_weights(list(np.random.default_rng(1).uniform(0.5, 2, (4, 4))))
    before = np.asarray(norm(linear(x)))
    depthwise, pointwise, bias = linear.get_weights()
    linear.set_weights([depthwise, *fold_layer(pointwise, bias, ours(norm), "Conv2D")])
    np.testing.assert_allclose(np.asarray(linear(x)), before, rtol=1e-12, atol=1e-12)


def test_the_kernel_is_laid_out_alike_for_channels_first(keras):
    first = keras.layers.Conv2D(7, 3, data_format="channels_first")
    first.build((None, 4, 6, 5))
    assert first.kernel.shape == (3, 3, 4, 7)


def test_folding_forwards_would_be_wrong_along_the_edges(keras):
    """Batch norm, then a padded convolution: its zeros are not what batch norm makes of zeros."""
    rng = np.random.default_rng(2)
    x, k, shift = rng.normal(size=(1, 6, 6, 2)), rng.normal(size=2), rng.normal(size=2)
    linear, alone = (keras.layers.Conv2D(3, 3, padding="same", dtype="float64") for _ in range(2))
    right = np.asarray(linear(k * x + shift))
    alone.build(x.shape)
    kernel, bias = linear.get_weights()
    alone.set_weights([kernel * k[:, None], bias + np.einsum("hwio,i->o", kernel, shift)])
    error = np.abs(np.asarray(alone(x)) - right).max(axis=(0, -1))
    assert error[1:-1, 1:-1].max() < 1e-13
    error[1:-1, 1:-1] = np.inf
    assert error.min() > 0.01


def test_by_hand():
    """k = 6 / √(3 + 1) = 3 and −1 / √(15 + 1) = −1/4; biases 3 · (1 − 2) + 10 and −(5 − 1) / 4 + 20."""
    running = Statistics(np.array([2.0, 1]), np.array([3.0, 15]))
    kernel, bias = fold(
        np.array([[1, 4], [2, 8]]), np.array([1, 5]), running, np.array([6, -1]), np.array([10, 20]), epsilon=1.0
    )
    np.testing.assert_array_equal(kernel, [[3, -1], [6, -2]])
    np.testing.assert_array_equal(bias, [7, 19])


def test_a_layer_with_an_activation_of_its_own_is_refused():
    layer = BatchNormalization()
    layer.build((None, 2))
    fold_layer(np.ones((3, 2)), None, layer, activation="linear")
    with pytest.raises(ValueError, match="cannot be folded through 'relu'"):
        fold_layer(np.ones((3, 2)), None, layer, activation="relu")


def test_folding_through_relu_would_be_wrong():
    """Why it is refused: relu(k·x + c) is not k·relu(x) + c, least of all where gamma is negative."""
    rng = np.random.default_rng(6)
    kernel, bias, x = rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=(50, 3))
    running, gamma, beta = (
        Statistics(rng.normal(size=2), rng.uniform(1, 2, 2)),
        np.array([1.3, -0.7]),
        rng.normal(size=2),
    )
    new_kernel, new_bias = fold(kernel, bias, running, gamma, beta, 1e-3)
    through = gamma / np.sqrt(running.var + 1e-3) * (np.maximum(x @ kernel + bias, 0) - running.mean) + beta
    assert np.abs(np.maximum(x @ new_kernel + new_bias, 0) - through).max() > 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "LSTM"}, "kind must be one of Dense"),
        ({"epsilon": 0.0}, "epsilon must be above 0"),
        ({"gamma": np.ones(3)}, "gamma must have 2 numbers"),
        ({"bias": np.ones(3)}, "bias must have 2 numbers"),
        ({"running": Statistics(np.zeros(2), np.ones(4))}, r"running\.var must have 2 numbers"),
        ({"kernel": np.ones(2)}, "kernel must have 2 axes"),
        ({"running": Statistics(np.ones(2), np.array([1, -3]))}, r"running\.var must be 0 or more; got -3.*swapped"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change, message):
    fitting = dict(
        kernel=np.ones((3, 2)), bias=None, running=Statistics(np.zeros(2), np.ones(2)), gamma=None, beta=None
    )
    with pytest.raises(ValueError, match=message):
        fold(**{**fitting, "epsilon": 1e-3, **change})


def test_a_batch_norm_without_weights_is_refused():
    with pytest.raises(ValueError, match="no weights yet"):
        fold_layer(np.ones((3, 2)), None, BatchNormalization())


def test_every_kind_is_tested():
    assert {name.split()[-1] for name in LAYERS} == set(CHANNEL_AXES)


def test_a_kernel_keeps_its_floating_type_and_whole_numbers_become_double():
    layer = BatchNormalization()
    layer.build((None, 2))
    dtypes = {"f2": "f2", "f4": "f4", "i4": "f8"}
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    for dtype, expected in (dtypes | {bfloat16: bfloat16}).items():
        folded = fold_layer(np.ones((3, 2), dtype), None, layer)
        assert {array.dtype for array in folded} == {np.dtype(expected)}


def test_the_given_arrays_stay_as_they_are():
    kernel, layer = np.full((3, 2), 0.3, np.float32), BatchNormalization()
    layer.build((None, 2))
    kernel.setflags(write=False)
    fold_layer(kernel, None, layer)
    np.testing.assert_array_equal(layer.moving_variance, 1)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6), st.floats(1e-6, 1.0), st.floats(-3, 3))
def test_a_folded_product_is_the_normalized_product(seed, inputs, channels, epsilon, decades):
    """(x·W + b, normalized) = x·W' + b', whatever the weights and over six decades of their running statistics."""
    rng = np.random.default_rng(seed)
    kernel, bias = rng.normal(size=(inputs, channels)), rng.normal(size=channels)
    mean, gamma, beta = rng.normal(size=(3, channels)) * [[10.0**decades], [1], [1]]
    running = Statistics(mean, rng.uniform(0, 1, channels) * 100.0**decades)
    folded = fold(kernel, bias, running, gamma, beta, epsilon)
    x = rng.normal(size=(5, inputs))
    z = x @ kernel + bias
    expected = gamma * (z - running.mean) / np.sqrt(running.var + epsilon) + beta
    largest = np.abs(gamma) * (np.abs(z) + np.abs(running.mean)) / np.sqrt(running.var + epsilon) + np.abs(beta)
    assert (np.abs(x @ folded.kernel + folded.bias - expected) <= 1e-13 * (1 + largest.max(axis=0))).all()
