"""The neighbors against Keras in float64, by hand, by central differences, and against each other where they meet."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bn_core import other_norms, reduction_groups, steps

SHAPE = (8, 4, 4, 3)
TOLERANCE = {"rtol": 1e-10, "atol": 1e-10}


def keras_says(keras, tensorflow, layer, x, d_y, weights):
    """y and the gradients by x and by each weight, from Keras's layer and TensorFlow's tape."""
    layer.build(x.shape)
    layer.set_weights(weights)
    x = tensorflow.constant(x)
    with tensorflow.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        loss = tensorflow.reduce_sum(y * d_y)
    return y, *tape.gradient(loss, [x, *(weight.value for weight in layer.trainable_weights)])


@pytest.fixture(scope="module")
def worst(summary):
    """A list of differences; the largest is printed below the results."""
    differences = [0.0]
    yield differences
    summary.append(f"neighbors: worst difference from Keras in y and gradients, float64: {max(differences):.1e}")


def assert_same(worst, ours, theirs):
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, **TOLERANCE)
        worst.append(np.abs(mine - np.asarray(other)).max())


@pytest.mark.parametrize(
    ("shape", "axis"), [((6, 5), -1), (SHAPE, -1), (SHAPE, (1, 2, 3)), (SHAPE, [-1, 1]), (SHAPE, 2)]
)
def test_layer_norm_is_that_of_keras(keras, tensorflow, worst, shape, axis):
    rng = np.random.default_rng(1)
    x, d_y = rng.normal(3, 2, shape), rng.normal(size=shape)
    lengths = [shape[a] for a in sorted(a % len(shape) for a in np.atleast_1d(axis))]
    gamma, beta = rng.normal(size=lengths), rng.normal(size=lengths)
    theirs = keras.layers.LayerNormalization(axis=reduction_groups.as_axes(shape, axis), epsilon=0.02, dtype="float64")
    y = other_norms.layer_normalization(x, gamma, beta, axis, 0.02)
    gradients = other_norms.layer_normalization_backward(d_y, x, gamma, axis, 0.02)
    expected = keras_says(keras, tensorflow, theirs, x, d_y, [gamma, beta])
    assert_same(worst, [y, *gradients], expected)


@pytest.mark.parametrize("groups", [1, 2, 3, 6, -1])
@pytest.mark.parametrize(("shape", "axis"), [((5, 4, 3, 6), -1), ((5, 6, 4), 1), ((7, 6), -1)])
def test_group_and_instance_norm_are_those_of_keras(keras, tensorflow, worst, shape, axis, groups):
    rng = np.random.default_rng(2)
    x, d_y, gamma, beta = rng.normal(3, 2, shape), rng.normal(size=shape), rng.normal(size=6), rng.normal(size=6)
    theirs = keras.layers.GroupNormalization(groups, axis=axis, epsilon=0.02, dtype="float64")
    expected = keras_says(keras, tensorflow, theirs, x, d_y, [gamma, beta])
    y = other_norms.group_normalization(x, gamma, beta, groups, axis, 0.02)
    gradients = other_norms.group_normalization_backward(d_y, x, gamma, groups, axis, 0.02)
    assert_same(worst, [y, *gradients], expected)
    if groups == -1:
        y = other_norms.instance_normalization(x, gamma, beta, axis, 0.02)
        gradients = other_norms.instance_normalization_backward(d_y, x, gamma, axis, 0.02)
        assert_same(worst, [y, *gradients], expected)


@pytest.mark.parametrize(("shape", "axis"), [((6, 5), -1), (SHAPE, -1), (SHAPE, (2, 3))])
def test_rms_norm_is_that_of_keras(keras, tensorflow, worst, shape, axis):
    rng = np.random.default_rng(3)
    x, d_y = rng.normal(3, 2, shape), rng.normal(size=shape)
    gamma = rng.normal(size=[shape[a] for a in reduction_groups.as_axes(shape, axis)])
    theirs = keras.layers.RMSNormalization(reduction_groups.as_axes(shape, axis), epsilon=0.02, dtype="float64")
    y = other_norms.rms_normalization(x, gamma, axis, 0.02)
    d_x, d_gamma, _ = other_norms.rms_normalization_backward(d_y, x, gamma, axis, 0.02)
    expected = keras_says(keras, tensorflow, theirs, x, d_y, [gamma])
    assert_same(worst, [y, d_x, d_gamma], expected)


def test_gamma_of_an_rms_norm_lies_along_the_normalized_axes_where_keras_lays_it_along_the_last():
    rng = np.random.default_rng(11)
    x, d_y, gamma = rng.normal(size=(2, 3, 5)), rng.normal(size=(2, 3, 5)), rng.normal(size=3)
    turned, d_turned = np.swapaxes(x, 1, 2), np.swapaxes(d_y, 1, 2)
    y = other_norms.rms_normalization(x, gamma, axis=1)
    np.testing.assert_allclose(np.swapaxes(y, 1, 2), other_norms.rms_normalization(turned, gamma), rtol=1e-14)
    gradients = other_norms.rms_normalization_backward(d_y, x, gamma, axis=1)
    expected = other_norms.rms_normalization_backward(d_turned, turned, gamma)
    np.testing.assert_allclose(gradients.d_gamma, expected.d_gamma, rtol=1e-14)
    np.testing.assert_allclose(np.swapaxes(gradients.d_x, 1, 2), expected.d_x, rtol=1e-12, atol=1e-14)


def test_defaults_are_those_of_keras(keras):
    rng = np.random.default_rng(4)
    x = rng.normal(0, 0.05, (3, 2, 2, 64))  # small, so that epsilon shows
    layers = keras.layers
    for ours, theirs, name in [
        (other_norms.layer_normalization, layers.LayerNormalization, "layer"),
        (other_norms.group_normalization, layers.GroupNormalization, "group"),
        (other_norms.rms_normalization, layers.RMSNormalization, "rms"),
    ]:
        np.testing.assert_allclose(ours(x), theirs(dtype="float64")(x), **TOLERANCE)
        assert other_norms.EPSILONS[name]["keras"] == theirs().epsilon
    instance = layers.GroupNormalization(groups=-1, dtype="float64")(x)
    np.testing.assert_allclose(other_norms.instance_normalization(x), instance, **TOLERANCE)


def test_defaults_of_pytorch_are_as_told():
    nn = pytest.importorskip("torch").nn
    layers = {
        "layer": nn.LayerNorm(4),
        "group": nn.GroupNorm(2, 4),
        "instance": nn.InstanceNorm1d(4),
        "rms": nn.RMSNorm(4),
    }
    assert {name: layer.eps for name, layer in layers.items()} == {
        name: epsilons["pytorch"] for name, epsilons in other_norms.EPSILONS.items()
    }


def test_four_ways_to_share_a_mean_by_hand():
    """Two examples of two positions and two channels; epsilon 1e-12 is as good as none."""
    x = np.array([[[1.0, 3], [3, 7]], [[0, 2], [0, 4]]])
    layer = other_norms.layer_normalization(x, epsilon=1e-12)
    np.testing.assert_allclose(layer, [[[-1, 1], [-1, 1]], [[-1, 1], [-1, 1]]])
    instance = other_norms.instance_normalization(x, epsilon=1e-12)
    np.testing.assert_allclose(instance, [[[-1, -1], [1, 1]], [[0, -1], [0, 1]]])
    group = other_norms.group_normalization(x, groups=1, epsilon=1e-12)[0] * np.sqrt(19 / 4)
    np.testing.assert_allclose(group, [[-2.5, -0.5], [-0.5, 3.5]])  # mean 3.5, squares 6.25 + 0.25 + 0.25 + 12.25
    rms = other_norms.rms_normalization(x, epsilon=1e-12)[0]
    np.testing.assert_allclose(rms, [[1, 3] / np.sqrt(5), [3, 7] / np.sqrt(29)])


def gradients_of_one_loss(name, x, d_y, gamma, beta, **arguments):
    y = getattr(other_norms, name)(x, gamma, beta, **arguments)
    return y, *getattr(other_norms, f"{name}_backward")(d_y, x, gamma, **arguments)


def test_one_group_is_a_layer_norm_over_all_but_the_examples():
    rng = np.random.default_rng(5)
    x, d_y, gamma, beta = rng.normal(3, 2, SHAPE), rng.normal(size=SHAPE), rng.normal(size=3), rng.normal(size=3)
    spread = [np.broadcast_to(weight, SHAPE[1:]) for weight in (gamma, beta)]
    group = gradients_of_one_loss("group_normalization", x, d_y, gamma, beta, groups=1)
    y, d_x, d_gamma, d_beta = gradients_of_one_loss("layer_normalization", x, d_y, *spread, axis=(1, 2, 3))
    for mine, other in zip(group, (y, d_x, d_gamma.sum((0, 1)), d_beta.sum((0, 1))), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-12, atol=1e-12)


def test_batch_norm_of_one_example_is_its_instance_norm():
    rng = np.random.default_rng(7)
    shape, axes = (1, 4, 4, 3), (0, 1, 2)
    x, d_y, gamma, beta = rng.normal(3, 2, shape), rng.normal(size=shape), rng.normal(size=3), rng.normal(size=3)
    mean, var = steps.batch_statistics(x, axes)
    x_hat = steps.normalize(x, mean, var, 1e-3)
    batch = steps.scale_and_shift(x_hat, gamma, beta), *steps.backward(d_y, x_hat, var, gamma, 1e-3, axes)
    instance = gradients_of_one_loss("instance_normalization", x, d_y, gamma, beta)
    for mine, other in zip(instance, batch, strict=True):
        np.testing.assert_allclose(mine, np.squeeze(other) if np.ndim(mine) == 1 else other, rtol=1e-12, atol=1e-12)


def test_a_neighbor_never_looks_at_another_example_and_batch_norm_does():
    rng = np.random.default_rng(8)
    x = rng.normal(3, 2, SHAPE)
    for normalization in (
        other_norms.layer_normalization,
        other_norms.instance_normalization,
        other_norms.rms_normalization,
    ):
        np.testing.assert_allclose(normalization(x)[:1], normalization(x[:1]), rtol=1e-13)
    whole, alone = (steps.normalize(part, *steps.batch_statistics(part, (0, 1, 2)), 1e-3) for part in (x, x[:1]))
    assert np.abs(whole[:1] - alone).max() > 0.1


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=9), st.integers(0, 99), st.booleans())
def test_gradients_agree_with_central_differences(values, seed, centered):
    rng = np.random.default_rng(seed)
    x = np.array([values, values[::-1]], float) + rng.normal(size=(2, len(values)))
    gamma, d_y = rng.normal(size=len(values)), rng.normal(size=x.shape)
    name = "layer_normalization" if centered else "rms_normalization"
    forward, backward = getattr(other_norms, name), getattr(other_norms, f"{name}_backward")
    step = 1e-5
    numeric = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[index] = step
        up, down = (np.sum(d_y * forward(x + sign * nudge, gamma, epsilon=0.5)) for sign in (1, -1))
        numeric[index] = (up - down) / (2 * step)
    np.testing.assert_allclose(backward(d_y, x, gamma, epsilon=0.5).d_x, numeric, atol=1e-7)


@given(st.integers(1, 9), st.integers(0, 99))
def test_rms_norm_ignores_the_scale_and_layer_norm_the_offset_too(factor, seed):
    x = np.random.default_rng(seed).normal(size=(3, 7))
    rms = other_norms.rms_normalization
    np.testing.assert_allclose(rms(factor * x, epsilon=factor**2 * 0.1), rms(x, epsilon=0.1), atol=1e-12)
    assert np.abs(rms(x + factor) - rms(x)).max() > 0.1
    layer = other_norms.layer_normalization
    np.testing.assert_allclose(layer(factor * x + 5, epsilon=factor**2 * 0.1), layer(x, epsilon=0.1), atol=1e-12)


def test_a_large_offset_costs_a_float32_layer_norm_no_digits():
    x = np.float32(1e6) + np.random.default_rng(10).normal(size=(3, 512)).astype(np.float32)
    exact = x.astype(np.longdouble)
    exact = (exact - exact.mean(axis=1, keepdims=True)) / np.sqrt(exact.var(axis=1, keepdims=True) + 1e-3)
    y = other_norms.layer_normalization(x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, exact.astype(float), rtol=3e-7, atol=3e-7)


@pytest.mark.parametrize(("dtype", "expected"), [("f2", "f4"), ("f4", "f4"), ("f8", "f8"), ("i4", "f8")])
def test_results_have_the_dtype_of_their_input_and_inputs_stay_as_they_are(dtype, expected):
    x = np.arange(24).reshape(2, 3, 4).astype(dtype)
    x.setflags(write=False)
    for name in ("layer_normalization", "instance_normalization", "rms_normalization"):
        assert getattr(other_norms, name)(x).dtype == expected
        assert getattr(other_norms, f"{name}_backward")(x, x).d_x.dtype == expected


@pytest.mark.parametrize("name", ["layer_normalization", "instance_normalization", "rms_normalization"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_bad_value_spoils_what_shares_its_statistic_without_a_warning(bad, name):
    x = np.random.default_rng(11).normal(size=(2, 4, 3))
    clean = getattr(other_norms, name)(x, axis=-1)
    x[1, 2, 0] = bad
    y, d_x = getattr(other_norms, name)(x), getattr(other_norms, f"{name}_backward")(np.ones_like(x), x).d_x
    shared = np.zeros(x.shape, bool)
    shared[(1, slice(None), 0) if name.startswith("instance") else (1, 2)] = True
    np.testing.assert_array_equal(y[~shared], clean[~shared])
    assert np.isfinite(d_x[~shared]).all()
    assert not np.isfinite(y[1, 2, 0])
    assert not np.isfinite(d_x[shared]).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"groups": 4}, "groups must divide the 6 channels"),
        ({"groups": 2, "epsilon": 0}, "epsilon"),
        ({"groups": 2, "gamma": np.ones(3)}, r"gamma must have the shape \(6,\)"),
        ({"groups": 2, "beta": np.ones((1, 6))}, r"beta must have the shape \(6,\)"),
    ],
)
def test_what_does_not_fit_a_group_norm_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        other_norms.group_normalization(np.ones((2, 3, 6)), **arguments)


def test_a_gradient_of_another_shape_and_an_empty_axis_are_refused():
    with pytest.raises(ValueError, match=r"d_y must have the shape of x, \(2, 3\)"):
        other_norms.layer_normalization_backward(np.ones((2, 1)), np.ones((2, 3)))
    with pytest.raises(ValueError, match="no statistics"):
        other_norms.rms_normalization(np.ones((2, 0)))
