"""What the reader moves: the controls that redraw the figures while they are dragged, and the marks of a prediction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from figures.numerals import Numeral

Grid = Sequence[float] | np.ndarray
FEW = 20
"""So many values of a grid are told one by one."""


@dataclass(frozen=True)
class Handle:
    """A control that redraws the figures while it is dragged, over a grid of values.

    values, shown (steps,): the grid, and each value as the reader sees and hears it. at, reset: the step where it
    stands, and the one to which a double click brings it back. marks: labeled ticks by step.
    """

    name: str
    label: str
    values: Grid
    shown: Sequence[str]
    at: int
    reset: int
    marks: Mapping[int, str] = field(default_factory=dict)


def nearest(values: Grid, value: float) -> int:
    """The step of the grid whose value is closest to `value`."""
    return int(np.argmin(np.abs(np.asarray(values, dtype=float) - value)))


@dataclass(frozen=True)
class Control:
    """A field of a lesson's settings that is dragged.

    grid: its values, or a function of the settings that gives them. shown: the format that writes a value, or a
    function of (settings, values) that writes all. marks: values to be labeled, by the word after "mark." of their
    section, which may quote `{shown}`. label: its section, `{field}` filled in from the settings. reset: the value that
    a double click brings back where that is not the default. when: the flag without which there is no such control.
    nearest: the step closest to a value, on the control's own scale. slow: its table takes long to make.
    """

    name: str
    grid: Grid | Callable[[Any], Grid]
    shown: str | Callable[[Any, Grid], list[str]] = "{:g}"
    marks: Mapping[str, float] = field(default_factory=dict)
    label: str = ""
    reset: Callable[[Any], float] | None = None
    when: str = ""
    nearest: Callable[[Grid, float], int] = nearest
    slow: bool = False

    @property
    def heading(self) -> str:
        return self.label or f"label.{self.name}"

    def values(self, settings: Any) -> Grid:
        """The grid in that state."""
        return self.grid(settings) if callable(self.grid) else self.grid

    def step(self, settings: Any) -> int:
        """The step of the grid at which the settings stand."""
        return self.nearest(self.values(settings), getattr(settings, self.name))

    def labels(self, settings: Any) -> list[str]:
        """Every value of the grid as the reader sees it."""
        return self._shown(settings, self.values(settings))

    def holds(self, settings: Any) -> bool:
        """Whether the grid has the settings' value, as the reader sees it; a grid that others move follows them."""
        if callable(self.grid):
            return True
        (given,) = self._shown(settings, [getattr(settings, self.name)])
        return given == self.labels(settings)[self.step(settings)]

    def described(self, settings: Any) -> str:
        """What the grid allows, as a repair of an address tells it."""
        labels = self.labels(settings)
        if len(labels) <= FEW:
            return "one of " + ", ".join(labels)
        return f"one of the {len(labels)} values of its slider, {labels[0]} to {labels[-1]}"

    def _shown(self, settings: Any, values: Grid) -> list[str]:
        if callable(self.shown):
            return self.shown(settings, values)
        return [self.shown.format(Numeral(value)) for value in values]


@dataclass(frozen=True)
class Guess:
    """A prediction other than one of the choices in the section "predict"; the table's `truth` answers it.

    kind: "number": one mark is dragged along an axis of a figure; "curve": several, joined by a line; "order": the
    choices themselves are dragged into order, lowest `truth` first.
    figure: the one that has the trace "guess" (figures/theme.py): its other coordinates say where the marks stand.
    axis: that along which they move, between low and high where these are given, else from end to end.
    step: what an arrow key moves them by, None: a share of the axis. mirror: the trace goes from minus to plus it.
    percent: numbers are told as percentages. ratio: the gap is told as a factor.
    """

    kind: str = "number"
    figure: int = 0
    axis: str = "x"
    low: float | None = None
    high: float | None = None
    step: float | None = None
    mirror: bool = False
    percent: bool = False
    ratio: bool = False
