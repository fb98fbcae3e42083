"""Six animals with the verdicts of three nets under each, the accuracy at every shift, and one unit's values."""

from __future__ import annotations

import base64
import functools

import numpy as np
import plotly.graph_objects as go

from figures import theme
from figures.blank import Blank, Tracks, still
from figures.numerals import rounded
from lessons.covariate_shift import accounts_figure, animals, race_figure
from lessons.covariate_shift.experiment import LANES, RACE, SHIFTS, UNIT, Result, Settings, dyes
from lessons.covariate_shift.world import NETS, OTHERS, world
from lessons.histogram import Axis, densities

NAMES = ("no batch norm", "old statistics", "re-estimated")
COLORS = (theme.BEFORE, theme.RUNNING, theme.AFTER)
SHOWN = [0, OTHERS // 2, 1, OTHERS // 2 + 1, 2, OTHERS // 2 + 2]
"""The animals that are drawn: cats and dogs in turn."""
PIXELS = 96
ROWS = np.repeat(np.arange(3), len(SHOWN))
"""The lane of every mark, right or wrong: its row."""
AXIS = Axis(np.linspace(-4.75, 4.75, 20), tallest=0.85)
LOWEST, GRIP_HEIGHT = 0.38, 0.43
DOTS, WRONG, RIGHT, GRIPS = 6, 7, 8, 9
"""Indices of traces after the lanes' lines, of which there are two each: the first net's, and the others'."""


def blanks(settings: Settings) -> list[Blank]:
    """The lesson's two empty figures: the tests, and what is chosen to stand beside them."""
    others = {UNIT: unit, RACE: race_figure.blank}
    view = settings.beside
    return [tests(), others[view]() if view in others else accounts_figure.blank(view)]


def tests() -> Blank:
    """Animals on top with three marks under each; below, the accuracy at every shift."""
    figure = theme.base_figure(440)
    figure.update_layout(margin={"l": 112, "r": 16, "t": 6, "b": 46})
    figure.update_xaxes(range=[-0.045, 1.045], tickvals=[0, 0.25, 0.5, 0.75, 1], title="shift of the color")
    figure.update_yaxes(
        range=[LOWEST, 1.03], domain=[0, 0.52], tickformat=".0%", title="animals recognized", dtick=0.25
    )
    figure.update_yaxes(title_standoff=6)
    hidden = {"visible": False, "fixedrange": True}
    figure.update_layout(xaxis2={"range": [-0.5, len(SHOWN) - 0.5], "anchor": "y2", **hidden})
    figure.update_layout(yaxis2={"range": [2.5, -0.5], "domain": [0.56, 0.75], "anchor": "x2", **hidden})
    for number in range(2 * len(SHOWN)):
        x = number % len(SHOWN) + 1e-6 * (number >= len(SHOWN))  # plotly draws only one of two images at the same place
        place = {"x": x, "xref": "x2", "xanchor": "center", "y": 0.765, "yref": "paper", "yanchor": "bottom"}
        figure.add_layout_image(source="", sizex=0.96, sizey=0.235, sizing="contain", layer="above", **place)
    _lines(figure)
    _marks(figure)
    _words(figure)
    numbers = {f"recognized {name}": f"data[{2 * lane}].y" for lane, name in enumerate(NAMES)}
    return Blank(
        figure,
        numbers=numbers,
        place=(0, 0, 0.66, 1),
        teach=(0, 0, 0.66, 1),
        veil=(0, 0.23, 1, 0.77),
        grips={"shift": (GRIPS, 0)},
    )


def _lines(figure: go.Figure) -> None:
    """For each lane the first net's line, and the others' in one faint trace; then the dots at the present shift."""
    for name, color in zip(NAMES, COLORS, strict=True):
        line = theme.line(color) | {"width": 2.5}
        figure.add_scatter(x=SHIFTS, mode="lines", line=line, name=name, hoverinfo="skip")
        gaps = np.tile([*SHIFTS, np.nan], NETS - 1)
        thin = {"color": color, "width": 1}
        figure.add_scatter(x=gaps, mode="lines", line=thin, opacity=0.28, name="other nets", hoverinfo="skip")
    figure.add_scatter(mode="markers", marker={"color": COLORS, "size": 11}, name="now", hoverinfo="skip")
    figure.add_shape(type="line", x0=0, x1=1, y0=0.5, y1=0.5, line=theme.line(theme.REFERENCE) | {"dash": "dot"})


def _marks(figure: go.Figure) -> None:
    """Marks for wrong and right, lane by lane; and the grip."""
    colors = [COLORS[row] for row in ROWS]
    for text, name in (("<b>✗</b>", "wrong"), ("✓", "right")):
        font = {"color": colors, "size": 17}
        across = np.tile(np.arange(len(SHOWN)), 3)
        marks = {"mode": "text", "text": [text] * len(ROWS), "textfont": font, "xaxis": "x2", "yaxis": "y2"}
        figure.add_scatter(x=across, name=name, hoverinfo="skip", **marks)
    figure.add_trace(theme.grips([GRIP_HEIGHT], ["↔"], theme.INK))
    figure.add_trace(theme.guess(x=[0.95, 1.045]))


def _words(figure: go.Figure) -> None:
    """The names beside the rows of marks, which are those of the lines in the same colors; and the coin's."""
    for row, (name, color) in enumerate(zip(NAMES, COLORS, strict=True)):
        font = {"color": color, "size": 14}
        left = {"xref": "paper", "x": 0, "xanchor": "right", "xshift": -6, "yref": "y2", "y": row}
        figure.add_annotation(text=name, font=font, showarrow=False, **left)
    coin = {"xref": "paper", "x": 0.065, "xanchor": "left", "yref": "y", "y": 0.5, "yanchor": "bottom"}
    figure.add_annotation(text="tossing a coin", font={"color": theme.REFERENCE, "size": 14}, showarrow=False, **coin)


def unit() -> Blank:
    """One unit's x_hat: above by the old statistics, below by the re-estimated ones."""
    figure = theme.base_figure(330)
    figure.update_layout(margin={"l": 44, "r": 12, "t": 76, "b": 46})
    figure.update_layout(title={**theme.title(""), "y": 0.98, "yanchor": "top"})
    axis = {"range": [0, AXIS.tallest], "nticks": 3}
    figure.update_xaxes(range=AXIS.ends, dtick=2)
    figure.update_layout(yaxis={**axis, "domain": [0.59, 1]}, xaxis_showticklabels=False, xaxis_anchor="y")
    figure.update_layout(
        xaxis2={**figure.layout.xaxis.to_plotly_json(), "anchor": "y2", "showticklabels": True},
        xaxis2_title="x̂ (outline: black fur)",
    )
    figure.update_layout(yaxis2={**figure.layout.yaxis.to_plotly_json(), "domain": [0, 0.41], "anchor": "x2"})
    for number, (name, color) in enumerate(zip(NAMES[1:], COLORS[1:], strict=True)):
        axes = {"xaxis": f"x{number + 1}".replace("x1", "x"), "yaxis": f"y{number + 1}".replace("y1", "y")}
        look = {"x": AXIS.centers, "mode": "lines", "hoverinfo": "skip", **axes}
        step = {"shape": "hvh"}
        figure.add_scatter(line=theme.line(color) | step | {"width": 2}, fill="tozeroy", name=name, **look)
        figure.add_scatter(line=theme.line(theme.REFERENCE) | step, name="black animals", **look)
        over = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "yanchor": "bottom", "align": "left"}
        figure.add_annotation(y=(1, 0.41)[number], font={"color": color, "size": 14}, showarrow=False, **over)
    numbers = {"density by the old statistics": "data[0].y", "by the re-estimated ones": "data[2].y"}
    return Blank(figure, numbers=numbers, place=(0.66, 0, 0.34, 1), teach=(0.66, 0, 0.34, 1))


def tracks(table: Result) -> list[Tracks]:
    """The tracks that fill the two figures."""
    view = table.settings.beside
    if view == UNIT:
        return [tests_tracks(table), unit_tracks(table)]
    raced = view == RACE
    further = race_figure.tracks(table.run) if raced else accounts_figure.tracks(view, table.settings.activation)
    return [tests_tracks(table), further]


def tests_tracks(table: Result) -> Tracks:
    """Pictures, lines, dots and marks. The colored picture lies over the black one, as opaque as the shift is large."""
    filling: Tracks = {}
    for number, source in enumerate(sources(table.settings.coat)):
        filling[f"layout.images[{number}].source"] = still(source)
        if number >= len(SHOWN):
            filling[f"layout.images[{number}].opacity"] = SHIFTS[table.steps]
    accuracy = table.accuracy
    for lane in range(len(LANES)):
        others = np.pad(accuracy[:, lane, 1:].T, ((0, 0), (0, 1)), constant_values=np.nan)
        filling |= {
            f"data[{2 * lane}].y": still(accuracy[:, lane, 0]),
            f"data[{2 * lane + 1}].y": still(others.ravel()),
        }
    at = SHIFTS[table.steps]
    filling |= {f"data[{DOTS}].x": np.tile(at[:, None], 3), f"data[{DOTS}].y": accuracy[table.steps, :, 0]}
    right = table.tested.right[table.steps, :, 0][..., SHOWN].reshape(len(at), -1)
    filling |= {f"data[{WRONG}].y": np.where(right, np.nan, ROWS), f"data[{RIGHT}].y": np.where(right, ROWS, np.nan)}
    return filling | {f"data[{GRIPS}].x": at[:, None]}


@functools.cache
def sources(coat: str) -> list[str]:
    """The shown animals in black, then in their own colors, as data URLs."""
    order = np.sort(SHOWN)
    drawn = animals.draw(world().poses[order], PIXELS)
    pictures = [drawn.dyed(color)[np.searchsorted(order, SHOWN)] for color in (animals.BLACK, dyes(coat)[0, order])]
    files = (animals.png(picture) for each in pictures for picture in each)
    return [f"data:image/png;base64,{base64.b64encode(file).decode()}" for file in files]


def unit_tracks(table: Result) -> Tracks:
    """The densities of x_hat, with their mean and standard deviation."""
    black = densities(table.black[..., None], AXIS)[0]
    filling: Tracks = {"layout.title.text": still(f"What unit {table.settings.unit} is given")}
    for number, (name, fact, values) in enumerate(zip(NAMES[1:], LANES[1:], (table.old, table.new), strict=True)):
        moments_of = zip(table.facts[f"{fact}_mean"], table.facts[f"{fact}_std"], strict=True)
        filling[f"data[{2 * number}].y"] = densities(values[..., None], AXIS)[0]
        filling[f"data[{2 * number + 1}].y"] = black
        lines = [f"<b>{name}</b><br>mean {rounded(mean)}, std {rounded(std)}" for mean, std in moments_of]
        filling[f"layout.annotations[{number}].text"] = lines
    return filling
