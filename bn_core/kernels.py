"""The arithmetic of `steps` for the layer: block by block, so that nothing of the size of the input is made on the way.

Arrays are (…, C), channels last, as views of any layout and dtype; what belongs to a channel is float64 (C,). `x` is
read again where it is needed: no x_hat is stored, `backward` makes it anew.

One rule (`_is_long`) chooses the way. Long arrays of float32 or float64, contiguous and without mask, are computed in
their own type, glued to long rows: NumPy's loop over a short last axis costs more than its arithmetic. Anything else is
computed in float64 as it lies; for short arrays that takes less time than the care that float32 needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np

from bn_core.statistics import MASK_EPSILON

Array = np.ndarray

SHORT = 2048
"""Values up to which an array is computed in float64."""
LONG = 8192
"""Values in a long row: from here on NumPy's loop needs no buffer, and a block of them still stays in the cache."""
RUN = 16
"""Long rows in a block. Sums of float32 are this short at most and go on in float64: their errors average out."""
NEAR = 0.25
"""How many variances the squared distance of a good shift to the mean is at most: beyond, float32 would lose digits."""


def batch_statistics(x: Array, mask: Array | None = None) -> Array:
    """Mean and variance (2, C) of the values of `x` that `mask` keeps; x must not be empty.

    With a mask, counts are Keras's (`steps.masked_statistics`).
    """
    if mask is not None:
        return _divide_as_keras(_two_passes(x, mask), kept(mask))
    if x.size <= LONG:
        return _short_statistics(x)
    quick = _one_pass(x) if _is_long(x) else None
    return _two_passes(x) if quick is None else quick


def normalize(x: Array, y: Array, mean: Array, scale: Array, beta: Array | float) -> None:
    """Write (x − mean) · scale + beta into `y`.

    For float32 the mean is rounded before it is subtracted (near the mean that is exact), and what the rounding took
    away goes into `beta`; x · scale + (beta − mean · scale) would lose the digits that a large mean occupies.
    """
    if not _is_long(x, y):
        for values, out in _slices(x, y):
            work = values - mean
            work *= scale
            np.add(work, beta, out=out, casting="unsafe")
        return
    near = mean.astype(x.dtype)
    shift, factor, rest = _glued(x, near, scale, beta - (mean - near) * scale)
    for values, out in _long_rows(x, y):
        width = values.shape[1]
        np.subtract(values, shift[:width], out=out)
        out *= factor[:width]
        out += rest[:width]


def gradient_sums(d_y: Array, x: Array, mean: Array, inverse: Array) -> Array:
    """The sums of d_y and of d_y · x_hat, (2, C), where x_hat = (x − mean) · inverse."""
    if x.size <= LONG or not _is_long(x, d_y):
        sums = np.zeros((2, x.shape[-1]))
        for values, slopes in _slices(x, d_y):
            slopes = slopes.astype(float)
            sums[0] += _column_sums(slopes)
            slopes *= values - mean
            sums[1] += _column_sums(slopes)
        sums[1] *= inverse
        return sums
    near = mean.astype(x.dtype)
    (shift,) = _glued(x, near)
    sums = np.zeros((2, len(shift)))
    for values, slopes in _long_rows(x, d_y):
        width = values.shape[1]
        sums[0, :width] += _column_sums(slopes)
        centred = values - shift[:width]
        centred *= slopes
        sums[1, :width] += _column_sums(centred)
    sums = np.stack([_unglued(row, x.shape[-1]) for row in sums])
    sums[1] -= (mean - near) * sums[0]
    sums[1] *= inverse
    return sums


def gradient(
    d_y: Array, x: Array, d_x: Array, mean: Array, slope: Array, level: Array, scale: Array, mask: Array | None
) -> None:
    """Write scale · (d_y − level − slope · (x − mean)) into `d_x`; where `mask` is false, scale · d_y."""
    if mask is not None or not _is_long(x, d_y, d_x):
        for values, slopes, out, *keep in _slices(x, d_y, d_x, *([] if mask is None else [mask])):
            work = values - mean
            work *= slope
            work += level
            if keep:
                np.copyto(work, 0, where=~keep[0])
            np.subtract(slopes, work, out=work)
            np.multiply(work, scale, out=out, casting="unsafe")
        return
    near = mean.astype(x.dtype)
    shift, slope, level, scale = _glued(x, near, slope, level - slope * (mean - near), scale)
    for values, slopes, out in _long_rows(x, d_y, d_x):
        width = values.shape[1]
        np.subtract(values, shift[:width], out=out)
        out *= slope[:width]
        out += level[:width]
        np.subtract(slopes, out, out=out)
        out *= scale[:width]


def gradient_frozen(d_y: Array, d_x: Array, scale: Array) -> None:
    """Write scale · d_y into `d_x`."""
    if not _is_long(d_y, d_x):
        np.multiply(d_y, scale, out=d_x, casting="unsafe")
        return
    (factor,) = _glued(d_y, scale)
    for slopes, out in _long_rows(d_y, d_x):
        np.multiply(slopes, factor[: slopes.shape[1]], out=out)


def kept(mask: Array) -> Array:
    """How many values of each channel (C,) the mask keeps."""
    return np.add.reduce(mask, axis=tuple(range(mask.ndim - 1)), dtype=float)


def is_finite(values: Array) -> bool:
    """Whether all values are; may say no of values so large that their squares are infinite. One short BLAS call."""
    return math.isfinite(np.vdot(values, values))


def _one_pass(x: Array) -> Array | None:
    """Statistics (2, C) of a long array by way of the distances to a shift, the mean of the first block.

    None where the shift proves to be far from the mean of all (an outlier, sorted data), or is not finite.
    """
    channels, blocks = x.shape[-1], _long_rows(x)
    first = next(iter(blocks))[0]
    near = (_unglued(_column_sums(first), channels) / (first.size // channels)).astype(x.dtype)
    (shift,) = _glued(x, near)
    sums = np.zeros((2, len(shift)))
    for (values,) in blocks:
        width = values.shape[1]
        distance = values - shift[:width]
        sums[0, :width] += _column_sums(distance)
        distance *= distance
        sums[1, :width] += _column_sums(distance)
    statistics = np.stack([_unglued(row, channels) for row in sums])
    statistics /= x.size // channels
    square = statistics[0] * statistics[0]
    statistics[0] += near
    statistics[1] -= square
    return statistics if (square <= NEAR * statistics[1]).all() else None


def _short_statistics(x: Array) -> Array:
    """As `_two_passes`, of an array that is one block, with a minimum of calls."""
    rows = x.astype(float).reshape(-1, x.shape[-1])
    ones, sums = _ones(len(rows), rows.dtype), np.empty((2, rows.shape[1]))
    mean = ones.dot(rows) / len(rows)
    rows -= mean
    ones.dot(rows, sums[0])
    rows *= rows
    ones.dot(rows, sums[1])
    sums /= len(rows)
    return _around(mean, sums)


def _around(mean: Array, moments: Array) -> Array:
    """Statistics (2, C) from the means of d and d² (2, C), in their place; d are distances to (about) the mean."""
    off, var = moments
    var -= off * off
    np.maximum(var, 0.0, out=var)
    off += mean
    return moments


def _two_passes(x: Array, mask: Array | None = None) -> Array:
    """Statistics (2, C) in float64: the mean, then the distances to it, which also say how far off it was."""
    n = x.size // x.shape[-1] if mask is None else np.maximum(kept(mask), 1)
    mean = _distance_sums(x, None, mask)[0] / n
    return _around(mean, _distance_sums(x, mean, mask) / n)


def _distance_sums(x: Array, mean: Array | None, mask: Array | None) -> Array:
    """The sums of d and d² (2, C), d = x − mean in float64, of the values kept; without `mean` that of x alone."""
    sums = np.zeros((2, x.shape[-1]))
    for values, *keep in _slices(x, *([] if mask is None else [mask])):
        distance = values.astype(float) if mean is None else np.subtract(values, mean, dtype=float)
        if keep:
            np.copyto(distance, 0, where=~keep[0])
        sums[0] += _column_sums(distance)
        if mean is not None:
            distance *= distance
            sums[1] += _column_sums(distance)
    return sums


def _divide_as_keras(statistics: Array, n: Array) -> Array:
    """Mean and variance of n values, had their sums been divided by n + 1e-7; the variance is around that mean."""
    mean, var = statistics
    share = n / (n + MASK_EPSILON)
    return np.stack([mean * share, share * (var + (mean * (1 - share)) ** 2)])


def _is_long(*arrays: Array) -> bool:
    """Whether the arrays are worth gluing to long rows, and can be: of one native type, float32 or float64."""
    first = arrays[0]
    if first.size <= SHORT or first.dtype.char not in "fd" or not first.dtype.isnative:
        return False
    return all(array.dtype == first.dtype and array.flags.c_contiguous for array in arrays)


def _slices(*arrays: Array) -> Iterable[tuple[Array, ...]]:
    """Views (…, C) of equal parts of arrays in any layout, cut along the first axes."""
    first = arrays[0]
    if first.size <= LONG * RUN:
        return (arrays,)
    return _cut(arrays)


def _cut(arrays: tuple[Array, ...]) -> Iterator[tuple[Array, ...]]:
    first = arrays[0]
    if first.ndim > 2 and first[0].size > LONG * RUN:
        for parts in zip(*arrays, strict=True):
            yield from _cut(parts)
        return
    step = max(1, LONG * RUN // first[0].size)
    for start in range(0, len(first), step):
        yield tuple(array[start : start + step] for array in arrays)


def _long_rows(*arrays: Array) -> list[list[Array]]:
    """Blocks (RUN, width) of contiguous arrays, and last what does not fill a row, as a shorter one."""
    size, width = arrays[0].size, _glued_length(arrays[0])
    whole, block = size - size % width, max(1, LONG * RUN // width) * width
    if whole == size <= block:
        return [[array.reshape(-1, width) for array in arrays]]
    flat = [array.reshape(-1) for array in arrays]
    blocks = [
        [values[start : min(start + block, whole)].reshape(-1, width) for values in flat]
        for start in range(0, whole, block)
    ]
    return blocks if whole == size else [*blocks, [values[None, whole:] for values in flat]]


def _glued_length(x: Array) -> int:
    """C times the number of rows of `x` glued to one: about LONG values, if there is more than one such row."""
    channels = x.shape[-1]
    return channels * (max(1, LONG // channels) if x.size > LONG else 1)


def _glued(x: Array, *vectors: Array) -> Array:
    """Each vector (C,) repeated to the length of a long row of `x`, in its dtype."""
    channels = x.shape[-1]
    rows = np.empty((len(vectors), _glued_length(x) // channels, channels), x.dtype)
    for row, vector in zip(rows, vectors, strict=True):
        row[...] = vector
    return rows.reshape(len(vectors), -1)


def _unglued(sums: Array, channels: int) -> Array:
    """Sums (width,) over the columns of long rows, added up to sums (C,) over channels."""
    return _column_sums(sums.reshape(-1, channels))


def _column_sums(block: Array) -> Array:
    """Sums over all axes but the last. By BLAS, which is faster than np.add.reduce and keeps columns apart too."""
    rows = block.reshape(-1, block.shape[-1])
    return _ones(len(rows), rows.dtype).dot(rows)


@lru_cache(maxsize=32)
def _ones(n: int, dtype: np.dtype) -> Array:
    return np.ones(n, dtype)
