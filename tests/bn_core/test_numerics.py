"""The rows of `python -m benchmarks.numerics`: ours against extended precision, and never worse than Keras."""

import numpy as np
import pytest

from benchmarks import cases, numerics
from benchmarks.cases import ROUNDING

CASES = cases.cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_float32_is_normalised_as_exactly_as_float32_allows(case):
    """Statistics to almost all digits of float64, and of y little more than its own rounding to float32."""
    errors = numerics.errors(case, numerics.ours)
    assert errors.mean <= 1e-10
    assert errors.var <= 1e-12
    assert errors.y <= 2 * ROUNDING


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_error_is_larger_than_that_of_keras(keras, case):
    ours, theirs = numerics.errors(case, numerics.ours), numerics.errors(case, numerics.of_keras)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine <= other + ROUNDING


@pytest.mark.parametrize("case", [case for case in CASES if "constant" in case.name], ids=lambda case: case.name)
def test_a_constant_feature_gives_exactly_beta(case):
    y = numerics.ours(case).y
    np.testing.assert_array_equal(y, np.broadcast_to(case.beta, y.shape))


def test_the_errors_shown_are_those_worked_by_hand():
    """Two channels: the means are off by 1 of √(3² + 1) and 0.5 of 1, a variance of 0 by 0.25, one y by 1 of 4."""
    true = cases.Result(np.array([3.0, 1]), np.array([1.0, 0]), np.array([[2.0, 4], [-4, 4]]))
    found = cases.Result(np.array([2.0, 1.5]), np.array([1.1, 0.25]), np.array([[2.0, 3], [-4, 4]]))
    assert cases.errors(found, true, axis=-1) == pytest.approx((0.5, 0.25, 0.25))
    spoilt = found._replace(y=np.full((2, 2), np.nan))
    assert cases.errors(spoilt, true, axis=-1).y == np.inf


def test_a_verdict_allows_for_one_rounding_and_no_more():
    assert numerics.verdict([1e-9, 1e-9, 2e-9]) == "best"
    assert numerics.verdict([5.9e-8, 0.0]) == "tied"
    assert numerics.verdict([6.1e-8, 0.0]) == "WORSE"
