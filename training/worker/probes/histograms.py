"""Distributions of an activation's inputs and outputs, as histograms with fixed bins."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from training.worker.probes.encoding import packed_rows

BINS = 60
PRE = (-6.0, 6.0)
POST = {"relu": (0.0, 6.0), "tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}
"""The ranges of the histograms, fixed so that a picture of them over time has one axis; the rest is counted apart."""
MOST_VALUES = 60_000


class Histogram(TypedDict):
    """Counts in BINS equal bins over [low, high], uint16 in base64, and how many values are below and above."""

    low: float
    high: float
    counts: str
    below: int
    above: int


def distributions(pre: np.ndarray, post: np.ndarray, activation: str) -> list[dict[str, Histogram]]:
    """Histograms of an activation's inputs, "pre", and outputs, "post": (inspections, …) arrays each."""
    if activation != "relu" or not np.isfinite(pre).all():
        if len(pre) > 1:  # so that an inspection's histograms do not depend on the others
            return [distributions(pre[k : k + 1], post[k : k + 1], activation)[0] for k in range(len(pre))]
        return [{"pre": histogram(pre, *PRE), "post": histogram(post, *POST[activation])}]
    # An output is either the input or 0, so counting once with the finer bins is enough.
    low, high = PRE
    below, counts, above = counted(thinned(pre), low, high, 2 * BINS)
    came = counts[:, BINS:].copy()
    came[:, 0] += below + counts[:, :BINS].sum(axis=1)
    went_in = histograms(*PRE, below, counts.reshape(-1, BINS, 2).sum(axis=2), above)
    came_out = histograms(*POST["relu"], np.zeros_like(below), came, above)
    return [{"pre": one, "post": other} for one, other in zip(went_in, came_out, strict=True)]


def histogram(values: np.ndarray, low: float, high: float) -> Histogram:
    """The histogram of the values, thinned to MOST_VALUES so that no count overflows; NaN is not counted."""
    values = thinned(values[None])[0]
    return histograms(low, high, *counted(values[None, ~np.isnan(values)], low, high, BINS))[0]


def thinned(values: np.ndarray) -> np.ndarray:
    """At most MOST_VALUES values of each inspection, evenly chosen: (inspections, values)."""
    values = values.reshape(len(values), -1)
    return values[:, :: -(-values.shape[1] // MOST_VALUES)]


def counted(values: np.ndarray, low: float, high: float, bins: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The number of values of each inspection below, in each of the equal bins over [low, high], and above."""
    places = values * (bins / (high - low))
    places += 1 - low * bins / (high - low)
    np.clip(places, 0, bins + 1, out=places)
    cells = places.astype(np.intp)
    cells += (bins + 2) * np.arange(len(values))[:, None]
    counts = np.bincount(cells.ravel(), minlength=len(values) * (bins + 2)).reshape(-1, bins + 2)
    above = (values > high).sum(axis=1) if counts[:, -1].any() else counts[:, -1]
    counts[:, -2] += counts[:, -1] - above  # values that equal `high`, or round to it
    return counts[:, 0], counts[:, 1:-1], above


def histograms(low: float, high: float, below: np.ndarray, counts: np.ndarray, above: np.ndarray) -> list[Histogram]:
    columns = zip(packed_rows(counts, np.uint16), below.tolist(), above.tolist(), strict=True)
    return [{"low": low, "high": high, "counts": each, "below": b, "above": a} for each, b, a in columns]
