"""Keras's constraints, with its names, arguments and defaults (Keras 3.15, keras/src/constraints).

A norm is taken over `axis`. The layer's weights are vectors, so with the default 0 it is the norm of all channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
Axis = int | Sequence[int] | None
EPSILON = 1e-7
"""The number that Keras adds to a norm before dividing by it, `keras.config.epsilon()`."""


@dataclass(frozen=True)
class MaxNorm:
    """A norm of at most max_value."""

    max_value: float = 2
    axis: Axis = 0

    def __call__(self, weight: Array) -> Array:
        norm = _norm(weight, self.axis)
        return weight * (np.clip(norm, 0, self.max_value) / (EPSILON + norm))


@dataclass(frozen=True)
class NonNeg:
    """Sets values below 0 to 0."""

    def __call__(self, weight: Array) -> Array:
        return np.maximum(weight, 0)


@dataclass(frozen=True)
class UnitNorm:
    """A norm of 1."""

    axis: Axis = 0

    def __call__(self, weight: Array) -> Array:
        return weight / (EPSILON + _norm(weight, self.axis))


@dataclass(frozen=True)
class MinMaxNorm:
    """A norm from min_value to max_value, moved there by the share `rate` of the distance."""

    min_value: float = 0.0
    max_value: float = 1.0
    rate: float = 1.0
    axis: Axis = 0

    def __call__(self, weight: Array) -> Array:
        norm = _norm(weight, self.axis)
        wanted = self.rate * np.clip(norm, self.min_value, self.max_value) + (1 - self.rate) * norm
        return weight * (wanted / (EPSILON + norm))


CLASSES = (MaxNorm, NonNeg, UnitNorm, MinMaxNorm)
ALIASES: dict[str, type] = {}
FOR_MATRICES: tuple[str, ...] = ()


def _norm(weight: Array, axis: Axis) -> Array:
    axis = tuple(axis) if isinstance(axis, Sequence) else axis
    return np.sqrt(np.sum(np.square(weight), axis=axis, keepdims=True))
