"""The arithmetic of `steps` for the layer: block by block, so that nothing of the size of the input is made on the way.

Arrays are (…, C), channels last, as views of any layout and dtype; what belongs to a channel is float64 (C,). `x` is
read twice rather than kept in a second form: no x_hat is stored, `backward` makes it again.

One rule chooses how a block is computed. Where all arrays are plain (float32 or float64, contiguous, no mask) a block
is a few long rows, many of x glued together, since NumPy's loop over a short last axis costs more than its arithmetic.
Anything else is cut along its first axes and computed in float64.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bn_core.statistics import MASK_EPSILON

Array = np.ndarray

LONG = 4096
"""Values in a long row: enough to forget what a NumPy call costs, few enough that a block stays in the cache."""
RUN = 16
"""Long rows in a block. Sums of float32 are this short at most and go on in float64: their errors average out."""
FAR = 16
"""A shift whose distance to the mean, squared, is more variances than this costs digits: it is too far away."""


def batch_statistics(x: Array, mask: Array | None = None) -> Array:
    """Mean and variance (2, C) of the values of `x` that `mask` keeps; x must not be empty.

    One pass over the distances to the first row, if that row proves to be near the mean; or else two in float64,
    the second from the mean on. With a mask, counts are Keras's (`steps.masked_statistics`).
    """
    if mask is None and is_plain(x):
        statistics, sure = _statistics_from(x.reshape(-1, x.shape[-1])[0], x, x.dtype)
        if sure:
            return statistics
    statistics, sure = _statistics_from(np.zeros(x.shape[-1]), x, np.dtype(float), mask)
    if not sure:
        mean = np.where(np.isfinite(statistics[0]), statistics[0], 0)
        statistics, _ = _statistics_from(mean, x, np.dtype(float), mask)
    return statistics if mask is None else _divide_as_keras(statistics, kept(mask))


def normalize(x: Array, y: Array, mean: Array, scale: Array, beta: Array) -> None:
    """Write (x − mean) · scale + beta into `y`.

    The mean is rounded to the type of `x` before it is subtracted (near the mean that is exact), and what the rounding
    took away goes into `beta`; x · scale + (beta − mean · scale) would lose the digits that a large mean occupies.
    """
    dtype = _working_dtype(x, y)
    near = mean.astype(dtype)
    rest = beta - (mean - near) * scale
    near, scale, rest = _long([near, scale, rest], x, dtype)
    for values, out in _blocks(x, y):
        width = out.shape[-1]
        work = out if y.dtype == dtype else np.empty(out.shape, dtype)
        np.subtract(values, near[:width], out=work)
        work *= scale[:width]
        work += rest[:width]
        if work is not out:
            out[...] = work


def gradient_sums(d_y: Array, x: Array, mean: Array, inverse: Array) -> Array:
    """The sums of d_y and of d_y · x_hat, (2, C), where x_hat = (x − mean) · inverse."""
    dtype = _working_dtype(x, d_y)
    near = mean.astype(dtype)
    (shift,) = _long([near], x, dtype)
    sums = np.zeros((2, len(shift)))
    for values, slopes in _blocks(x, d_y):
        width = values.shape[-1]
        slopes = slopes.astype(dtype, copy=False)
        centred = np.subtract(values, shift[:width], dtype=dtype)
        centred *= slopes
        sums[0, :width] += _column_sums(slopes)
        sums[1, :width] += _column_sums(centred)
    sums = _short(sums, x)
    sums[1] = (sums[1] - (mean - near) * sums[0]) * inverse
    return sums


def gradient(
    d_y: Array, x: Array, d_x: Array, mean: Array, slope: Array, level: Array, scale: Array, mask: Array | None
) -> None:
    """Write scale · (d_y − level − slope · (x − mean)) into `d_x`; where `mask` is false, scale · d_y."""
    arrays = [x, d_y, d_x] if mask is None else [x, d_y, d_x, mask]
    dtype = _working_dtype(*arrays)
    near = mean.astype(dtype)
    near, slope, level, scale = _long([near, slope, level - slope * (mean - near), scale], x, dtype)
    for values, slopes, out, *keep in _blocks(*arrays):
        width = values.shape[-1]
        work = np.subtract(values, near[:width], dtype=dtype)
        work *= slope[:width]
        work += level[:width]
        if keep:
            np.copyto(work, 0, where=~keep[0])
        np.subtract(slopes, work, out=work)
        work *= scale[:width]
        out[...] = work


def scaled(d_y: Array, d_x: Array, scale: Array) -> None:
    """Write scale · d_y into `d_x`."""
    normalize(d_y, d_x, np.zeros_like(scale), scale, np.zeros_like(scale))


def kept(mask: Array) -> Array:
    """How many values of each channel (C,) the mask keeps."""
    return np.add.reduce(mask, axis=tuple(range(mask.ndim - 1)), dtype=float)


def is_plain(*arrays: Array) -> bool:
    """Whether NumPy can work on these arrays as they are: all of one native type, float32 or float64, contiguous."""
    dtype = arrays[0].dtype
    return dtype.char in "fd" and dtype.isnative and all(a.dtype == dtype and a.flags.c_contiguous for a in arrays)


def _working_dtype(*arrays: Array) -> np.dtype:
    return arrays[0].dtype if is_plain(*arrays) else np.dtype(float)


def _statistics_from(shift: Array, x: Array, dtype: np.dtype, mask: Array | None = None) -> tuple[Array, bool]:
    """Mean and variance (2, C) by way of the distances to `shift`, and whether that was near enough to the mean."""
    n = x.size // x.shape[-1] if mask is None else np.maximum(kept(mask), 1)
    sums = _distance_sums(shift, x, dtype, mask)
    sums /= n
    square = sums[0] * sums[0]
    var = np.maximum(sums[1] - square, 0)
    return np.stack([shift + sums[0], var]), bool((square <= FAR * var).all())


def _distance_sums(shift: Array, x: Array, dtype: np.dtype, mask: Array | None) -> Array:
    """The sums of d and of d², (2, C), where d = x − shift in `dtype`."""
    arrays = [x] if mask is None else [x, mask]
    (shift,) = _long([shift], x, dtype)
    sums = np.zeros((2, len(shift)))
    for values, *keep in _blocks(*arrays):
        width = values.shape[-1]
        distance = np.subtract(values, shift[:width], dtype=dtype)
        if keep:
            np.copyto(distance, 0, where=~keep[0])
        sums[0, :width] += _column_sums(distance)
        distance *= distance
        sums[1, :width] += _column_sums(distance)
    return _short(sums, x)


def _divide_as_keras(statistics: Array, n: Array) -> Array:
    """Mean and variance of n values, had their sums been divided by n + 1e-7; the variance is around that mean."""
    mean, var = statistics
    share = n / (n + MASK_EPSILON)
    return np.stack([mean * share, share * (var + (mean * (1 - share)) ** 2)])


def _column_sums(block: Array) -> Array:
    """Sums over all axes but the last. By BLAS, which is faster than np.add.reduce and keeps columns apart too."""
    rows = block.reshape(-1, block.shape[-1])
    return np.ones(len(rows), rows.dtype).dot(rows)


def _row_length(x: Array) -> int:
    """C times the number of rows of `x` glued to a long row: LONG values at most, and 16 long rows if x is short."""
    rows, channels = x.size // x.shape[-1], x.shape[-1]
    return channels * max(1, min(LONG // channels, -(-rows // RUN)))


def _blocks(*arrays: Array) -> Iterator[tuple[Array, ...]]:
    """Views of equal parts of each array, (rows, width), or (…, C) where an array is not contiguous."""
    first = arrays[0]
    if all(array.flags.c_contiguous for array in arrays):
        yield from _long_rows(arrays, _row_length(first))
    elif first.ndim > 2 and first[0].size > LONG * RUN:
        for parts in zip(*arrays, strict=True):
            yield from _blocks(*parts)
    else:
        step = max(1, LONG * RUN * len(first) // max(first.size, 1))
        for start in range(0, len(first), step):
            yield tuple(array[start : start + step] for array in arrays)


def _long_rows(arrays: tuple[Array, ...], width: int) -> Iterator[tuple[Array, ...]]:
    """Blocks of RUN long rows, and last what does not fill a long row, as a shorter one."""
    flat = [array.reshape(-1) for array in arrays]
    whole = flat[0].size // width * width
    for start in range(0, whole, RUN * width):
        stop = min(start + RUN * width, whole)
        yield tuple(values[start:stop].reshape(-1, width) for values in flat)
    if whole < flat[0].size:
        yield tuple(values[None, whole:] for values in flat)


def _long(vectors: list[Array], x: Array, dtype: np.dtype) -> list[Array]:
    """Each vector (C,) repeated to the length of a long row of `x`."""
    times = _row_length(x) // x.shape[-1]
    return [np.tile(vector, times).astype(dtype, copy=False) for vector in vectors]


def _short(sums: Array, x: Array) -> Array:
    """Sums (2, width) over the columns of long rows added up to sums (2, C) over channels."""
    return sums.reshape(2, -1, x.shape[-1]).sum(axis=1)
