"""Maps of a sweep: a lane's result in every cell, and the winning lanes; learning rate across, another setting upwards.

A lane's color is deeper where the lane does better, on the same scale for every sweep; the deepest color still lets the
number in the cell be read. A cross marks a lane that diverged, a small square a cell without a result yet.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from figures import theme
from figures.blank import Blank, Tracks, fill, filled
from figures.studio.curves import LaneStyle

RANGES = {"validation": (-1.5, 0.4), "training": (-1.5, 0.4), "accuracy": (0.0, 1.0)}
"""The ends of the scale: losses as log10 of nats, accuracies as shares."""
DEEPEST = {theme.BEFORE: 0.53, theme.AFTER: 0.53, theme.THIRD: 0.4, theme.FOURTH: 0.6}
"""The share of a lane's color in the best cells: the most on which text can be read, in light and dark."""
CROSS, NOBODY = "✕", "–"
DIVERGED = {"symbol": "x-thin", "size": 11, "line": {"width": 2, "color": theme.INK}}
COMING = {"symbol": "square-open", "size": 6, "line": {"width": 1}, "color": theme.REFERENCE}
Best = tuple[int, ...] | str | None
"""A cell's winners: their numbers (from 0), empty where no lane learned; "lost": all diverged; None: no result yet."""


@dataclass(frozen=True)
class Axes:
    """The axes: their labels, and their values as texts."""

    across: str
    columns: tuple[str, ...]
    up: str
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Map:
    """A map: its empty figure, shared by all sweeps with the same axes, and the numbers that fill it."""

    blank: Blank
    empty: str
    """The empty figure's JSON. Drawing it anew took 50 ms for each viewer, whenever a cell was done."""
    numbers: Tracks

    @property
    def figure(self) -> go.Figure:
        """The map as the browser draws it."""
        return filled(self.blank, self.numbers)

    @property
    def spec(self) -> str:
        """The filled figure as JSON."""
        spec = json.loads(self.empty)
        fill(spec, self.numbers)
        return json.dumps(spec)


def lane(axes: Axes, one: LaneStyle, values: np.ndarray, lost: np.ndarray, measure: str, title: str) -> Map:
    """A lane's map. values (rows, columns): losses or accuracies, NaN where there is none; lost: where it diverged."""
    is_share = measure == "accuracy"
    shown = values if is_share else np.clip(np.log10(np.maximum(values, 1e-9)), *RANGES[measure])
    numbers = {
        "data[0].z": np.where(np.isnan(shown), None, shown.astype(object)).tolist(),
        "data[0].text": [[written(value, is_share) for value in row] for row in values],
        "data[0].customdata": _csv_cells(values, lost, is_share),
    }
    marks = _cells(axes, "data[1]", lost) | _cells(axes, "data[2]", np.isnan(values) & ~lost)
    return Map(*_lane(axes, one, measure, title), _still(numbers | marks))


@functools.lru_cache(64)
def _lane(axes: Axes, one: LaneStyle, measure: str, title: str) -> tuple[Blank, str]:
    is_share = measure == "accuracy"
    low, high = RANGES[measure]
    worst, best = (low, high) if is_share else (high, low)  # a small loss is good
    beyond = worst + (best - worst) / DEEPEST[one.color]
    scale = theme.scale(one.color) if is_share else [[0.0, one.color], [1.0, theme.PAPER]]
    figure = _empty(axes, f"{one.short}: {title.lower()}", f"{one.short}-{measure}", title)
    figure.add_heatmap(
        x=list(axes.columns), y=list(axes.rows), zmin=min(worst, beyond), zmax=max(worst, beyond), colorscale=scale,
        showscale=False, xgap=2, ygap=2,
        name=one.name, hoverongaps=False, texttemplate="%{text}", textfont={"color": theme.INK},
        hovertemplate=f"{axes.across} %{{x}}<br>{axes.up} %{{y}}<br>{title} %{{text}}<extra></extra>",
    )  # fmt: skip
    _marks(figure, axes, f"{one.name}: diverged", DIVERGED)
    _marks(figure, axes, "", COMING)
    figure.update_layout(title_font_color=one.color)
    alt = f"{title} of {one.name}, for each {axes.across.lower()} and {axes.up.lower()}."
    return Blank(figure, alt=alt, width=0.5), figure.to_json()


def winners(axes: Axes, lanes: Sequence[LaneStyle], best: Sequence[Sequence[Best]], title: str) -> Map:
    """The map of the best lanes in each cell."""
    numbers = {
        "data[0].z": [[_place(cell, len(lanes)) for cell in row] for row in best],
        "data[0].text": [[_numbers(cell, 1) for cell in row] for row in best],
        "data[0].customdata": [[_called(cell, lanes) for cell in row] for row in best],
    }
    lost, coming = (np.array([[is_so(cell) for cell in row] for row in best]) for is_so in (_is_lost, _is_coming))
    marks = _cells(axes, "data[1]", lost) | _cells(axes, "data[2]", coming) | _ties(axes, "data[3]", best)
    return Map(*_winners(axes, tuple(lanes), title), _still(numbers | marks))


@functools.lru_cache(64)
def _winners(axes: Axes, lanes: tuple[LaneStyle, ...], title: str) -> tuple[Blank, str]:
    colors = [*(one.color for one in lanes), theme.FAINT]
    steps = [[edge / len(colors), color] for number, color in enumerate(colors) for edge in (number, number + 1)]
    figure = _empty(axes, title, "winners", title)
    figure.add_heatmap(
        x=list(axes.columns), y=list(axes.rows), zmin=-0.5, zmax=len(lanes) + 0.5, colorscale=steps, showscale=False,
        xgap=2, ygap=2, name=title, texttemplate="%{text}", hoverongaps=False, textfont={"color": theme.PAPER},
        hovertemplate=f"{axes.across} %{{x}}<br>{axes.up} %{{y}}<br>%{{customdata}}<extra></extra>",
    )  # fmt: skip
    _marks(figure, axes, CROSS, DIVERGED)
    _marks(figure, axes, "", COMING)
    figure.add_scatter(mode="text", textfont={"color": theme.INK}, meta={"source": "sign"}, hoverinfo="skip")
    alt = f"{title}, for each {axes.across.lower()} and {axes.up.lower()}."
    return Blank(figure, alt=alt, width=0.5), figure.to_json()


def _is_lost(cell: Best) -> bool:
    return cell == "lost"


def _is_coming(cell: Best) -> bool:
    return cell is None


def _place(cell: Best, lanes: int) -> int | None:
    """A cell's index in the colors: the winner's, or the last index where several are even."""
    return None if not cell or cell == "lost" else cell[0] if len(cell) == 1 else lanes


def _numbers(cell: Best, most: int) -> str:
    """The numbers of up to `most` winners, counted from 1."""
    return "" if not cell or cell == "lost" or len(cell) > most else "=".join(str(number + 1) for number in cell)


def _called(cell: Best, lanes: Sequence[LaneStyle]) -> str:
    if cell is None or cell == "lost":
        return "" if cell is None else CROSS
    return " = ".join(lanes[number].name for number in cell) or NOBODY


def _ties(axes: Axes, trace: str, best: Sequence[Sequence[Best]]) -> dict[str, list]:
    """The texts for cells where lanes are even, or where none learned."""
    cells = [(column, row, cell) for row, line in enumerate(best) for column, cell in enumerate(line)]
    shown = [(column, row, cell) for column, row, cell in cells if isinstance(cell, tuple) and len(cell) != 1]
    return {
        f"{trace}.x": [axes.columns[column] for column, _, _ in shown],
        f"{trace}.y": [axes.rows[row] for _, row, _ in shown],
        f"{trace}.text": [_numbers(cell, len(cell)) or NOBODY for _, _, cell in shown],
    }


def written(value: float, is_share: bool) -> str:
    """A result as text, for its cell."""
    if np.isnan(value):
        return ""
    return f"{value:.0%}".removesuffix("%") if is_share else f"{value:.2g}" if value < 10 else f"{value:.0f}"


def _csv_cells(values: np.ndarray, lost: np.ndarray, is_share: bool) -> list[list[float | str]]:
    """The CSV entries of each cell: the exact number (shares in percent), a cross where it diverged, or nothing."""
    numbers = np.round(100 * values, 4) if is_share else values
    cells = np.where(lost, CROSS, np.where(np.isnan(values), "", numbers.astype(object)))
    return cells.tolist()


def _marks(figure: go.Figure, axes: Axes, name: str, marker: dict) -> None:
    """A sign that is put into cells."""
    figure.add_scatter(
        mode="markers", marker=marker, name=name, meta={"source": "sign"},
        hovertemplate=f"{axes.across} %{{x}}<br>{axes.up} %{{y}}<br>{name}<extra></extra>",
    )  # fmt: skip


def _cells(axes: Axes, trace: str, where: np.ndarray) -> dict[str, list]:
    """The trace's sign in each of these cells."""
    rows, columns = np.nonzero(where)
    return {
        f"{trace}.x": [axes.columns[column] for column in columns],
        f"{trace}.y": [axes.rows[row] for row in rows],
    }


def _still(numbers: dict[str, list]) -> Tracks:
    return {path: [values] for path, values in numbers.items()}


def _empty(axes: Axes, title: str, name: str, value: str) -> go.Figure:
    """value: the name of a cell's number in a CSV."""
    meta = {"name": name, "value": value}
    figure = theme.base_figure(110 + 34 * len(axes.rows), meta=meta, title=theme.title(title))
    kinds = {"type": "category", "showgrid": False, "zeroline": False, "fixedrange": True, "automargin": True}
    figure.update_xaxes(title=axes.across, categoryorder="array", categoryarray=list(axes.columns), **kinds)
    figure.update_yaxes(title=axes.up, categoryorder="array", categoryarray=list(axes.rows), **kinds)
    figure.update_xaxes(range=[-0.5, len(axes.columns) - 0.5])
    figure.update_yaxes(range=[-0.5, len(axes.rows) - 0.5])
    figure.update_layout(margin={"l": 68, "r": 12, "t": 44, "b": 48})
    return figure
