"""How the kernels walk through arrays: cut into slices, or with short rows glued to long ones.

NumPy starts its inner loop anew for each row, which costs as much as a hundred additions: an array (65536, 64) takes
three times as long as the same values in rows of 8,192. So long arrays are viewed as long rows, each many rows of
the array, and what belongs to the channels is repeated along them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

Array = np.ndarray

SHORT = 2048
"""Values up to which an array is better computed in float64 than with the care that float32 needs."""
LONG = 8192
"""Values in a long row: from here on NumPy's loop needs no buffer, and a block of such rows stays in the cache."""
RUN = 16
"""Long rows in a block. Sums of float32 are this short at most and go on in float64: their errors average out."""


def is_long(*arrays: Array) -> bool:
    """Whether the arrays are worth gluing to long rows, and can be: of one native type, float32 or float64."""
    first = arrays[0]
    if first.size <= SHORT or first.dtype.char not in "fd" or not first.dtype.isnative:
        return False
    for array in arrays:  # noqa: SIM110 - the generator of all(...) takes as long as the sum of a small array
        if array.dtype != first.dtype or not array.flags.c_contiguous:
            return False
    return True


def slices(*arrays: Array) -> Iterable[tuple[Array, ...]]:
    """Views (…, C) of equal parts of arrays in any layout, cut along the first axes."""
    first = arrays[0]
    if first.size <= LONG * RUN:
        return (arrays,)
    return _cut(arrays)


def _cut(arrays: tuple[Array, ...]) -> Iterator[tuple[Array, ...]]:
    """The slices of arrays that are more than one."""
    first = arrays[0]
    if first.ndim > 2 and first[0].size > LONG * RUN:
        for parts in zip(*arrays, strict=True):
            yield from _cut(parts)
        return
    step = max(1, LONG * RUN // first[0].size)
    for start in range(0, len(first), step):
        yield tuple(array[start : start + step] for array in arrays)


def long_rows(*arrays: Array) -> list[Sequence[Array]]:
    """Blocks (RUN, width) of contiguous arrays, and last what does not fill a row, as a shorter one.

    Arrays of less than one row are left as they are.
    """
    size = arrays[0].size
    if size <= LONG:
        return [arrays]
    width = _glued_length(arrays[0])
    flat = [array.reshape(-1) for array in arrays]
    whole, block = size - size % width, max(1, LONG * RUN // width) * width
    blocks = [
        [values[start : min(start + block, whole)].reshape(-1, width) for values in flat]
        for start in range(0, whole, block)
    ]
    return blocks if whole == size else [*blocks, [values[None, whole:] for values in flat]]


def _glued_length(x: Array) -> int:
    """C times the number of rows of `x` glued to one: LONG values at most, but at least one row."""
    channels = x.shape[-1]
    return channels * max(1, LONG // channels)


def glued(x: Array, *vectors: Array) -> Sequence[Array]:
    """Each vector (C,) in the dtype of `x`, repeated to the length of its long rows."""
    if x.size <= LONG:
        return [vector.astype(x.dtype) for vector in vectors]
    channels = x.shape[-1]
    rows = np.empty((len(vectors), _glued_length(x) // channels, channels), x.dtype)
    for row, vector in zip(rows, vectors, strict=True):
        row[...] = vector
    return rows.reshape(len(vectors), -1)


def channel_sums(block: Array, x: Array) -> Array:
    """Sums (C,) over a block of long rows of `x`, from here on in float64."""
    return column_sums(column_sums(block).astype(float).reshape(-1, x.shape[-1]))


def column_sums(block: Array) -> Array:
    """Sums over all axes but the last. By BLAS, which is faster than np.add.reduce and keeps columns apart too."""
    rows = block.reshape(-1, block.shape[-1])
    return ones(len(rows), rows.dtype).dot(rows)


@lru_cache(maxsize=32)
def ones(n: int, dtype: np.dtype) -> Array:
    """Ones (n,), read-only."""
    array = np.ones(n, dtype)
    array.flags.writeable = False
    return array
