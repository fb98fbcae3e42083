"""The optimizers of Keras 3.15 as pure functions of arrays: parameters, gradients and slots in, new ones out.

Parameters are arrays (lanes, P), all weights of a lane in a row; every setting is a number or one number per lane.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bn_core.nets.lanes import Array, PerLane, check, column

Slots = tuple[Array, ...]


class Optimizer(Protocol):
    """An optimizer, as a training uses it."""

    def slots(self, parameters: Array) -> Slots:
        """The optimizer's variables before the first step: arrays with the shape of `parameters`, all 0."""

    def update(self, parameters: Array, gradients: Array, slots: Slots, step: int) -> tuple[Array, Slots]:
        """The parameters and slots after step number `step`, counted from 0."""


@dataclass(frozen=True)
class SGD:
    """velocity ← momentum · velocity − learning_rate · gradient;  parameters ← parameters + velocity.

    `nesterov` adds momentum · velocity − learning_rate · gradient instead, with the new velocity. `weight_decay` first
    takes learning_rate · weight_decay · parameters away, from gamma and beta too, as Keras does by default.
    Keras passes momentum through float32 even in a float64 net (0.9 becomes 0.89999998); this one does not.
    Raises ValueError for a negative learning rate or decay, or a momentum outside 0 … 1.
    """

    learning_rate: PerLane = 0.01
    momentum: PerLane = 0.0
    nesterov: bool = False
    weight_decay: PerLane = 0.0

    def __post_init__(self) -> None:
        check(self)

    def slots(self, parameters: Array) -> Slots:
        """The velocity, which is kept even without momentum, so that momentum may be changed between two trainings."""
        return (np.zeros_like(parameters),)

    def update(self, parameters: Array, gradients: Array, slots: Slots, step: int) -> tuple[Array, Slots]:
        """See Optimizer."""
        rate, momentum = (column(value, parameters) for value in (self.learning_rate, self.momentum))
        parameters = decayed(parameters, self.weight_decay, rate)
        pull = rate * gradients
        velocity = momentum * slots[0] - pull
        return parameters + (momentum * velocity - pull if self.nesterov else velocity), (velocity,)


@dataclass(frozen=True)
class Adam:
    """Kingma & Ba 2015 in the order of Keras, which adds epsilon to the root of the *uncorrected* second moment.

    m ← m + (1 − beta_1)(g − m);  v ← v + (1 − beta_2)(g² − v);
    parameters ← parameters − learning_rate · √(1 − beta_2ᵗ) / (1 − beta_1ᵗ) · m / (√v + epsilon),  t from 1.
    `weight_decay` as in SGD. Keras passes the betas of the two powers (not those of m and v) through float32; this one
    does not. Raises ValueError for a negative learning rate or decay, a beta outside 0 ≤ beta < 1, an epsilon of 0.
    """

    learning_rate: PerLane = 0.001
    beta_1: PerLane = 0.9
    beta_2: PerLane = 0.999
    epsilon: PerLane = 1e-7
    weight_decay: PerLane = 0.0

    def __post_init__(self) -> None:
        check(self)

    def slots(self, parameters: Array) -> Slots:
        """The first and second moments m and v."""
        return np.zeros_like(parameters), np.zeros_like(parameters)

    def update(self, parameters: Array, gradients: Array, slots: Slots, step: int) -> tuple[Array, Slots]:
        """See Optimizer."""
        beta_1, beta_2 = np.asarray(self.beta_1), np.asarray(self.beta_2)
        correction = np.sqrt(1 - beta_2 ** (step + 1)) / (1 - beta_1 ** (step + 1))
        rate = column(np.asarray(self.learning_rate) * correction, parameters)
        parameters = decayed(parameters, self.weight_decay, column(self.learning_rate, parameters))
        m, v = slots
        m = m + column(1 - beta_1, m) * (gradients - m)
        v = v + column(1 - beta_2, v) * (gradients * gradients - v)
        return parameters - rate * m / (np.sqrt(v) + column(self.epsilon, v)), (m, v)


def decayed(parameters: Array, weight_decay: PerLane, rate: Array) -> Array:
    """`parameters` minus their share learning rate · `weight_decay`; unchanged where no lane decays."""
    if not np.any(weight_decay):
        return parameters
    return parameters - parameters * column(weight_decay, parameters) * rate
