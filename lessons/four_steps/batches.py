"""Operations on many batches at once: move, stretch, pull one value, and the four steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bn_core.steps import batch_statistics, normalize, scale_and_shift

LEEWAY = 8.0  # how far a value can be pulled beyond the ends of the typed batch


def moved(batch: Sequence[float], spread: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """The batch (n,) stretched around its own mean and moved, for each pair of spread and offset: (steps, n)."""
    mean = np.mean(batch)
    return mean + spread[:, None] * (np.asarray(batch) - mean) + offset[:, None]


def pulled(mates: np.ndarray, trace: np.ndarray, pull: np.ndarray, typed: Sequence[float]) -> np.ndarray:
    """Batches (steps, n) with one value of each moved, at most LEEWAY beyond the ends of the typed batch."""
    steps, place = np.arange(len(mates)), np.minimum(trace.astype(int), mates.shape[1]) - 1
    value, moved = mates[steps, place], mates.copy()
    low, high = np.minimum(value, min(typed) - LEEWAY), np.maximum(value, max(typed) + LEEWAY)
    moved[steps, place] = np.clip(value + pull, low, high)
    return moved


def four_steps(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, epsilon: np.ndarray) -> np.ndarray:
    """The four stations (steps, 4, N) of batches x (steps, N), with a gamma, beta and epsilon (steps, 1) for each."""
    mean, var = batch_statistics(x, axes=1)
    x_hat = normalize(x, mean, var, epsilon)
    y = scale_and_shift(x_hat, gamma, beta)
    return np.stack([x, x - mean, x_hat, y], axis=1)


def with_band(stations: np.ndarray) -> np.ndarray:
    """Stations (steps, k, N) with two more values each, the mean ± one standard deviation: (steps, k, N + 2)."""
    mean, var = batch_statistics(stations, axes=2)
    return np.concatenate([stations, mean - np.sqrt(var), mean + np.sqrt(var)], axis=2)
