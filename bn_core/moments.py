"""Moments of parts of the data that can be merged: counts, means and sums of squared distances.

For two parts a and b, with δ = mean_b − mean_a and n = n_a + n_b (Chan, Golub & LeVeque 1983):

    mean = mean_a + δ·n_b / n        m2 = m2_a + m2_b + δ²·n_a·n_b / n

E[var + mean²] − E[mean]² is the same variance on paper, but loses all digits where the mean is 10⁸ standard deviations.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from bn_core.internals.statistics import Axes, count_or_zero, float_dtype, total
from bn_core.steps import Statistics, batch_statistics

Array = np.ndarray


class Moments(NamedTuple):
    """Float64 arrays, one number per channel: the sum of weights, the mean, and the sum of squared distances to it.

    Where `count` is 0, so are the other two.
    """

    count: Array
    mean: Array
    m2: Array

    def statistics(self, unbiased: bool = False) -> Statistics:
        """Mean and variance, divided by the count n, or by n − 1 if `unbiased`. Raises ValueError where that is 0."""
        divisor = self.count - unbiased
        if not np.all(divisor > 0):
            raise ValueError(f"every channel needs a count above {int(unbiased)}; the least is {self.count.min()}")
        return Statistics(self.mean, self.m2 / divisor)


@np.errstate(invalid="ignore", over="ignore")  # NaN and inf make NaN of their channel, without a word
def moments(x: Array, axes: Axes, weights: Array | None = None) -> Moments:
    """The moments of `x` over `axes`; reduced axes stay with length 1.

    weights: how often each value counts, 0 or more, broadcasting to `x`; or a mask (`mask[..., None]` for Keras's,
    which has no channel axis). A value of weight 0 may be anything, even NaN. An empty `x` has the count 0.
    Raises ValueError for axes that `x` lacks, and for weights that do not broadcast, are negative or not finite.
    """
    x = np.asarray(x)
    n = float(count_or_zero(x, axes))
    if weights is not None:
        return _weighted(x, _checked_weights(weights, x.shape), axes)
    if not n:
        return Moments(*(total(x, axes) for _ in Moments._fields))
    mean, var = batch_statistics(x, axes)
    return Moments(np.full(mean.shape, n), mean, n * var)


@np.errstate(invalid="ignore", over="ignore")  # NaN and inf make NaN of their channel, without a word
def merge(*parts: Moments) -> Moments:
    """The moments of all values of all parts. Raises ValueError without a part; parts of count 0 change nothing."""
    if not parts:
        raise ValueError("merge needs one part or more; got none")
    return functools.reduce(_merge_two, parts)


def _merge_two(first: Moments, second: Moments) -> Moments:
    n = first.count + second.count
    share = second.count / np.where(n > 0, n, 1)
    delta = second.mean - first.mean
    m2 = first.m2 + second.m2 + delta**2 * first.count * share
    return Moments(n, first.mean + delta * share, m2)


def _weighted(x: Array, weights: Array, axes: Axes) -> Moments:
    """`moments` with weights of the shape of `x`: two passes, the second around the first's mean, which it corrects."""
    float_dtype(x)
    n = total(weights, axes)
    safe = np.where(n > 0, n, 1)
    used = np.where(weights > 0, x, 0).astype(np.float64)
    mean = total(weights * used, axes) / safe
    centered = np.where(weights > 0, used - mean, 0)
    slip = total(weights * centered, axes) / safe
    m2 = total(weights * centered**2, axes) - n * slip**2
    return Moments(n, mean + slip, np.maximum(m2, 0))


def _checked_weights(weights: Array, shape: tuple[int, ...]) -> Array:
    weights = np.asarray(weights, dtype=np.float64)
    if not np.all((weights >= 0) & (weights < np.inf)):
        raise ValueError("weights must be finite and 0 or more")
    if np.broadcast_shapes(weights.shape, shape) != tuple(shape):
        raise ValueError(f"weights must broadcast to the shape of x, {shape}; got {weights.shape}")
    return np.broadcast_to(weights, shape)
