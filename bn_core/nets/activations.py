"""The activation functions by Keras's names, each with its derivative beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Array = np.ndarray
Function = Callable[[Array], Array]


FLAT = 0.05
"""An activation counts as saturated where its slope is below this share of its steepest slope."""


class Activation(NamedTuple):
    """An activation and its derivative, both elementwise and in the type of their argument."""

    function: Function
    """z → a."""
    slope: Function
    """a → da/dz, computed from the output, which a backward pass still has. At relu's kink it is 0, as in Keras."""


def relu(z: Array) -> Array:
    """max(z, 0)."""
    return np.maximum(z, 0)


def relu_slope(a: Array) -> Array:
    """1 where the unit fires, 0 elsewhere."""
    return (a > 0).astype(a.dtype)


tanh = np.tanh


def tanh_slope(a: Array) -> Array:
    """1 − a²."""
    return 1 - a * a


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(−z)); where the power overflows, this is 0, as it should be."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def sigmoid_slope(a: Array) -> Array:
    """a (1 − a)."""
    return a * (1 - a)


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(relu, relu_slope),
    "tanh": Activation(tanh, tanh_slope),
    "sigmoid": Activation(sigmoid, sigmoid_slope),
}
"""The activation functions by Keras's names."""
STEEPEST = {"relu": 1.0, "tanh": 1.0, "sigmoid": 0.25}
"""The largest slope of each."""


def saturated(name: str, a: Array) -> Array:
    """Where, by an activation's output, its slope is under FLAT of the steepest; of a relu, where it is 0."""
    return ACTIVATIONS[name].slope(a) < FLAT * STEEPEST[name]
