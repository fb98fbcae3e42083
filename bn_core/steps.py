"""The steps of batch normalization as pure functions, one per line of the paper (Ioffe & Szegedy 2015, Algorithm 1).

Statistics and parameters have the rank of `x` with length 1 along the reduced `axes`, so everything broadcasts; they
are float64, being one number per channel. Results of the shape of `x` have its dtype (float16 gives float32, integers
float64). `mask` broadcasts against `x` and is true where a value counts. Lists are taken for arrays; that momentum lies
from 0 to 1, epsilon above 0 and no variance below it is left to the caller.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bn_core.internals.statistics import MASK_EPSILON, Axes, float_dtype, plain_mean, shifted_mean, total

Array = np.ndarray


class Statistics(NamedTuple):
    """A mean and a biased variance per channel."""

    mean: Array
    var: Array


class Gradients(NamedTuple):
    """The loss's derivatives: `d_x` has the shape of `x`, `d_gamma` and `d_beta` that of the statistics."""

    d_x: Array
    d_gamma: Array
    d_beta: Array


def batch_statistics(x: Array, axes: Axes, mask: Array | None = None) -> Statistics:
    """Mean and variance (divided by N) over `axes`. Raises ValueError where there is nothing to average.

    NaN and inf make NaN of their channel, inf with a warning of NumPy.
    """
    x = np.asarray(x)
    if mask is not None:
        return masked_statistics(x, axes, mask)
    mean = shifted_mean(x, axes)
    centered = x - mean
    var = plain_mean(centered**2, axes) - plain_mean(centered, axes) ** 2
    return Statistics(mean, np.maximum(var, 0))


def masked_statistics(x: Array, axes: Axes, mask: Array) -> Statistics:
    """Mean and variance of the unmasked values, as in Keras: divided by their number + 1e-7, so 0 if there are none.

    What does not count may be anything, NaN too. That 1e-7 makes the mean short by mean · 1e-7 / n and the variance
    larger by its square: nothing near 0, but 0.01 in ten values around a million. Without a mask there is none of it.
    """
    n = masked_count(x, axes, mask)
    mean = total(np.where(mask, x, 0), axes) / n
    var = total(np.where(mask, x - mean, 0) ** 2, axes) / n
    return Statistics(mean, var)


def masked_count(x: Array, axes: Axes, mask: Array) -> Array:
    """The number of unmasked values of each channel, plus Keras's 1e-7."""
    return total(np.broadcast_to(np.asarray(mask, dtype=bool), x.shape), axes) + MASK_EPSILON


def normalize(x: Array, mean: Array, var: Array, epsilon: Array | float) -> Array:
    """x_hat: mean 0 and variance var / (var + epsilon) if the statistics are the batch's own."""
    x = np.asarray(x)
    x_hat = (x - mean) / np.sqrt(var + epsilon)
    return x_hat.astype(float_dtype(x), copy=False)


def scale_and_shift(x_hat: Array, gamma: Array, beta: Array) -> Array:
    """The layer's output y."""
    x_hat = np.asarray(x_hat)
    y = gamma * x_hat + beta
    return y.astype(float_dtype(x_hat), copy=False)


def update_running(running: Statistics, batch: Statistics, momentum: Array | float) -> Statistics:
    """The next running statistics; `momentum` is Keras's: the share of the old average that is kept."""
    mean = momentum * running.mean + (1 - momentum) * batch.mean
    var = momentum * running.var + (1 - momentum) * batch.var
    return Statistics(mean, var)


def backward(
    d_y: Array, x_hat: Array, var: Array, gamma: Array, epsilon: Array | float, axes: Axes, mask: Array | None = None
) -> Gradients:
    """Gradients in training mode, where mean and variance depend on every value of the batch."""
    d_y, x_hat = np.asarray(d_y), np.asarray(x_hat)
    if mask is not None:
        return backward_masked(d_y, x_hat, var, gamma, epsilon, axes, mask)
    d_beta = total(d_y, axes)
    d_gamma = total(d_y * x_hat, axes)
    own_share = d_y - plain_mean(d_y, axes) - x_hat * plain_mean(d_y * x_hat, axes)
    d_x = gamma / np.sqrt(var + epsilon) * own_share
    return Gradients(d_x.astype(float_dtype(d_y), copy=False), d_gamma, d_beta)


def backward_masked(
    d_y: Array, x_hat: Array, var: Array, gamma: Array, epsilon: Array | float, axes: Axes, mask: Array
) -> Gradients:
    """`backward` where only the unmasked values are part of mean and variance, but all were normalized with them.

    With Keras's count the x_hat of the unmasked values do not sum to quite 0: hence `center`, of the order of 1e-7.
    """
    n = masked_count(x_hat, axes, mask)
    d_beta = total(d_y, axes)
    d_gamma = total(d_y * x_hat, axes)
    center = total(np.where(mask, x_hat, 0), axes) / n
    through_statistics = np.where(mask, (d_beta + (x_hat - center) * d_gamma) / n, 0)
    d_x = gamma / np.sqrt(var + epsilon) * (d_y - through_statistics)
    return Gradients(d_x.astype(float_dtype(d_y), copy=False), d_gamma, d_beta)


def backward_frozen(
    d_y: Array, x_hat: Array, var: Array, gamma: Array, epsilon: Array | float, axes: Axes
) -> Gradients:
    """Gradients in inference or frozen mode, where the statistics are constants (`x_hat`, `var` come from them)."""
    d_y, x_hat = np.asarray(d_y), np.asarray(x_hat)
    d_beta = total(d_y, axes)
    d_gamma = total(d_y * x_hat, axes)
    d_x = gamma / np.sqrt(var + epsilon) * d_y
    return Gradients(d_x.astype(float_dtype(d_y), copy=False), d_gamma, d_beta)
