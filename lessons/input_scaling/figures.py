"""Two loss bowls seen from above on the same axes, and the path of gradient descent in each."""

import numpy as np

from figures import theme
from figures.blank import Blank, Tracks
from lessons.input_scaling.experiment import DRAWN, LEFT, Bowl, Result

REACH = 2.2  # of both axes: holds the start at every seed and setting
LEVELS = 0.5 * np.arange(1, 7)  # twice the loss over its least is the square of these
TURNS = np.linspace(0, 2 * np.pi, 41)


def blanks() -> list[Blank]:
    """The empty figures: the raw features' bowl and the standardized features' bowl, which the reader predicts."""
    return [
        blank("raw features", theme.BEFORE, (0, 0, 0.5, 1)),
        blank("standardized features", theme.AFTER, (0.5, 0, 0.5, 1), veil=(0, 0, 1, 1)),
    ]


def blank(name: str, color: str, place: tuple, veil: tuple | None = None) -> Blank:
    """One bowl's axes and words, with equal units on both axes; traces: contours, end of descent, path, start."""
    figure = theme.base_figure(440)
    square = {"range": [-REACH, REACH], "dtick": 1, "constrain": "domain"}
    figure.update_xaxes(title="weight 1 − its best value", **square)
    figure.update_yaxes(
        title="weight 2 − its best value", domain=[0, 0.87], scaleanchor="x", constraintoward="top", **square
    )
    figure.update_layout(margin={"t": 6, "b": 48, "l": 56, "r": 12})
    quiet = {"hoverinfo": "skip", "line": {"color": theme.REFERENCE, "width": 1}}
    figure.add_scatter(mode="lines", name="contours of the loss", **quiet)
    figure.add_scatter(mode="lines", fill="toself", name="where descent is done", **quiet)
    strong = {"color": color, "width": 1.5}
    figure.add_scatter(mode="lines+markers", line=strong, marker={"color": color, "size": 5}, hoverinfo="skip")
    dot = {"color": theme.PAPER, "size": 12, "line": {"color": color, "width": 3}}
    figure.add_scatter(mode="markers", marker=dot, name="start", hoverinfo="skip")
    above = {"xref": "x domain", "x": 0.5, "xanchor": "center", "yref": "paper", "yanchor": "top", "showarrow": False}
    figure.add_annotation(text=f"<b>{name}</b>", y=1, font={"color": color, "size": 17}, **above)
    figure.add_annotation(y=0.94, font={"color": color, "size": 15}, **above)
    near = {"xref": "x", "yref": "y", "xanchor": "right", "xshift": -8, "showarrow": False}
    figure.add_annotation(text="start", font={"color": color, "size": 14}, **near)
    numbers = {f"weight 1 along the path, {name}": "data[2].x", "weight 2": "data[2].y"}
    return Blank(figure, numbers=numbers, place=place, teach=place, veil=veil)


def tracks(table: Result) -> list[Tracks]:
    """The tracks of both figures."""
    return [_tracks(table.raw), _tracks(table.standard)]


def _tracks(bowl: Bowl) -> Tracks:
    steps = len(bowl.descents)
    rings = [bowl.contour(np.full(steps, level**2), TURNS) for level in LEVELS]
    gap = np.full((steps, 1, 2), np.nan)
    contours = np.concatenate([part for ring in rings for part in (ring, gap)], axis=1)
    points = (contours, bowl.contour(LEFT * bowl.excess, TURNS), bowl.path, bowl.path[:, :1])
    filling: Tracks = {f"data[{n}].{axis}": at[..., k] for n, at in enumerate(points) for k, axis in enumerate("xy")}
    filling["layout.annotations[1].text"] = [counted(count) for count in bowl.descents]
    filling |= {f"layout.annotations[2].{axis}": bowl.start[:, k] for k, axis in enumerate("xy")}
    return filling


def counted(descents: int) -> str:
    """The number of steps in words, and how many of them are drawn."""
    counted = f"{descents:,} step{'s' if descents > 1 else ''}"
    return f"{counted}, the first {DRAWN} drawn" if descents > DRAWN else counted
