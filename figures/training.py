"""Lesson 4's figures before there is anything to draw: axes, styles and, per trace, which part of the run fills it.

`meta` of a trace names the series that the browser puts in as the training tells them ("validation.loss.0": the
validation loss of lane 0); an annotation called by a series' name follows its last value; `meta` of a layout says how
the y axis may grow. Lane 0 is without batch norm, lane 1 with it.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from figures import theme
from figures.moving import Moving

LANES = (("without", theme.BEFORE, theme.SCALE_BEFORE), ("with", theme.AFTER, theme.SCALE_AFTER))
LOSS_DECADES = (-3, 1)


def figures(steps: int, grid: np.ndarray | None, x: np.ndarray, y: np.ndarray) -> list[Moving]:
    """The lesson's figures for a run of so many steps; the borders only where there is a grid (see `boundary`)."""
    borders = [] if grid is None else [boundary(lane, grid, x, y) for lane in range(len(LANES))]
    return [loss(steps), accuracy(steps), *borders, statistics("mean", steps), statistics("var", steps)]


def loss(steps: int) -> Moving:
    """Cross-entropy of both lanes on each training batch and in validation, over the steps."""
    figure = _curves("loss", steps, "Loss (nats, log scale)")
    figure.update_yaxes(**theme.POWERS, range=LOSS_DECADES, dtick=1)
    figure.update_layout(meta={"grow": "decades", "digits": "precision"})
    return Moving(
        figure, "Loss over the training steps, without and with batch norm, training and validation.", width=0.5
    )


def accuracy(steps: int) -> Moving:
    """Share of right answers of both lanes on each training batch and in validation, over the steps."""
    figure = _curves("accuracy", steps, "Accuracy")
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    figure.update_layout(meta={"digits": "percent"})
    return Moving(figure, "Accuracy over the training steps, both lanes, training and validation.", width=0.5)


def statistics(moment: str, steps: int) -> Moving:
    """The chosen layer's batch statistic ("mean" or "var") of each step, and the running one, for inference."""
    name = {"mean": "Mean", "var": "Variance"}[moment]
    figure = _over_steps(steps, f"{name} of one unit: batch and running")
    for series, colour in (("batch", theme.BATCH), ("running", theme.RUNNING)):
        figure.add_scatter(
            x=[],
            y=[],
            mode="lines",
            line=theme.line(colour),
            name=series,
            meta={"x": "at", "y": f"layer.{series}_{moment}"},
        )
        _follow(figure, f"layer.{series}_{moment}", series, colour)
    figure.update_layout(meta={"grow": "linear", "digits": "precision"})
    start = {"mean": [-1.0, 1.0], "var": [0.0, 2.0]}[moment]
    figure.update_yaxes(range=start)
    return Moving(figure, f"{name} of one unit of the chosen layer: each batch's, and the running one.", width=0.5)


def boundary(lane: int, grid: np.ndarray, x: np.ndarray, y: np.ndarray) -> Moving:
    """Where a lane would put the border between the classes of a 2-D set.

    grid (GRID · GRID, 2): the points at which the lane is asked, row by row; x (n, 2), y (n,): the validation points.
    """
    name, colour, scale = LANES[lane]
    side = np.unique(grid[:, 0])
    figure = theme.bare(400)
    place = {"x": side, "y": side, "z": [], "meta": {"z": f"grid.{lane}", "side": len(side)}}
    figure.add_heatmap(
        **place, zmin=0, zmax=1, colorscale=scale, opacity=0.6, showscale=False, hoverinfo="skip", name=name
    )
    border = {"type": "constraint", "operation": "=", "value": 0.5}
    line = {"color": colour, "width": 3, "dash": theme.DASH[colour]}
    figure.add_contour(**place, contours=border, line=line, showscale=False, hoverinfo="skip", name="border")
    for label, fill in ((0, theme.PAPER), (1, theme.INK)):
        marker = {"color": fill, "size": 7, "line": {"color": theme.INK, "width": 1.5}}
        of_class = x[y == label]
        figure.add_scatter(x=of_class[:, 0], y=of_class[:, 1], mode="markers", marker=marker, name=f"class {label}")
    figure.update_xaxes(range=[-2, 2], constrain="domain", showgrid=False, zeroline=False, title="x₁")
    figure.update_yaxes(range=[-2, 2], scaleanchor="x", constrain="domain", showgrid=False, zeroline=False, title="x₂")
    figure.update_layout(title=theme.title(f"Border {name} batch norm"))
    figure.update_layout(title_font_color=colour)
    alt = f"Validation points of two classes, and where the network {name} batch norm puts the border between them."
    return Moving(figure, alt, width=0.5)


def _curves(quantity: str, steps: int, title: str) -> go.Figure:
    figure = _over_steps(steps, title)
    for lane, (name, colour, _) in enumerate(LANES):
        thin = {**theme.line(colour), "width": 1}
        train = {"x": "at", "y": f"{quantity}.{lane}"}
        figure.add_scatter(x=[], y=[], mode="lines", line=thin, opacity=0.5, name=f"{name}, training", meta=train)
    for lane, (name, colour, _) in enumerate(LANES):
        validation = {"x": "validation.at", "y": f"validation.{quantity}.{lane}"}
        figure.add_scatter(
            x=[], y=[], mode="lines+markers", line=theme.line(colour),
            marker={"color": colour, "size": 7, "symbol": ("circle-open", "circle")[lane]},
            name=f"{name}, validation", meta=validation,
        )  # fmt: skip
        _follow(figure, validation["y"], name, colour)
    return figure


def _over_steps(steps: int, title: str) -> go.Figure:
    figure = theme.bare(340)
    figure.update_xaxes(range=[0, steps], title="training step", zeroline=False)
    figure.update_yaxes(zeroline=False)
    figure.update_layout(title=theme.title(title), margin={"l": 60, "r": 84, "t": 48, "b": 52})
    return figure


def _follow(figure: go.Figure, series: str, text: str, colour: str) -> None:
    figure.add_annotation(
        name=series, text=text, x=1, xref="paper", xanchor="left", xshift=6, y=0, yanchor="middle", visible=False,
        showarrow=False, align="left", font={"color": colour, "size": 14},
    )  # fmt: skip
