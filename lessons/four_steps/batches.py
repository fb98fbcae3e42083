"""What is done to batches: moved, stretched, pulled at, and taken through the four steps, many at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bn_core.steps import batch_statistics, normalize, scale_and_shift

LEEWAY = 8.0  # how far beyond the ends of the batch as typed one of its values can be pulled


def moved(batch: Sequence[float], spread: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """The batch (n,) stretched about its own mean and moved, for every pair of spread and offset: (steps, n)."""
    mean = np.mean(batch)
    return mean + spread[:, None] * (np.asarray(batch) - mean) + offset[:, None]


def pulled(mates: np.ndarray, trace: np.ndarray, pull: np.ndarray, typed: Sequence[float]) -> np.ndarray:
    """Batches (steps, n) with one value of each moved, no further than LEEWAY beyond the batch as typed."""
    steps, place = np.arange(len(mates)), np.minimum(trace.astype(int), mates.shape[1]) - 1
    value, moved = mates[steps, place], mates.copy()
    low, high = np.minimum(value, min(typed) - LEEWAY), np.maximum(value, max(typed) + LEEWAY)
    moved[steps, place] = np.clip(value + pull, low, high)
    return moved


def four_steps(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, epsilon: np.ndarray) -> np.ndarray:
    """Batches (steps, N) with one gamma, beta and epsilon (steps, 1) each, at the four stations: (steps, 4, N)."""
    mean, var = batch_statistics(x, axes=1)
    x_hat = normalize(x, mean, var, epsilon)
    y = scale_and_shift(x_hat, gamma, beta)
    return np.stack([x, x - mean, x_hat, y], axis=1)


def with_band(stations: np.ndarray) -> np.ndarray:
    """Stations (steps, k, N) and, as two more values of each, its mean ± one standard deviation: (steps, k, N + 2)."""
    mean, var = batch_statistics(stations, axes=2)
    return np.concatenate([stations, mean - np.sqrt(var), mean + np.sqrt(var)], axis=2)
