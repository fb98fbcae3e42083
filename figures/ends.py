"""Texts beside the ends of lines, moved apart so that they do not overlap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from figures.blank import Tracks


def apart(ends: np.ndarray, gap: float, span: Sequence[float] = (-np.inf, np.inf)) -> np.ndarray:
    """Heights (words, steps) as close as possible to `ends` and at least `gap` apart at each step, in the same order.

    span: the lowest and the highest allowed height. Least squares, by max-min over averages (isotonic regression).
    """
    order = np.argsort(ends, axis=0, kind="stable")
    below = gap * np.arange(len(ends))[:, None]  # the room taken by the words below each
    wanted = np.take_along_axis(ends, order, axis=0) - below
    words = range(len(ends))
    placed = [
        np.max([np.min([wanted[a : b + 1].mean(axis=0) for b in words[n:]], axis=0) for a in words[: n + 1]], axis=0)
        for n in words
    ]
    heights = np.empty_like(wanted)
    np.put_along_axis(heights, order, np.clip(placed, span[0], span[1] - below[-1]) + below, axis=0)
    return heights


def words_at(ends: np.ndarray, gap: float, span: Sequence[float]) -> Tracks:
    """The heights of the first annotations, one for each line's end (words, steps)."""
    return {f"layout.annotations[{index}].y": height for index, height in enumerate(apart(ends, gap, span))}
