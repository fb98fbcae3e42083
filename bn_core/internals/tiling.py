"""How the kernels go through arrays: cut into slices, or with short rows joined to long ones.

NumPy starts its inner loop anew for each row, which costs as much as a hundred additions: an array (65536, 64) takes
three times as long as the same values in rows of 2,048. So long arrays are viewed as long rows, each many rows of
the array, and what belongs to the channels is repeated along them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

Array = np.ndarray

SHORT = 2048
"""Up to this many values, an array is better computed in float64 than with the care that float32 needs."""
GLUED = 8192
"""Up to this many values, rows are not joined: repeating vectors along them would take longer than it saves."""
LONG = 2048
"""The most values in a long row."""
ROWS = 64
"""Long rows per block, so that a block stays in the cache; an array must have at least this many."""
RUN = 16
"""The longest sums in float32, which then go on in float64, so that rounding errors average out."""
BUFFER = 1024
"""The size of NumPy's buffer, in values. It takes rows of this length without buffering, and half again as fast."""


def is_long(*arrays: Array) -> bool:
    """Whether joining the arrays' rows is useful and possible: of one native type, float32 or float64."""
    first = arrays[0]
    if first.size <= SHORT or first.dtype.char not in "fd" or not first.dtype.isnative:
        return False
    for array in arrays:  # noqa: SIM110 - the generator of all(...) takes as long as the sum of a small array
        if array.dtype != first.dtype or not array.flags.c_contiguous:
            return False
    return True


def fit_buffer(x: Array) -> None:
    """Fit NumPy's buffer to long rows, if `x` has them. For use in np.errstate, which restores the old one."""
    if x.size > GLUED:
        np.setbufsize(BUFFER)


def slices(*arrays: Array) -> Iterable[tuple[Array, ...]]:
    """Views (…, C) of equal parts of arrays in any layout, cut along the first axes."""
    first = arrays[0]
    if first.size <= LONG * ROWS:
        return (arrays,)
    return _cut(arrays)


def _cut(arrays: tuple[Array, ...]) -> Iterator[tuple[Array, ...]]:
    """The slices of arrays that need more than one."""
    first = arrays[0]
    if first.ndim > 2 and first[0].size > LONG * ROWS:
        for parts in zip(*arrays, strict=True):
            yield from _cut(parts)
        return
    step = max(1, LONG * ROWS // first[0].size)
    for start in range(0, len(first), step):
        yield tuple(array[start : start + step] for array in arrays)


def long_rows(*arrays: Array) -> list[Sequence[Array]]:
    """Blocks (ROWS, width) of contiguous arrays, then the values that do not fill a row, as a shorter row.

    Arrays of up to GLUED values are returned whole.
    """
    size = arrays[0].size
    if size <= GLUED:
        return [arrays]
    width = _glued_length(arrays[0])
    flat = [array.reshape(-1) for array in arrays]
    whole, block = size - size % width, max(1, LONG * ROWS // width) * width
    blocks = [
        [values[start : min(start + block, whole)].reshape(-1, width) for values in flat]
        for start in range(0, whole, block)
    ]
    return blocks if whole == size else [*blocks, [values[None, whole:] for values in flat]]


def _glued_length(x: Array) -> int:
    """C times the number of rows of `x` in a long row: so many that ROWS long ones remain, but at least one."""
    channels = x.shape[-1]
    return channels * max(1, min(LONG, x.size // ROWS) // channels)


def glued(x: Array, *vectors: Array) -> Sequence[Array]:
    """Each vector (C,) in the dtype of `x`, repeated to the length of a long row."""
    if x.size <= GLUED:
        return [vector.astype(x.dtype) for vector in vectors]
    channels = x.shape[-1]
    rows = np.empty((len(vectors), _glued_length(x) // channels, channels), x.dtype)
    for row, vector in zip(rows, vectors, strict=True):
        row[...] = vector
    return rows.reshape(len(vectors), -1)


def channel_sums(block: Array, x: Array) -> Array:
    """Sums (C,) over a block of long rows of `x`: RUN values at a time in its dtype, then in float64."""
    rest = len(block) % RUN
    if rest and len(block) > RUN:
        return channel_sums(block[:-rest], x) + channel_sums(block[-rest:], x)
    runs = block if rest else block.reshape(RUN, -1)
    return column_sums(column_sums(runs).astype(float).reshape(-1, x.shape[-1]))


def column_sums(block: Array) -> Array:
    """Sums over all axes but the last. By BLAS, which is faster than np.add.reduce and also keeps columns apart."""
    rows = block.reshape(-1, block.shape[-1])
    return ones(len(rows), rows.dtype).dot(rows)


@lru_cache(maxsize=32)
def ones(n: int, dtype: np.dtype) -> Array:
    """Ones (n,), read-only."""
    array = np.ones(n, dtype)
    array.flags.writeable = False
    return array


@lru_cache(maxsize=32)
def shares(n: int) -> Array:
    """1/n (n,), read-only: weights for a mean where rounding 1/n does no harm."""
    array = ones(n, np.dtype(float)) / n
    array.flags.writeable = False
    return array
