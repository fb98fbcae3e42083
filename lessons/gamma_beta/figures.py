"""The densities of the unit's values before and after batch norm, on axes that do not move."""

import numpy as np

from figures import theme
from figures.blank import Blank, Tracks
from lessons.gamma_beta import further_figures
from lessons.gamma_beta.experiment import NEXT, SIGMOID, TRAINING, Result, Settings
from lessons.histogram import Axis, densities

AXIS = Axis(np.linspace(-6, 6, 49), tallest=0.9)
LINES = (
    (0, "x, before", theme.BEFORE),
    (1, "x̂, normalized", theme.REFERENCE),
    (0, "x", theme.BEFORE),
    (2, "y", theme.AFTER),
)
"""Each line: whose density it is (0: x, 1: x̂, 2: y), its name and color; the last two are in the lower half."""
THINNEST = 1e-3
"""Of a batch that is a single value, the density is drawn as wide as if it had this deviation."""
GRIP_HEIGHT = 0.93 * AXIS.tallest


def blanks(settings: Settings) -> list[Blank]:
    """The lesson's empty figure for the chosen view."""
    if settings.view == SIGMOID:
        return [further_figures.sigmoid()]
    return [
        further_figures.training() if settings.view == TRAINING else blank(", next batch" * (settings.view == NEXT))
    ]


def blank(whose: str) -> Blank:
    """Above, the densities of x and x̂; below, those of y and x, with y's mean and deviation as grips."""
    figure = theme.base_figure(440)
    axis = {"range": [0, AXIS.tallest], "title": "density", "nticks": 4}
    figure.update_layout(
        xaxis={"range": AXIS.ends}, xaxis2={**figure.layout.xaxis.to_plotly_json(), "range": AXIS.ends}
    )
    figure.update_layout(yaxis={**axis, "domain": [0.56, 1]}, xaxis_anchor="y", margin={"t": 12, "b": 48})
    lower = {**figure.layout.yaxis.to_plotly_json(), **axis, "domain": [0, 0.46], "anchor": "x2"}
    figure.update_layout(yaxis2=lower, xaxis2={"anchor": "y2", "title": "value"}, xaxis_showticklabels=False)
    for place, (_, name, color) in enumerate(LINES):
        axes = {"xaxis": "x2", "yaxis": "y2"} if place > 1 else {}
        fill = "tozeroy" if color == theme.AFTER else "none"
        line = theme.line(color) | {"shape": "hvh"}
        figure.add_scatter(x=AXIS.centers, mode="lines", line=line, fill=fill, name=name, hoverinfo="skip", **axes)
        end = {"xref": "paper", "x": 1, "xanchor": "right", "yref": "paper", "yanchor": "top", "showarrow": False}
        figure.add_annotation(
            text=f"<b>{name}{whose}</b>",
            y=(1, 0.93, 0.46, 0.39)[place],
            font={"color": color, "size": 15},
            **end,
        )
    figure.add_trace(theme.grips([GRIP_HEIGHT, GRIP_HEIGHT], ["β", "γ"], theme.AFTER).update(xaxis="x2", yaxis="y2"))
    between = {"type": "line", "y0": GRIP_HEIGHT, "y1": GRIP_HEIGHT, "xref": "x2", "yref": "y2", "layer": "between"}
    figure.add_shape(line=theme.line(theme.AFTER), **between)
    figure.add_annotation(y=0.3, font={"color": theme.AFTER}, **end)
    numbers = {"density of y": "data[3].y", "density of x": "data[0].y"}
    return Blank(figure, numbers=numbers, veil=(0, 0.54, 1, 0.46), grips={"beta": (4, 0), "gamma": (4, 1)})


def tracks(table: Result) -> list[Tracks]:
    """The tracks that fill the figure; only y changes from step to step."""
    view = table.settings.view
    if view == TRAINING:
        return [further_figures.training_tracks(table.run, table.settings.unit)]
    if view == SIGMOID:
        return [further_figures.sigmoid_tracks(table.y)]
    filling: Tracks = {}
    for place, (which, *_) in enumerate(LINES):
        filling |= outline(densities(table.x_hat[..., None], AXIS)[0], *table.places[which], f"data[{place}]")
    mean, edge = table.grips
    filling |= {"data[4].x": np.stack([mean, edge], axis=-1), "layout.shapes[0].x0": mean, "layout.shapes[0].x1": edge}
    beyond = sum(densities(table.y[..., None], AXIS)[1:])
    filling["layout.annotations[4].text"] = [f"{share:.0%} of y beyond" if share else "" for share in beyond]
    return [filling]


def outline(density: np.ndarray, scale: np.ndarray, shift: np.ndarray, trace: str) -> Tracks:
    """The density of scale · x̂ + shift, whose bins move and widen with it, so that the shape is seen to stay."""
    scale = np.where(scale == 0, THINNEST, scale)[:, None]
    return {f"{trace}.x": scale * AXIS.centers + shift[:, None], f"{trace}.y": density / np.abs(scale)}
