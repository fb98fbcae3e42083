"""The numbers of the first unit of each hidden layer in one training step."""

from __future__ import annotations

from typing import Any

import numpy as np

from training.worker.probes.film import Inspection, parts_of

FEW = 4
"""How many rows are shown."""


def step_taken(look: Inspection, epsilon: float) -> list[dict[str, Any]]:
    """The first unit of each hidden layer in a step, from an inspection of that step on its own batch.

    before, after: the normalization's inputs and outputs for the first rows (after: None without normalization); hat:
    (before − the batch's mean) / its std; post: the activation's outputs. mean, var: of the batch; running: the running
    mean before the step (all None for a lane without running statistics); gamma, beta. r, d: batch renorm's, which
    turns hat into hat · r + d; scale, shift: noisy batch norm's, drawn in this step for each row, applied to gamma ·
    hat + beta. weight: the unit's weight with the largest gradient: {input, value, gradient, update}.
    """
    parts, layers = parts_of(look), []
    for number, (pre, post) in enumerate(look["seen"]):
        rows = len(look["normed"][number][0]) if look["normed"] else FEW
        before, after = look["normed"][number] if look["normed"] else (first_values(pre, rows), None)
        scale = {name: first_of(look, parts, f"norm_{number}.{name}") for name in ("gamma", "beta")}
        weight = steepest(look, parts[f"hidden_{number}.kernel"], pre.shape[-1])
        values = {"before": before, "after": after, "post": first_values(post, rows)}
        layers.append({**values, **of_batch(look, number, before, epsilon), **scale, "weight": weight})
    return layers


def of_batch(look: Inspection, number: int, before: np.ndarray, epsilon: float) -> dict[str, Any]:
    """The first unit's batch statistics, its running mean, `before` normalized, and other factors on its values."""
    if not look["moments"]:
        return dict.fromkeys(("mean", "var", "running", "hat"))
    mean, var = (float(moment[0]) for moment in look["moments"][number])
    with np.errstate(all="ignore"):
        hat = (before - mean) / np.sqrt(var + epsilon)
    drawn = ("scale", "shift")  # these are drawn for each value
    besides = {name: each if name in drawn else float(each[0]) for name, each in look["besides"][number].items()}
    return {"mean": mean, "var": var, "running": float(look["running"][number][0][0]), "hat": hat, **besides}


def steepest(look: Inspection, kernel: slice, units: int) -> dict[str, Any]:
    """The first unit's weight with the largest gradient; input: its index, from 0."""
    value, gradient, update = (
        look[name][kernel].reshape(-1, units)[:, 0] for name in ("weights", "gradient", "update")
    )
    place = int(np.argmax(np.abs(np.nan_to_num(gradient))))
    numbers = {"value": value[place], "gradient": gradient[place], "update": update[place]}
    return {"input": place, **{name: float(number) for name, number in numbers.items()}}


def first_values(values: np.ndarray, rows: int) -> np.ndarray:
    """The first unit's values for the first rows; for a channel, at its first position."""
    return values[:rows].reshape(len(values[:rows]), -1)[:, 0]


def first_of(look: Inspection, parts: dict[str, slice], name: str) -> float | None:
    return float(look["weights"][parts[name]][0]) if name in parts else None
