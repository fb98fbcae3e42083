"""Figures of these measurements: a scatter plot, two curves over the steps, losses by rate, and changes by layer."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from figures import theme
from figures.blank import Blank, Tracks, still
from lessons.covariate_shift.accounts import (
    ALONG,
    CHANGED,
    RATES,
    SCATTER,
    along_steps,
    median_loss,
    moved,
    of,
    shift_and_loss,
)
from lessons.covariate_shift.measure import CHANGE, DEPTH, STEPS, TRIED
from lessons.covariate_shift.world import Array

LANES = (("no batch norm", theme.BEFORE), ("batch norm", theme.AFTER), ("noisy batch norm", theme.FOURTH))
PLACE = (0.66, 0, 0.34, 1)
LOSSES = {"type": "log", "range": np.log10([5e-4, 8]).tolist(), "tickvals": [0.001, 0.01, 0.1, 1]}
OVERFLOW = 6.0
"""Where an overflowed loss is drawn."""
TOP = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "yanchor": "bottom", "showarrow": False}


def blank(view: str) -> Blank:
    """The view's empty figure."""
    figure = {SCATTER: scatter, ALONG: along, RATES: rates, CHANGED: changed}[view]()
    return Blank(figure, numbers={view: "data[0].y"}, place=PLACE, teach=PLACE)


def framed(title: str, under: str) -> go.Figure:
    """An empty plot with a title above it and the name of the horizontal axis under it."""
    figure = theme.base_figure(300)
    figure.update_layout(margin={"l": 52, "r": 12, "t": 52, "b": 46})
    figure.update_xaxes(title=under)
    figure.add_annotation(text=title, y=1.02, align="left", font={"size": 15}, **TOP)
    return figure


def names(figure: go.Figure, lanes: tuple, high: float, x: float = 0.98) -> None:
    """The lanes' names inside the plot, from `high` downward."""
    for row, (name, color) in enumerate(lanes):
        place = {"xref": "paper", "x": x, "xanchor": "right", "yref": "paper", "y": high - 0.06 * row}
        figure.add_annotation(text=f"<b>{name}</b>", font={"color": color, "size": 14}, showarrow=False, **place)


def scatter() -> go.Figure:
    """A point for each net: its mean shift and its last loss."""
    figure = framed("Last loss of each net", "mean shift of inputs, in std")
    figure.update_xaxes(
        type="log", range=np.log10([4e-5, 0.8]).tolist(), tickvals=[1e-4, 1e-2], ticktext=["0.0001", "0.01"]
    )
    figure.update_yaxes(**LOSSES)
    for name, color in LANES:
        figure.add_scatter(mode="markers", marker={"color": color, "size": 8, "opacity": 0.7}, name=name)
    names(figure, LANES, 0.2)
    return figure


def along() -> go.Figure:
    """Two plots over the training steps: for each lane the nets' median (thick line) and largest (thin line)."""
    figure = framed("One step changes the loss<br>by this share of it", "step")
    ticks = {"type": "log", "tickvals": [0.01, 0.1, 1, 10, 100], "ticktext": ["0.01", "0.1", "1", "10", "100"]}
    figure.update_layout(yaxis={"domain": [0.58, 1], "range": [-3, 1.6], **ticks}, xaxis_showticklabels=False)
    figure.update_xaxes(range=[0, STEPS], nticks=5, title=None)
    below = {**figure.layout.yaxis.to_plotly_json(), "domain": [0, 0.4], "anchor": "x2", "range": [-3, 2]}
    across = {**figure.layout.xaxis.to_plotly_json(), "anchor": "y2", "showticklabels": True, "title": "step"}
    figure.update_layout(yaxis2=below, xaxis2=across, xaxis_anchor="y")
    figure.add_annotation(text="… and its gradient, in its lengths", y=0.42, font={"size": 15}, **TOP)
    for number in range(2):
        axes = {"xaxis": ("x", "x2")[number], "yaxis": ("y", "y2")[number]}
        for name, color in LANES[:2]:
            for width, opacity in ((2.5, 1), (1, 0.7)):
                line = {"color": color, "width": width}
                figure.add_scatter(x=np.arange(STEPS), mode="lines", line=line, opacity=opacity, name=name, **axes)
    names(figure, LANES[:2], 0.12)
    return figure


def rates() -> go.Figure:
    """For each lane, every net's last loss at each learning rate, and their median; crosses mark overflowed losses."""
    figure = framed("Last loss of each net", "learning rate")
    ends = np.log10([TRIED[0] / 2, TRIED[-1] * 2]).tolist()
    figure.update_xaxes(type="log", range=ends, tickvals=[0.001, 0.1, 10], ticktext=["0.001", "0.1", "10"])
    figure.update_yaxes(**LOSSES)
    for name, color in LANES[:2]:
        figure.add_scatter(x=TRIED, mode="lines", line=theme.line(color), name=name)
        figure.add_scatter(mode="markers", marker={"color": color, "size": 6, "opacity": 0.5}, name=f"each, {name}")
        cross = {"color": color, "size": 9, "symbol": "x"}
        figure.add_scatter(mode="markers", marker=cross, name=f"overflowed, {name}")
    names(figure, (*LANES[:2], ("✕ overflowed", theme.BEFORE)), 0.9, x=0.54)
    return figure


def changed() -> go.Figure:
    """For each layer, how far the inputs of its activation move."""
    figure = framed(f"Layer 1 changed by {CHANGE:.0%}:<br>each layer's move, in std", "layer")
    figure.update_xaxes(range=[0.6, DEPTH + 0.4], dtick=1)
    figure.update_yaxes(range=[-0.012, 0.36], nticks=5)
    for dash, symbol in (("dot", "circle-open"), ("solid", "circle")):
        for name, color in LANES[:2]:
            line, marker = {"color": color, "dash": dash}, {"symbol": symbol, "size": 8}
            layers = np.arange(1, DEPTH + 1)
            figure.add_scatter(x=layers, mode="lines+markers", line=line, marker=marker, name=name)
    names(figure, (*LANES[:2], ("○ only larger", theme.INK), ("● turned as far", theme.INK)), 0.98, x=0.6)
    return figure


def tracks(view: str, activation: str) -> Tracks:
    """The tracks of the view, which do not depend on the fur's color."""
    lines = {SCATTER: _scattered, ALONG: _along, RATES: _rates, CHANGED: _changed}[view](activation)
    return {f"data[{number}].{axis}": still(each) for number, axis, each in lines}


def _scattered(activation: str) -> list[tuple[int, str, Array]]:
    shift, last = shift_and_loss(activation)
    return [(lane, axis, each[lane]) for lane in range(len(LANES)) for axis, each in (("x", shift), ("y", last))]


def _along(activation: str) -> list[tuple[int, str, Array]]:
    return [(number, "y", np.maximum(line, 1e-9)) for number, line in enumerate(along_steps(activation))]


def _rates(activation: str) -> list[tuple[int, str, Array]]:
    found = []
    for lane, losses in enumerate(of("tried", activation)):
        across = np.repeat(TRIED, losses.shape[1])
        lost = np.where(np.isnan(losses.ravel()), OVERFLOW, np.nan)
        found.append((3 * lane, "y", median_loss(losses)))
        found += [
            (3 * lane + n, axis, each)
            for n, y in ((1, losses.ravel()), (2, lost))
            for axis, each in (("x", across), ("y", y))
        ]
    return found


def _changed(activation: str) -> list[tuple[int, str, Array]]:
    means = moved(activation)
    return [(2 * change + lane, "y", means[lane, change]) for change in range(2) for lane in range(2)]
