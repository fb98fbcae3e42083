"""The fast arithmetic against the readable one in `steps`, in every layout, and the memory it promises to need."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bn_core import BatchNormalization, steps
from bn_core.internals import kernels, tiling

EPSILON = 1e-3
ROUNDING = 2.0**-24
# Sizes around every limit: float64 up to SHORT, separate rows up to GLUED, then long rows with and without a rest, also
# a rest of RUN, several blocks, and a row that is longer than LONG by itself.
SHAPES = [
    (1, 1),
    (7, 3),
    (tiling.SHORT // 4, 4),
    (tiling.GLUED // 4, 4),
    (tiling.GLUED // 4 + 1, 4),
    (3 * tiling.GLUED // 16, 16),
    (300, 200),
    (tiling.LONG * tiling.ROWS // 64, 64),
    (tiling.LONG * tiling.ROWS // 3 + 5, 3),
    (5, tiling.GLUED + 1),
    (5, tiling.LONG + 1),
    (40, tiling.LONG // 2 + 1),
    (9, 20, 30, 7),
    (2, 70_000, 2),
]


def batch(shape, dtype="f8", seed=0):
    rng = np.random.default_rng(seed)
    channels = shape[-1]
    return (rng.normal(size=shape) * rng.uniform(0.5, 2, channels) + rng.normal(0, 30, channels)).astype(dtype)


def over(x):
    return tuple(range(x.ndim - 1))


def contiguous(x):
    return np.ascontiguousarray(x)


def fortran(x):
    return np.asfortranarray(x)


def channels_first(x):
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, -1, 1)), 1, -1)


def backwards(x):
    return np.ascontiguousarray(x[::-1, ..., ::-1])[::-1, ..., ::-1]


def sliced(x):
    wide = np.full([2 * length for length in x.shape], np.nan, x.dtype)
    part = wide[tuple(slice(None, None, 2) for _ in x.shape)]
    part[...] = x
    return part


def other_byte_order(x):
    return x.astype(x.dtype.newbyteorder())


LAYOUTS = [contiguous, fortran, channels_first, backwards, sliced, other_byte_order]


def ours(x, d_y, gamma, beta, mask=None):
    """y, d_x and the sums of d_y and d_y · x_hat by the kernels."""
    (mean, var), centered = kernels.batch_statistics(x, mask)
    deviation = np.sqrt(var + EPSILON)
    y, d_x = np.empty(x.shape, x.dtype.newbyteorder("=")), np.empty(x.shape, x.dtype.newbyteorder("="))
    kernels.normalize(x, y, mean, gamma / deviation, beta, centered)
    d_beta, products = kernels.gradient_sums(d_y, x, mean, centered)
    d_gamma, n = products / deviation, x.size / x.shape[-1]
    kernels.gradient(d_y, x, d_x, mean, d_gamma / n / deviation, d_beta / n, gamma / deviation, mask, centered)
    return mean, var, y, d_x, d_gamma, d_beta


def textbook(x, d_y, gamma, beta):
    mean, var = steps.batch_statistics(x, over(x))
    x_hat = steps.normalize(x, mean, var, EPSILON)
    gradients = steps.backward(d_y, x_hat, var, gamma, EPSILON, over(x))
    return mean, var, steps.scale_and_shift(x_hat, gamma, beta), *gradients


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("dtype", "tolerance"), [("f8", 1e-12), ("f4", 3e-5)])
def test_results_are_those_of_the_steps(shape, layout, dtype, tolerance):
    x, d_y = layout(batch(shape, dtype)), layout(np.random.default_rng(1).normal(size=shape).astype(dtype))
    gamma, beta = np.random.default_rng(2).normal(size=(2, shape[-1]))
    for mine, book in zip(
        ours(x, d_y, gamma, beta), textbook(x.astype("f8"), d_y.astype("f8"), gamma, beta), strict=True
    ):
        size = max(1, np.abs(book).max())  # of a sum over the batch rounding is a share
        np.testing.assert_allclose(mine, book.reshape(mine.shape), rtol=tolerance, atol=tolerance * size)


@pytest.mark.parametrize("shape", [(7, 3), (900, 4, 3), (70_000, 2)], ids=str)
def test_masked_statistics_are_those_of_the_steps_whatever_the_masked_values_are(shape):
    x, mask = batch(shape), np.random.default_rng(1).random((*shape[:-1], 1)) < 0.6
    mask = np.broadcast_to(mask, shape)
    x[~mask] = np.nan
    mean, var = kernels.batch_statistics(x, mask).statistics
    book = steps.batch_statistics(x, over(x), mask)
    np.testing.assert_allclose(mean, book.mean.reshape(-1), rtol=1e-13)
    np.testing.assert_allclose(var, book.var.reshape(-1), rtol=1e-12)


@pytest.mark.parametrize("shape", [(256, 256), (300, 200), (20_000, 3)], ids=str)
def test_long_sums_of_float32_stay_within_one_rounding(shape):
    x = batch(shape, "f4") / 50
    mean, var = kernels.batch_statistics(x).statistics
    exact = x.astype(np.longdouble)
    assert (np.abs(mean - exact.mean(axis=0)) <= ROUNDING * exact.std(axis=0)).all()
    np.testing.assert_allclose(var, exact.var(axis=0).astype(float), rtol=ROUNDING)


@pytest.mark.parametrize("worst", ["outlier in the first block", "rising", "one channel of many"])
def test_a_first_block_unlike_the_rest_costs_no_digits(worst):
    x = batch((tiling.LONG * tiling.ROWS, 3), "f4")
    if worst == "rising":
        x += np.linspace(0, 1e5, len(x), dtype="f4")[:, None]
    else:
        x[: 1 if worst == "outlier in the first block" else len(x) // 3, 1] = 1e7
    exact = x.astype(np.longdouble)
    mean, var = kernels.batch_statistics(x).statistics
    assert (np.abs(mean - exact.mean(axis=0)) <= ROUNDING * exact.std(axis=0)).all()
    np.testing.assert_allclose(var, exact.var(axis=0).astype(float), rtol=2 * ROUNDING)


@pytest.mark.parametrize("n", [tiling.GLUED // 4, tiling.GLUED * 3])
def test_what_rounding_the_mean_to_float32_takes_away_is_given_back(n):
    """Around 1e7 neighbors in float32 are 1 apart, so the rounded mean is off by up to half a deviation."""
    rng = np.random.default_rng(3)
    x, d_y = (1e7 + rng.normal(size=(n, 3))).astype("f4"), rng.normal(2, 1, (n, 3)).astype("f4")
    gamma, beta = rng.normal(size=(2, 3))
    book = textbook(x.astype("f8"), d_y.astype("f8"), gamma, beta)
    for mine, exact in zip(ours(x, d_y, gamma, beta), book, strict=True):
        np.testing.assert_allclose(mine, exact.reshape(mine.shape), rtol=1e-5, atol=1e-6 * np.abs(exact).max())


def test_squares_that_float32_cannot_hold_are_no_infinite_variance():
    x = batch((tiling.GLUED, 2)) * 1e25
    with np.errstate(over="ignore", invalid="ignore"):  # as the layer has it
        _, var = kernels.batch_statistics(x.astype("f4")).statistics
    np.testing.assert_allclose(var, x.var(axis=0), rtol=1e-5)


@given(st.integers(1, 4), st.integers(1, 60_000), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_constant_channels_are_centered_to_exact_zeros(channels, n, seed):
    """For float32 and float64, in every code path: any value is possible, so the mean must be exact."""
    values = np.random.default_rng(seed).normal(0, 1e6, channels)
    for dtype in ("f4", "f8"):
        x = np.full((n, channels), values, dtype)
        (mean, var), centered = kernels.batch_statistics(x)
        y = np.empty_like(x)
        kernels.normalize(x, y, mean, 1 / np.sqrt(var + EPSILON), np.zeros(channels), centered)
        np.testing.assert_array_equal(y, 0)
        np.testing.assert_array_equal(var, 0)


@pytest.mark.parametrize("shape", [(60_000, 16), (1000, 30, 32), (2, 500, 1000), (500_000, 2)], ids=str)
@pytest.mark.parametrize("axis", [-1, 1])
def test_memory_beyond_the_input_is_two_arrays_in_training_and_the_output_in_inference(shape, axis):
    x = batch(shape, "f4")
    layer = BatchNormalization(axis=axis)
    layer(x)
    few = 24 * max(tiling.LONG * tiling.ROWS, max(shape))  # some blocks in float64, and what belongs to channels
    assert peak(lambda: layer(x, training=True)) < 2 * x.nbytes
    assert peak(lambda: layer.backward(x)) < 2 * x.nbytes
    assert peak(lambda: layer(x)) < x.nbytes + few


@pytest.mark.parametrize("shape", [(256, 256), (300, 200), (20_000, 3)], ids=str)
def test_inference_of_a_few_long_rows_needs_a_tenth_beside_the_output(shape):
    x = batch(shape, "f4")
    layer = BatchNormalization()
    layer(x)
    assert peak(lambda: layer(x)) <= 1.1 * x.nbytes


def test_the_callers_buffer_size_is_left_as_it_was():
    x, layer = batch((tiling.GLUED, 2)), BatchNormalization()
    before = np.getbufsize()
    layer(x, training=True)
    layer.backward(x)
    assert np.getbufsize() == before != tiling.BUFFER


def peak(function):
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
