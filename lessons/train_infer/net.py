"""Nets that read digits, each trained once: as it stood after each of STEPS steps, and how it does in both modes."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from bn_core import datasets
from bn_core.nets import learning
from bn_core.nets.learning import State
from bn_core.nets.mlp import MLP
from bn_core.nets.optimizers import SGD
from bn_core.nets.passes import forward
from bn_core.steps import Statistics

Array = np.ndarray

STEPS = np.array([5, 10, 15, 20, 25, 30, 40, 60, 80, 120, 160, 240, 320])
MOMENTUM, SEED = 0.99, 1


class Course(NamedTuple):
    """A net, and how it is trained: in batches of so many."""

    net: MLP
    optimizer: SGD
    batch: int


def course(layers: int, units: int, rate: float, batch: int) -> Course:
    """A net with so many hidden layers of so many units, and its training."""
    net = MLP(64, (units,) * layers, 10, placement="before", momentum=MOMENTUM, use_bias=False)
    return Course(net, SGD(rate, momentum=0.5), batch)


COURSES = {3: course(3, 24, 0.25, 32), 12: course(12, 64, 0.15, 256)}
"""By hidden layers."""


class Digits(NamedTuple):
    """Images (n, 64) and what is on them (n,), to train on and held out."""

    x: Array
    y: Array
    held_x: Array
    held_y: Array


@functools.cache
def digits() -> Digits:
    """The digits, standardized, shuffled, 360 of them held out."""
    x, y = datasets.digits()
    order = np.random.default_rng(0).permutation(len(x))
    x, y = datasets.standardized(x)[order], y[order].astype(int)
    return Digits(x[:-360], y[:-360], x[-360:], y[-360:])


@functools.cache
def trained(layers: int) -> list[State]:
    """The net after each of STEPS steps, in batches drawn from all digits alike."""
    return states(COURSES[layers], SEED)


def states(of: Course, seed: int, steps: Array = STEPS) -> list[State]:
    """A net as it stands after each of these steps."""
    (net, optimizer, batch), data = of, digits()
    rows = np.random.default_rng(seed).integers(0, len(data.x), (STEPS[-1], batch))
    passed = [learning.start(net, optimizer, net.draw([seed], np.sqrt(2)))]
    for begin, end in zip([0, *steps], steps, strict=False):
        passed.append(learning.train(net, optimizer, passed[-1], data.x, data.y, rows[begin:end])[0])
    return passed[1:]


@functools.cache
def reestimated(layers: int) -> list[State]:
    """The same weights, but every running statistic is that of all training images."""
    return [state._replace(running=precise(COURSES[layers].net, state)) for state in trained(layers)]


def precise(net: MLP, state: State) -> Statistics:
    """Means and variances (1, units) that all training images, as one batch, give each batch norm."""
    norms = [layer.norm.statistics for layer in forward(net, state.parameters, digits().x[None]).layers]
    return Statistics(*(np.concatenate(values, axis=2)[:, 0] for values in zip(*norms, strict=True)))


@functools.cache
def inferred(layers: int, again: bool) -> Array:
    """Shares (snapshots,) of held-out images that are right in inference mode; `again`: statistics re-estimated."""
    *_, x, y = digits()
    snapshots = reestimated(layers) if again else trained(layers)
    return np.array([learning.accuracy(learning.infer(COURSES[layers].net, each, x), y)[0] for each in snapshots])


@functools.cache
def learned(layers: int) -> Array:
    """Shares (snapshots,) of training images that are right in training mode, in one batch."""
    return np.array([learned_by(COURSES[layers].net, state) for state in trained(layers)])


def learned_by(net: MLP, state: State) -> float:
    """The share of training images that are right in training mode, in one batch."""
    x, y, *_ = digits()
    return learning.accuracy(forward(net, state.parameters, x[None]).logits, y)[0]


@functools.cache
def in_batches(layers: int, size: int, alike: bool) -> Array:
    """Shares (snapshots,) of held-out images that are right in training mode, among `size` of any digit or, `alike`, of
    a single one."""
    *_, x, y = digits()
    rng, count = np.random.default_rng(SEED), max(-(-512 // size), 10 * alike)
    rows = rng.integers(0, len(x), (count, size))
    if alike:
        rows = np.stack([rng.choice(np.flatnonzero(y == batch % 10), size) for batch in range(count)])
    net = COURSES[layers].net
    return np.array([learning.accuracy(passed(net, state, x[rows]), y[rows]).mean() for state in trained(layers)])


def passed(net: MLP, state: State, batches: Array) -> Array:
    """Logits (batches, size, classes) in training mode."""
    return forward(net, np.broadcast_to(state.parameters, (len(batches), net.size)), batches).logits


def softmax(logits: Array) -> Array:
    """Probabilities of logits (…, classes)."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
