"""The animals, and nets trained to tell the black cats from the black dogs."""

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
SIZE, TRAINING, OTHERS = 12, 400, 200  # pixels; animals to train on; to test on, or to re-estimate with
HIDDEN, RATE, STEPS, BATCH = (24, 12), 0.0625, 120, 50
NETS, LAST_SEED = 5, 9
"""The number of nets side by side; a seed's nets take their first weights from this seed and the next ones."""


class Nets(NamedTuple):
    """Nets of one kind side by side, trained on the same black animals."""

    net: MLP
    state: State

    def of(self, seed: int) -> Nets:
        """The NETS nets of a seed."""
        chosen, (parameters, slots, running, step) = slice(seed, seed + NETS), self.state
        return Nets(self.net, State(parameters[chosen], slots, Statistics(*(each[chosen] for each in running)), step))


class World(NamedTuple):
    """The animals and the nets. x (TRAINING, inputs): the black training animals as the nets read them, cats first;
    test, other: animals to test on, to re-estimate with; scale: mean and std of the training pixels."""

    x: Array
    test: animals.Picture
    poses: Array
    other: animals.Picture
    scale: tuple[float, float]
    plain: Nets
    normed: Nets


@functools.cache
def world(draw: int = 0) -> World:
    """Draw the animals and train the nets; another `draw` has other animals in other batches."""
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
    """Train nets with the first weights of all seeds that are otherwise alike."""
    net, optimizer = MLP(x.shape[1], HIDDEN, 2, placement=placement, momentum=0.9), SGD(RATE)
    first = net.draw(range(LAST_SEED + NETS), np.sqrt(2))
    state, _ = train(net, optimizer, start(net, optimizer, first), x, y, batches)
    return Nets(net, state)
