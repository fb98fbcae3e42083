"""A race in training: the stored shift of a layer's inputs from step to step, beside how fast the net learns."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from lessons.covariate_shift.measure import FILE, KINDS, LANES, SHARED
from lessons.covariate_shift.world import NETS, Array


class RaceResult(NamedTuple):
    """The race of a seed's NETS nets: loss (LANES, STEPS, NETS); shift (LANES, STEPS − 1, NETS), of the means of a
    layer's inputs, in standard deviations; kept: the correlation of the next layer's x_hat with and without noise.
    """

    loss: Array
    shift: Array
    kept: float


@functools.cache
def stored() -> dict[str, Array]:
    """The measurements of lessons/covariate_shift/measure.py, by name."""
    with np.load(FILE) as file:
        return {name: file[name].astype(np.float64) for name in file.files}


def race(seed: int, activation: str, kind: str) -> RaceResult:
    """The race of the nets whose first weights come from this seed and the next ones."""
    loss, shift, kept = (
        stored()[f"{name}.{activation}.{KINDS.index(kind)}"][..., seed : seed + NETS]
        for name in ("loss", "shift", "kept")
    )
    return RaceResult(loss, shift, float(kept.mean()))


def facts(run: RaceResult) -> dict[str, float]:
    """For each lane, the mean over its nets of the last loss and of the shift."""
    last, shift = run.loss[:, -1].mean(axis=-1), run.shift.mean(axis=(1, 2))
    found = {
        f"{lane}_{name}": float(each[n])
        for name, each in (("loss", last), ("shift", shift))
        for n, lane in enumerate(LANES)
    }
    return found | {"kept": run.kept}


def verdict(run: RaceResult, kind: str) -> str:
    """The word of the verdict: "shared" where this kind of noise can tell nothing, "raced" where the noisy nets' loss
    is under half the plain nets' loss, else "slowed".
    """
    found = facts(run)
    return "shared" if kind == SHARED else "raced" if found["noisy_loss"] < found["bare_loss"] / 2 else "slowed"


def met(run: RaceResult) -> bool:
    """Whether the goal of the race is met: the noisy nets have the highest loss."""
    found = facts(run)
    return max(LANES, key=lambda lane: found[f"{lane}_loss"]) == "noisy"
