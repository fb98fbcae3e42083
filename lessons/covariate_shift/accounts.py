"""Other explanations of batch norm, measured on nets like those of the race, and the numbers that the words quote."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lessons.covariate_shift.measure import DEPTH, LANES, SEEDS, TRIED
from lessons.covariate_shift.race import RaceResult, facts, stored
from lessons.covariate_shift.world import Array

SCATTER, ALONG, RATES, CHANGED = "shift against loss", "the loss along a step", "learning rates", "one layer changed"
VIEWS = {SCATTER: "scattered", ALONG: "along", RATES: "tolerated", CHANGED: "passed"}
"""The views, each with the word of its verdict."""
TWO = ("bare", "steady")
LEARNED = 0.1
"""A net whose last loss is below this has learned."""
FADED = 0.05
"""A change of layer 1 that moves the last layer by less than this share of its spread has faded."""
NONE = "none of them"
FLAT = 0.01
"""A loss that changes by less than this share in a step stands on a plateau."""


def everyone(activation: str) -> RaceResult:
    """The race of all nets, each with its own noise."""
    loss, shift, kept = (stored()[f"{name}.{activation}.0"] for name in ("loss", "shift", "kept"))
    return RaceResult(loss, shift, float(kept.mean()))


def of(name: str, activation: str) -> Array:
    """The measurements of that name, without batch norm and with it."""
    return np.stack([stored()[f"{name}.{activation}.{lane}"] for lane in TWO])


def shift_and_loss(activation: str) -> tuple[Array, Array]:
    """Each net's mean shift and its last loss (LANES, nets)."""
    run = everyone(activation)
    return run.shift.mean(axis=1), run.loss[:, -1]


def along_steps(activation: str) -> list[Array]:
    """The nets' median and largest at every step (steps,): of the loss's change, first without batch norm, then with
    it; then of the gradient's change, likewise."""
    both = [of(name, activation) for name in ("loss_range", "gradient_move")]
    return [line for each in both for lane in each for line in (np.median(lane, axis=1), lane.max(axis=1))]


def median_loss(losses: Array) -> Array:
    """For each rate, the median (rates,) of the last losses (rates, nets) that did not overflow."""
    return np.nanmedian(losses, axis=1)


def moved(activation: str) -> Array:
    """How far the inputs of each layer's activation move, without batch norm and with it: (2, changes, DEPTH)."""
    return of("passed_on", activation).mean(axis=3)


def quoted_numbers(activation: str) -> dict[str, float | str]:
    """The numbers that the words quote, over all nets and steps."""
    numbers = {f"all_{name}": each for name, each in facts(everyone(activation)).items()}
    ranges, moves, tried, passed = (
        of(name, activation) for name in ("loss_range", "gradient_move", "tried", "passed_on")
    )
    learned = np.median(np.nan_to_num(tried, nan=np.inf), axis=2) < LEARNED
    for n, lane in enumerate(TWO):
        numbers |= {
            f"{lane}_range": float(np.median(ranges[n])),
            f"{lane}_worst": float(np.quantile(ranges[n], 0.9)),
            f"{lane}_move": float(np.quantile(moves[n], 0.9)),
            f"{lane}_high": f"{TRIED[learned[n]].max():g}" if learned[n].any() else NONE,
            f"{lane}_lost": int(np.isnan(tried[n]).sum()),
            f"{lane}_scaled": float(passed[n, 0, -1].mean()),
            f"{lane}_turned": float(passed[n, 1, -1].mean()),
        }
    return numbers | {"kind": activation, "nets": len(SEEDS), "tried": len(TRIED), "depth": DEPTH}


def verdict(view: str, activation: str) -> str:
    """The word of the verdict in a view; "plateau" where the plain nets' loss hardly changes along a step."""
    if view == ALONG and quoted_numbers(activation)["bare_range"] < FLAT:
        return "plateau"
    return VIEWS[view]


def met(view: str, numbers: Mapping[str, float | str]) -> bool:
    """Whether the goal of the view is met by the quoted numbers."""
    shifts, losses = ([numbers[f"all_{lane}_{name}"] for lane in LANES] for name in ("shift", "loss"))
    return {
        SCATTER: np.argmin(shifts) != np.argmin(losses),
        ALONG: numbers["bare_range"] >= FLAT,
        RATES: numbers["bare_high"] == NONE,
        CHANGED: numbers["steady_turned"] < FADED,
    }[view]
