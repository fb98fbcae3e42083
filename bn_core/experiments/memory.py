"""The average that a layer keeps of its batches: how it moves, and what of the past is still in it."""

from __future__ import annotations

import numpy as np

from bn_core.steps import Statistics, batch_statistics, update_running

START = Statistics(np.array(0.0), np.array(1.0))  # before the first batch, in Keras and in PyTorch


def stored_statistics(x: np.ndarray, unbiased: bool) -> Statistics:
    """What each batch of x (n, B) adds to the average: its mean and variance (n,), divided by B or by B − 1."""
    mean, var = batch_statistics(x, (1,))
    correction = x.shape[1] / (x.shape[1] - 1) if unbiased else 1.0
    return Statistics(mean[:, 0], var[:, 0] * correction)


def running_statistics(batch: Statistics, momentum: np.ndarray) -> Statistics:
    """Running mean and variance (…, n + 1) over batch statistics (n,), from the start values on."""
    trail = [Statistics(*(np.full(momentum.shape, start) for start in START))]
    for mean, var in zip(*batch, strict=True):
        trail.append(update_running(trail[-1], Statistics(mean, var), momentum))
    return Statistics(*(np.stack(values, axis=-1) for values in zip(*trail, strict=True)))


def batch_weights(momentum: np.ndarray, steps: int) -> np.ndarray:
    """Weight (…, n) that each batch has in the last running statistic: (1 − m)·m^age, the newest (age 0) last."""
    age = np.arange(steps)[::-1]
    return (1 - momentum[..., None]) * momentum[..., None] ** age


def half_life(momentum: np.ndarray) -> np.ndarray:
    """Batches after which half of what was remembered is left: log(1/2) / log(m), which is 0 at momentum 0."""
    with np.errstate(divide="ignore"):
        return np.log(0.5) / np.log(momentum)
