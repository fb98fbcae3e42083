"""A control that is dragged over a grid of values: as a lesson declares it, and as the browser draws it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from figures.numerals import Numeral

Grid = Sequence[float] | np.ndarray


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

    def texts(self, settings: Any) -> list[str]:
        """Every value of the grid as the reader sees it."""
        values = self.values(settings)
        if callable(self.shown):
            return self.shown(settings, values)
        return [self.shown.format(Numeral(value)) for value in values]
