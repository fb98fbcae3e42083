"""One meaning, one colour, one dash, on every page.

Figures are built in the light colours; the browser swaps them for the dark ones (`DARK`).
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

# Okabe-Ito hues, moved until text of that colour reaches 4.5:1 on its background (tests/figures/test_theme.py).
BEFORE = "#b84a00"  # before, or without, batch norm: vermillion, dashed
AFTER = "#0058a6"  # after, or with, batch norm: blue, solid
BATCH = "#1f7fa8"  # statistics of one batch: sky, thin
RUNNING = "#94377a"  # running statistics: purple, thick
THIRD = "#0c4a22"  # a third lane of a training: dark green
FOURTH = "#d6006c"  # and a fourth look, for forks: pink
REFERENCE = "#5f6772"  # N(0, 1) and other references: neutral outline
INK = "#262b33"  # axis titles and annotations
FAINT = "#d9dde3"  # grid and zero lines
PAPER = "#ffffff"

DARK = {
    BEFORE: "#ff9a5c",
    AFTER: "#6db6ff",
    BATCH: "#8fdcf5",
    RUNNING: "#f0a3d8",
    THIRD: "#b8f0b0",
    FOURTH: "#ff4d8d",
    REFERENCE: "#a3acb9",
    INK: "#e3e7ec",
    FAINT: "#343b46",
    PAPER: "#0f131a",
}
"""Light colour to dark colour: what the browser swaps when the theme is dark."""

DASH = {BEFORE: "dash", AFTER: "solid", BATCH: "solid", RUNNING: "solid", REFERENCE: "solid"}
WIDTH = {BEFORE: 2, AFTER: 2, BATCH: 1, RUNNING: 3, REFERENCE: 1.5}

KIND = {
    "none": (BEFORE, "dash"),
    "before": (AFTER, "solid"),
    "after": (THIRD, "longdash"),
    "layer": (FOURTH, "dashdot"),
    "group": (THIRD, "dot"),
    "noisy": (FOURTH, "longdash"),
    "renorm": (THIRD, "dashdot"),
    "fork": (FOURTH, "dot"),
}
"""The colour and dash of each kind of lane of a training, "fork" for one that left another."""
SPARE = (THIRD, FOURTH, AFTER, BEFORE)
SPARE_DASHES = ("dot", "longdash", "dashdot", "solid")

SCALE_BEFORE = [[0.0, PAPER], [1.0, BEFORE]]
SCALE_AFTER = [[0.0, PAPER], [1.0, AFTER]]
"""Heat map colours from nothing to the lane's own colour."""


POWERS = {"type": "log", "exponentformat": "power", "tickfont": {"size": 11.2}}
"""A logarithmic axis; plotly writes powers of ten a quarter larger than it is told."""


def line(colour: str) -> dict:
    """The line that a meaning is drawn with: its colour, dash and width."""
    return {"color": colour, "dash": DASH[colour], "width": WIDTH[colour]}


def looks(kinds: Sequence[str]) -> list[tuple[str, str]]:
    """A colour and a dash for each lane, its kind's where no earlier lane has them, so that no two are alike."""
    found: list[tuple[str, str]] = []
    for colour, dash in (KIND[kind] for kind in kinds):
        colours, dashes = ([look[part] for look in found] for part in (0, 1))
        own_colour = next(each for each in (colour, *SPARE) if each not in colours)
        found.append((own_colour, next(each for each in (dash, *SPARE_DASHES) if each not in dashes)))
    return found


def scale(colour: str) -> list[list]:
    """Heat map colours from nothing to `colour`."""
    return [[0.0, PAPER], [1.0, colour]]


def title(text: str) -> dict:
    """A figure's title: at the left edge."""
    return {"text": text, "x": 0, "xanchor": "left", "xref": "container", "pad": {"l": 12}, "font": {"size": 16}}


def bare(height: int, **layout) -> go.Figure:
    """An empty figure in the project's style: no template, no mode bar, no legend (words at the line's end instead)."""
    figure = go.Figure()
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 64, "r": 24, "t": 32, "b": 52},
        font={"family": "system-ui, sans-serif", "size": 14, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        dragmode=False,
        hoverlabel={"font": {"size": 14}},
        **layout,
    )
    figure.update_xaxes(gridcolor=FAINT, zerolinecolor=REFERENCE, linecolor=FAINT, ticks="outside", tickcolor=FAINT)
    figure.update_yaxes(gridcolor=FAINT, zerolinecolor=REFERENCE, linecolor=FAINT, ticks="outside", tickcolor=FAINT)
    return figure
