"""The layer against Keras itself and by hand; each test's name is the contract it checks."""

import inspect
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

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


def assert_same_gradients(tensorflow, ours, theirs, x, d_y, training, mask=None):
    x_tensor = tensorflow.constant(x)
    with tensorflow.GradientTape() as tape:
        tape.watch(x_tensor)
        y = theirs(x_tensor, training=training, mask=mask)
        loss = tensorflow.reduce_sum(y * d_y)
    affine = [weight.value for weight in (theirs.gamma, theirs.beta) if weight is not None]
    d_x, *d_affine = tape.gradient(loss, [x_tensor, *affine])
    np.testing.assert_allclose(ours(x, training=training, mask=mask), y, atol=1e-10, rtol=1e-10)
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


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    ("shape", "axis", "mask_shape"),
    [
        ((8, 3), -1, (8,)),
        ((8, 3), -1, (1,)),
        ((4, 5, 3), -1, (4, 5)),
        ((4, 5, 3), -1, (4, 1)),
        ((4, 3, 5), 1, (4, 3)),
        ((4, 3, 5), 1, (1, 3)),
        ((3, 4, 2, 3), -1, (3, 4, 2)),
        ((3, 3, 4, 2), 1, (3, 1, 4)),
    ],
)
def test_masks_of_every_kind_as_in_keras(keras, tensorflow, shape, axis, mask_shape, training):
    ours, theirs, rng = twins(keras, shape, axis, momentum=0.7)
    for share in (0.7, 0.3, 0):  # at last nothing counts: mean 0, variance 0, and stored
        x, d_y = rng.normal(3, 2, shape), rng.normal(size=shape)
        mask = rng.random(mask_shape) < share
        assert_same_gradients(tensorflow, ours, theirs, x, d_y, training, mask)
        for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_allclose(mine, other, atol=1e-10, rtol=1e-10)


def test_a_mask_works_with_one_channel_and_may_be_numbers():
    """Keras's torch, JAX and numpy backends crash with one channel, its TensorFlow backend with axis 1."""
    x = np.array([[[2.0, 4, 9]], [[6, 100, 9]]])
    layer = BatchNormalization(axis=1, momentum=0.0)
    y = layer(np.moveaxis(x, 1, -1).transpose(0, 2, 1), training=True, mask=np.array([[1], [0]]))
    np.testing.assert_allclose(layer.moving_mean, [5], rtol=1e-7)
    np.testing.assert_allclose(layer.moving_variance, [26 / 3], rtol=1e-6)
    np.testing.assert_allclose(y, (x - 5) / np.sqrt(26 / 3 + 1e-3), rtol=1e-6)


def test_masked_nan_stays_out_of_the_statistics():
    layer, mask = BatchNormalization(momentum=0.0), np.array([True, True, False])
    y = layer(np.array([[1.0], [3.0], [np.nan]]), training=True, mask=mask)
    np.testing.assert_allclose(y[:2], [[-1], [1]], atol=1e-3)
    np.testing.assert_allclose([layer.moving_mean, layer.moving_variance], [[2], [1]], rtol=1e-6)


def test_defaults_are_those_of_keras(keras):
    ours, theirs = BatchNormalization(), keras.layers.BatchNormalization()
    names = ("axis", "momentum", "epsilon", "center", "scale", "trainable", "renorm", "renorm_momentum", "synchronized")
    assert [getattr(ours, name) for name in names] == [getattr(theirs, name) for name in names]
    ours.build((None, 3))
    theirs.build((None, 3))
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_every_argument_of_keras_is_taken_in_keras_order(keras):
    mine, theirs = (
        list(inspect.signature(layer.__init__).parameters)
        for layer in (BatchNormalization, keras.layers.BatchNormalization)
    )
    assert mine[: len(theirs) - 1] == theirs[:-1]  # Keras's last is **kwargs: here trainable and dtype


@pytest.mark.parametrize("trainable", [True, False])
def test_regularizers_and_constraints_are_applied_where_keras_applies_them(keras, trainable):
    """Losses are of the weights as they are; constraints act after an optimizer's step, not on the first values."""
    arguments = {
        "beta_regularizer": keras.regularizers.L1(0.3),
        "gamma_regularizer": keras.regularizers.L2(0.7),
        "beta_constraint": keras.constraints.NonNeg(),
        "gamma_constraint": keras.constraints.MaxNorm(0.5, axis=None),
    }
    theirs = keras.layers.BatchNormalization(dtype="float64", trainable=trainable, **arguments)
    ours = BatchNormalization(trainable=trainable, **arguments)
    weights = [np.array([1.0, -2]), np.array([-1.0, 3]), np.array([0.0, 0]), np.array([1.0, 1])]
    for layer in (ours, theirs):
        layer.build((None, 2))
        layer.set_weights(weights)
    np.testing.assert_allclose(ours.losses, theirs.losses)
    assert len(ours.losses) == 2 * trainable
    keras.optimizers.SGD(0.0).apply([v.value * 0 for v in theirs.trainable_variables], theirs.trainable_variables)
    ours.apply_constraints()
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-6)
    assert (ours.beta[0] == 0) is np.bool_(trainable)


def test_without_regularizers_and_constraints_nothing_is_lost_and_nothing_changes():
    layer = BatchNormalization(center=False, beta_regularizer=np.sum)
    layer.build((None, 2))
    layer.apply_constraints()
    assert layer.losses == []
    np.testing.assert_array_equal(layer.gamma, [1, 1])


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


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("f2", "f2"), ("f4", "f4"), ("f8", "f8"), (">f4", "f4"), ("i1", "f8"), ("u8", "f8"), ("?", "f8"), ("g", "g")],
)
def test_outputs_and_gradients_have_the_floating_dtype_of_the_input(dtype, expected, training):
    layer, x = BatchNormalization(), np.array([[0, 1], [1, 1], [1, 0]]).astype(dtype)
    y = layer(x, training=training)
    d_x = layer.backward(np.ones((3, 2)))
    assert (y.dtype, d_x.dtype) == (np.dtype(expected),) * 2
    assert layer.moving_mean.dtype == layer.d_gamma.dtype == np.float64
    exact = BatchNormalization()(x.astype(float), training=training)
    np.testing.assert_allclose(y.astype(float), exact, rtol=1e-3)


def test_float16_is_computed_in_wider_numbers_as_in_keras(keras):
    x = np.array([[6e4, 1], [-6e4, 1.001], [5e4, 0.999]], np.float16)
    ours, theirs = BatchNormalization(), keras.layers.BatchNormalization(dtype="mixed_float16")
    np.testing.assert_allclose(ours(x, training=True), theirs(x, training=True), rtol=1e-3, atol=1e-3)
    assert ours.moving_variance[0] > 1e7  # beyond float16


def test_bfloat16_is_known_by_name():
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    x = np.random.default_rng(0).normal(3, 2, (16, 2)).astype(bfloat16)
    layer = BatchNormalization()
    y = layer(x, training=True)
    assert (y.dtype, layer.backward(y).dtype) == (bfloat16, bfloat16)
    exact = BatchNormalization()(x.astype(float), training=True)
    np.testing.assert_allclose(y.astype(float), exact, atol=0.02)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", np.float32])
def test_dtype_is_that_of_the_outputs(dtype):
    x = np.random.default_rng(0).normal(3, 2, (5, 2))
    layer = BatchNormalization(dtype=dtype)
    y = layer(x, training=True)
    assert (y.dtype, layer.backward(x).dtype) == (dtype, dtype)
    np.testing.assert_array_equal(y, BatchNormalization()(x, training=True).astype(dtype))


@pytest.mark.parametrize("dtype", ["c16", "O", "U1", "M8[s]"])
def test_other_than_real_numbers_are_refused(dtype):
    with pytest.raises(ValueError, match="real numbers"):
        BatchNormalization()(np.empty((3, 2), dtype))
    layer = BatchNormalization()
    layer(np.ones((3, 2)))
    with pytest.raises(ValueError, match="real numbers"):
        layer.backward(np.empty((3, 2), dtype))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_one_value_per_channel_gives_beta_without_a_warning_and_no_gradient(dtype):
    layer = BatchNormalization(beta_initializer=lambda shape: np.array([3.0, 4.0]), momentum=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(layer(np.array([[100.0, -5]], dtype), training=True), [[3, 4]])
        np.testing.assert_array_equal(layer.backward(np.array([[7.0, 8]])), [[0, 0]])
    np.testing.assert_array_equal([layer.moving_mean, layer.moving_variance], [[50, -2.5], [0.5, 0.5]])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_bad_value_spoils_its_channel_once_and_the_running_statistics_never(bad):
    layer = BatchNormalization(momentum=0.5)
    y = layer(np.array([[bad, 1.0], [0, 3]]), training=True)
    assert np.isnan(y[:, 0]).any()
    np.testing.assert_allclose(y[:, 1], [-1, 1], atol=1e-3)
    np.testing.assert_array_equal([layer.moving_mean, layer.moving_variance], [[0, 1], [1, 1]])


@pytest.mark.parametrize("shape", [(4, 3), (5000, 3), (2, 3000, 3)])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_bad_value_travels_through_its_channel_only_forwards_and_backwards(bad, dtype, shape):
    rng = np.random.default_rng(0)
    x, d_y = rng.normal(size=shape).astype(dtype), rng.normal(size=shape).astype(dtype)
    clean, spoilt = BatchNormalization(), BatchNormalization()
    y, d_x = clean(x, training=True), clean.backward(d_y)
    x[(-1,) * (len(shape) - 1) + (1,)] = bad
    bad_y, bad_d_x = spoilt(x, training=True), spoilt.backward(d_y)
    assert np.isnan(bad_y[..., 1]).all()
    assert np.isnan(bad_d_x[..., 1]).all()
    np.testing.assert_allclose(bad_y[..., [0, 2]], y[..., [0, 2]], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(bad_d_x[..., [0, 2]], d_x[..., [0, 2]], rtol=1e-4, atol=1e-6)


def test_statistics_that_are_not_finite_are_stored_if_asked_for_as_in_keras(keras):
    x = np.array([[np.nan, 1.0], [0, 3]])
    ours, theirs = BatchNormalization(store_nonfinite=True), keras.layers.BatchNormalization(dtype="float64")
    ours(x, training=True)
    theirs(x, training=True)
    assert np.isnan(ours.moving_mean[0])
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other)


def test_running_statistics_are_assigned_and_written_like_any_array():
    layer = BatchNormalization(momentum=0.5)
    layer.build((None, 2))
    old = layer.moving_mean
    layer.moving_mean = [4.0, 6.0]
    layer.moving_variance[1] = 9.0
    np.testing.assert_array_equal(old, [0, 0])
    np.testing.assert_array_equal(layer.get_weights()[2:], [[4, 6], [1, 9]])
    held = layer.moving_mean
    layer(np.zeros((3, 2)), training=True)
    np.testing.assert_array_equal([held, layer.moving_mean], [[4, 6], [2, 3]])
    assert layer.moving_stddev is None


@given(
    arrays("f4", array_shapes(min_dims=2, max_dims=5, max_side=6), elements=st.floats(-100, 100, width=32)),
    st.integers(-5, 4),
    st.sampled_from(["C", "F", "backwards", "every second"]),
    st.booleans(),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_inputs_are_never_written_to_and_may_be_read_only_and_lie_in_any_order(x, axis, order, training, data):
    axis = axis % x.ndim
    mask = data.draw(st.none() | arrays(bool, x.shape[:-1]))
    d_y = np.linspace(-1, 1, x.size, dtype="f4").reshape(x.shape)
    expected = both_ways(x.copy(), d_y, axis, training, mask)
    given_x, given_d_y = laid_out(x, order), laid_out(d_y, order)
    for array in (given_x, given_d_y):
        array.flags.writeable = False
    found = both_ways(given_x, given_d_y, axis, training, mask)
    np.testing.assert_array_equal(given_x, x)
    np.testing.assert_array_equal(given_d_y, d_y)
    for mine, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-5 * max(1, np.abs(other).max()))


def both_ways(x, d_y, axis, training, mask):
    layer = BatchNormalization(axis=axis)
    return layer(x, training=training, mask=mask), layer.backward(d_y), layer.d_gamma, layer.d_beta


def laid_out(x, order):
    if order in ("C", "F"):
        return np.array(x, order=order)
    step = -1 if order == "backwards" else 2
    wide = np.full([abs(step) * length for length in x.shape], np.nan, x.dtype)
    view = wide[tuple(slice(None, None, step) for _ in x.shape)]
    view[...] = x
    return view


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"axis": 1.5}, "axis must be one whole number"),
        ({"axis": [-1]}, "axis must be one whole number"),
        ({"axis": None}, "axis must be one whole number"),
        ({"momentum": "0.9"}, "momentum"),
        ({"epsilon": "small"}, "epsilon must be a number"),
        ({"gamma_initializer": "random"}, "gamma_initializer must be one of zeros, ones"),
        ({"moving_mean_initializer": 0}, "moving_mean_initializer must be one of zeros, ones"),
        ({"beta_regularizer": "l2"}, "beta_regularizer must be None or a function"),
        ({"gamma_constraint": 3}, "gamma_constraint must be None or a function"),
        ({"synchronized": True}, "bn_core.population"),
        ({"dtype": "int32"}, "dtype must be None, float16"),
        ({"dtype": "mixed_float16"}, "dtype must be None, float16"),
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
        ((), {}, "2 to 5 axes"),
        ((3,), {}, "2 to 5 axes"),
        ((2,) * 6, {}, "2 to 5 axes"),
        ((3, 4), {"axis": 2}, "axis 2 does not exist"),
        ((3, None), {}, "known length"),
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
