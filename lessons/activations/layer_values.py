"""Measures of a layer's values: their moments, the share that is idle, and the axes of their densities."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bn_core.nets.activations import FLAT
from bn_core.steps import batch_statistics
from lessons.histogram import Axis

Array = np.ndarray

WIDE = Axis(np.linspace(-4, 4, 65), 0.8)
BOUNDED = {"tanh": Axis(np.linspace(-1, 1, 65), 1.5), "sigmoid": Axis(np.linspace(0, 1, 65), 3.2)}
"""By activation. 0 lies in the middle of a bin; the axis ends at twice the peak that N(0, 1) has after it."""


def moments(values: Array) -> tuple[Array, Array, Array]:
    """Mean, std and std between images of values (steps, batch, units): (steps,) each."""
    units = batch_statistics(values, axes=(1,))
    mean, var = units.mean[:, 0], units.var[:, 0].mean(axis=-1)
    return mean.mean(axis=-1), np.sqrt(var + mean.var(axis=-1)), np.sqrt(var)


def _saturated(stretch: float) -> Callable[[Array], Array]:
    """A function for the share of z where the slope of tanh(z / stretch) is under FLAT of its steepest."""
    bound = stretch * np.arctanh(np.sqrt(1 - FLAT))
    return lambda z: np.mean(abs(z) > bound, axis=(1, 2))


def _dead(z: Array) -> Array:
    """The share of units for which relu gives 0 on the whole batch."""
    return np.mean(z.max(axis=1) <= 0, axis=-1)


IDLE: dict[str, Callable[[Array], Array]] = {"tanh": _saturated(1.0), "sigmoid": _saturated(2.0), "relu": _dead}
"""By activation, the idle share (steps,) of its inputs z (steps, batch, units): saturated values or dead units."""
