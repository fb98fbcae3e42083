"""Settings that may differ per lane: runs side by side in one array, whose first axis they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from bn_core.internals.ranges import NOT_NEGATIVE, POSITIVE, SHARE, SHARE_BELOW_1, Range, checked

Array = np.ndarray
PerLane = float | Sequence[float] | Array
"""One number for all lanes, or one per lane."""


def column(value: PerLane, like: Array) -> Array:
    """`value` in the type of `like` (lanes, …) and with as many axes, so that each lane meets its own number."""
    array = np.asarray(value, dtype=like.dtype)
    return array.reshape(array.shape + (1,) * (like.ndim - 1)) if array.ndim else array


RANGES: dict[str, Range] = {
    "learning_rate": NOT_NEGATIVE,
    "weight_decay": NOT_NEGATIVE,
    "momentum": SHARE,
    "beta_1": SHARE_BELOW_1,
    "beta_2": SHARE_BELOW_1,
    "epsilon": POSITIVE,
    "dropout": SHARE_BELOW_1,
    "noise_shift": NOT_NEGATIVE,
    "noise_scale": NOT_NEGATIVE,
}
"""By name of a setting."""


def check_lanes(settings: object, lanes: int) -> None:
    """Raise ValueError for a field named in RANGES that lists another number of values than there are lanes."""
    for name in RANGES:
        length = np.size(getattr(settings, name, 0))
        if np.ndim(getattr(settings, name, 0)) and length != lanes:
            raise ValueError(f"{name} must be one number or one per lane, {lanes}; got {length}")


def check(settings: object) -> None:
    """Raise ValueError for a field named in RANGES that for any lane lies outside, or is neither number nor list."""
    for name in (field.name for field in fields(settings) if field.name in RANGES):
        value = getattr(settings, name)
        if checked(name, value, RANGES[name]).ndim > 1:
            raise ValueError(f"{name} must be one number or one per lane; got {value!r}")
