"""The gradient of batch normalization, split by the three ways in which a value reaches the loss, and by pairs.

During training x_i enters y_i directly, and every y_j of its channel through the batch's mean and variance. The paper
(Ioffe & Szegedy 2015, Sec. 3) adds the three ways up by the chain rule; `steps.backward` is their sum, simplified.
Arguments are those of `steps.backward`. Where `mask` is false, a value is normalized with the statistics but is not
part of them: its d_y counts in every way, while its own x affects only its own y.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bn_core.internals import ranges
from bn_core.internals.statistics import Axes, count, float_dtype, total
from bn_core.steps import masked_count

Array = np.ndarray


class Paths(NamedTuple):
    """d_x by way, each with the shape of `x`, and the gradients that flow through the statistics, one per channel.

    In training mode `direct + through_mean + through_var` is d_x; `direct` alone is d_x of a frozen layer.
    """

    direct: Array
    through_mean: Array
    through_var: Array
    d_mean: Array
    """The loss's derivative by the batch's mean, at a fixed variance. The paper's second term of it is 0."""
    d_var: Array
    """The loss's derivative by the batch's variance."""


def paths(
    d_y: Array, x_hat: Array, var: Array, gamma: Array, epsilon: float, axes: Axes, mask: Array | None = None
) -> Paths:
    """The three ways of d_x, and d_mean, d_var (with the shape of `var`), line by line as in the paper's chain rule.

    Raises ValueError where there is nothing to average, or a variance is below 0. A channel that is masked throughout
    has only the direct way.
    """
    d_y, x_hat = np.asarray(d_y), np.asarray(x_hat)
    std = np.sqrt(ranges.variance("var", var) + epsilon)
    d_x_hat = d_y * gamma
    d_var = total(d_x_hat * x_hat, axes) / (-2 * std**2)
    d_mean = total(d_x_hat, axes) / -std
    by_mean, by_var = _derivatives(x_hat, axes, mask)
    ways = d_x_hat / std, d_mean * by_mean, d_var * 2 * std * by_var
    return Paths(*(np.broadcast_to(way, d_y.shape).astype(float_dtype(d_y)) for way in ways), d_mean, d_var)


def jacobian(
    x_hat: Array, var: Array | float, gamma: Array | float, epsilon: float, mask: Array | None = None
) -> Array:
    """J (N, N) of one channel of N values in training mode: J[i, j] = d y_i / d x_j.

    gamma / s · (I − 1 1ᵀ / N − x_hat x_hatᵀ / N) with s = √(var + epsilon), symmetric unless there is a mask (N,).
    `var` and `gamma` may be arrays of one number. Raises ValueError where they are of more, a `var` is below 0, or
    `x_hat` is not (N,).
    """
    x_hat = np.asarray(x_hat)
    if x_hat.ndim != 1:
        raise ValueError(f"x_hat must hold one channel, of shape (N,); got {x_hat.shape}")
    by_mean, by_var = (np.broadcast_to(by, x_hat.shape) for by in _derivatives(x_hat, 0, mask))
    through_statistics = by_mean + np.outer(x_hat, by_var)
    deviation = np.sqrt(_single(ranges.variance("var", var)) + epsilon)
    return _single(gamma) / deviation * (np.eye(len(x_hat)) - through_statistics)


def eigenvalues(n: int, var: Array | float, gamma: Array | float, epsilon: float) -> Array:
    """The eigenvalues (n,) of the unmasked `jacobian`: the factor on a gradient along each direction.

    First 0, along equal values; then gamma / s · epsilon / (var + epsilon), along x_hat (nearly 0); then n − 2 times
    gamma / s, along all other directions. So two values pass nearly nothing, and one value nothing at all.
    `var` and `gamma` as in `jacobian`. Raises ValueError for n below 1 and a `var` below 0.
    """
    if n < 1:
        raise ValueError(f"n must be 1 or more values; got {n}")
    var, gamma = _single(ranges.variance("var", var)), _single(gamma)
    along_x_hat = epsilon / (var + epsilon)
    return gamma / np.sqrt(var + epsilon) * np.array([0.0, along_x_hat, *[1.0] * (n - 2)])[:n]


def _single(value: Array | float) -> float:
    """The number in an array with a single one, as steps on (N,) or (N, 1) return it."""
    return np.asarray(value, dtype=np.float64).item()


def _derivatives(x_hat: Array, axes: Axes, mask: Array | None) -> tuple[Array, Array]:
    """The derivatives by each x of the mean, 1/N, and of the variance divided by 2 s, x_hat/N.

    With a mask both are 0 where it is false, N is Keras's count, and x_hat is taken relative to its mean, which that
    count makes not quite 0: the paper's second term is then not 0 but of the order of 1e-7.
    """
    if mask is None:
        return np.array(1 / count(x_hat, axes)), x_hat / count(x_hat, axes)
    n = masked_count(x_hat, axes, mask)
    center = total(np.where(mask, x_hat, 0), axes) / n
    return np.where(mask, 1, 0) / n, np.where(mask, x_hat - center, 0) / n
