"""Running statistics over a whole stream of batches, for many momenta at once, and what such averages remember.

`momentum`, m in the formulas, has Keras's meaning throughout: the share of the old average that is kept (PyTorch's is
1 − m). Any shape of momenta will do, written … below; where one is not from 0 to 1, or a number of batches is below 0,
every function raises ValueError.
"""

from __future__ import annotations

import itertools

import numpy as np

from bn_core.internals import ranges
from bn_core.steps import Statistics

Array = np.ndarray

START = Statistics(np.array(0.0), np.array(1.0))
"""The running statistics before the first batch, in Keras and in PyTorch."""


def running_statistics(batch: Statistics, momentum: Array | float, start: Statistics = START) -> Statistics:
    """Running mean and variance (…, n + 1), starting with `start`, over a stream of batches' statistics (n,).

    Several streams run side by side: `batch` may be (n, *lanes), and … is what lanes, `momentum` and `start`
    broadcast to. Raises ValueError where they do not, and for a variance below 0. To the last bit what n calls of
    `steps.update_running` give: a loop over the batches, in place. (The closed form Σ (1 − m)·m^(n − i)·batch_i would
    be one product of matrices for all n at once, but needs m^(−i), which overflows.)
    """
    momentum = checked_momentum(momentum)
    _check_variances(batch, start)
    values = np.stack(batch, axis=1).astype(np.float64, copy=False)
    lanes = np.broadcast_shapes(momentum.shape, values.shape[2:], np.shape(start.mean), np.shape(start.var))
    trail = np.empty((len(values) + 1, 2, *lanes))
    trail[0, 0], trail[0, 1] = start
    trail[1:] = (1 - momentum) * _padded(values, 2 + len(lanes))
    for old, new in itertools.pairwise(trail):
        new += momentum * old
    return Statistics(*np.ascontiguousarray(np.moveaxis(trail, 0, -1)))


def cumulative_statistics(batch: Statistics, start: Statistics = START) -> Statistics:
    """`running_statistics` with equal weights for all batches so far, as with PyTorch's `momentum=None`.

    The first batch replaces `start` altogether. Batches weigh the same, not values; and the mean of their variances
    lacks the variance between their means, which `population.pooled_statistics` has. Raises ValueError for a variance
    below 0.
    """
    _check_variances(batch, start)
    return Statistics(*(_cumulative(values, first) for values, first in zip(batch, start, strict=True)))


def batch_weights(momentum: Array | float, steps: int) -> Array:
    """Weight (…, n) of each of n batches in the last running statistic: (1 − m)·m^age, the newest (age 0) last."""
    momentum = checked_momentum(momentum)[..., None]
    return (1 - momentum) * momentum ** np.arange(_checked_steps(steps))[::-1]


def start_share(momentum: Array | float, steps: int) -> Array:
    """Share (…) of the start value that is left in the running statistic after n batches: m^n."""
    return checked_momentum(momentum) ** _checked_steps(steps)


def half_life(momentum: Array | float) -> Array:
    """The number of batches (…) after which half is forgotten: log(1/2) / log(m), 0 at m = 0, infinite at 1."""
    with np.errstate(divide="ignore"):
        return np.log(2) / np.abs(np.log(checked_momentum(momentum)))


def deviation_factor(momentum: Array | float, steps: float = np.inf) -> Array:
    """The std (…) of the running statistic over that of a single batch's statistic, for independent batches.

    √((1 − m) / (1 + m)) once the start value is forgotten, and after n batches that times √(1 − m^(2n)): the root of
    the sum of the squared `batch_weights`.
    """
    momentum = checked_momentum(momentum)
    return np.sqrt((1 - momentum) / (1 + momentum) * (1 - momentum ** (2 * _checked_steps(steps))))


def checked_momentum(momentum: Array | float) -> Array:
    """`momentum` as a float64 array. Raises ValueError where one is not from 0 to 1."""
    return ranges.checked("momentum", momentum, ranges.KEPT_SHARE)


def _check_variances(batch: Statistics, start: Statistics) -> None:
    for name, statistics in (("batch.var", batch), ("start.var", start)):
        ranges.variance(name, statistics.var)


def _checked_steps(steps: float) -> float:
    if not np.min(steps) >= 0:
        raise ValueError(f"steps is a number of batches, 0 or more; got {steps!r}")
    return steps


def _padded(values: Array, rank: int) -> Array:
    """`values` (n, 2, …) with axes of length 1 inserted after the second, up to `rank` axes."""
    return values.reshape(*values.shape[:2], *[1] * (rank - values.ndim), *values.shape[2:])


def _cumulative(values: Array, first: Array) -> Array:
    """`first`, then the means (…, n + 1) of the first 1 to n of `values` (n, …); summed as distances to values[0]."""
    values = np.moveaxis(np.asarray(values, dtype=np.float64), 0, -1)
    shift = values[..., :1]
    means = shift + np.cumsum(values - shift, axis=-1) / np.arange(1, values.shape[-1] + 1)
    shape = np.broadcast_shapes(values.shape[:-1], np.shape(first))
    begin = np.broadcast_to(np.asarray(first, dtype=np.float64), shape)[..., None]
    return np.concatenate([begin, np.broadcast_to(means, (*shape, means.shape[-1]))], axis=-1)
