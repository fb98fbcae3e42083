"""Max pooling and batch norm in one order and in the other, in inference, and the stack of layers they stand in."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from bn_core.steps import batch_statistics, normalize, scale_and_shift
from lessons import digits

Array = np.ndarray

SIDE, WINDOW, EPSILON, BETA = 4, 2, 1e-3, 0.5
GAMMAS = np.round(np.linspace(-2, 2, 81), 2)
IMAGES = 64


class Orders(NamedTuple):
    """Of one image's 4 × 4 feature map x (4, 4), at each gamma: pooled and then normalized, and normalized and then
    pooled (gammas, 2, 2); y (gammas, 4, 4): normalized, not pooled. gap (gammas,): the largest difference."""

    x: Array
    y: Array
    pooled_first: Array
    normed_first: Array

    @property
    def gap(self) -> Array:
        return np.abs(self.pooled_first - self.normed_first).max(axis=(1, 2))


def pooled(x: Array) -> Array:
    """The largest of every 2 × 2 window of x (…, SIDE, SIDE)."""
    return x.reshape(*x.shape[:-2], SIDE // WINDOW, WINDOW, SIDE // WINDOW, WINDOW).max(axis=(-3, -1))


def orders(seed: int, gammas: Array) -> Orders:
    """By the running statistics: those of the feature map in IMAGES images, as after a long training."""
    images = digits.batch(IMAGES, seed).reshape(-1, 8, 8)
    kernel = np.random.default_rng(seed).standard_normal((5, 5)) * np.sqrt(2 / 25)
    patches = np.lib.stride_tricks.sliding_window_view(images, (5, 5), axis=(1, 2))
    maps = np.einsum("nhwij,ij->nhw", patches, kernel)
    running = batch_statistics(maps, axes=(0, 1, 2))

    def normed(x: Array) -> Array:
        return scale_and_shift(normalize(x[None], *running, EPSILON), gammas[:, None, None], BETA)

    x = maps[0]
    y = normed(x)
    return Orders(x, y, normed(pooled(x)), pooled(y))


class SummaryRow(NamedTuple):
    """A layer of the stack: its name, the shape of its output, how many numbers it has, and if it is batch norm how
    many of them are trained, how many means it takes, and how many positions of an image share each."""

    name: str
    shape: tuple[int, ...]
    parameters: int
    trained: int = 0
    means: int = 0
    positions: int = 0


def stack() -> list[SummaryRow]:
    """A usual stack for images of 28 × 28 pixels, with the batch norms that it is often drawn without."""
    shape, rows = (28, 28, 1), []
    for filters in (32, 64):
        rows.append(SummaryRow(f"Conv2D({filters}, 3)", convolved(shape, filters), (9 * shape[-1] + 1) * filters))
        rows.append(norm(rows[-1].shape))
        shape = (rows[-1].shape[0] // 2, rows[-1].shape[1] // 2, filters)
        rows.append(SummaryRow("MaxPooling2D(2)", shape, 0))
    rows.append(SummaryRow("Flatten()", (math.prod(shape),), 0))
    rows.append(SummaryRow("Dense(64)", (64,), (math.prod(shape) + 1) * 64))
    rows.append(norm((64,)))
    return [*rows, SummaryRow("Dense(10)", (10,), 65 * 10)]


def convolved(shape: tuple[int, ...], filters: int) -> tuple[int, int, int]:
    """The shape behind 3 × 3 kernels without padding."""
    return shape[0] - 2, shape[1] - 2, filters


def norm(shape: tuple[int, ...]) -> SummaryRow:
    """Of that many channels: a gamma, a beta, a running mean and a running variance each."""
    return SummaryRow("BatchNormalization()", shape, 4 * shape[-1], 2 * shape[-1], shape[-1], math.prod(shape[:-1]))
