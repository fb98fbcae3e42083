"""The layer's arguments, checked: each function returns its own in the form the layer keeps, or raises ValueError."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from bn_core.internals import ranges
from bn_core.internals.by_name import Named
from bn_core.internals.statistics import computed_dtype, is_float

Initializer = Named | Callable[[tuple[int, ...]], np.ndarray]
Regularizer = Named | Callable[[np.ndarray], float]
Constraint = Named | Callable[[np.ndarray], np.ndarray]
POLICIES = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
"""The dtype of the outputs under Keras's mixed precision policies."""


class Clipping(NamedTuple):
    """The limits of batch renormalization: r from rmin to rmax, d from -dmax to dmax. By default, as in Keras, none."""

    rmin: float = 0.0
    rmax: float = np.inf
    dmax: float = np.inf


def axis(value: int) -> int:
    """A whole number. Keras takes 1.7 for 1, and so accepts an axis given by mistake."""
    try:
        return operator.index(value)
    except TypeError:
        raise ValueError(
            f"axis must be one whole number, that of the channels; got {value!r}{_way_out(value)}"
        ) from None


def _way_out(value: object) -> str:
    """What to do instead of passing a list, as in Keras 2."""
    if not isinstance(value, list | tuple) or not value:
        return ""
    if len(value) == 1:
        return f": give {value[0]!r}"
    return ": reshape the input so that these axes become one"


def share(name: str, value: float) -> float:
    """A momentum, from 0 to 1."""
    return ranges.number(name, value, ranges.KEPT_SHARE)


def positive(name: str, value: float) -> float:
    """A finite number above 0."""
    return ranges.number(name, value, ranges.POSITIVE)


def name(value: str | None) -> str | None:
    """None or a string."""
    if value is not None and not isinstance(value, str):
        raise ValueError(f"name must be None or a text; got {value!r}")
    return value


def synchronized(value: bool) -> bool:
    """False: within one process there is nothing to synchronize."""
    if value:
        raise ValueError("synchronized must be False: bn_core.population pools the statistics of replicas")
    return False


def renorm(value: bool, convention: str) -> bool:
    """Whether there is batch renormalization, which only Keras has."""
    if value and convention != "keras":
        raise ValueError(f"renorm is Keras's: convention must be 'keras'; got {convention!r}")
    return bool(value)


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
    """The `dtype` of outputs: None (each input's own), a real floating dtype, or a name in POLICIES."""
    if value is None:
        return None
    name = POLICIES.get(value, value) if isinstance(value, str) else value
    try:
        dtype = np.dtype(name)
    except TypeError:
        dtype = None
    if dtype is None or not is_float(dtype):
        known = "None, float16, float32, float64, mixed_float16 or, with ml_dtypes imported, bfloat16"
        raise ValueError(f"dtype must be {known}; got {value!r}")
    return dtype


@lru_cache(maxsize=64)
def output_dtype(dtype: np.dtype, asked_for: np.dtype | None) -> np.dtype:
    """The dtype of y for an x of `dtype`. Raises ValueError where that is no dtype of real numbers."""
    computed = computed_dtype(dtype)
    if asked_for is not None:
        return asked_for
    return (dtype if dtype.isnative else dtype.newbyteorder()) if is_float(dtype) else computed


def weight(name: str, values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """`values` as a new float64 array of exactly this shape."""
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
