"""Controls that redraw the figures while they are dragged, and predictions that are made by dragging."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from figures.numerals import Numeral

Grid = Sequence[float] | np.ndarray
FEW = 20
"""A grid of at most this many values is listed value by value."""


@dataclass(frozen=True)
class Handle:
    """A control that redraws the figures while it is dragged, over a grid of values.

    values, shown (steps,): the grid, and the text of each value for readers and screen readers. at, reset: the present
    step, and the step to which a double click returns. marks: labeled ticks by step.
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

    grid: its values, or a function of the settings that returns them.
    shown: the format of a value, or a function of (settings, values) that formats all of them.
    marks: labeled values, by the name of the label's section after "mark.", with `{field}` filled in from the settings;
    the label may quote `{shown}`.
    label: the section of the control's name, with `{field}` filled in from the settings.
    reset: the value after a double click, where that is not the default. when: the flag that must be on.
    nearest: finds the step closest to a value, on the control's own scale. slow: whether its table takes long.
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
        """The grid in this state."""
        return self.grid(settings) if callable(self.grid) else self.grid

    def step(self, settings: Any) -> int:
        """The step of the grid for the value in the settings."""
        return self.nearest(self.values(settings), getattr(settings, self.name))

    def labels(self, settings: Any) -> list[str]:
        """The text of every value of the grid."""
        return self._shown(settings, self.values(settings))

    def holds(self, settings: Any) -> bool:
        """Whether the grid has the settings' value, as shown; a grid that depends on the settings always has it."""
        if callable(self.grid):
            return True
        (given,) = self._shown(settings, [getattr(settings, self.name)])
        return given == self.labels(settings)[self.step(settings)]

    def described(self, settings: Any) -> str:
        """The allowed values, in the words of the notice about a repaired address."""
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
    """A prediction that is not a choice in the section "predict"; the table's `truth` is its answer.

    kind: "number": one mark is dragged along an axis of a figure; "curve": several marks, joined by a line; "order":
    the choices themselves are dragged into order, lowest `truth` first.
    figure: the index of the figure with the trace "guess" (figures/theme.py), whose other coordinates are the marks'.
    axis: the axis along which they move, from `low` to `high`, or from end to end where these are None.
    step: how far an arrow key moves them; None: a share of the axis. mirror: the trace spans minus to plus the mark.
    percent: numbers are shown as percentages. ratio: the gap is shown as a factor.
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
