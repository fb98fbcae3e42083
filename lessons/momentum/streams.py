"""Streams of batches from a distribution that stays, drifts or jumps, and the expected statistics of the batches."""

from __future__ import annotations

import numpy as np

from bn_core.steps import Statistics, batch_statistics

MARKED = np.array([0, 0.1, 0.25, 0.4, 0.6, 0.8, 1])
STREAMS = ("steady", "drifting", "jumping")


def scale(stream: str, steps: int, factor: float) -> np.ndarray:
    """The factor on the values at each step (n,): 1, or from 1 to `factor`, gradually or all at once half-way."""
    progress = np.linspace(0, 1, steps)
    share = {"steady": 0 * progress, "drifting": progress, "jumping": (progress > 0.5).astype(float)}[stream]
    return 1 + (factor - 1) * share


def draw(scale: np.ndarray, batch_size: int, mean: float, sd: float, seed: int) -> np.ndarray:
    """The stream, (n, batch_size): normal values, each batch multiplied by its scale."""
    noise = np.random.default_rng(seed).standard_normal((len(scale), batch_size))
    return scale[:, None] * (mean + sd * noise)


def stored_statistics(x: np.ndarray, unbiased: bool) -> Statistics:
    """The statistics that each batch of x (n, B) adds to the average: mean and variance (n,), divided by B or B − 1."""
    mean, var = batch_statistics(x, (1,))
    correction = x.shape[1] / (x.shape[1] - 1) if unbiased else 1.0
    return Statistics(mean[:, 0], var[:, 0] * correction)


def true_statistics(scale: np.ndarray, mean: float, sd: float) -> Statistics:
    """Mean and variance (n,) of the distributions that the batches are drawn from."""
    return Statistics(scale * mean, (scale * sd) ** 2)


def expected(true: Statistics, batch_size: int, unbiased: bool) -> Statistics:
    """The expected statistics of the batches (n,): the biased variance is (B − 1)/B of the true one."""
    return Statistics(true.mean, true.var * (1 if unbiased else 1 - 1 / batch_size))


def noise(expected: Statistics, true: Statistics, batch_size: int) -> Statistics:
    """Standard deviations (n,) of a batch's mean and variance around their expected values, for normal values."""
    return Statistics(np.sqrt(true.var / batch_size), expected.var * np.sqrt(2 / (batch_size - 1)))


def marked(steps: int) -> np.ndarray:
    """The batches (marks,) at which the reader's prediction has its marks; 0 is the start."""
    return np.round(MARKED * steps).astype(int)
