"""The layer's arguments, checked: each function returns its own in the form the layer keeps, or raises ValueError."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from bn_core.statistics import computed_dtype, is_float

Initializer = str | Callable[[tuple[int, ...]], np.ndarray]
Regularizer = Callable[[np.ndarray], float]
Constraint = Callable[[np.ndarray], np.ndarray]
INITIALIZERS = {"zeros": np.zeros, "ones": np.ones}


class Clipping(NamedTuple):
    """The limits of batch renormalization: r from rmin to rmax, d from -dmax to dmax. As in Keras, none by default."""

    rmin: float = 0.0
    rmax: float = np.inf
    dmax: float = np.inf


def whole_number(name: str, value: int) -> int:
    """A whole number: Keras takes 1.7 for 1, and so reads an axis given in error."""
    try:
        return operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be one whole number; got {value!r}") from None


def share(name: str, value: float) -> float:
    """A momentum, from 0 to 1."""
    number = _number(name, value)
    if not 0 <= number <= 1:
        raise ValueError(f"{name} is the share of the old average that is kept, from 0 to 1; got {value!r}")
    return number


def positive(name: str, value: float) -> float:
    """A finite number above 0."""
    number = _number(name, value)
    if not 0 < number < np.inf:
        raise ValueError(f"{name} must be above 0 and finite; got {value!r}")
    return number


def initializer(name: str, value: Initializer) -> Callable[[tuple[int, ...]], np.ndarray]:
    """A function from a shape to an array, given as such or by its name in INITIALIZERS."""
    if callable(value):
        return value
    if not isinstance(value, str) or value not in INITIALIZERS:
        raise ValueError(f"{name} must be one of {', '.join(INITIALIZERS)} or a function of the shape; got {value!r}")
    return INITIALIZERS[value]


def function_or_none(name: str, value: Callable | None) -> Callable | None:
    """A regularizer or constraint: Keras's own, or any function of the weight. Names are not looked up."""
    if value is not None and not callable(value):
        raise ValueError(f"{name} must be None or a function of the weight; got {value!r}")
    return value


def clipping(value: Mapping[str, float] | None) -> Clipping:
    """`renorm_clipping`: a mapping with any of rmin, rmax and dmax, where 0 <= rmin <= rmax and 0 <= dmax."""
    limits = {} if value is None else value
    if not isinstance(limits, Mapping) or set(limits) - set(Clipping._fields):
        raise ValueError(f"renorm_clipping must be a mapping with the keys rmin, rmax, dmax; got {value!r}")
    given = {key: _number(f"renorm_clipping[{key!r}]", limit) for key, limit in limits.items() if limit is not None}
    checked = Clipping(**given)
    if not (0 <= checked.rmin <= checked.rmax and checked.dmax >= 0):
        raise ValueError(f"renorm_clipping must have 0 <= rmin <= rmax and 0 <= dmax; got {value!r}")
    return checked


def result_dtype(value: str | np.dtype | type | None) -> np.dtype | None:
    """The `dtype` of outputs: None (that of each input) or a real floating dtype."""
    if value is None:
        return None
    try:
        dtype = np.dtype(value)
    except TypeError:
        dtype = None
    if dtype is None or not is_float(dtype):
        raise ValueError(f"dtype must be None, float16, float32, float64 or another floating dtype; got {value!r}")
    return dtype


@lru_cache(maxsize=64)
def output_dtype(dtype: np.dtype, asked_for: np.dtype | None) -> np.dtype:
    """What y has if x has `dtype`. Raises ValueError where that is no dtype of real numbers."""
    computed = computed_dtype(dtype)
    if asked_for is not None:
        return asked_for
    return (dtype if dtype.isnative else dtype.newbyteorder()) if is_float(dtype) else computed


def weight(name: str, values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """`values` as a float64 array of the layer's own, of this very shape."""
    array = np.array(values, dtype=np.float64)
    if array.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}; got {array.shape}")
    return array


def fitting_mask(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The mask as booleans of the input's shape, a view. Raises ValueError where its rank or lengths do not fit."""
    mask = np.asarray(mask).astype(bool)
    if mask.ndim != len(shape) - 1:
        raise ValueError(f"the mask must have one axis less than the input, {shape}; got the shape {mask.shape}")
    try:
        return np.broadcast_to(mask[..., None], shape)
    except ValueError:
        raise ValueError(f"the mask must broadcast to the input's {shape[:-1]}; got the shape {mask.shape}") from None


def _number(name: str, value: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number; got {value!r}") from None
