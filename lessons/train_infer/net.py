"""A small net that reads digits, trained once: as it stood after each of STEPS steps, and how it does in both modes."""

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

STEPS = np.array([5, 10, 15, 20, 30, 40, 60, 80, 120, 160, 240, 320])
UNITS, TRAIN_BATCH, SEED = 24, 32, 1
NET = MLP(64, (UNITS,) * 3, 10, placement="before", momentum=0.99, use_bias=False)
OPTIMIZER = SGD(0.25, momentum=0.5)


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
def trained() -> list[State]:
    """The net after each of STEPS steps, in batches drawn from all digits alike."""
    data = digits()
    rows = np.random.default_rng(SEED).integers(0, len(data.x), (STEPS[-1], TRAIN_BATCH))
    states = [learning.start(NET, OPTIMIZER, NET.draw([SEED], np.sqrt(2)))]
    for begin, end in zip([0, *STEPS], STEPS, strict=False):
        states.append(learning.train(NET, OPTIMIZER, states[-1], data.x, data.y, rows[begin:end])[0])
    return states[1:]


@functools.cache
def reestimated() -> list[State]:
    """The same weights, but every running statistic is that of all training images."""
    return [state._replace(running=precise(state)) for state in trained()]


def precise(state: State) -> Statistics:
    """Means and variances (1, units) that all training images, as one batch, give each batch norm."""
    norms = [layer.norm.statistics for layer in forward(NET, state.parameters, digits().x[None]).layers]
    return Statistics(*(np.concatenate(values, axis=2)[:, 0] for values in zip(*norms, strict=True)))


@functools.cache
def inferred(again: bool) -> Array:
    """Shares (snapshots,) of held-out images that are right in inference mode; `again`: statistics re-estimated."""
    states, (*_, x, y) = reestimated() if again else trained(), digits()
    return np.array([learning.accuracy(learning.infer(NET, state, x), y)[0] for state in states])


@functools.cache
def in_batches(size: int, alike: bool) -> Array:
    """The same in training mode, in batches of `size` held-out images: any, or, `alike`, of a single digit."""
    *_, x, y = digits()
    rng, count = np.random.default_rng(SEED), max(-(-512 // size), 10 * alike)
    rows = rng.integers(0, len(x), (count, size))
    if alike:
        rows = np.stack([rng.choice(np.flatnonzero(y == batch % 10), size) for batch in range(count)])
    return np.array([learning.accuracy(passed(state, x[rows]), y[rows]).mean() for state in trained()])


def passed(state: State, batches: Array) -> Array:
    """Logits (batches, size, classes) in training mode."""
    return forward(NET, np.broadcast_to(state.parameters, (len(batches), NET.size)), batches).logits


def softmax(logits: Array) -> Array:
    """Probabilities of logits (…, classes)."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
