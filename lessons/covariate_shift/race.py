"""A race in training: how far a layer's inputs shift from step to step, beside how fast the net learns; as measured."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from lessons.covariate_shift.measure import FILE, KINDS, LANES, SHARED
from lessons.covariate_shift.world import NETS, Array


class RaceResult(NamedTuple):
    """Of the NETS nets of a seed: loss (LANES, STEPS, NETS); shift (LANES, STEPS − 1, NETS): of the means of what
    enters a layer's activation, in its standard deviations. kept: the correlation of the next layer's x_hat with and
    without the noise.
    """

    loss: Array
    shift: Array
    kept: float


@functools.cache
def stored() -> dict[str, Array]:
    """What lessons/covariate_shift/measure.py has measured, by its names."""
    with np.load(FILE) as file:
        return {name: file[name].astype(np.float64) for name in file.files}


def race(seed: int, activation: str, kind: str) -> RaceResult:
    """The nets with the first weights of this and of the next seeds."""
    loss, shift, kept = (
        stored()[f"{name}.{activation}.{KINDS.index(kind)}"][..., seed : seed + NETS]
        for name in ("loss", "shift", "kept")
    )
    return RaceResult(loss, shift, float(kept.mean()))


def facts(run: RaceResult) -> dict[str, float]:
    """By lane: the mean of the last losses and of the shifts, over nets."""
    last, shift = run.loss[:, -1].mean(axis=-1), run.shift.mean(axis=(1, 2))
    found = {
        f"{lane}_{name}": float(each[n])
        for name, each in (("loss", last), ("shift", shift))
        for n, lane in enumerate(LANES)
    }
    return found | {"kept": run.kept}


def verdict(run: RaceResult, kind: str) -> str:
    """shared: by its kind, the noise cannot tell; raced: the noisy nets learn far better than the plain ones; slowed:
    they do not.
    """
    found = facts(run)
    return "shared" if kind == SHARED else "raced" if found["noisy_loss"] < found["bare_loss"] / 2 else "slowed"
