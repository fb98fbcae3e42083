"""The layer's fast arithmetic for `steps`: block by block, so that no temporary array has the size of the input.

Arrays are (…, C), channels last, as views of any layout and dtype; numbers per channel are float64 (C,). `x` is read
again where it is needed: x_hat is not stored, `backward` computes it again.

One rule (`tiling.is_long`) chooses the way. Long arrays of float32 or float64, contiguous and without mask, are
computed in their own type, their rows glued to long ones. Anything else is computed in float64 as it lies; for short
arrays that takes less time than the care that float32 needs.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from bn_core.internals.statistics import MASK_EPSILON
from bn_core.internals.tiling import GLUED, channel_sums, column_sums, glued, is_long, long_rows, ones, shares, slices

Array = np.ndarray

NEAR = 1.0
"""The largest squared distance of a good shift to the mean, in variances: beyond it, float32 would lose digits."""


class Batch(NamedTuple):
    """Mean and variance of a batch (2, C), and x − mean in float64 (…, C) if the batch is short and has no mask."""

    statistics: Array
    centered: Array | None = None


def batch_statistics(x: Array, mask: Array | None = None) -> Batch:
    """The statistics of the values of `x` for which `mask` is true; x must not be empty.

    With a mask, counts are Keras's (`steps.masked_statistics`).
    """
    if mask is not None:
        return Batch(_divide_as_keras(_two_passes(x, mask), kept(mask)))
    if x.size <= GLUED:
        return _short(x)
    quick = _one_pass(x) if is_long(x) else None
    return Batch(_two_passes(x) if quick is None else quick)


def normalize(
    x: Array, y: Array, mean: Array, scale: Array, beta: Array | float, centered: Array | None = None
) -> None:
    """Write (x − mean) · scale + beta into `y`; with `centered`, x − mean is not computed again.

    For float32 the mean is rounded before it is subtracted (near the mean that is exact), and the rounding error is
    added to `beta`; x · scale + (beta − mean · scale) would lose the digits that a large mean takes up.
    """
    if centered is not None:
        np.add(centered * scale, beta, out=y, casting="unsafe")
        return
    if not is_long(x, y):
        for values, out in slices(x, y):
            np.add((values - mean) * scale, beta, out=out, casting="unsafe")
        return
    near = mean.astype(x.dtype)
    shift, factor, rest = glued(x, near, scale, beta - (mean - near) * scale)
    for values, out in long_rows(x, y):
        width = values.shape[-1]
        np.subtract(values, shift[:width], out=out)
        out *= factor[:width]
        out += rest[:width]


def gradient_sums(d_y: Array, x: Array, mean: Array, centered: Array | None = None) -> Array:
    """The sums of d_y and of d_y · (x − mean), (2, C)."""
    if centered is not None:
        return np.stack([column_sums(d_y.astype(float)), column_sums(centered * d_y)])
    if x.size <= GLUED or not is_long(x, d_y):
        sums = np.zeros((2, x.shape[-1]))
        for values, slopes in slices(x, d_y):
            sums[0] += column_sums(slopes.astype(float))
            sums[1] += column_sums((values - mean) * slopes)
        return sums
    near, sums = mean.astype(x.dtype), np.zeros((2, x.shape[-1]))
    (shift,) = glued(x, near)
    for values, slopes in long_rows(x, d_y):
        distance = values - shift[: values.shape[1]]
        distance *= slopes
        sums[0] += channel_sums(slopes, x)
        sums[1] += channel_sums(distance, x)
    sums[1] -= (mean - near) * sums[0]
    return sums


def gradient(
    d_y: Array,
    x: Array,
    d_x: Array,
    mean: Array,
    slope: Array,
    level: Array,
    scale: Array,
    mask: Array | None = None,
    centered: Array | None = None,
) -> None:
    """Write scale · (d_y − level − slope · (x − mean)) into `d_x`; where `mask` is false, scale · d_y."""
    if centered is not None:
        np.multiply(d_y - (centered * slope + level), scale, out=d_x, casting="unsafe")
        return
    if mask is not None or not is_long(x, d_y, d_x):
        for values, slopes, out, *keep in slices(x, d_y, d_x, *([] if mask is None else [mask])):
            through_statistics = (values - mean) * slope + level
            if keep:
                np.copyto(through_statistics, 0, where=~keep[0])
            np.multiply(slopes - through_statistics, scale, out=out, casting="unsafe")
        return
    near = mean.astype(x.dtype)
    shift, slope, level, scale = glued(x, near, slope, level - slope * (mean - near), scale)
    for values, slopes, out in long_rows(x, d_y, d_x):
        width = values.shape[-1]
        np.subtract(values, shift[:width], out=out)
        out *= slope[:width]
        out += level[:width]
        np.subtract(slopes, out, out=out)
        out *= scale[:width]


def gradient_frozen(d_y: Array, d_x: Array, scale: Array) -> None:
    """Write scale · d_y into `d_x`."""
    if not is_long(d_y, d_x):
        np.multiply(d_y, scale, out=d_x, casting="unsafe")
        return
    (factor,) = glued(d_y, scale)
    for slopes, out in long_rows(d_y, d_x):
        np.multiply(slopes, factor[: slopes.shape[-1]], out=out)


def kept(mask: Array) -> Array:
    """The number of values of each channel (C,) for which the mask is true."""
    return np.add.reduce(mask, axis=tuple(range(mask.ndim - 1)), dtype=float)


def is_finite(values: Array) -> bool:
    """Whether all values are finite; may return False if their squares overflow. A single BLAS call."""
    return math.isfinite(np.vdot(values, values))


def _one_pass(x: Array) -> Array | None:
    """Statistics (2, C) of a long array from the distances to a shift, which is the mean of the first block.

    None where the shift turns out to be far from the mean (because of an outlier or sorted data), or something is not
    finite, such as a square that float32 cannot hold.
    """
    channels, blocks = x.shape[-1], long_rows(x)
    first = blocks[0][0]
    near = (channel_sums(first, x) / (first.size // channels)).astype(x.dtype)
    (shift,) = glued(x, near)
    statistics = np.zeros((2, channels))
    for (values,) in blocks:
        distance = values - shift[: values.shape[1]]
        statistics[0] += channel_sums(distance, x)
        distance *= distance
        statistics[1] += channel_sums(distance, x)
    statistics /= x.size // channels
    square = statistics[0] * statistics[0]
    statistics[0] += near
    statistics[1] -= square
    return statistics if (square <= NEAR * statistics[1]).all() and is_finite(statistics) else None


def _short(x: Array) -> Batch:
    """The statistics of a short array in float64, with as few calls as possible."""
    centered = x.astype(float, order="C")
    rows = centered.reshape(-1, x.shape[-1])
    n, statistics = len(rows), np.empty((2, rows.shape[1]))
    weights, (mean, var) = ones(n, rows.dtype), statistics
    np.divide(weights.dot(rows), n, out=mean)
    rows -= mean
    if x.dtype.char != "f":  # sums of equal float32 are exact in float64; other means are corrected
        off = weights.dot(rows) / n
        rows -= off
        mean += off
    shares(n).dot(rows * rows, out=var)
    return Batch(statistics, centered)


def _around(mean: Array, moments: Array) -> Array:
    """Statistics (2, C) from the means of d and d² (2, C), in place; d are distances to a number near the mean."""
    off, var = moments
    var -= off * off
    np.maximum(var, 0.0, out=var)
    off += mean
    return moments


def _two_passes(x: Array, mask: Array | None = None) -> Array:
    """Statistics (2, C) in float64: the mean, then the distances to it, which also correct its rounding error."""
    n = x.size // x.shape[-1] if mask is None else np.maximum(kept(mask), 1)
    mean = _distance_sums(x, None, mask)[0] / n
    return _around(mean, _distance_sums(x, mean, mask) / n)


def _distance_sums(x: Array, mean: Array | None, mask: Array | None) -> Array:
    """The sums of d and d² (2, C), d = x − mean in float64, of unmasked values; without `mean` only the sum of x."""
    sums = np.zeros((2, x.shape[-1]))
    for values, *keep in slices(x, *([] if mask is None else [mask])):
        distance = values.astype(float) if mean is None else np.subtract(values, mean, dtype=float)
        if keep:
            np.copyto(distance, 0, where=~keep[0])
        sums[0] += column_sums(distance)
        if mean is not None:
            distance *= distance
            sums[1] += column_sums(distance)
    return sums


def _divide_as_keras(statistics: Array, n: Array) -> Array:
    """Mean and variance of n values whose sums are divided by n + 1e-7; the variance is around that mean."""
    mean, var = statistics
    share = n / (n + MASK_EPSILON)
    return np.stack([mean * share, share * (var + (mean * (1 - share)) ** 2)])
