"""The ranges that numbers may lie in, in words and as a test; one function holds a setting to its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Array = np.ndarray


class Range(NamedTuple):
    """What an error says after the setting's name, and whether each number of an array lies inside. NaN never does."""

    words: str
    holds: Callable[[Array], Array]


POSITIVE = Range("must be above 0 and finite", lambda value: (value > 0) & (value < np.inf))
NOT_NEGATIVE = Range("must be 0 or more and finite", lambda value: (value >= 0) & (value < np.inf))
SHARE = Range("must be from 0 to 1", lambda value: (value >= 0) & (value <= 1))
SHARE_BELOW_1 = Range("must be 0 or more and below 1", lambda value: (value >= 0) & (value < 1))
KEPT_SHARE = Range("is the share of the old average that is kept, from 0 to 1", SHARE.holds)


def checked(name: str, value: float | Array, allowed: Range) -> Array:
    """`value` as a float64 array. Raises ValueError where it is not made of numbers, or one lies outside."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number; got {value!r}") from None
    if not np.all(allowed.holds(array)):
        raise ValueError(f"{name} {allowed.words}; got {value!r}")
    return array


def number(name: str, value: float, allowed: Range) -> float:
    """As `checked`, of a single number."""
    array = checked(name, value, allowed)
    if array.size != 1:
        raise ValueError(f"{name} must be a number; got {value!r}")
    return array.item()


def variance(name: str, values: float | Array) -> Array:
    """Variances, or deviations, as a float64 array. Raises ValueError where one is below 0; NaN and inf pass."""
    array = np.asarray(values, dtype=np.float64)
    if np.any(array < 0):
        least = np.nanmin(array)
        raise ValueError(f"{name} must be 0 or more; got {least}: are running_mean and running_var swapped?")
    return array
