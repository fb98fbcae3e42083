"""Bad inputs to a layer, one by one: each gives a clear error, or the documented value."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from bn_core import BatchNormalization
from bn_core.conventions import CONVENTIONS

# Nothing, or too little.


@pytest.mark.parametrize("shape", [(0, 3), (4, 0, 3), (0, 2, 2, 3)])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_an_empty_batch_teaches_nothing_and_is_empty_in_inference(shape, convention):
    layer = BatchNormalization(axis=-1, convention=convention)
    layer.build(shape)
    before = layer.get_weights()
    for mask in (None, np.ones(shape[:-1], bool)):
        with pytest.raises(ValueError, match="an empty batch has no statistics"):
            layer(np.zeros(shape), training=True, mask=mask)
    assert layer(np.zeros(shape)).shape == layer.backward(np.zeros(shape)).shape == shape
    np.testing.assert_array_equal([layer.d_gamma, layer.d_beta], np.zeros((2, 3)))
    layer.trainable = False
    assert layer(np.zeros(shape), training=True).shape == shape
    np.testing.assert_array_equal(layer.get_weights(), before)
    assert layer.batches_seen == 0


def test_a_batch_masked_throughout_has_mean_and_variance_zero_and_these_are_stored():
    layer = BatchNormalization(momentum=0.75, epsilon=0.25)
    layer.build((None, 2))
    layer.set_weights([[3.0, -1], [1.0, 5], [8.0, 4], [4.0, 2]])
    x, nothing = np.array([[1.0, -2], [3, 0]]), np.zeros(2, bool)
    np.testing.assert_allclose(layer(x, training=True, mask=nothing), [[7, 9], [19, 5]])  # gamma · 2x + beta
    np.testing.assert_allclose(layer.backward(np.array([[1.0, 1], [0, 2]])), [[6, -2], [0, -4]])  # gamma · 2 · d_y
    np.testing.assert_allclose([layer.moving_mean, layer.moving_variance], [[6, 3], [3, 1.5]])


@pytest.mark.parametrize("convention", ["pytorch", "paper"])
@pytest.mark.parametrize("kept", [0, 1])
def test_fewer_than_two_unmasked_values_have_no_unbiased_variance(convention, kept):
    layer = BatchNormalization(convention=convention, axis=-1)
    with pytest.raises(ValueError, match="two values or more per channel"):
        layer(np.ones((3, 2)), training=True, mask=np.arange(3) < kept)
    np.testing.assert_array_equal(layer.get_weights(), [[1, 1], [0, 0], [0, 0], [1, 1]])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_one_value_per_channel_gives_beta_without_a_warning_and_no_gradient(dtype):
    layer = BatchNormalization(beta_initializer=lambda shape: np.array([3.0, 4.0]), momentum=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(layer(np.array([[100.0, -5]], dtype), training=True), [[3, 4]])
        np.testing.assert_array_equal(layer.backward(np.array([[7.0, 8]])), [[0, 0]])
    np.testing.assert_array_equal([layer.moving_mean, layer.moving_variance], [[50, -2.5], [0.5, 0.5]])


# NaN and inf.


@pytest.mark.parametrize("shape", [(4, 3), (5000, 3), (2, 3000, 3)])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_bad_value_spoils_its_channel_there_and_back_but_no_other_and_no_running_statistics(bad, dtype, shape):
    rng = np.random.default_rng(0)
    x, d_y = rng.normal(size=shape).astype(dtype), rng.normal(size=shape).astype(dtype)
    clean, spoiled = BatchNormalization(), BatchNormalization()
    y, d_x = clean(x, training=True), clean.backward(d_y)
    x[(-1,) * (len(shape) - 1) + (1,)] = bad
    bad_y, bad_d_x = spoiled(x, training=True), spoiled.backward(d_y)
    assert np.isnan(bad_y[..., 1]).all()
    assert np.isnan(bad_d_x[..., 1]).all()
    np.testing.assert_allclose(bad_y[..., [0, 2]], y[..., [0, 2]], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(bad_d_x[..., [0, 2]], d_x[..., [0, 2]], rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal([spoiled.moving_mean[1], spoiled.moving_variance[1]], [0, 1])
    np.testing.assert_allclose(spoiled.moving_mean[[0, 2]], clean.moving_mean[[0, 2]], atol=1e-8)


def test_statistics_that_are_not_finite_are_stored_if_asked_for_as_in_keras(keras):
    x = np.array([[np.nan, 1.0], [0, 3]])
    ours, theirs = BatchNormalization(store_nonfinite=True), keras.layers.BatchNormalization(dtype="float64")
    ours(x, training=True)
    theirs(x, training=True)
    assert np.isnan(ours.moving_mean[0])
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other)


def test_masked_nan_stays_out_of_the_statistics():
    layer, mask = BatchNormalization(momentum=0.0), np.array([True, True, False])
    y = layer(np.array([[1.0], [3.0], [np.nan]]), training=True, mask=mask)
    np.testing.assert_allclose(y[:2], [[-1], [1]], atol=1e-3)
    np.testing.assert_allclose([layer.moving_mean, layer.moving_variance], [[2], [1]], rtol=1e-6)


# Numbers whose squares are beyond float64.


@pytest.mark.parametrize(("n", "distance"), [(4, 3e154), (10_000, 1.4e152), (20_000, 3e154)])
def test_float64_beyond_1e154_gives_beta_and_no_gradient_and_teaches_nothing_but_in_keras_inf(keras, n, distance):
    """The largest float64 is 1.8e308, its root 1.34e154; of ten thousand squares the sum is infinite at 1.34e152."""
    x = np.random.default_rng(0).normal(3, 2, (n, 2))
    x[:, 0] = np.where(np.arange(n) % 2, distance, -distance)
    seven = {"class_name": "Constant", "config": {"value": 7.0}}
    ours = BatchNormalization(beta_initializer=seven)
    theirs = keras.layers.BatchNormalization(beta_initializer=seven, dtype="float64")
    y = ours(x, training=True)
    np.testing.assert_array_equal(y[:, 0], 7)
    np.testing.assert_allclose(y, theirs(x, training=True), rtol=1e-10)
    d_x = ours.backward(x[::-1].copy() * [1e-154, 1])
    np.testing.assert_array_equal(d_x[:, 0], 0)
    assert np.all(d_x[:, 1] != 0)
    assert (ours.moving_mean[0], ours.moving_variance[0]) == (0, 1)
    assert np.isinf(theirs.get_weights()[3][0])


@pytest.mark.parametrize(("n", "distance"), [(2, 1.3e154), (10_000, 1.3e152)])
def test_float64_up_to_there_is_normalized_and_beyond_1e308_the_sums_are_infinite(n, distance):
    x = np.where(np.arange(n) % 2, distance, -distance)[:, None]
    np.testing.assert_allclose(BatchNormalization()(x, training=True), np.sign(x), rtol=1e-12)
    assert np.isnan(BatchNormalization()(np.full((4, 1), 1e308), training=True)).all()


# Types of numbers.


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


@pytest.mark.parametrize("dtype", ["f2", ">f4", ">f8", "i2"])
@pytest.mark.parametrize("n", [5, 5000])
def test_a_gradient_may_have_another_type_than_the_output(n, dtype):
    rng = np.random.default_rng(3)
    layer, x = BatchNormalization(), rng.normal(size=(n, 3)).astype("f4")
    layer(x, training=True)
    d_y = rng.integers(-9, 9, (n, 3))
    expected = layer.backward(d_y.astype("f8")), layer.d_gamma, layer.d_beta
    for mine, other in zip((layer.backward(d_y.astype(dtype)), layer.d_gamma, layer.d_beta), expected, strict=True):
        assert mine.dtype == other.dtype
        np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-6)


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


@pytest.mark.parametrize("name", ["bfloat16", "mixed_bfloat16"])
def test_bfloat16_may_be_asked_for_by_name_once_ml_dtypes_is_there(name):
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    assert BatchNormalization(dtype=name)(np.ones((3, 2))).dtype == bfloat16


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


# Memory: whose it is, and how it lies.


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
    given_mask = None if mask is None else mask.copy()
    for array in (given_x, given_d_y, *([] if mask is None else [given_mask])):
        array.flags.writeable = False
    found = both_ways(given_x, given_d_y, axis, training, given_mask)
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


# What does not fit.


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
    with pytest.raises(ValueError, match="2 to 5 axes"):
        BatchNormalization()(np.float64(3), training=True)


@pytest.mark.parametrize("name", ["moving_variance", "moving_stddev", "renorm_stddev"])
def test_a_variance_or_deviation_below_zero_is_refused_and_nothing_changes(name):
    """Often PyTorch's running_var in place of running_mean: the output would be NaN."""
    layer = BatchNormalization(renorm=True)
    layer.build((None, 2))
    before = layer.get_weights()
    names = ["gamma", "beta", "moving_mean", "moving_variance", "moving_stddev", "renorm_mean", "renorm_stddev"]
    given = [np.full(2, 3.0) for _ in names]
    given[names.index(name)] = np.array([2.0, -0.5])
    message = f"{name} must be 0 or more; got -0.5: are running_mean and running_var swapped?"
    with pytest.raises(ValueError, match=message):
        layer.set_weights(given)
    with pytest.raises(ValueError, match=message):
        setattr(layer, name, [2.0, -0.5])
    np.testing.assert_array_equal(layer.get_weights(), before)
    setattr(layer, name, [0.0, np.nan])  # as `store_nonfinite` may leave it
    layer.set_weights(layer.get_weights())


def test_weights_are_not_assigned_before_there_are_any_nor_those_of_renorm_without_it():
    layer = BatchNormalization()
    with pytest.raises(ValueError, match="call build"):
        layer.moving_mean = np.ones(3)
    layer.build((None, 3))
    with pytest.raises(ValueError, match="need renorm=True"):
        layer.renorm_mean = np.ones(3)
