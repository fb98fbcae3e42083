"""What the instruments show of a lane at one step, from the arrays of a look inside (KerasLanes.inspect). NumPy only.

Everything is of the fixed probe batch: the first 256 rows of the training part (all, where there are fewer), which is
shuffled once and for all, in training mode. A look changes nothing: neither weights nor running statistics.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

BINS = 60
PRE = (-6.0, 6.0)
POST = {"relu": (0.0, 6.0), "tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}
"""What the histograms cover: fixed, so that a picture of them over time has one axis; the rest is counted beside."""
FLAT = {"relu": lambda a: a <= 0, "tanh": lambda a: np.abs(a) > 0.95, "sigmoid": lambda a: np.abs(a - 0.5) > 0.45}
"""Where an activation's output lies on its flat part: a gradient that goes there hardly comes back."""
MOST_VALUES = 60_000
MISTAKES = 12
FEW = 4
"""Rows whose way through a unit is told."""

Layout = list[tuple[str, int, int]]


def layers(look: dict[str, Any], layout: Layout, activation: str, rate: float) -> list[dict[str, Any]]:
    """One entry per hidden layer, from the input on.

    pre and post: what goes into the activation and comes out of it, as histograms. dead: the share of units that are
    flat (FLAT) on every row; saturated: the share of all values that are flat. gamma, beta, batch_mean, batch_var,
    running_mean, running_var: all units, float32 in base64, None where the lane has none. gradient_norm: of the
    kernel's gradient; update_ratio: ‖update‖ / ‖kernel‖ of the optimizer's coming step; weight_norm: ‖kernel‖;
    effective_rate: learning rate / ‖kernel‖².
    """
    parts = {name: slice(begin, end) for name, begin, end in layout}
    shown = []
    for number, (pre, post) in enumerate(look["seen"]):
        kernel = parts[f"hidden_{number}.kernel"]
        shown.append(
            {
                "pre": histogram(pre, *PRE),
                "post": histogram(post, *POST[activation]),
                **flatness(pre, post, activation),
                **{name: packed_part(look, parts, f"norm_{number}.{name}") for name in ("gamma", "beta")},
                **statistics(look, number),
                **sizes(look["weights"][kernel], look["gradient"][kernel], look["update"][kernel], rate),
            }
        )
    return shown


def histogram(values: np.ndarray, low: float, high: float) -> dict[str, Any]:
    """Counts in BINS equal bins over [low, high], uint16 in base64, and how many lie below and above.

    Of so many values that none can overflow: every so-manieth where there are more than MOST_VALUES. NaN: nowhere.
    """
    values = values.ravel()
    values = values[:: -(-values.size // MOST_VALUES)]
    counts = np.histogram(values[np.isfinite(values)], BINS, (low, high))[0]
    beside = {"below": int((values < low).sum()), "above": int((values > high).sum())}
    return {"low": low, "high": high, "counts": packed(counts, np.uint16), **beside}


def flatness(pre: np.ndarray, post: np.ndarray, activation: str) -> dict[str, float | None]:
    """The share of units (the last axis) that are flat everywhere, and of values that are flat.

    None where not all values are finite: of NaN nobody can say that it is flat or not, and ReLU may make 0 of it.
    """
    if not (np.isfinite(pre).all() and np.isfinite(post).all()):
        return {"dead": None, "saturated": None}
    flat = FLAT[activation](post)
    return {"dead": float(flat.all(axis=tuple(range(post.ndim - 1))).mean()), "saturated": float(flat.mean())}


def statistics(look: dict[str, Any], number: int) -> dict[str, str | None]:
    """Batch and running mean and variance of all units of a layer, packed; None for a lane that keeps none."""
    named = ("batch_mean", "batch_var", "running_mean", "running_var")
    if not look["moments"]:
        return dict.fromkeys(named)
    values = (*look["moments"][number], *look["running"][number])
    return {name: packed(value, np.float32) for name, value in zip(named, values, strict=True)}


def sizes(kernel: np.ndarray, gradient: np.ndarray, update: np.ndarray, rate: float) -> dict[str, float]:
    """Norms of a kernel, its gradient and its update against each other."""
    weight = norm(kernel)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return {
            "gradient_norm": norm(gradient),
            "update_ratio": float(np.divide(norm(update), weight)),
            "weight_norm": weight,
            "effective_rate": float(np.divide(rate, np.square(weight))),
        }


def norm(values: np.ndarray) -> float:
    """The Euclidean norm, summed in float64."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.sqrt(np.square(values.astype(np.float64)).sum()))


def mistakes(logits: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """How many rows of the validation part are told "wrong"; as "mistakes" at most MISTAKES of them, the surest first.

    row: which; truth: its label; told: the label given to it; p: the probability that the network gave that label.
    Nothing of a network that tells no numbers: it makes no mistakes, and is not right either.
    """
    p = probabilities(logits)
    if not np.isfinite(p).any():
        return {}
    told = p.argmax(axis=1)
    wrong = np.flatnonzero((told != y) & np.isfinite(p).all(axis=1))
    surest = wrong[np.argsort(-p[wrong, told[wrong]], kind="stable")][:MISTAKES]
    shown = [
        {"row": int(row), "truth": int(y[row]), "told": int(told[row]), "p": float(p[row, told[row]])} for row in surest
    ]
    return {"wrong": len(wrong), "mistakes": shown}


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Softmax over the classes, in float64."""
    z = logits.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        powers = np.exp(z - z.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


def decision(logits: np.ndarray) -> str:
    """Of logits (n, 2) the probability of class 1, as n bytes 0 … 255 in base64; 128 where it is not a number.

    Of more classes, 2n bytes: the class that wins at each place, then the probability of each winner.
    """
    p = probabilities(logits)
    shown = p[:, 1] if logits.shape[1] == 2 else p.max(axis=1)
    shares = np.nan_to_num(shown * 255, nan=128).round()
    return packed(shares if logits.shape[1] == 2 else np.concatenate([p.argmax(axis=1), shares]), np.uint8)


def packed(values: np.ndarray, dtype: type) -> str:
    """The values' bytes, little-endian, in base64."""
    return base64.b64encode(np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<")).tobytes()).decode()


def packed_part(look: dict[str, Any], parts: dict[str, slice], name: str) -> str | None:
    return packed(look["weights"][parts[name]], np.float32) if name in parts else None


def taken(look: dict[str, Any], layout: Layout, epsilon: float) -> list[dict[str, Any]]:
    """Of each hidden layer, what the first unit did in a step on its own batch, by a look at that step.

    before, after: the first rows' values that go into the normalization and come out of it (after: None where there is
    none); hat: before, less the batch's mean, over its deviation; post: what the activation makes of them. mean, var:
    of the batch; running: the running mean before the step (all None where a lane keeps none); gamma, beta. r, d: batch
    renorm's, which makes hat · r + d of hat; scale, shift: noisy batch norm's, drawn for this step, which act on what
    gamma and beta have made. weight: that one of the unit's weights with the steepest gradient: {input, value,
    gradient, update}.
    """
    parts, told = {name: slice(begin, end) for name, begin, end in layout}, []
    for number, (pre, post) in enumerate(look["seen"]):
        rows = len(look["normed"][number][0]) if look["normed"] else FEW
        before, after = look["normed"][number] if look["normed"] else (first_values(pre, rows), None)
        scale = {name: first_of(look, parts, f"norm_{number}.{name}") for name in ("gamma", "beta")}
        weight = steepest(look, parts[f"hidden_{number}.kernel"], pre.shape[-1])
        values = {"before": before, "after": after, "post": first_values(post, rows)}
        told.append({**values, **of_batch(look, number, before, epsilon), **scale, "weight": weight})
    return told


def of_batch(look: dict[str, Any], number: int, before: np.ndarray, epsilon: float) -> dict[str, Any]:
    """The first unit's batch statistics, its running mean, `before` normalized, and what else changes its values."""
    if not look["moments"]:
        return dict.fromkeys(("mean", "var", "running", "hat"))
    mean, var = (float(moment[0]) for moment in look["moments"][number])
    with np.errstate(all="ignore"):
        hat = (before - mean) / np.sqrt(var + epsilon)
    besides = {name: float(values[0]) for name, values in look["besides"][number].items()}
    return {"mean": mean, "var": var, "running": float(look["running"][number][0][0]), "hat": hat, **besides}


def steepest(look: dict[str, Any], kernel: slice, units: int) -> dict[str, Any]:
    """The first unit's weight with the largest gradient; input: which, counted from 0."""
    value, gradient, update = (
        look[name][kernel].reshape(-1, units)[:, 0] for name in ("weights", "gradient", "update")
    )
    place = int(np.argmax(np.abs(np.nan_to_num(gradient))))
    numbers = {"value": value[place], "gradient": gradient[place], "update": update[place]}
    return {"input": place, **{name: float(number) for name, number in numbers.items()}}


def first_values(values: np.ndarray, rows: int) -> np.ndarray:
    """The first unit's value of the first rows; of a channel, at its first place."""
    return values[:rows].reshape(len(values[:rows]), -1)[:, 0]


def first_of(look: dict[str, Any], parts: dict[str, slice], name: str) -> float | None:
    return float(look["weights"][parts[name]][0]) if name in parts else None


def first_beyond(look: dict[str, Any], layout: Layout) -> dict[str, Any] | None:
    """What first left the finite numbers in the step that `look` saw: {where, layer}; None where nothing did.

    In the order of the step: activations from the input on, the loss, gradients from the output back, weights after the
    update from the input on. layer counts hidden layers from 0; the output layer comes last, and the loss is its own.
    """
    output = len(look["seen"])
    for layer, pair in enumerate(look["seen"]):
        if not all(np.isfinite(values).all() for values in pair):
            return {"where": "activation", "layer": layer}
    if not np.isfinite(look["logits"]).all():
        return {"where": "activation", "layer": output}
    if not np.isfinite(look["loss"]):
        return {"where": "loss", "layer": output}
    after = look["weights"] + look["update"]
    for where, values, order in (("gradient", look["gradient"], -1), ("weight", after, 1)):
        for name, begin, end in layout[::order]:
            if not np.isfinite(values[begin:end]).all():
                return {"where": where, "layer": number_of(name, output)}
    return None


def gradient_norms(look: dict[str, Any], layout: Layout) -> list[float]:
    """The norm of each layer's kernel gradient, hidden layers first, then the output layer."""
    return [norm(look["gradient"][begin:end]) for name, begin, end in layout if name.endswith(".kernel")]


def number_of(name: str, output: int) -> int:
    """The layer that a weight "hidden_3.kernel", "norm_3.gamma" or "output.bias" belongs to."""
    stage = name.partition(".")[0]
    return output if stage == "output" else int(stage.rpartition("_")[2])
