"""Nets that read digits, each trained once: its state after each of STEPS steps, and its accuracy in both modes."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from bn_core import datasets
from bn_core.nets import learning
from bn_core.nets.learning import State
from bn_core.nets.mlp import MLP, LayerWeights
from bn_core.nets.optimizers import SGD
from bn_core.nets.passes import forward
from bn_core.steps import Statistics

Array = np.ndarray

STEPS = np.array([5, 10, 15, 20, 25, 40, 60, 80, 160, 320])
MOMENTUM, SEED, HELD_OUT, MOST_INK = 0.99, 1, 360, 16
ROWS = 4096
"""How many images are computed at once, so that their values fit into the processor's cache."""


class Course(NamedTuple):
    """A net, the optimizer that trains it, and the batch size."""

    net: MLP
    optimizer: SGD
    batch: int


def course(layers: int, units: int, rate: float, batch: int) -> Course:
    """A net with this number of hidden layers and of units in each, and its training."""
    net = MLP(64, (units,) * layers, 10, placement="before", momentum=MOMENTUM, use_bias=False)
    return Course(net, SGD(rate, momentum=0.5), batch)


COURSES = {3: course(3, 24, 0.25, 32), 12: course(12, 64, 0.15, 256)}
"""By number of hidden layers."""


class Digits(NamedTuple):
    """Images (n, 64) and their digits (n,): the training set and the held-out set."""

    x: Array
    y: Array
    held_x: Array
    held_y: Array


@functools.cache
def digits() -> Digits:
    """The digits, standardized and shuffled, with 360 held out."""
    x, y = datasets.digits()
    x, y = datasets.standardized(x)[order()], y[order()].astype(int)
    return Digits(x[:-HELD_OUT], y[:-HELD_OUT], x[-HELD_OUT:], y[-HELD_OUT:])


@functools.cache
def ink() -> tuple[Array, Array]:
    """How dark each pixel is, from 0 to MOST_INK, of the training and of the held-out images: (n, 64) each."""
    x = datasets.digits()[0][order()].astype(int)
    return x[:-HELD_OUT], x[-HELD_OUT:]


def order() -> Array:
    """The order in which the images are shuffled."""
    return np.random.default_rng(0).permutation(len(datasets.digits()[1]))


@functools.cache
def trained(layers: int) -> list[State]:
    """The states of the net after each of STEPS steps, trained on batches of random digits."""
    return states(COURSES[layers], SEED)


def states(of: Course, seed: int, steps: Array = STEPS) -> list[State]:
    """The states of a net after each of these steps."""
    (net, optimizer, batch), data = of, digits()
    rows = np.random.default_rng(seed).integers(0, len(data.x), (STEPS[-1], batch))
    passed = [learning.start(net, optimizer, net.draw([seed], np.sqrt(2)))]
    for begin, end in zip([0, *steps], steps, strict=False):
        passed.append(learning.train(net, optimizer, passed[-1], data.x, data.y, rows[begin:end])[0])
    return passed[1:]


@functools.cache
def at_once(layers: int) -> list[tuple[Statistics, float]]:
    """For each snapshot, the result of one pass over all training images in training mode: every batch norm's mean
    and variance (1, units), and the accuracy on those images."""
    return [one_pass(COURSES[layers].net, state) for state in trained(layers)]


def one_pass(net: MLP, state: State) -> tuple[Statistics, float]:
    """The result of such a pass for a single state."""
    x, y, *_ = digits()
    passed = forward(net, state.parameters, x[None])
    norms = [layer.norm.statistics for layer in passed.layers]
    precise = Statistics(*(np.concatenate(values, axis=2)[:, 0] for values in zip(*norms, strict=True)))
    return precise, learning.accuracy(passed.logits, y)[0]


@functools.cache
def reestimated(layers: int) -> list[State]:
    """The snapshots with each running statistic replaced by that of all training images."""
    pairs = zip(trained(layers), at_once(layers), strict=True)
    return [state._replace(running=precise) for state, (precise, _) in pairs]


@functools.cache
def snapshots(layers: int, again: bool) -> State:
    """All snapshots as the lanes of one state; `again`: with re-estimated statistics."""
    one_by_one = (reestimated if again else trained)(layers)
    running = (np.concatenate(values) for values in zip(*(each.running for each in one_by_one), strict=True))
    return State(np.concatenate([each.parameters for each in one_by_one]), (), Statistics(*running), int(STEPS[-1]))


@functools.cache
def inferred(layers: int, again: bool) -> Array:
    """Accuracy (snapshots,) on held-out images in inference mode; `again`: with re-estimated statistics."""
    *_, x, y = digits()
    return learning.accuracy(learning.infer(COURSES[layers].net, snapshots(layers, again), x), y)


def learned(layers: int) -> Array:
    """Accuracy (snapshots,) on the training images in training mode, all in one batch."""
    return np.array([share for _, share in at_once(layers)])


@functools.cache
def in_batches(layers: int, size: int, alike: bool) -> Array:
    """Accuracy (snapshots,) on held-out images in training mode, in batches of `size` images: of any digit or, with
    `alike`, all of the same digit."""
    *_, x, y = digits()
    rng, count = np.random.default_rng(SEED), max(-(-512 // size), 10 * alike)
    rows = rng.integers(0, len(x), (count, size))
    if alike:
        rows = np.stack([rng.choice(np.flatnonzero(y == batch % 10), size) for batch in range(count)])
    logits = (in_training(layers, place, entering(layers, place)[1][rows]) for place in range(len(STEPS)))
    return np.array([np.mean(each.argmax(axis=2) == y[rows]) for each in logits])


@functools.cache
def entering(layers: int, place: int) -> tuple[Array, Array]:
    """The inputs of the first batch norm, for all training and all held-out images: (images, units) each."""
    data, kernel = digits(), COURSES[layers].net.views(trained(layers)[place].parameters)[0].kernel[0]
    return tuple((x @ kernel).astype(np.float32) for x in (data.x, data.held_x))


def in_training(layers: int, place: int, values: Array, first: bool = False) -> Array:
    """Logits (batches, size, classes) in training mode, from the first batch norm's inputs (batches, size, units).
    Computed in float32, a few batches at a time; `first`: only the logits of each batch's first image."""
    net = COURSES[layers].net
    weights = net.views(trained(layers)[place].parameters.astype(np.float32))
    count = max(1, ROWS // values.shape[1])
    parts = (values[at : at + count].copy() for at in range(0, len(values), count))
    return np.concatenate([read(weights, part, np.float32(net.epsilon), first) for part in parts])


def read(weights: list[LayerWeights], values: Array, epsilon: float, first: bool) -> Array:
    """The logits of some of the batches; `values` is overwritten."""
    *hidden, output = weights
    average = np.full((1, values.shape[1]), 1 / values.shape[1], values.dtype)
    for layer, each in enumerate(hidden):
        values = times(values, each.kernel[0]) if layer else values
        values -= average @ values
        var = np.einsum("nbu,nbu->nu", values, values)[:, None] / values.shape[1]
        if first and each is hidden[-1]:
            values = values[:, :1]  # the others were needed only for the statistics
        values *= each.gamma / np.sqrt(var + epsilon)
        values += each.beta
        np.maximum(values, 0, out=values)
    return times(values, output.kernel[0]) + output.bias[0]


def times(values: Array, kernel: Array) -> Array:
    """values (batches, size, inputs) times kernel (inputs, units), in one multiplication."""
    return (values.reshape(-1, len(kernel)) @ kernel).reshape(*values.shape[:2], -1)


def softmax(logits: Array) -> Array:
    """Probabilities of logits (…, classes)."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
