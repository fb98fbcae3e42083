"""The geometry of ridges: one closed outline per row, all in one trace, the first on top."""

from __future__ import annotations

import numpy as np

from lessons.histogram import Axis

TALL = 0.84  # a ridge's greatest height, as a share of its row


def outline_x(bins: Axis, rows: int) -> np.ndarray:
    """The x of `rows` outlines, NaN after each: (rows · (bins + 3),)."""
    low, high = bins.ends
    return np.tile(np.concatenate([[low], bins.centers, [high, np.nan]]), rows)


def outline_y(density: np.ndarray, bins: Axis) -> np.ndarray:
    """The y of the outlines of densities (…, rows, bins): up from each row's floor, cut at the row's top.

    Row n, from 0, is centered on y = n, and y points downwards, as in a figure whose first layer is on top.
    """
    floors = np.arange(density.shape[-2])[:, None] + TALL / 2
    tops = floors - TALL * np.minimum(density / bins.tallest, 1)
    floors = np.broadcast_to(floors, (*tops.shape[:-1], 1))
    y = np.concatenate([floors, tops, floors, np.full_like(floors, np.nan)], axis=-1)
    return y.reshape(*density.shape[:-2], -1)


def arrow_sizes(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Marker sizes in pixels (…, 2 · rows): the area grows with the share (…, rows) beyond that end of the axis."""
    return 20 * np.sqrt(np.concatenate([below, above], axis=-1))


def arrows(bins: Axis, rows: int, color: str) -> dict:
    """A trace of triangles, their sizes still to come, at both ends of the rows that point beyond the axis."""
    low, high = bins.ends
    inside = 0.03 * (high - low)
    symbols = ["triangle-left"] * rows + ["triangle-right"] * rows
    marker = {"symbol": symbols, "color": color, "opacity": 1, "line": {"width": 0}}
    return {
        "x": np.repeat([low + inside, high - inside], rows),
        "y": np.tile(np.arange(rows), 2),
        "mode": "markers",
        "marker": marker,
        "hoverinfo": "skip",
        "name": "share off the axis",
    }
