"""Batch renormalization (Ioffe 2017, arXiv:1702.03275): in training too, batches are normalized by what is remembered.

y = gamma · (x_hat · r + d) + beta, with r and d so that x_hat · r + d = (x − remembered mean) / remembered deviation.
Clipping r towards 1 and d towards 0 goes over into batch normalization. Both are constants to the gradient.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bn_core.arguments import Clipping
from bn_core.steps import Statistics

Array = np.ndarray


class Memory(NamedTuple):
    """What the layer remembers besides moving_mean and moving_variance, (C,) each.

    `moving_stddev` moves with `momentum` and makes moving_variance; `mean` and `stddev` move with `renorm_momentum`.
    """

    moving_stddev: Array
    mean: Array
    stddev: Array


class Correction(NamedTuple):
    """What is done to x_hat in training, (C,) each."""

    r: Array
    d: Array


def correction(batch: Statistics, memory: Memory, clipping: Clipping, epsilon: float) -> Correction:
    """r = batch deviation / remembered one, d = (batch mean − remembered one) / remembered deviation, both clipped."""
    stddev = np.maximum(memory.stddev, np.sqrt(epsilon))
    r = np.sqrt(batch.var + epsilon) / stddev
    d = (batch.mean - memory.mean) / stddev
    return Correction(np.clip(r, clipping.rmin, clipping.rmax), np.clip(d, -clipping.dmax, clipping.dmax))


def remember(
    moving_mean: Array, memory: Memory, batch: Statistics, momentum: float, renorm_momentum: float, epsilon: float
) -> tuple[Statistics, Memory]:
    """The next running statistics and memory. As in Keras deviations (with epsilon) are averaged, not variances."""
    stddev = np.sqrt(batch.var + epsilon)
    moving_stddev = _moved(memory.moving_stddev, stddev, momentum)
    running = Statistics(_moved(moving_mean, batch.mean, momentum), np.maximum(moving_stddev**2 - epsilon, 0))
    mean, stddev = (_moved(*pair, renorm_momentum) for pair in ((memory.mean, batch.mean), (memory.stddev, stddev)))
    return running, Memory(moving_stddev, mean, stddev)


def _moved(old: Array, new: Array, momentum: float) -> Array:
    return momentum * old + (1 - momentum) * new
