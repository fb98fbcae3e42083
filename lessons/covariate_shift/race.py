"""A race in training: how far a layer's inputs shift from step to step, beside how fast the net learns.

All black animals of the race are in every step, so that nothing shifts but by the weights, or by the noise.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from bn_core.nets import noise
from bn_core.nets.learning import Moment, start, train
from bn_core.nets.mlp import MLP
from bn_core.nets.optimizers import SGD
from bn_core.nets.passes import forward
from lessons.covariate_shift.world import SEEDS, TRAINING, Array, world

LANES = {"bare": None, "steady": "before", "noisy": "before"}
"""Without batch norm, with it, and with noise behind it: where batch norm stands."""
STEPS, DEPTH, WIDTH, LAYER = 80, 6, 16, 3  # LAYER: the index of the one whose inputs are watched
RATES = {"sigmoid": 0.5, "relu": 0.015625}
FIRST = {"sigmoid": 1.0, "relu": np.sqrt(2)}
NOISE = {"noise_shift": 0.5, "noise_scale": 0.25}
ROWS = np.r_[:50, TRAINING // 2 : TRAINING // 2 + 50]
OWN, SHARED = "each animal's own", "shared by all"


class RaceResult(NamedTuple):
    """loss (LANES, STEPS, SEEDS); shift (LANES, STEPS − 1, SEEDS): of the means of what enters LAYER's activation, in
    its standard deviations. kept: the correlation of the next layer's x_hat with and without the noise."""

    loss: Array
    shift: Array
    kept: float


@functools.lru_cache(maxsize=8)
def race(seed: int, activation: str, kind: str) -> RaceResult:
    """SEEDS nets of each lane, from the same first weights."""
    x, y = world(seed).x[ROWS].astype(np.float32), (ROWS >= TRAINING // 2).astype(int)
    losses, shifts = [], []
    for lane, placement in LANES.items():
        net = MLP(x.shape[1], (WIDTH,) * DEPTH, 2, activation, placement, **(NOISE if lane == "noisy" else {}))
        first = net.draw(range(seed, seed + SEEDS), FIRST[activation], np.float32)
        chances = [chance(net, seed, step, kind) for step in range(STEPS)] if net.noisy else None
        optimizer = SGD(RATES[activation])
        batches = [np.arange(len(x))] * STEPS
        _, history = train(net, optimizer, start(net, optimizer, first), x, y, batches, None, chances, watched)
        mean, std = (np.array(each) for each in zip(*history.watched, strict=True))
        losses.append(history.loss)
        shifts.append(np.abs(np.diff(mean, axis=0)).mean(axis=-1) / np.maximum(std[1:], 1e-9))
    x_hats = [forward(net, first, x[None], None, given).layers[LAYER + 1].norm.x_hat for given in (None, chances[0])]
    return RaceResult(np.array(losses), np.array(shifts), float(np.corrcoef(*map(np.ravel, x_hats))[0, 1]))


def watched(moment: Moment) -> tuple[Array, Array]:
    """Of what enters the layer's activation: every unit's mean (lanes, units), and the units' common deviation."""
    enters = moment.passed.layers[LAYER].enters
    return enters.mean(axis=1), np.sqrt(enters.var(axis=1).mean(axis=-1))


def chance(net: MLP, seed: int, step: int, kind: str) -> list[noise.Noise]:
    """The noise of a step, drawn for each unit and, around that, for each animal; or what the animals share of it."""
    drawn = noise.draw(net, range(seed, seed + SEEDS), step, len(ROWS), np.float32)
    if kind == OWN:
        return drawn
    return [noise.Noise(None, each.scale.mean(1, keepdims=True), each.shift.mean(1, keepdims=True)) for each in drawn]


def facts(run: RaceResult) -> dict[str, float]:
    """By lane: the mean of the last losses and of the shifts, over nets."""
    last, shift = run.loss[:, -1].mean(axis=-1), run.shift.mean(axis=(1, 2))
    told = {
        f"{lane}_{name}": float(each[n])
        for name, each in (("loss", last), ("shift", shift))
        for n, lane in enumerate(LANES)
    }
    return told | {"kept": run.kept}


def verdict(run: RaceResult, kind: str) -> str:
    """shared: by its kind, the noise cannot tell; raced: the noisy nets learn far better than the plain ones; slowed:
    they do not.
    """
    told = facts(run)
    return "shared" if kind == SHARED else "raced" if told["noisy_loss"] < told["bare_loss"] / 2 else "slowed"
