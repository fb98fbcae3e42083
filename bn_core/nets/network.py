"""A deep net of equal hidden layers, run forward with given weights for many weight scales at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bn_core.nets.activations import ACTIVATIONS, Function
from bn_core.steps import batch_statistics, normalize

Array = np.ndarray

EPSILON = 1e-3  # the default of keras.layers.BatchNormalization


@dataclass(frozen=True)
class Layer:
    """One hidden layer on a batch: two arrays (scales, batch, width)."""

    enters: Array
    """The activation's inputs: the Dense outputs, normalized if batch norm is before the activation."""
    leaves: Array
    """The next layer's inputs: the activation's outputs, normalized if batch norm is after it."""


PLACEMENTS = ("before", "after")
"""Where batch norm is: between Dense and the activation, or after the activation."""


def draw_weights(inputs: int, width: int, depth: int, seed: int) -> list[Array]:
    """Weights (fan_in, width) of `depth` layers, drawn from N(0, 1) / √fan_in; the first layer reads `inputs` features.

    A deeper net begins with the same layers as a shallower one of the same seed.
    """
    rng = np.random.default_rng(seed)
    fans = [inputs] + [width] * (depth - 1)
    return [rng.standard_normal((fan_in, width)) / np.sqrt(fan_in) for fan_in in fans]


def forward(
    x: Array, weights: Sequence[Array], scales: Array, activation: str, placement: str | None = None
) -> Iterator[Layer]:
    """The layers of a net, first to last, for x (batch, inputs), each weight times each of `scales` (scales,).

    `placement`: None for a plain net, or one of PLACEMENTS. Batch norm is as at the start of a training: γ = 1, β = 0,
    and statistics of this batch, one mean and variance per unit. Computes in the dtype of `x`.
    Raises KeyError for an unknown activation and ValueError for an unknown placement, before the first layer is used.
    """
    act = ACTIVATIONS[activation].function
    if placement not in (None, *PLACEMENTS):
        raise ValueError(f"placement must be None or one of {', '.join(PLACEMENTS)}; got {placement!r}")
    return layers(x[None], weights, np.asarray(scales, dtype=x.dtype)[:, None, None], act, placement)


def layers(
    leaves: Array, weights: Sequence[Array], scales: Array, act: Function, placement: str | None
) -> Iterator[Layer]:
    """The layers of `forward`, from `leaves` (1, batch, inputs) and `scales` (scales, 1, 1)."""
    for weight in weights:
        enters = scales * through(leaves, weight)
        if placement == "before":
            enters = normalized(enters)
        leaves = act(enters)
        if placement == "after":
            leaves = normalized(leaves)
        yield Layer(enters, leaves)


def through(x: Array, weight: Array) -> Array:
    """x (scales, batch, inputs) times weight (inputs, units), in the type of `x`.

    As one large product: one per scale makes the BLAS threads wait for each other dozens of times.
    """
    flat = x.reshape(-1, x.shape[-1]) @ weight.astype(x.dtype, copy=False)
    return flat.reshape(*x.shape[:-1], weight.shape[1])


def normalized(x: Array) -> Array:
    """x (scales, batch, width) minus its mean and over √(var + epsilon), per scale and unit over the batch."""
    statistics = batch_statistics(x, axes=(1,))
    return normalize(x, statistics.mean, statistics.var, EPSILON)
