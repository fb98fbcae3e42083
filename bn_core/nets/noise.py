"""What is random in a training step, drawn from a seed and the step's number: the same step is always the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bn_core.nets.lanes import Array, column
from bn_core.nets.mlp import MLP


class Noise(NamedTuple):
    """Noise in one hidden layer on one batch. Each broadcasts to (lanes, batch, units); None where there is none."""

    mask: Array | None = None
    """Dropout: the layer's outputs are multiplied by it, 0 or 1 / (1 − dropout)."""
    scale: Array | None = None
    shift: Array | None = None
    """Noisy batch norm: each output of batch norm is multiplied by `scale`, then `shift` is added."""


NO_NOISE = Noise()


def draw(net: MLP, seeds: Sequence[int], step: int, batch_size: int, dtype: type = np.float64) -> list[Noise]:
    """Every hidden layer's noise in step number `step` (from 0), with a lane per seed.

    It depends only on the seeds and the step, so that a run resumed or forked at any step gets the same noise; lanes
    with the same seed get the same noise, so that they differ only in what is studied.
    """
    masks, noises = (_generators(seeds, step, use) for use in (1, 2))
    return [
        Noise(
            _mask(net, masks, seeds, (batch_size, units), dtype),
            *_noise(net, noises, seeds, (batch_size, units), dtype),
        )
        for units in net.hidden
    ]


def _generators(seeds: Sequence[int], step: int, use: int) -> dict[int, np.random.Generator]:
    """A generator per seed and use, so that dropout does not change the noise; use 0 would repeat [seed]'s numbers."""
    return {seed: np.random.default_rng([seed, step, use]) for seed in seeds}


def _mask(net: MLP, rngs: dict, seeds: Sequence[int], shape: tuple[int, int], dtype: type) -> Array | None:
    if not np.any(net.dropout):
        return None
    uniform = _uniform(rngs, seeds, shape)
    rate = column(net.dropout, uniform)
    return ((uniform >= rate) / (1 - rate)).astype(dtype)


def _noise(
    net: MLP, rngs: dict, seeds: Sequence[int], shape: tuple[int, int], dtype: type
) -> tuple[Array | None, Array | None]:
    """A scale and a shift per unit and, around these, per value, as the next batch norm removes what a batch shares."""
    if not net.noisy:
        return None, None
    first, second = (_uniform(rngs, seeds, (1, shape[1])) for _ in range(2))
    third, fourth = (2 * _uniform(rngs, seeds, shape) - 1 for _ in range(2))
    scale = 1 + column(net.noise_scale, first) * (first + third)
    shift = column(net.noise_shift, second) * (2 * second - 1 + fourth)
    return scale.astype(dtype), shift.astype(dtype)


def _uniform(rngs: dict[int, np.random.Generator], seeds: Sequence[int], shape: tuple[int, ...]) -> Array:
    """Numbers from 0 to 1 (lanes, *shape), every seed's drawn once; a single lane where all share one seed."""
    drawn = {seed: rng.random(shape) for seed, rng in rngs.items()}
    return np.stack([drawn[seed] for seed in (seeds if len(drawn) > 1 else drawn)])
