"""A net that learns to read digits: its gammas and betas at every step, and the gradient of the bias before them."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from bn_core import datasets
from bn_core.nets.learning import Moment, start, train
from bn_core.nets.mlp import MLP
from bn_core.nets.optimizers import SGD

Array = np.ndarray
STEPS, BATCH, RATE, UNITS = 200, 64, 0.3, 16


class LearnedPaths(NamedTuple):
    """A training, step by step. gamma, beta (STEPS + 1, UNITS): before the first step, then after each step. bias,
    kernel (STEPS,): the largest gradient of the bias before batch norm, and of the kernel. loss (STEPS,)."""

    gamma: Array
    beta: Array
    bias: Array
    kernel: Array
    loss: Array


@functools.lru_cache(maxsize=32)
def paths(seed: int) -> LearnedPaths:
    """The training of a net with one hidden layer: UNITS relu units, batch norm before the activation, SGD."""
    x, y = datasets.digits()
    x, y = datasets.standardized(x), y.astype(int)
    net, optimizer = MLP(64, (UNITS,), 10, placement="before", momentum=0.9), SGD(RATE)
    batches = np.random.default_rng(seed).integers(len(x), size=(STEPS, BATCH))

    def watch(moment: Moment) -> tuple[Array, ...]:
        after, gradient = net.views(moment.after.parameters)[0], net.views(moment.gradients)[0]
        return after.gamma[0, 0], after.beta[0, 0], np.abs(gradient.bias).max(), np.abs(gradient.kernel).max()

    first = net.draw([seed], np.sqrt(2))
    _, history = train(net, optimizer, start(net, optimizer, first), x, y, batches, watch=watch)
    gamma, beta, bias, kernel = (np.array(each) for each in zip(*history.watched, strict=True))
    begin = np.ones((1, UNITS))
    return LearnedPaths(
        np.concatenate([begin, gamma]), np.concatenate([0 * begin, beta]), bias, kernel, history.loss[:, 0]
    )
