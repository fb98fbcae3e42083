"""One meaning, one colour, one dash, on every page.

Figures are built in the light colours; the browser swaps them for the dark ones (`DARK`).
"""

from __future__ import annotations

import plotly.graph_objects as go

# Okabe-Ito hues, moved until text of that colour reaches 4.5:1 on its background (tests/figures/test_theme.py).
BEFORE = "#b84a00"  # before, or without, batch norm: vermillion, dashed
AFTER = "#0058a6"  # after, or with, batch norm: blue, solid
BATCH = "#1f7fa8"  # statistics of one batch: sky, thin
RUNNING = "#94377a"  # running statistics: purple, thick
REFERENCE = "#5f6772"  # N(0, 1) and other references: neutral outline
INK = "#262b33"  # axis titles and annotations
FAINT = "#d9dde3"  # grid and zero lines
PAPER = "#ffffff"

DARK = {
    BEFORE: "#ff9a5c",
    AFTER: "#6db6ff",
    BATCH: "#8fdcf5",
    RUNNING: "#f0a3d8",
    REFERENCE: "#a3acb9",
    INK: "#e3e7ec",
    FAINT: "#343b46",
    PAPER: "#0f131a",
}
"""Light colour to dark colour: what the browser swaps when the theme is dark."""

DASH = {BEFORE: "dash", AFTER: "solid", BATCH: "solid", RUNNING: "solid", REFERENCE: "solid"}
WIDTH = {BEFORE: 2, AFTER: 2, BATCH: 1, RUNNING: 3, REFERENCE: 1.5}

SCALE_BEFORE = [[0.0, PAPER], [1.0, BEFORE]]
SCALE_AFTER = [[0.0, PAPER], [1.0, AFTER]]
"""Heat map colours from nothing to the lane's own colour."""


def line(colour: str) -> dict:
    """The line that a meaning is drawn with: its colour, dash and width."""
    return {"color": colour, "dash": DASH[colour], "width": WIDTH[colour]}


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
