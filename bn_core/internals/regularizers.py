"""Keras's regularizers of vectors, with its names, arguments and defaults (Keras 3.15, keras/src/regularizers)."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from bn_core.internals.ranges import NOT_NEGATIVE, number

Array = np.ndarray


@dataclass(frozen=True)
class _Penalty:
    """A function from a weight to what is added to the loss. Raises ValueError for a factor below 0 or not finite."""

    def __post_init__(self) -> None:
        for field in fields(self):
            number(field.name, getattr(self, field.name), NOT_NEGATIVE)


@dataclass(frozen=True)
class L1(_Penalty):
    """l1 · the sum of the absolute values."""

    l1: float = 0.01

    def __call__(self, weight: Array) -> float:
        return float(self.l1 * np.sum(np.abs(weight)))


@dataclass(frozen=True)
class L2(_Penalty):
    """l2 · the sum of the squares."""

    l2: float = 0.01

    def __call__(self, weight: Array) -> float:
        return float(self.l2 * np.sum(np.square(weight)))


@dataclass(frozen=True)
class L1L2(_Penalty):
    """Both. As in Keras, both factors are 0 where it is given by name alone."""

    l1: float = 0.0
    l2: float = 0.0

    def __call__(self, weight: Array) -> float:
        return L1(self.l1)(weight) + L2(self.l2)(weight)


CLASSES = (L1, L2, L1L2)
ALIASES: dict[str, type] = {}
FOR_MATRICES = ("OrthogonalRegularizer",)
"""Keras's other regularizers, which do not apply to vectors."""
