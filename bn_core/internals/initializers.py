"""Keras's initializers of vectors, with its names, arguments and defaults (Keras 3.15, keras/src/initializers).

Each is called with the shape (channels,). Random ones have Keras's distribution, not its numbers, which differ from one
backend of Keras to the next; an equal `seed`, if it is not None, gives equal numbers.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bn_core.internals.ranges import POSITIVE, number

Array = np.ndarray
Shape = tuple[int, ...]
TRUNCATED = 0.87962566103423978
"""The standard deviation of N(0, 1) cut off at ±2."""
MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform", "normal")  # the last is Keras's other name


@dataclass(frozen=True)
class Zeros:
    """Zeros."""

    def __call__(self, shape: Shape) -> Array:
        return np.zeros(shape)


@dataclass(frozen=True)
class Ones:
    """Ones."""

    def __call__(self, shape: Shape) -> Array:
        return np.ones(shape)


@dataclass(frozen=True)
class Constant:
    """`value` everywhere."""

    value: float = 0.0

    def __call__(self, shape: Shape) -> Array:
        return np.full(shape, self.value, dtype=np.float64)


@dataclass(frozen=True)
class RandomNormal:
    """N(mean, stddev²)."""

    mean: float = 0.0
    stddev: float = 0.05
    seed: int | None = None

    def __call__(self, shape: Shape) -> Array:
        return self.mean + self.stddev * _generator(self.seed).standard_normal(shape)


@dataclass(frozen=True)
class TruncatedNormal:
    """N(mean, stddev²), with values more than two stds from the mean drawn again."""

    mean: float = 0.0
    stddev: float = 0.05
    seed: int | None = None

    def __call__(self, shape: Shape) -> Array:
        return self.mean + self.stddev * _truncated(shape, self.seed)


@dataclass(frozen=True)
class RandomUniform:
    """Uniform from minval to maxval."""

    minval: float = -0.05
    maxval: float = 0.05
    seed: int | None = None

    def __call__(self, shape: Shape) -> Array:
        return _generator(self.seed).uniform(self.minval, self.maxval, shape)


@dataclass(frozen=True)
class VarianceScaling:
    """Mean 0 and variance scale / n; for a vector, fan_in, fan_out and n all are its length. Raises ValueError."""

    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "truncated_normal"
    seed: int | None = None
    input_axes: Sequence[int] | None = None
    output_axes: Sequence[int] | None = None

    def __post_init__(self) -> None:
        number("scale", self.scale, POSITIVE)
        if self.mode not in MODES or self.distribution not in DISTRIBUTIONS:
            raise ValueError(f"mode is one of {', '.join(MODES)}, distribution one of {', '.join(DISTRIBUTIONS)}")

    def __call__(self, shape: Shape) -> Array:
        deviation = math.sqrt(self.scale / max(1.0, self._fan(shape)))
        if self.distribution == "uniform":
            return _generator(self.seed).uniform(-1, 1, shape) * math.sqrt(3) * deviation
        if self.distribution == "untruncated_normal":
            return _generator(self.seed).standard_normal(shape) * deviation
        return _truncated(shape, self.seed) * deviation / TRUNCATED

    def _fan(self, shape: Shape) -> float:
        given = self.input_axes, self.output_axes
        if None in given:
            return float(math.prod(shape))
        fan_in, fan_out = (math.prod(shape[axis] for axis in axes) for axes in given)
        return {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]


@dataclass(frozen=True)
class _Scaled:
    """`VarianceScaling` with the three numbers of a paper."""

    seed: int | None = None
    input_axes: Sequence[int] | None = None
    output_axes: Sequence[int] | None = None

    def __call__(self, shape: Shape) -> Array:
        scaling = VarianceScaling(*_PAPERS[type(self).__name__], self.seed, self.input_axes, self.output_axes)
        return scaling(shape)


class GlorotNormal(_Scaled):
    """Glorot & Bengio 2010."""


class GlorotUniform(_Scaled):
    """Glorot & Bengio 2010."""


class HeNormal(_Scaled):
    """He et al. 2015."""


class HeUniform(_Scaled):
    """He et al. 2015."""


class LecunNormal(_Scaled):
    """LeCun et al. 1998."""


class LecunUniform(_Scaled):
    """LeCun et al. 1998."""


_PAPERS: dict[str, tuple[float, str, str]] = {
    "GlorotNormal": (1.0, "fan_avg", "truncated_normal"),
    "GlorotUniform": (1.0, "fan_avg", "uniform"),
    "HeNormal": (2.0, "fan_in", "truncated_normal"),
    "HeUniform": (2.0, "fan_in", "uniform"),
    "LecunNormal": (1.0, "fan_in", "truncated_normal"),
    "LecunUniform": (1.0, "fan_in", "uniform"),
}
CLASSES = (
    Zeros,
    Ones,
    Constant,
    RandomNormal,
    TruncatedNormal,
    RandomUniform,
    VarianceScaling,
    *_Scaled.__subclasses__(),
)
ALIASES = {"zero": Zeros, "one": Ones, "normal": RandomNormal, "uniform": RandomUniform}
FOR_MATRICES = ("Identity", "IdentityInitializer", "Orthogonal", "OrthogonalInitializer", "STFT", "STFTInitializer")
"""Keras's other initializers, which do not apply to vectors."""


def _generator(seed: int | None) -> np.random.Generator:
    if seed is not None and not isinstance(seed, numbers.Integral):
        raise ValueError(f"seed must be None or a whole number; got {seed!r}")
    return np.random.default_rng(seed)


def _truncated(shape: Shape, seed: int | None) -> Array:
    """N(0, 1) cut off at ±2."""
    rng = _generator(seed)
    values = rng.standard_normal(shape)
    while np.any(beyond := np.abs(values) > 2):
        values[beyond] = rng.standard_normal(np.count_nonzero(beyond))
    return values
