"""Moments of parts: worked by hand, merged in any order and grouping, and weighed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bn_core.moments import Moments, merge, moments


def test_two_parts_worked_by_hand():
    """1, 3 and 5, 6, 10: mean 5, squared distances 16 + 4 + 0 + 1 + 25."""
    first, second = (moments(np.array(values), 0) for values in ([1.0, 3], [5.0, 6, 10]))
    assert (first, second) == (Moments(2, 2, 2), Moments(3, 7, 14))
    whole = merge(first, second)
    assert whole == Moments(5, 5, 46)
    assert whole.statistics() == (5, 9.2)
    assert whole.statistics(unbiased=True) == (5, 11.5)


parts = st.lists(st.lists(st.integers(-1000, 1000), min_size=1, max_size=8), min_size=1, max_size=8)


offsets = st.sampled_from([0.0, 12345.0, -1e7])


def of(values, offset=0.0):
    return moments(np.array(values, float) + offset, 0)


def assert_same(one, other, offset):
    """Equal but for the rounding of the means, which is that of the offset."""
    slip = np.spacing(abs(offset) + 1000) * 100
    np.testing.assert_array_equal(one.count, other.count)
    np.testing.assert_allclose(one.mean, other.mean, rtol=0, atol=slip)
    np.testing.assert_allclose(one.m2, other.m2, rtol=1e-12, atol=slip * 1000 * one.count.item())


@given(parts, offsets)
def test_any_partition_merges_into_the_whole(values, offset):
    whole = of([value for part in values for value in part], offset)
    assert_same(merge(*(of(part, offset) for part in values)), whole, offset)


@given(parts, offsets, st.randoms(use_true_random=False))
def test_the_order_of_the_parts_does_not_matter(values, offset, random):
    shuffled = random.sample(values, len(values))
    one, other = (merge(*(of(part, offset) for part in order)) for order in (values, shuffled))
    assert_same(one, other, offset)


@given(st.tuples(*[st.lists(st.integers(-1000, 1000), min_size=1, max_size=8)] * 3), offsets)
def test_how_the_parts_are_grouped_does_not_matter(values, offset):
    a, b, c = (of(part, offset) for part in values)
    assert_same(merge(merge(a, b), c), merge(a, merge(b, c)), offset)


def test_a_part_that_counts_nothing_changes_nothing():
    x = np.array([[1e7, 3.0], [1e7 + 1, 5.0]])
    some, none, empty = moments(x, 0), moments(x, 0, weights=np.zeros((2, 1))), moments(x[:0], 0)
    np.testing.assert_array_equal([none, empty, moments(x[:0], 0, np.ones((0, 1)))], np.zeros((3, 3, 1, 2)))
    for merged in (merge(some, none), merge(empty, some), merge(none, empty, some, none, empty)):
        np.testing.assert_array_equal(merged, some)
    with pytest.raises(ValueError, match="count above 0"):
        merge(none, none).statistics()


@pytest.mark.parametrize("bad", [[-1.0, 1.0], [np.nan, 1.0], [np.inf, 1.0], [1.0, 1.0, 1.0]])
def test_weights_that_are_no_weights_are_refused(bad):
    with pytest.raises(ValueError, match=r"weights must|shape mismatch"):
        moments(np.ones((2, 4)), 0, np.array(bad)[:, None])
    with pytest.raises(ValueError, match="weights must broadcast"):
        moments(np.ones((1, 4)), 0, np.ones((3, 1)))


def test_whole_weights_are_repetitions():
    x, times = np.array([1.0, 4, 9, 16]), np.array([3, 0, 1, 2])
    weighted = moments(x, 0, times).statistics(unbiased=True)
    repeated = np.repeat(x, times)
    np.testing.assert_allclose(np.ravel(weighted), [repeated.mean(), repeated.var(ddof=1)], rtol=1e-14)


def test_weighted_moments_correct_the_rounding_of_their_own_mean():
    """At 1e15 doubles are 0.125 apart; and a sum of 30,000 values of 1e7, each times 0.3, rounds at every step."""
    near = moments(1e15 + np.array([0, 0.125, 0.125]), 0, np.ones(3)).statistics()
    np.testing.assert_allclose(near.var, [0.125**2 * 2 / 9], rtol=1e-12)
    x, weights = 1e7 + np.random.default_rng(4).normal(size=(30_000, 2)), np.full((30_000, 1), 0.3)
    exact, found = x.astype(np.longdouble), moments(x, 0, weights).statistics()
    np.testing.assert_allclose(found.mean[0] - 1e7, (exact.mean(axis=0) - 10**7).astype(float), atol=np.spacing(1e7))
    np.testing.assert_allclose(found.var[0], exact.var(axis=0).astype(float), rtol=1e-12)


def test_what_has_no_statistics_is_refused():
    with pytest.raises(ValueError, match="one part"):
        merge()
    with pytest.raises(ValueError, match="count above 0"):
        moments(np.zeros((0, 2)), 0).statistics()
    with pytest.raises(ValueError, match="axes must be an axis of the shape"):
        moments(np.zeros((0, 2)), 2)
    with pytest.raises(ValueError, match="count above 1"):
        of([4]).statistics(unbiased=True)
