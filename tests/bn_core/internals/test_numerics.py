"""The rows of `python -m benchmarks.numerics`: ours against extended precision, and never worse than Keras."""

import numpy as np
import pytest

from benchmarks import cases, numerics
from benchmarks.cases import EPSILON, ROUNDING
from bn_core import BatchNormalization

CASES = cases.cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_float32_is_normalized_as_exactly_as_float32_allows(case):
    """As close as rounding the truth itself to float32; y is rounded at each of its three operations."""
    errors = numerics.errors(case, numerics.ours)
    assert errors.mean <= ROUNDING
    assert errors.var <= 2 * ROUNDING
    assert errors.y <= 3 * ROUNDING


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_error_is_larger_than_that_of_keras(keras, case):
    ours, theirs = numerics.errors(case, numerics.ours), numerics.errors(case, numerics.of_keras)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine <= other + ROUNDING


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_gradients_in_float32_are_those_in_extended_precision(case):
    """Errors over the channel's largest d_x and, for d_gamma and d_beta, over √n, the size of random sums."""
    layer = BatchNormalization(axis=case.axis, epsilon=EPSILON)
    layer.build(case.x.shape)
    layer.set_weights([case.gamma, case.beta, *layer.get_weights()[2:]])
    d_y = np.random.default_rng(6).normal(size=case.x.shape).astype(np.float32)
    layer(case.x, training=True)
    found = by_channel(layer.backward(d_y), case.axis)
    d_x, d_gamma, d_beta = true_gradients(case, d_y)
    assert np.max(np.abs(found - d_x) / np.abs(d_x).max(axis=0)) <= 8 * ROUNDING
    root = np.sqrt(len(d_x))
    assert np.max(np.abs(layer.d_gamma - d_gamma)) / root <= 8 * ROUNDING
    assert np.max(np.abs(layer.d_beta - d_beta)) / root <= 8 * ROUNDING


def true_gradients(case, d_y):
    x, d_y = (by_channel(array, case.axis).astype(np.longdouble) for array in (case.x, d_y))
    true = cases.truth(case)
    inverse = 1 / np.sqrt(true.var + EPSILON)
    x_hat = (x - true.mean) * inverse
    own_share = d_y - d_y.mean(axis=0) - x_hat * (d_y * x_hat).mean(axis=0)
    return case.gamma * inverse * own_share, (d_y * x_hat).sum(axis=0), d_y.sum(axis=0)


def by_channel(array, axis):
    return np.moveaxis(array, axis, -1).reshape(-1, array.shape[axis])


@pytest.mark.parametrize("case", [case for case in CASES if "constant" in case.name], ids=lambda case: case.name)
def test_a_constant_feature_gives_exactly_beta(case):
    y = numerics.ours(case).y
    np.testing.assert_array_equal(y, np.broadcast_to(case.beta, y.shape))


def test_the_errors_shown_are_those_worked_by_hand():
    """Two channels: the means are off by 1 of √(3² + 1) and 0.5 of 1, a variance of 0 by 0.25, one y by 1 of 4."""
    true = cases.Normalized(np.array([3.0, 1]), np.array([1.0, 0]), np.array([[2.0, 4], [-4, 4]]))
    found = cases.Normalized(np.array([2.0, 1.5]), np.array([1.1, 0.25]), np.array([[2.0, 3], [-4, 4]]))
    assert cases.errors(found, true, axis=-1) == pytest.approx((0.5, 0.25, 0.25))
    spoiled = found._replace(y=np.full((2, 2), np.nan))
    assert cases.errors(spoiled, true, axis=-1).y == np.inf


def test_a_verdict_allows_for_one_rounding_and_no_more():
    assert numerics.verdict([1e-9, 1e-9, 2e-9]) == "best"
    assert numerics.verdict([5.9e-8, 0.0]) == "tied"
    assert numerics.verdict([6.1e-8, 0.0]) == "WORSE"
