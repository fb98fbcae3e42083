"""The studio's curves without data: axes, styles and, for each trace, which numbers of the run fill it.

A trace's `meta` tells the browser what to fill in (assets/components/studio): a "source", the "field" within it and the
"lane". A layout's `meta` says what the x axis is ("over": "step" follows the reader's choice of step, epoch or
seconds), how the y axis may grow, and how the text at a line's end is written. An annotation's `name` is the index of
the trace whose last value it follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from figures import theme
from figures.blank import Blank

LOSS_DECADES = (-3, 1)
LOSS_CEILING = 4
"""log10 of the largest loss that the axis grows to: an explosion is seen without flattening the other curves."""
PARTS = ("batch", "inference", "validation")
"""What a curve is measured on: each training batch, in training mode; a sample of the training data (512 rows,
training.lanes.SAMPLE), and all validation data, in inference mode."""
SYMBOLS = {"inference": "diamond-open", "validation": "circle"}


@dataclass(frozen=True)
class LaneStyle:
    """The name and look of a lane: its whole name, a short name, its color and its dash."""

    name: str
    short: str
    color: str
    dash: str

    def line(self, width: float = 2) -> dict:
        return {"color": self.color, "dash": self.dash, "width": width}


def loss(lanes: Sequence[LaneStyle], steps: int, parts: dict[str, str]) -> Blank:
    """The cross-entropy of every lane over the run; parts: the words for PARTS."""
    figure = _curves("loss", lanes, steps, parts, "Loss (nats)")
    figure.update_yaxes(**theme.POWERS, range=LOSS_DECADES, dtick=1)
    figure.update_layout(
        meta={**figure.layout.meta, "grow": "decades", "digits": "precision", "linear": [0, 3], "ceiling": LOSS_CEILING}
    )
    return Blank(figure, alt="Loss of every lane over the training.", width=0.5)


def accuracy(lanes: Sequence[LaneStyle], steps: int, parts: dict[str, str]) -> Blank:
    """The accuracy of every lane over the run; parts: the words for PARTS."""
    figure = _curves("accuracy", lanes, steps, parts, "Accuracy")
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", hoverformat=".1%")
    figure.update_layout(meta={**figure.layout.meta, "digits": "percent"})
    return Blank(figure, alt="Accuracy of every lane over the training.", width=0.5)


def over_steps(steps: int, title: str, name: str, height: int = 300) -> go.Figure:
    """An empty figure over the training; `name`: the name of its files."""
    figure = theme.base_figure(
        height, hovermode="x unified", meta={"over": "step", "name": name, "digits": "precision"}
    )
    figure.update_xaxes(range=[0, steps], title="training step", zeroline=False)
    figure.update_yaxes(zeroline=False, hoverformat=".3~g")
    figure.update_layout(hoverlabel={"bgcolor": theme.PAPER, "namelength": -1})
    figure.update_layout(title=theme.title(title), margin={"l": 60, "r": 138, "t": 52, "b": 48})
    return figure


def curve(figure: go.Figure, lane: LaneStyle, meta: dict, name: str | None = None, **style) -> None:
    """An empty line; `meta` says what fills it, and the lane's short name follows its last value."""
    figure.add_scatter(
        **{"x": [], "y": [], "mode": "lines", "line": lane.line(), "name": name or lane.name, "meta": meta, **style}
    )
    follow(figure, lane.short, lane.color)


def follow(figure: go.Figure, text: str, color: str) -> None:
    """A text that the browser puts at the end of the last trace."""
    figure.add_annotation(
        name=str(len(figure.data) - 1), text=text, x=1, xref="paper", xanchor="left", xshift=6, y=0, yanchor="middle",
        visible=False, showarrow=False, align="left", font={"color": color, "size": 14},
    )  # fmt: skip


def _curves(quantity: str, lanes: Sequence[LaneStyle], steps: int, parts: dict[str, str], title: str) -> go.Figure:
    figure = over_steps(steps, title, quantity)
    for number, lane in enumerate(lanes):
        meta = {"source": "raw", "field": quantity, "lane": number}
        figure.add_scatter(
            x=[],
            y=[],
            mode="lines",
            line=lane.line(1),
            opacity=0.25,
            hoverinfo="skip",
            name=f"{number + 1} · {lane.short}, {parts['batch']}",
            meta=meta,
        )
    for part in PARTS:
        for number, lane in enumerate(lanes):
            meta = {"source": part, "field": quantity, "lane": number}
            _part(figure, part, lane, meta, f"{number + 1} · {lane.short}, {parts[part]}")
    return figure


def _part(figure: go.Figure, part: str, lane: LaneStyle, meta: dict, name: str) -> None:
    if part == "batch":
        smoothed = f"{name}, smoothed"
        meta |= {"plain": name, "smoothed": smoothed}
        figure.add_scatter(x=[], y=[], mode="lines", line=lane.line(1.5), opacity=0.7, name=smoothed, meta=meta)
        return
    marker = {"color": lane.color, "size": 7, "symbol": SYMBOLS[part]}
    width = 2.5 if part == "validation" else 1.5
    curve(figure, lane, meta, name, mode="lines+markers", line=lane.line(width), marker=marker)
    if part == "inference":
        figure.layout.annotations = figure.layout.annotations[:-1]
