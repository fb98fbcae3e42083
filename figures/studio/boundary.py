"""Pictures of the borders that the studio's lanes draw between the classes of two-dimensional data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from figures import theme
from figures.blank import Blank
from figures.studio.curves import LaneStyle

SYMBOLS = ("circle-open", "circle", "diamond-open", "cross", "square-open", "star", "triangle-up-open", "x-thin-open")
AXES = ("x₁", "x₂")


def borders(
    lanes: Sequence[LaneStyle],
    grid: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    classes: Sequence[str],
    axes: Sequence[str] = AXES,
) -> list[Blank]:
    """One picture per lane.

    grid (side · side, 2): the points where the lanes predict, row by row; x (n, 2), y (n,): validation data; the names
    of classes and axes.
    """
    return [_border(lane, number, len(lanes), grid, x, y, classes, axes) for number, lane in enumerate(lanes)]


def _border(lane: LaneStyle, number: int, lanes: int, grid: np.ndarray, x, y, classes, axes) -> Blank:
    across, up = np.unique(grid[:, 0]), np.unique(grid[:, 1])
    figure = theme.base_figure(420, title=theme.title(f"Border: {lane.short}"))
    figure.update_layout(meta={"name": f"border-{number + 1}", **_columns(classes)})
    # Lists: the browser writes them into a CSV, which it cannot with plotly's packed bytes.
    place = {"x": across.tolist(), "y": up.tolist(), "z": []}
    facts = {"lane": number, "side": len(across), "classes": list(classes)}
    if len(classes) == 2:
        _two(figure, lane, place, facts)
    else:
        _many(figure, lane, place, facts)
    for label, name in enumerate(classes):
        _points(figure, x[y == label], label, name)
    sides = {"showgrid": False, "zeroline": False, "constrain": "domain"}
    figure.update_xaxes(range=[float(across[0]), float(across[-1])], title=axes[0], **sides)
    figure.update_yaxes(range=[float(up[0]), float(up[-1])], title=axes[1], **sides)
    if tuple(axes) == AXES:  # equal units on both axes; a table's columns have their own
        figure.update_yaxes(scaleanchor="x")
    legend = {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0}
    figure.update_layout(title_font_color=lane.color, showlegend=True, legend=legend, margin={"t": 76, "b": 48})
    alt = f"Validation points, and where the network with {lane.name} puts the borders between the classes."
    return Blank(figure, alt=alt, width=1 / lanes if lanes > 1 else 0.6)


def _columns(classes: Sequence[str]) -> dict[str, str]:
    """The names in a CSV of the number at a place and, with several classes, of the winning class."""
    two = len(classes) == 2
    return {"value": f"probability of {classes[1]}"} if two else {"value": "probability", "text": "class"}


def _two(figure: go.Figure, lane: LaneStyle, place: dict, facts: dict) -> None:
    """The probability of the second class, and a line where it is one half."""
    meta = {"source": "grid", **facts}
    _heat(figure, lane, place, meta, "x₁ %{x:.3g}, x₂ %{y:.3g}<br>probability %{z:.0%}<extra></extra>")
    _line(figure, lane, {**place, "meta": meta}, 0)


def _many(figure: go.Figure, lane: LaneStyle, place: dict, facts: dict) -> None:
    """The probability of the winning class at each place, and a line around each class's territory."""
    meta = {"source": "won", **facts}
    _heat(figure, lane, place, meta, "x₁ %{x:.3g}, x₂ %{y:.3g}<br>%{text}, probability %{z:.0%}<extra></extra>")
    for label in range(len(facts["classes"])):
        _line(figure, lane, {**place, "meta": {"source": "won", **facts, "label": label}}, label)


def _heat(figure: go.Figure, lane: LaneStyle, place: dict, meta: dict, hover: str) -> None:
    figure.add_heatmap(
        **place, zmin=0, zmax=1, colorscale=theme.scale(lane.color), opacity=0.6, showscale=False, name=lane.name,
        meta=meta, hovertemplate=hover,
    )  # fmt: skip


def _line(figure: go.Figure, lane: LaneStyle, place: dict, number: int) -> None:
    border = {"type": "constraint", "operation": "=", "value": 0.5}
    line = {"color": lane.color, "width": 3, "dash": lane.dash}
    figure.add_contour(
        **place, contours=border, line=line, showscale=False, hoverinfo="skip", name="border", showlegend=number == 0,
    )  # fmt: skip


def _points(figure: go.Figure, of_class: np.ndarray, label: int, name: str) -> None:
    marker = {"color": theme.INK, "size": 7, "symbol": SYMBOLS[label % len(SYMBOLS)], "line": {"width": 1.5}}
    figure.add_scatter(
        x=of_class[:, 0].tolist(), y=of_class[:, 1].tolist(), mode="markers", marker=marker, name=name,
        hovertemplate=f"{name}<extra></extra>",
    )  # fmt: skip
