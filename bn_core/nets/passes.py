"""Forward and backward through an MLP, all lanes at once; keeps everything that a lesson may show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bn_core import steps
from bn_core.nets.activations import ACTIVATIONS
from bn_core.nets.lanes import Array, column
from bn_core.nets.mlp import MLP, LayerWeights
from bn_core.nets.noise import NO_NOISE, Noise
from bn_core.steps import Statistics

BATCH = (1,)
"""The axis of (lanes, batch, units) over which batch norm averages."""


class Norm(NamedTuple):
    """A batch norm's forward call: its statistics (lanes, 1, units), x_hat and y (lanes, batch, units)."""

    statistics: Statistics
    x_hat: Array
    y: Array
    frozen: bool
    """Whether running statistics were used, which are constants for the gradient, instead of the batch's."""


class Hidden(NamedTuple):
    """One hidden layer on one batch; arrays (lanes, batch, units), or one lane if all lanes read the same batch."""

    x: Array
    z: Array
    """The pre-activations: the outputs of Dense."""
    enters: Array
    """The activation's inputs: z, normalized if batch norm is before the activation."""
    a: Array
    """The activation's outputs."""
    leaves: Array
    """The next layer's inputs: after dropout, and after batch norm if that is after the activation."""
    norm: Norm | None
    chance: Noise


class Pass(NamedTuple):
    """A forward pass: the hidden layers, and the logits (lanes, batch, classes)."""

    layers: list[Hidden]
    logits: Array


class Loss(NamedTuple):
    """The mean cross-entropy (lanes,) of a batch, in nats, and its derivatives by the logits."""

    value: Array
    d_logits: Array


def quietly() -> np.errstate:
    """Silence warnings: a lane that diverges becomes inf and NaN; it does not affect the other lanes."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def forward(
    net: MLP, parameters: Array, x: Array, running: Statistics | None = None, chances: Sequence[Noise] | None = None
) -> Pass:
    """The pass of x (lanes or 1, batch, inputs) with `parameters` (lanes, P), in the type of both.

    With `running` statistics (lanes, units of all batch norms) it is inference; without, training: each batch norm
    takes the statistics of this batch. `chances`, one per hidden layer, are dropout and noise; without, there is none.
    """
    *hidden, output = net.views(parameters)
    known = net.per_layer(running) if running and net.placement else [None] * len(hidden)
    layers = []
    with quietly():
        for weights, statistics, chance in zip(hidden, known, chances or [NO_NOISE] * len(hidden), strict=True):
            layers.append(_hidden(net, weights, x, statistics, chance))
            x = layers[-1].leaves
        return Pass(layers, _dense(x, output))


def _hidden(net: MLP, weights: LayerWeights, x: Array, known: Statistics | None, chance: Noise) -> Hidden:
    norm = None
    enters = z = _dense(x, weights)
    if net.placement == "before":
        norm = _norm(net, weights, z, known)
        enters = _noisy(norm.y, chance)
    leaves = a = ACTIVATIONS[net.activation].function(enters)
    if net.placement == "after":
        norm = _norm(net, weights, a, known)
        leaves = _noisy(norm.y, chance)
    if chance.mask is not None:
        leaves = leaves * chance.mask
    return Hidden(x, z, enters, a, leaves, norm, chance)


def _dense(x: Array, weights: LayerWeights) -> Array:
    z = np.matmul(x, weights.kernel)
    return z if weights.bias is None else np.add(z, weights.bias, out=z)


def _norm(net: MLP, weights: LayerWeights, x: Array, known: Statistics | None) -> Norm:
    statistics = known or steps.batch_statistics(x, BATCH)
    x_hat = steps.normalize(x, *statistics, column(net.epsilon, x))
    return Norm(statistics, x_hat, steps.scale_and_shift(x_hat, weights.gamma, weights.beta), known is not None)


def _noisy(y: Array, chance: Noise) -> Array:
    return y if chance.scale is None else y * chance.scale + chance.shift


def cross_entropy(logits: Array, target: Array) -> Loss:
    """Softmax cross-entropy of logits (lanes, batch, classes) for one-hot `target` (lanes or 1, batch, classes)."""
    with quietly():
        shifted = logits - np.max(logits, axis=-1, keepdims=True)
        exponentials = np.exp(shifted)
        total = np.sum(exponentials, axis=-1, keepdims=True)
        chosen = np.sum(shifted * target, axis=-1, keepdims=True)
        value = np.mean(np.log(total) - chosen, axis=(1, 2))
        return Loss(value, (exponentials / total - target) / logits.shape[1])


def backward(net: MLP, parameters: Array, passed: Pass, d_logits: Array) -> Array:
    """The gradient (lanes, P) of a loss with respect to `parameters`, from its derivatives by the pass's logits."""
    gradients = np.empty_like(parameters)
    weights, into = net.views(parameters), net.views(gradients)
    leaves = passed.layers[-1].leaves
    with quietly():
        _dense_backward(leaves, d_logits, into[-1])
        d_z, above = d_logits, weights[-1]
        for layer, own, gradient in zip(reversed(passed.layers), weights[-2::-1], into[-2::-1], strict=True):
            d_leaves = np.matmul(d_z, above.kernel.swapaxes(1, 2))
            d_z, above = _hidden_backward(net, own, layer, d_leaves, gradient), own
            _dense_backward(layer.x, d_z, gradient)
    return gradients


def _hidden_backward(net: MLP, weights: LayerWeights, layer: Hidden, d: Array, into: LayerWeights) -> Array:
    """The derivatives by z, from those by the layer's outputs `leaves`."""
    if layer.chance.mask is not None:
        d = d * layer.chance.mask
    if net.placement == "after":
        d = _norm_backward(net, weights, layer, d, into)
    d = d * ACTIVATIONS[net.activation].slope(layer.a)
    return _norm_backward(net, weights, layer, d, into) if net.placement == "before" else d


def _norm_backward(net: MLP, weights: LayerWeights, layer: Hidden, d: Array, into: LayerWeights) -> Array:
    d_y = d if layer.chance.scale is None else d * layer.chance.scale
    statistics, x_hat, _, frozen = layer.norm
    step = steps.backward_frozen if frozen else steps.backward
    d_x, into.gamma[:], into.beta[:] = step(d_y, x_hat, statistics.var, weights.gamma, column(net.epsilon, d_y), BATCH)
    return d_x


def _dense_backward(x: Array, d_z: Array, into: LayerWeights) -> None:
    np.matmul(x.swapaxes(1, 2), d_z, out=into.kernel)
    if into.bias is not None:
        np.sum(d_z, axis=1, keepdims=True, out=into.bias)
