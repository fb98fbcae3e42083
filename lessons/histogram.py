"""The distribution of values: density on a fixed axis, shares beyond its ends, skewness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Axis:
    """The bins of a density: `centers` (bins,) in equal steps; `tallest`: where a drawing of a density ends."""

    centers: Array
    tallest: float

    @property
    def width(self) -> float:
        return float(self.centers[1] - self.centers[0])

    @property
    def ends(self) -> tuple[float, float]:
        """The outer edges of the first and the last bin."""
        return float(self.centers[0] - self.width / 2), float(self.centers[-1] + self.width / 2)

    @property
    def normal(self) -> Array:
        """The density of N(0, 1) at the centers (bins,)."""
        return np.exp(-(self.centers**2) / 2) / np.sqrt(2 * np.pi)


def densities(values: Array, bins: Axis) -> tuple[Array, Array, Array]:
    """The density (steps, bins) of values (steps, batch, units), and the shares below the first and above the last bin.

    A value on the edge of two bins belongs to the upper one, the very last edge to the outside.
    """
    steps, count = len(values), len(bins.centers)
    place = np.clip((values - bins.ends[0]) * (1 / bins.width), -1, count)
    place = np.floor(place, out=place).reshape(steps, -1) + (1 + (count + 2) * np.arange(steps))[:, None]
    counts = np.bincount(place.astype(np.intp).ravel(), minlength=steps * (count + 2)).reshape(steps, count + 2)
    shares = counts / values[0].size
    return shares[:, 1:-1] / bins.width, shares[:, 0], shares[:, -1]


def skewness(values: Array) -> float:
    """The skewness of the values: 0 where both sides are alike, negative with a longer tail on the left."""
    return float(np.mean((values - values.mean()) ** 3) / values.std() ** 3)
