"""Max pooling and batch norm in both orders, in inference."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bn_core.steps import batch_statistics, normalize, scale_and_shift
from lessons import digits

Array = np.ndarray

SIDE, WINDOW, EPSILON, BETA = 4, 2, 1e-3, 0.5
GAMMAS = np.round(np.linspace(-2, 2, 81), 2)
IMAGES = 64


class Orders(NamedTuple):
    """One image's 4 × 4 feature map x (4, 4) at each gamma: pooled, then normalized, and normalized, then pooled
    (gammas, 2, 2); y (gammas, 4, 4): normalized, not pooled. gap (gammas,): the largest difference between both
    orders."""

    x: Array
    y: Array
    pooled_first: Array
    normed_first: Array

    @property
    def gap(self) -> Array:
        return np.abs(self.pooled_first - self.normed_first).max(axis=(1, 2))


def pooled(x: Array) -> Array:
    """The largest value in every 2 × 2 window of x (…, SIDE, SIDE)."""
    return x.reshape(*x.shape[:-2], SIDE // WINDOW, WINDOW, SIDE // WINDOW, WINDOW).max(axis=(-3, -1))


def orders(seed: int, gammas: Array) -> Orders:
    """Both orders by the running statistics, which are those of IMAGES images, as after a long training."""
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
