"""Batch renormalization (Ioffe 2017, arXiv:1702.03275): in training, too, running statistics normalize the batches.

y = gamma · (x_hat · r + d) + beta, with r and d such that x_hat · r + d = (x − running mean) / running std. With r
clipped to 1 and d to 0 this is batch normalization. The gradient treats both as constants.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bn_core.internals.arguments import Clipping

Array = np.ndarray


class Correction(NamedTuple):
    """The correction of x_hat in training, (C,) each."""

    r: Array
    d: Array


def correction(batch: Array, running: Array, clipping: Clipping, epsilon: float) -> Correction:
    """r = batch std / running std, d = (batch mean − running mean) / running std, both clipped.

    `batch`: mean and variance (2, C); of `running` (5, C), see `remember`, the last two rows are used.
    """
    mean, var = batch
    *_, renorm_mean, renorm_stddev = running
    stddev = np.maximum(renorm_stddev, np.sqrt(epsilon))
    r = np.sqrt(var + epsilon) / stddev
    d = (mean - renorm_mean) / stddev
    return Correction(np.clip(r, clipping.rmin, clipping.rmax), np.clip(d, -clipping.dmax, clipping.dmax))


def composed(correction: Correction, gamma: Array | None, beta: Array | None) -> tuple[Array, Array]:
    """gamma and beta that include the correction: r · gamma and d · gamma + beta."""
    r, d = correction if gamma is None else (correction.r * gamma, correction.d * gamma)
    return r, d if beta is None else d + beta


def remember(running: Array, batch: Array, momentum: float, renorm_momentum: float, epsilon: float) -> Array:
    """The next running statistics (5, C): moving_mean, moving_variance, moving_stddev, renorm_mean, renorm_stddev.

    The last two are updated with `renorm_momentum`. As in Keras, stds (with epsilon) are averaged and moving_variance
    is computed from them, so it is smaller than the average of the variances.
    """
    moving_mean, _, moving_stddev, renorm_mean, renorm_stddev = running
    mean, stddev = batch[0], np.sqrt(batch[1] + epsilon)
    moving_stddev = _moved(moving_stddev, stddev, momentum)
    return np.stack(
        [
            _moved(moving_mean, mean, momentum),
            np.maximum(moving_stddev**2 - epsilon, 0),
            moving_stddev,
            _moved(renorm_mean, mean, renorm_momentum),
            _moved(renorm_stddev, stddev, renorm_momentum),
        ]
    )


def _moved(old: Array, new: Array, momentum: float) -> Array:
    return momentum * old + (1 - momentum) * new
