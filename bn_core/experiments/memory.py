"""What each batch adds to the average that a layer keeps (`bn_core.running` has the average itself)."""

from __future__ import annotations

import numpy as np

from bn_core.running import START, batch_weights
from bn_core.steps import Statistics, batch_statistics

__all__ = ["START", "batch_weights", "stored_statistics"]


def stored_statistics(x: np.ndarray, unbiased: bool) -> Statistics:
    """What each batch of x (n, B) adds to the average: its mean and variance (n,), divided by B or by B − 1."""
    mean, var = batch_statistics(x, (1,))
    correction = x.shape[1] / (x.shape[1] - 1) if unbiased else 1.0
    return Statistics(mean[:, 0], var[:, 0] * correction)
