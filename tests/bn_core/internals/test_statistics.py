"""Sums over any axes, exact where a float32 mean or a plain sum of squares is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bn_core.internals import statistics
from bn_core.steps import batch_statistics


def test_statistics_of_six_numbers_as_worked_by_hand():
    mean, var = batch_statistics(np.array([2.0, 4, 4, 5, 7, 8]), 0)
    assert mean == 5
    assert var == 4  # (9 + 1 + 1 + 0 + 4 + 9) / 6; divided by N - 1 it would be 4.8


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("value", "n"), [(1234567.8, 7), (0.1, 10)])  # ten times 0.1 sums to 0.9999999999999999
def test_a_constant_batch_has_its_value_as_mean_and_no_variance(value, n, dtype):
    x = np.full((n, 2), value, dtype)
    mean, var = batch_statistics(x, 0)
    np.testing.assert_array_equal(x - mean, 0)
    np.testing.assert_array_equal(var, 0)


@pytest.mark.parametrize("offset", [0, 1e2, 1e4, 1e6, 1e7])
def test_variance_of_float32_survives_any_offset(offset):
    rng = np.random.default_rng(0)
    x = (offset + rng.normal(size=(4096, 3))).astype(np.float32)
    exact = x.astype(np.longdouble)
    mean, var = batch_statistics(x, 0)
    np.testing.assert_allclose(mean[0], exact.mean(axis=0).astype(float), rtol=1e-15, atol=1e-15)
    np.testing.assert_allclose(var[0], exact.var(axis=0).astype(float), rtol=1e-12)


def test_the_correction_recovers_the_variance_where_the_mean_itself_must_be_rounded():
    """At 1e15 doubles are 0.125 apart, so the mean of 0, 0.125 and 0.125 above it is off by 0.04."""
    x = 1e15 + np.array([0, 0.125, 0.125])
    _, var = batch_statistics(x, 0)
    np.testing.assert_allclose(var, [0.125**2 * 2 / 9], rtol=1e-12)


def test_a_long_float32_column_loses_no_digits():
    x = np.full((65536, 1), 0.1, np.float32)
    assert statistics.plain_mean(x, 0) == np.float64(np.float32(0.1))


@pytest.mark.parametrize("axes", [0, -1, (0,), (0, 2), (0, 1, 3), (-1, 0), (0, 1, 2, 3)])
def test_any_axes_may_be_reduced_and_keep_length_one(axes):
    x = np.random.default_rng(1).normal(3, 2, size=(4, 3, 5, 2))
    mean, var = batch_statistics(x, axes)
    np.testing.assert_allclose(mean, x.mean(axis=axes, keepdims=True), rtol=1e-14)
    np.testing.assert_allclose(var, x.var(axis=axes, keepdims=True), rtol=1e-13)


@pytest.mark.parametrize("shape", [(0, 3), (2, 0, 3)])
def test_an_empty_batch_is_refused(shape):
    with pytest.raises(ValueError, match="empty batch"):
        batch_statistics(np.zeros(shape), tuple(range(len(shape) - 1)))


@pytest.mark.parametrize("axes", [2, -3, (0, 2), None, [0, 1], "0"])
def test_axes_that_x_has_not_are_refused(axes):
    with pytest.raises(ValueError, match=r"axes must be an axis of the shape \(4, 3\)"):
        batch_statistics(np.ones((4, 3)), axes)


def test_result_dtypes():
    dtypes = {np.float16: np.float32, np.float32: np.float32, np.float64: np.float64, np.int8: np.float64}
    for given_dtype, expected in dtypes.items():
        assert statistics.float_dtype(np.zeros(1, given_dtype)) == expected


@pytest.mark.parametrize("dtype", ["U1", "c16", "O", "M8[s]", "V2"])
def test_only_real_numbers_have_statistics(dtype):
    with pytest.raises(ValueError, match="real numbers"):
        statistics.float_dtype(np.empty(1, dtype))


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=20), st.integers(-(10**9), 10**9))
def test_moving_all_values_moves_the_mean_and_leaves_the_variance(values, shift):
    """Whole numbers, so that the moved batch is exactly representable and any difference is the algorithm's."""
    x = np.array(values, float)
    here, there = batch_statistics(x, 0), batch_statistics(x + shift, 0)
    np.testing.assert_allclose(there.mean - shift, here.mean, atol=1e-6)
    np.testing.assert_allclose(there.var, here.var, rtol=1e-9, atol=1e-9)
