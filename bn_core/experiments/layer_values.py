"""What is told of a layer's values: their density on a fixed axis, their moments, the share that is idle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bn_core.steps import batch_statistics

Array = np.ndarray


@dataclass(frozen=True)
class Axis:
    """The bins of a density: `centres` (bins,) in equal steps, 0 in the middle of one; `tallest`, twice the density
    that N(0, 1) reaches at its peak after the activation: where a drawing of a density ends."""

    centres: Array
    tallest: float

    @property
    def width(self) -> float:
        return float(self.centres[1] - self.centres[0])

    @property
    def ends(self) -> tuple[float, float]:
        """The outer edges of the first and the last bin."""
        return float(self.centres[0] - self.width / 2), float(self.centres[-1] + self.width / 2)

    @property
    def normal(self) -> Array:
        """The density of N(0, 1) at the centres (bins,)."""
        return np.exp(-(self.centres**2) / 2) / np.sqrt(2 * np.pi)


WIDE = Axis(np.linspace(-4, 4, 65), 0.8)
BOUNDED = {"tanh": Axis(np.linspace(-1, 1, 65), 1.5), "sigmoid": Axis(np.linspace(0, 1, 65), 3.2)}


def densities(values: Array, bins: Axis) -> tuple[Array, Array, Array]:
    """Of values (steps, batch, units): density (steps, bins), share below the first bin, share above the last one.

    A value on the edge of two bins belongs to the upper one, the very last edge to the outside.
    """
    steps, count = len(values), len(bins.centres)
    place = np.clip((values - bins.ends[0]) * (1 / bins.width), -1, count)
    place = np.floor(place, out=place).reshape(steps, -1) + (1 + (count + 2) * np.arange(steps))[:, None]
    counts = np.bincount(place.astype(np.intp).ravel(), minlength=steps * (count + 2)).reshape(steps, count + 2)
    shares = counts / values[0].size
    return shares[:, 1:-1] / bins.width, shares[:, 0], shares[:, -1]


def moments(values: Array) -> tuple[Array, Array, Array]:
    """Mean, std and std between images of values (steps, batch, units): three arrays (steps,)."""
    units = batch_statistics(values, axes=(1,))
    mean, var = units.mean[:, 0], units.var[:, 0].mean(axis=-1)
    return mean.mean(axis=-1), np.sqrt(var + mean.var(axis=-1)), np.sqrt(var)


def _saturated(stretch: float) -> Callable[[Array], Array]:
    """The share of z where the slope of tanh(z / stretch) is under a twentieth of its steepest, 1 − tanh² < 0.05."""
    bound = stretch * np.arctanh(np.sqrt(0.95))
    return lambda z: np.mean(abs(z) > bound, axis=(1, 2))


def _dead(z: Array) -> Array:
    """The share of units whose relu gives 0 for the whole batch."""
    return np.mean(z.max(axis=1) <= 0, axis=-1)


IDLE: dict[str, Callable[[Array], Array]] = {"tanh": _saturated(1.0), "sigmoid": _saturated(2.0), "relu": _dead}
"""By activation, the share that is idle of z (steps, batch, units), what enters it: saturated values or dead units."""
