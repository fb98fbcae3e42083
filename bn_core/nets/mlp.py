"""A multilayer perceptron, several of them side by side: its settings, and where each weight lies in a lane's row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from bn_core.nets.activations import ACTIVATIONS
from bn_core.nets.lanes import Array, PerLane, check, column
from bn_core.nets.network import PLACEMENTS
from bn_core.steps import Statistics


class LayerWeights(NamedTuple):
    """What one layer learns: kernel (lanes, fan_in, units), the others (lanes, 1, units); None where it has none."""

    kernel: Array
    bias: Array | None = None
    gamma: Array | None = None
    beta: Array | None = None


class Location(NamedTuple):
    """Where one weight lies in a lane's row, and its shape in Keras: (fan_in, units) or (units,)."""

    begin: int
    end: int
    shape: tuple[int, ...]

    def view(self, parameters: Array) -> Array:
        """The weight of every lane, (lanes, fan_in, units) or (lanes, 1, units)."""
        return parameters[:, self.begin : self.end].reshape(len(parameters), -1, self.shape[-1])

    def rows(self, array: Array) -> Array:
        """`array`, of `shape` or lanes of it, as (lanes, numbers). Raises ValueError where it is neither."""
        if array.shape[-len(self.shape) :] != self.shape or array.ndim > len(self.shape) + 1:
            raise ValueError(f"expected an array of shape {self.shape}, or lanes of it; got {array.shape}")
        return array.reshape(-1, self.end - self.begin)


@dataclass(frozen=True)
class MLP:
    """Hidden layers Dense → [batch norm] → activation → [batch norm] → [dropout], then Dense to the classes' logits.

    Args:
        inputs, hidden, classes: features read, units of each of the hidden layers (one or more), and logits.
        activation: a key of ACTIVATIONS.
        placement: None for no batch norm, or one of PLACEMENTS. Each batch norm learns gamma and beta.
        momentum, epsilon: Keras's, of every batch norm: the share of the old running statistics that a step keeps,
            from 0 to 1, and what is added to the variance, above 0.
        dropout: the share of a hidden layer's outputs that a training step sets to 0, dividing the others by
            1 − dropout; below 1.
        noise_shift, noise_scale: noisy batch norm (after Santurkar et al. 2018), in training only: each step
            draws for each unit a scale from 1 … 1 + noise_scale and a shift from −noise_shift … noise_shift, and
            around these each value's own, ± noise_scale and ± noise_shift; 0 or more, only with batch norm.
        use_bias: whether the hidden Dense layers have one, which a batch norm right behind them makes superfluous.

    momentum, epsilon, dropout and the noise may be one number per lane.
    Raises ValueError, naming the argument, for a value out of these ranges.
    """

    inputs: int
    hidden: tuple[int, ...]
    classes: int
    activation: str = "relu"
    placement: str | None = None
    momentum: PerLane = 0.99
    epsilon: PerLane = 1e-3
    dropout: PerLane = 0.0
    noise_shift: PerLane = 0.0
    noise_scale: PerLane = 0.0
    use_bias: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.hidden, tuple | list):
            raise ValueError(f"hidden must list the units of each hidden layer, as in (16, 16); got {self.hidden!r}")
        if not self.hidden or min(self.inputs, self.classes, *self.hidden) < 1:
            sizes = (self.inputs, self.hidden, self.classes)
            raise ValueError(f"inputs, hidden (at least one layer) and classes must be 1 or more; got {sizes}")
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}; got {self.activation!r}")
        if self.placement not in (None, *PLACEMENTS):
            raise ValueError(f"placement must be None or one of {', '.join(PLACEMENTS)}; got {self.placement!r}")
        check(self)
        if self.noisy and not self.placement:
            raise ValueError("noise_shift and noise_scale are of batch norm; give a placement")

    @property
    def noisy(self) -> bool:
        """Whether any lane's batch norm is noisy."""
        return bool(np.any(self.noise_shift) or np.any(self.noise_scale))

    @cached_property
    def places(self) -> list[list[Location | None]]:
        """Where each weight of each layer lies, in the order of LayerWeights, the output layer last."""
        end, places = 0, []
        for shapes in self._shapes():
            places.append([])
            for shape in shapes:
                begin, end = end, end + (math.prod(shape) if shape else 0)
                places[-1].append(Location(begin, end, shape) if shape else None)
        return places

    def _shapes(self) -> Iterator[tuple[tuple[int, ...] | None, ...]]:
        """Per layer the shapes, in Keras, of what LayerWeights lists."""
        fan_in = self.inputs
        for units in self.hidden:
            affine = (units,) if self.placement else None
            yield (fan_in, units), (units,) if self.use_bias else None, affine, affine
            fan_in = units
        yield (fan_in, self.classes), (self.classes,), None, None

    @cached_property
    def size(self) -> int:
        """P: how many numbers one lane learns."""
        return max(place.end for place in self.places[-1] if place)

    def views(self, parameters: Array) -> list[LayerWeights]:
        """Every layer's weights, the output layer last, as views of `parameters` (lanes, P) or of anything like it."""
        return [LayerWeights(*(place and place.view(parameters) for place in layer)) for layer in self.places]

    def pack(self, arrays: Sequence[Array]) -> Array:
        """Parameters (lanes, P) from arrays in the order of a Keras model's `trainable_weights`: kernel, bias, gamma,
        beta of layer after layer, each in Keras's shape or with an axis of lanes before it.

        Raises ValueError where their number or a shape does not fit.
        """
        places = [place for layer in self.places for place in layer if place]
        if len(arrays) != len(places):
            raise ValueError(f"expected {len(places)} arrays; got {len(arrays)}")
        rows = [place.rows(np.asarray(array)) for place, array in zip(places, arrays, strict=True)]
        lanes = max(len(row) for row in rows)
        return np.concatenate([np.broadcast_to(row, (lanes, row.shape[1])) for row in rows], axis=1)

    def unpack(self, parameters: Array, lane: int) -> list[Array]:
        """What `pack` takes, of one lane: copies in Keras's order and shapes."""
        places = [place for layer in self.places for place in layer if place]
        return [parameters[lane, place.begin : place.end].reshape(place.shape).copy() for place in places]

    def per_layer(self, statistics: Statistics) -> list[Statistics]:
        """Statistics (lanes, 1, units) of every batch norm, as views of `statistics` (lanes, all their units)."""
        ends = np.cumsum(self.hidden).tolist() if self.placement else []
        begins = [0, *ends[:-1]]
        return [Statistics(*(s[:, None, a:b] for s in statistics)) for a, b in zip(begins, ends, strict=False)]

    def norms(self, parameters: Array) -> Array:
        """Euclidean norm (lanes, layers) of each layer's kernel, in parameters, gradients or an update (lanes, P)."""
        kernels = [weights.kernel for weights in self.views(parameters)]
        return np.stack([np.linalg.norm(kernel, axis=(1, 2)) for kernel in kernels], axis=1)

    def draw(self, seeds: Sequence[int], weight_scale: PerLane = 1.0, dtype: type = np.float64) -> Array:
        """First parameters (lanes, P), a lane per seed: kernels weight_scale · N(0, 1) / √fan_in, gamma 1, the rest 0.

        Lanes of one seed differ in nothing but `weight_scale`; √2 is He's for relu (2015).
        """
        return _drawn(self, seeds, weight_scale).astype(dtype)


def _drawn(net: MLP, seeds: Sequence[int], weight_scale: PerLane) -> Array:
    parameters = np.zeros((len(seeds), net.size))
    rngs = [np.random.default_rng(seed) for seed in seeds]
    for weights in net.views(parameters):
        fan_in, units = weights.kernel.shape[1:]
        normal = np.stack([rng.standard_normal((fan_in, units)) for rng in rngs])
        weights.kernel[:] = column(weight_scale, normal) * normal / np.sqrt(fan_in)
        if weights.gamma is not None:
            weights.gamma[:] = 1
    return parameters
