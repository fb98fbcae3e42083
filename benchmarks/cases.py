"""Batches that are hard to normalize in float32, and the errors of a result: for a table and for a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Array = np.ndarray

EPSILON = 2.0**-10
"""About Keras's 1e-3, but the same number in float32 and in float64."""

ROUNDING = 2.0**-24
"""The largest relative error from rounding a number to float32."""


class Case(NamedTuple):
    """A float32 batch whose channels lie along `axis`, with a random gamma and beta (channels,), float32 too."""

    name: str
    x: Array
    axis: int
    gamma: Array
    beta: Array


class Normalized(NamedTuple):
    """Mean and biased variance of a batch (channels,), and the output y with the shape of the batch."""

    mean: Array
    var: Array
    y: Array


class Errors(NamedTuple):
    """The largest errors over all channels: of the mean, over the channel's root mean square; of the variance, over
    itself (where it is 0: the wrong variance); of y, over the channel's largest |y|."""

    mean: float
    var: float
    y: float


def cases() -> list[Case]:
    """All cases, newly drawn; together some 30 MB."""
    return [case(name, x, axis) for name, (x, axis) in (columns() | long_columns() | layouts()).items()]


def case(name: str, x: Array, axis: int = -1) -> Case:
    rng = np.random.default_rng(len(name))
    gamma, beta = rng.uniform(0.5, 2, (2, x.shape[axis])).astype(np.float32)
    return Case(name, x, axis, gamma, -beta)


def columns() -> dict[str, tuple[Array, int]]:
    """Batches (n, channels), C-contiguous, by name."""
    rng = np.random.default_rng(1)
    offsets = {f"offset 1e{power}, std 1": 10.0**power + rng.normal(size=(4096, 4)) for power in range(2, 8)}
    constants = {
        "constant 1234567.8, 7 values": np.full((7, 3), 1234567.8),
        "constant 0.1, 65,536 values": np.full((65536, 2), 0.1),
    }
    tiny = {
        "std 1e-6 around 0": rng.normal(0, 1e-6, (4096, 4)),
        "std 1e-6 around 1": rng.normal(1, 1e-6, (4096, 4)),
        "std 1e-15 around 0": rng.normal(0, 1e-15, (4096, 4)),
        "std 1e15 around 0": rng.normal(0, 1e15, (4096, 4)),
        "std 1e25 around 0, squares overflow float32": rng.normal(0, 1e25, (4096, 4)),
        "each channel another scale, 1e-3 to 1e4": rng.normal(1, 1, (4096, 8)) * 10.0 ** np.arange(-3, 5),
    }
    made = short() | offsets | constants | tiny | starts()
    return {name: (x.astype(np.float32), -1) for name, x in made.items()}


def short() -> dict[str, Array]:
    """Ordinary batches, too short for rounding errors to average out; 64 channels, of which the worst counts."""
    rng = np.random.default_rng(4)
    return {f"{n} values, mean 3, std 2": rng.normal(3, 2, (n, 64)) for n in (4, 64, 1024)}


def starts() -> dict[str, Array]:
    """Batches whose first value is far from the mean, which is hard for methods that subtract the first value."""
    rng = np.random.default_rng(5)
    rising = 1e4 + np.linspace(0, 1, 4096)[:, None] * [1, 10, 100]
    return {
        "outlier first, 64 among std 1": first(64, rng.normal(size=(4096, 4))),
        "4 std from the mean first": first(3.9, rng.normal(size=(4096, 4))),
        "4 std from the mean first, 64 values": first(3.9, rng.normal(size=(64, 16))),
        "4 std from the mean first, 16 values": first(3.9, rng.normal(size=(16, 64))),
        "rising steadily from 1e4": rising,
    }


def long_columns() -> dict[str, tuple[Array, int]]:
    """A million values per channel."""
    x = np.random.default_rng(2).standard_normal((10**6, 2), np.float32)
    return {
        "a million values, std 1": (x, -1),
        "a million values, offset 1e4": (x + np.float32(1e4), -1),
        "a million values, outlier 1000 first": (first(1000, x), -1),
    }


def first(value: float, x: Array) -> Array:
    """`x` with `value` in place of the first value of every channel."""
    x = x.copy()
    x[0] = value
    return x


def layouts() -> dict[str, tuple[Array, int]]:
    """One batch of 4,608 values around 1e4 for each of 8 channels, in every memory order."""
    x = (1e4 + np.random.default_rng(3).normal(size=(32, 12, 12, 8))).astype(np.float32)
    wide = np.zeros((64, 14, 36, 16), np.float32)
    sliced = wide[::2, 1:13, ::3, ::2]
    sliced[:] = x
    channels_first = np.ascontiguousarray(np.moveaxis(x, -1, 1))
    return {
        "channels last, C order": (x, -1),
        "channels last, Fortran order": (np.asfortranarray(x), -1),
        "channels last, sliced": (sliced, -1),
        "channels last, backwards": (np.ascontiguousarray(x[::-1, :, ::-1])[::-1, :, ::-1], -1),
        "channels first, C order": (channels_first, 1),
        "channels first, a view": (np.moveaxis(x, -1, 1), 1),
        "two axes, Fortran order": (np.asfortranarray(x.reshape(-1, 8)), -1),
    }


def truth(case: Case) -> Normalized:
    """The result in extended precision (float64 where the machine has no more)."""
    x = np.moveaxis(case.x, case.axis, -1).astype(np.longdouble)
    over = tuple(range(x.ndim - 1))
    mean = np.mean(x, axis=over)
    centered = x - mean
    var = np.mean(centered**2, axis=over) - np.mean(centered, axis=over) ** 2
    y = case.gamma * (centered / np.sqrt(var + EPSILON)) + case.beta
    return Normalized(mean, np.maximum(var, 0), np.moveaxis(y, -1, case.axis))


def errors(found: Normalized, true: Normalized, axis: int) -> Errors:
    """The errors of `found`."""
    size = np.sqrt(true.mean**2 + true.var)
    y, true_y = (np.moveaxis(result.y, axis, -1).reshape(-1, len(size)) for result in (found, true))
    return Errors(
        mean=worst(found.mean - true.mean, size),
        var=worst(found.var - true.var, np.where(true.var == 0, 1, true.var)),
        y=worst(np.abs(y - true_y).max(axis=0), np.abs(true_y).max(axis=0)),
    )


def worst(difference: Array, size: Array) -> float:
    """The largest |difference| / size; infinite where that is not a finite number."""
    share = float(np.max(np.abs(difference) / size))
    return share if np.isfinite(share) else np.inf


Contender = Callable[[Case], Normalized]
