"""What a snapshot shows of each hidden layer of a lane. NumPy only."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np

from bn_core.nets.activations import saturated
from training.worker.probes.encoding import packed_rows, six_digits
from training.worker.probes.film import Film, parts_of
from training.worker.probes.histograms import PRE, Histogram, distributions, histogram

SCALED = ("adam", "rmsprop")
"""The optimizers that divide a gradient by its own size."""
LayerView = dict[str, Any]
"""The contents of a snapshot for one layer, by name; see layers()."""


def layers(film: Film, activation: str, optimizer: str, epsilon: float | None = None) -> list[list[LayerView]]:
    """For each inspection of a film, one entry per hidden layer, in order, in JSON's own types.

    epsilon: of a batch norm after the activation, None where there is none. pre and post: histograms of the
    activation's inputs and outputs; normed: of the outputs of that batch norm. dead: the share of units saturated (a
    relu: 0) on every row; saturated: the share of all values. gamma, beta, batch_mean, batch_var, running_mean,
    running_var: of all units, float32 in base64, None where the lane has none. gradient_norm: of the kernel's gradient
    on the probe; update_ratio: the kernel's last move over its norm, in the step that led here, on that step's own
    batch, None where unknown; weight_norm: ‖kernel‖; effective_rate: see effective_rates.
    """
    parts, by_layer = parts_of(film), []
    names = [name for name, *_ in film["layout"]]
    norms = [norms_of(film, each) for each in ("weights", "gradient", "moved")]
    for number, (pre, post) in enumerate(film["seen"]):
        kernel = names.index(f"hidden_{number}.kernel")
        scales = {name: packed_part(film, parts, f"norm_{number}.{name}") for name in ("gamma", "beta")}
        columns = [
            distributions(pre, post, activation),
            *([] if epsilon is None else [normed(film, post, number, epsilon)]),
            numbers(flatness(pre, post, activation)),
            by_look(scales | statistics(film, number), len(pre)),
            numbers(sizes(*(norm[:, kernel] for norm in norms))),
            numbers(effective_rates(kernels(film, parts, number, pre.shape[-1]), film["rate"], optimizer)),
        ]
        by_layer.append([functools.reduce(operator.or_, entries) for entries in zip(*columns, strict=True)])
    return [list(entries) for entries in zip(*by_layer, strict=True)]


def normed(film: Film, post: np.ndarray, number: int, epsilon: float) -> list[dict[str, Histogram]]:
    """For each inspection, the histogram of batch norm's outputs, given the activation's `post` (inspections, …)."""
    parts, weights = parts_of(film), film["weights"]
    gamma, beta = (weights[:, parts[f"norm_{number}.{name}"]] for name in ("gamma", "beta"))
    mean, var = film["moments"][number]
    with np.errstate(invalid="ignore", over="ignore"):
        scale = gamma / np.sqrt(var + epsilon)
        shift = beta - mean * scale
        wide = (len(post), *[1] * (post.ndim - 2), -1)  # broadcasts over all axes between inspections and units
        values = post * scale.reshape(wide) + shift.reshape(wide)
    return [{"normed": histogram(one, *PRE)} for one in values]


def by_look(columns: dict[str, list[Any] | None], inspections: int) -> list[LayerView]:
    """The columns as one dictionary per inspection; a column that is None becomes None in each."""
    rows = [[None] * inspections if column is None else column for column in columns.values()]
    return [dict(zip(columns, values, strict=True)) for values in zip(*rows, strict=True)]


def numbers(columns: dict[str, np.ndarray]) -> list[dict[str, float | None]]:
    """The columns as one dictionary per inspection, with numbers to six digits."""
    rows = [[six_digits(number) for number in column.tolist()] for column in columns.values()]
    return [dict(zip(columns, values, strict=True)) for values in zip(*rows, strict=True)]


def flatness(pre: np.ndarray, post: np.ndarray, activation: str) -> dict[str, np.ndarray]:
    """The share of units (the last axis) that are saturated on all rows, and of saturated values, by inspection.

    NaN where not all values are finite: NaN is neither saturated nor not, and ReLU may turn it into 0.
    """
    flat = saturated(activation, post).reshape(len(post), -1, post.shape[-1])
    values = np.array([*map(np.count_nonzero, flat)]) / flat[0].size
    shares = {"dead": flat.all(axis=1).mean(axis=1), "saturated": values}
    if not (np.isfinite(pre).all() and np.isfinite(post).all()):
        lost = [not (np.isfinite(one).all() and np.isfinite(other).all()) for one, other in zip(pre, post, strict=True)]
        for share in shares.values():
            share[lost] = np.nan
    return shares


def statistics(film: Film, number: int) -> dict[str, list[str] | None]:
    """Batch and running mean and variance of all units of a layer, packed; None for a lane without them."""
    named = ("batch_mean", "batch_var", "running_mean", "running_var")
    if not film["moments"]:
        return dict.fromkeys(named)
    values = (*film["moments"][number], *film["running"][number])
    return {name: packed_rows(value, np.float32) for name, value in zip(named, values, strict=True)}


def norms_of(film: Film, name: str) -> np.ndarray:
    """The Euclidean norm of each weight in a flat vector, summed in float64: (inspections, weights)."""
    begins = [begin for _, begin, _ in film["layout"]]
    with np.errstate(over="ignore", invalid="ignore"):
        return np.sqrt(np.add.reduceat(np.square(film[name], dtype=np.float64), begins, axis=1))


def kernels(film: Film, parts: dict[str, slice], number: int, units: int) -> np.ndarray:
    """A layer's kernel at each inspection: (inspections, inputs, units)."""
    return film["weights"][:, parts[f"hidden_{number}.kernel"]].reshape(len(film["weights"]), -1, units)


def sizes(weight: np.ndarray, gradient: np.ndarray, moved: np.ndarray) -> dict[str, np.ndarray]:
    """The norms of a kernel and its gradient, and its last move over its norm, by inspection."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return {"gradient_norm": gradient, "update_ratio": moved / weight, "weight_norm": weight}


def effective_rates(kernel: np.ndarray, rate: float, optimizer: str) -> dict[str, np.ndarray]:
    """The rate at which a unit's direction turns, for a kernel (looks, inputs, units): that of the middle unit.

    It is how far a step turns a weight vector w whose length does not matter: a gradient shrinks as ‖w‖ grows, so plain
    steps turn it by rate / ‖w‖²; Adam and RMSprop step equally far with any gradient, and turn it by rate / ‖w‖.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        square = np.sum(np.square(kernel, dtype=np.float64), axis=1)
        return {"effective_rate": np.median(rate / (np.sqrt(square) if optimizer in SCALED else square), axis=1)}


def packed_part(film: Film, parts: dict[str, slice], name: str) -> list[str] | None:
    return packed_rows(film["weights"][:, parts[name]], np.float32) if name in parts else None
