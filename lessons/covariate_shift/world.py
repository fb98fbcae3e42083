"""The animals, and nets that have learned to tell the black cats from the black dogs."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from bn_core.nets.learning import State, start, train
from bn_core.nets.mlp import MLP
from bn_core.nets.optimizers import SGD
from bn_core.steps import Statistics
from lessons.covariate_shift import animals

Array = np.ndarray
SIZE, TRAINING, OTHERS = 12, 400, 200  # pixels, animals to learn from, and to test on or to re-estimate with
HIDDEN, RATE, STEPS, BATCH = (24, 12), 0.0625, 120, 50
NETS, LAST_SEED = 5, 9
"""So many nets side by side; those of a seed have the first weights of this and of the next seeds."""


class Nets(NamedTuple):
    """Nets of one kind side by side, trained on the same black animals."""

    net: MLP
    state: State

    def of(self, seed: int) -> Nets:
        """The NETS nets of a seed."""
        chosen, (parameters, slots, running, step) = slice(seed, seed + NETS), self.state
        return Nets(self.net, State(parameters[chosen], slots, Statistics(*(each[chosen] for each in running)), step))


class World(NamedTuple):
    """The black animals that the nets learned from, as they read them (TRAINING, inputs), cats first; animals to test
    on and to re-estimate with; the mean and std of the first ones' pixels; and the nets of all seeds."""

    x: Array
    test: animals.Picture
    poses: Array
    other: animals.Picture
    scale: tuple[float, float]
    plain: Nets
    normed: Nets


@functools.cache
def world(draw: int = 0) -> World:
    """Drawn and trained; `draw`: another one has other animals in other batches."""
    rng = np.random.default_rng([draw, 0])
    poses = [rng.uniform(-1, 1, (count, animals.POSE)) for count in (TRAINING, OTHERS, OTHERS)]
    learned, test, other = (animals.draw(each, SIZE) for each in poses)
    x = learned.dyed(animals.BLACK).reshape(TRAINING, -1)
    scale = float(x.mean()), float(x.std())
    x = (x - scale[0]) / scale[1]
    y, batches = np.arange(TRAINING) * 2 // TRAINING, [rng.integers(TRAINING, size=BATCH) for _ in range(STEPS)]
    plain, normed = (trained(placement, x, y, batches) for placement in (None, "before"))
    return World(x, test, poses[1], other, scale, plain, normed)


def trained(placement: str | None, x: Array, y: Array, batches: list[Array]) -> Nets:
    """Nets with the first weights of all seeds, and otherwise alike."""
    net, optimizer = MLP(x.shape[1], HIDDEN, 2, placement=placement, momentum=0.9), SGD(RATE)
    first = net.draw(range(LAST_SEED + NETS), np.sqrt(2))
    state, _ = train(net, optimizer, start(net, optimizer, first), x, y, batches)
    return Nets(net, state)
