"""Sums over any axes that stay exact: float64 accumulators and a shift, whatever the input's dtype and offset."""

from __future__ import annotations

import math

import numpy as np

Axes = int | tuple[int, ...]

MASK_EPSILON = 1e-7
"""The number that Keras adds to the count of unmasked values, so that an all-masked channel has mean 0 / 1e-7."""


def float_dtype(x: np.ndarray) -> np.dtype:
    """The dtype of results computed from `x`: float32 and wider stay, shorter floats become float32, integers float64.

    Raises ValueError for anything but real numbers. Short floats are float16 and the bfloat16 of ml_dtypes, which is
    recognized by its name, so that the package need not be installed.
    """
    return computed_dtype(x.dtype)


def computed_dtype(dtype: np.dtype) -> np.dtype:
    """`float_dtype` for an array's dtype."""
    if is_float(dtype):
        return np.dtype(np.float32) if dtype.itemsize < 4 else np.result_type(dtype, np.float32)
    if dtype.kind in "iub":
        return np.dtype(np.float64)
    raise ValueError(f"expected real numbers; got an array of dtype {dtype}")


def is_float(dtype: np.dtype) -> bool:
    """Whether results may be stored in `dtype`: NumPy's floats, and bfloat16, which NumPy takes for raw bytes."""
    return dtype.kind == "f" or dtype.name == "bfloat16"


def count(x: np.ndarray, axes: Axes) -> int:
    """The number N of values of `x` for each statistic. Raises ValueError where it is 0 or an axis does not exist."""
    n = count_or_zero(x, axes)
    if n == 0:
        raise ValueError(f"an empty batch has no statistics; got the shape {x.shape} reduced over {axes}")
    return n


def count_or_zero(x: np.ndarray, axes: Axes) -> int:
    """`count`, but 0 instead of an error where there are no values."""
    try:
        return math.prod(x.shape[axis] for axis in _as_tuple(axes))
    except (IndexError, TypeError):
        raise ValueError(f"axes must be an axis of the shape {x.shape}, or a tuple of them; got {axes!r}") from None


def total(x: np.ndarray, axes: Axes) -> np.ndarray:
    """The sum of `x` over `axes` in float64; reduced axes stay with length 1."""
    return np.add.reduce(x, axis=axes, keepdims=True, dtype=np.float64)


def plain_mean(x: np.ndarray, axes: Axes) -> np.ndarray:
    """The mean of `x` over `axes`, summed in float64; reduced axes stay with length 1."""
    return total(x, axes) / count(x, axes)


def shifted_mean(x: np.ndarray, axes: Axes) -> np.ndarray:
    """`plain_mean` by way of the distances to each channel's first value: a large common offset costs no digits."""
    first = _first(x, axes)
    return first + plain_mean(x - first, axes)


def _first(x: np.ndarray, axes: Axes) -> np.ndarray:
    """One value per channel, float64 (so that differences to it are too), reduced axes with length 1."""
    count(x, axes)
    reduced = {axis % x.ndim for axis in _as_tuple(axes)}
    corner = tuple(slice(0, 1) if axis in reduced else slice(None) for axis in range(x.ndim))
    return x[corner].astype(np.float64)


def _as_tuple(axes: Axes) -> tuple[int, ...]:
    return axes if isinstance(axes, tuple) else (axes,)
