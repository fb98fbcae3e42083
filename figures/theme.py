"""One meaning, one color, one dash, on every page.

Figures are built in the light colors; the browser swaps them for the dark ones (`DARK`).
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

# Okabe-Ito hues, moved until text of that color reaches 4.5:1 on its background (tests/figures/test_theme.py).
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
"""Dark color by light color: what the browser swaps when the theme is dark."""

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
"""The color and dash of each kind of lane in a training; "fork" for a fork."""
SPARE = (THIRD, FOURTH, AFTER, BEFORE)
SPARE_DASHES = ("dot", "longdash", "dashdot", "solid")

FONT = '"Source Sans", sans-serif'
"""The font that comes with Streamlit, in which the pages are set."""
POWERS = {"type": "log", "exponentformat": "power", "tickfont": {"size": 11.2}}
"""A logarithmic axis; plotly draws powers of ten a quarter larger than the given size."""


def line(color: str) -> dict:
    """The line for a meaning, by its color: with its dash and width."""
    return {"color": color, "dash": DASH[color], "width": WIDTH[color]}


def looks(kinds: Sequence[str]) -> list[tuple[str, str]]:
    """A color and a dash for each lane: its kind's, or another if an earlier lane has it, so that no two look alike."""
    found: list[tuple[str, str]] = []
    for color, dash in (KIND[kind] for kind in kinds):
        colors, dashes = ([look[part] for look in found] for part in (0, 1))
        own_color = next(each for each in (color, *SPARE) if each not in colors)
        found.append((own_color, next(each for each in (dash, *SPARE_DASHES) if each not in dashes)))
    return found


def grips(heights: Sequence[float], letters: Sequence[str], color: str) -> go.Scatter:
    """Marks that are dragged, each with the letter of its control."""
    marker = {"symbol": "circle", "size": 22, "color": PAPER, "opacity": 1, "line": {"color": color, "width": 2}}
    font = {"color": color, "size": 15}
    look = {"mode": "markers+text", "marker": marker, "textfont": font, "cliponaxis": False}  # whole at the axes' ends
    return go.Scatter(y=heights, text=letters, **look, hoverinfo="skip", name="grips")


def guess(**place) -> go.Scatter:
    """The reader's prediction, dark and dotted, at these coordinates of one axis; drawn only once it exists."""
    look = {"mode": "lines+markers", "line": {"color": INK, "width": 2.5, "dash": "dot"}, "marker": {"size": 1}}
    return go.Scatter(**place, **look, name="guess", hoverinfo="skip", visible=False)


def scale(color: str) -> list[list]:
    """A heat map's colors, from the paper's color to `color`."""
    return [[0.0, PAPER], [1.0, color]]


def title(text: str) -> dict:
    """A figure's title, at the left edge."""
    return {"text": text, "x": 0, "xanchor": "left", "xref": "container", "pad": {"l": 12}, "font": {"size": 16}}


def base_figure(height: int, **layout) -> go.Figure:
    """An empty figure in the project's style: no template, no mode bar, and texts at the lines' ends, not a legend."""
    figure = go.Figure()
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 64, "r": 24, "t": 32, "b": 52},
        font={"family": FONT, "size": 14, "color": INK},
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
