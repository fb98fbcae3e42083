"""The data the lessons stand on: 1797 handwritten digits, and four drawn sets of points in the plane."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

Array = np.ndarray

DIGITS = Path(__file__).with_name("data") / "digits.npz"


@functools.cache
def digits() -> tuple[Array, Array]:
    """The handwritten digits of bn_core/data (source and license there), as stored.

    Returns read-only x (1797, 64) uint8, the pixels of 8 × 8 images row by row, 0 to 16, and y (1797,) uint8, 0 to 9.
    Raises FileNotFoundError where the file is missing.
    """
    with np.load(DIGITS, allow_pickle=False) as stored:
        x, y = stored["x"], stored["y"]
    x.setflags(write=False)
    y.setflags(write=False)
    return x, y


def standardized(x: Array) -> Array:
    """`x` minus its mean, over its standard deviation (over 1 where that is 0), as float64."""
    return (x - x.mean()) / (x.std() or 1.0)


def split(x: Array, y: Array, share: float, seed: int) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """(x, y) shuffled and cut in two: round(share · n) examples to train on, the rest to validate.

    Both parts hold at least one example. Raises ValueError unless 0 < share < 1 and there are two examples or more.
    """
    n = len(x)
    if not 0 < share < 1 or n < 2:
        raise ValueError(f"a split needs 0 < share < 1 and two examples or more; got share {share}, {n} examples")
    order = np.random.default_rng(seed).permutation(n)
    cut = min(max(round(share * n), 1), n - 1)
    return (x[order[:cut]], y[order[:cut]]), (x[order[cut:]], y[order[cut:]])


def points(name: str, n: int, noise: float, seed: int) -> tuple[Array, Array]:
    """`n` points of the set `name` (a key of DATASETS), shuffled, each moved by Gaussian noise of that deviation.

    Returns x (n, 2) float64, within about ±1.5 without noise, and y (n,) int64, the classes 0 and 1, at most one point
    apart in size. Labels are given before the noise, so that neighbors can overlap. Raises ValueError for an
    unknown name, fewer than two points, or a negative noise.
    """
    if name not in DATASETS:
        raise ValueError(f"name must be one of {', '.join(DATASETS)}; got {name!r}")
    if n < 2 or not noise >= 0:
        raise ValueError(f"points needs n of 2 or more and noise of 0 or more; got n {n}, noise {noise}")
    rng = np.random.default_rng(seed)
    first = DATASETS[name]((n + 1) // 2, 0, rng)
    second = DATASETS[name](n // 2, 1, rng)
    x = np.concatenate([first, second])
    y = np.repeat([0, 1], [len(first), len(second)])
    order = rng.permutation(n)
    return x[order] + noise * rng.standard_normal((n, 2)), y[order]


def moons(n: int, label: int, rng: np.random.Generator) -> Array:
    """`n` points (n, 2), evenly along a half circle of radius 1; the second hangs below the first and to its right."""
    angle = np.linspace(0, np.pi, n)
    arch = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return arch - [0.5, 0.25] if label == 0 else [0.5, 0.25] - arch


def circles(n: int, label: int, rng: np.random.Generator) -> Array:
    """`n` points (n, 2), evenly around a circle of radius 1.2 (label 0) or 0.5 (label 1)."""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return (1.2, 0.5)[label] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def spirals(n: int, label: int, rng: np.random.Generator) -> Array:
    """`n` points (n, 2), evenly along an arm winding 1.75 times out to radius 1.4; the arms are half a turn apart."""
    way = np.linspace(1 / n, 1, n)
    angle = 2 * np.pi * 1.75 * way + np.pi * label
    return 1.4 * way[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def xor(n: int, label: int, rng: np.random.Generator) -> Array:
    """`n` points (n, 2), uniform in the square ±1.2: both signs alike (label 0) or different (label 1)."""
    x = rng.uniform(0, 1.2, (n, 2)) * rng.choice([-1.0, 1.0], (n, 1))
    return x * [1, 1 - 2 * label]


DATASETS: dict[str, Callable[[int, int, np.random.Generator], Array]] = {
    "moons": moons,
    "circles": circles,
    "spirals": spirals,
    "xor": xor,
}
"""The sets of points in the plane by name: one function draws the points of one class."""
