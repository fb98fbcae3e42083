"""Two more views: a sigmoid behind the unit, below the densities; and a training, in place of them."""

import numpy as np

from bn_core.nets.activations import ACTIVATIONS, FLAT
from figures import theme
from figures.blank import Blank, Tracks, still
from figures.numerals import rounded
from lessons.gamma_beta.paths import STEPS, LearnedPaths
from lessons.histogram import Axis, densities

AXIS = Axis(np.linspace(-8, 8, 65), tallest=0.6)
OUTPUTS = Axis(np.linspace(0.0125, 0.9875, 40), tallest=8)
EDGE = float(np.log((2 - FLAT + 2 * np.sqrt(1 - FLAT)) / FLAT))
"""Where |y| is larger than this, the sigmoid's slope is under FLAT of its steepest."""


def sigmoid() -> Blank:
    """Above, y and the sigmoid, shaded where the sigmoid is flat; below, the sigmoid's outputs."""
    figure = theme.base_figure(440)
    figure.update_layout(margin={"t": 12, "b": 48})
    figure.update_layout(xaxis={"range": AXIS.ends, "title": "y"}, xaxis_anchor="y")
    figure.update_layout(yaxis={"range": [0, 1.02], "domain": [0.56, 1], "nticks": 4})
    below = figure.layout.xaxis.to_plotly_json() | {
        "range": OUTPUTS.ends,
        "title": "σ(y)",
        "anchor": "y2",
        "dtick": 0.25,
    }
    up = {**figure.layout.yaxis.to_plotly_json(), "range": [0, OUTPUTS.tallest], "domain": [0, 0.38], "anchor": "x2"}
    figure.update_layout(xaxis2=below, yaxis2={**up, "title": "density"})
    curve = ACTIVATIONS["sigmoid"].function(AXIS.centers)
    figure.add_scatter(x=AXIS.centers, y=curve, mode="lines", line=theme.line(theme.REFERENCE), name="sigmoid")
    fill = {"mode": "lines", "fill": "tozeroy", "hoverinfo": "skip"}
    line = theme.line(theme.AFTER) | {"shape": "hvh"}
    figure.add_scatter(x=AXIS.centers, line=line, name="density of y", **fill)
    thin = {"color": theme.THIRD, "width": 2, "shape": "hvh"}
    figure.add_scatter(x=OUTPUTS.centers, line=thin, name="density of its output", xaxis="x2", yaxis="y2", **fill)
    for ends in ((AXIS.ends[0], -EDGE), (EDGE, AXIS.ends[1])):
        flat = {"fillcolor": theme.BEFORE, "opacity": 0.14, "line": {"width": 0}}
        figure.add_shape(type="rect", x0=ends[0], x1=ends[1], y0=0, y1=1.02, layer="below", **flat)
    names = (
        ("sigmoid", theme.REFERENCE, 0.98),
        ("y, its density", theme.AFTER, 0.91),
        ("flat: saturated", theme.BEFORE, 0.84),
    )
    for name, color, height in names:
        place = {"xref": "paper", "x": 0.01, "xanchor": "left", "yref": "paper", "y": height, "yanchor": "top"}
        figure.add_annotation(text=f"<b>{name}</b>", font={"color": color, "size": 15}, showarrow=False, **place)
    numbers = {"density of y": "data[1].y", "density of the output": "data[2].y"}
    return Blank(figure, numbers=numbers, veil=(0, 0.54, 1, 0.46))


def sigmoid_tracks(y: np.ndarray) -> Tracks:
    """The tracks that fill `sigmoid`, from y (steps, N)."""
    output = ACTIVATIONS["sigmoid"].function(y)
    return {
        "data[1].y": densities(y[..., None], AXIS)[0],
        "data[2].y": densities(output[..., None], OUTPUTS)[0],
    }


def training() -> Blank:
    """On the left the path of every unit's gamma and beta; on the right the gradients of bias and weights."""
    figure = theme.base_figure(440)
    figure.update_layout(margin={"t": 44, "b": 48, "r": 20})
    figure.update_layout(xaxis={"range": [0.6, 2.5], "domain": [0, 0.5], "title": "gamma", "nticks": 6})
    figure.update_layout(yaxis={"range": [-0.65, 1.15], "title": "beta", "title_standoff": 4})
    right = {
        **figure.layout.xaxis.to_plotly_json(),
        "range": [0, STEPS],
        "domain": [0.62, 1],
        "title": "step",
        "nticks": 3,
    }
    up = {**theme.POWERS, "range": [-19, 1], "anchor": "x2", "gridcolor": theme.FAINT, "dtick": 4}
    figure.update_layout(xaxis2={**right, "anchor": "y2"}, yaxis2=up)
    thin, own = {"color": theme.REFERENCE, "width": 1}, {"color": theme.AFTER, "width": 3}
    figure.add_scatter(mode="lines", line=thin, opacity=0.7, name="all units", hoverinfo="skip")
    ring = {"symbol": "circle-open", "color": theme.REFERENCE, "size": 7}
    figure.add_scatter(mode="markers", marker=ring, name="all units at the end", hoverinfo="skip")
    figure.add_scatter(mode="lines", line=own, name="the unit looked at", hoverinfo="skip")
    steps = np.arange(1, STEPS + 1)
    for name, color in (("weights", theme.THIRD), ("bias", theme.BEFORE)):
        line = {"color": color, "width": 1.5}
        figure.add_scatter(x=steps, mode="lines", line=line, name=name, xaxis="x2", yaxis="y2", hoverinfo="skip")
    left = {"xref": "paper", "xanchor": "left", "yref": "paper", "yanchor": "bottom", "showarrow": False}
    figure.add_annotation(text="gammas and betas", x=0, y=1.02, font={"size": 15}, **left)
    figure.add_annotation(text="gradients", x=0.62, y=1.02, font={"size": 15}, **left)
    inside = {"xref": "paper", "x": 0.99, "xanchor": "right", "yref": "y2", "showarrow": False}
    for name, color, height in (("weights", theme.THIRD, -3.2), ("bias", theme.BEFORE, -14.6)):
        figure.add_annotation(text=f"<b>{name}</b>", y=height, font={"color": color, "size": 14}, **inside)
    corner = {"xref": "x domain", "x": 0.02, "xanchor": "left", "yref": "paper", "y": 0.02, "showarrow": False}
    figure.add_annotation(font={"color": theme.AFTER, "size": 15}, align="left", **corner)
    numbers = {"gamma of the unit": "data[2].x", "beta of the unit": "data[2].y", "gradient of the bias": "data[4].y"}
    return Blank(figure, numbers=numbers, veil=(0, 0, 1, 1))


def training_tracks(run: LearnedPaths, unit: int) -> Tracks:
    """The tracks that fill `training`."""
    gaps = [np.pad(each.T, ((0, 0), (0, 1)), constant_values=np.nan).ravel() for each in (run.gamma, run.beta)]
    gamma, beta = (each[:, unit - 1] for each in (run.gamma, run.beta))
    return {
        "data[0].x": still(gaps[0]),
        "data[0].y": still(gaps[1]),
        "data[1].x": still(run.gamma[-1]),
        "data[1].y": still(run.beta[-1]),
        "data[2].x": still(gamma),
        "data[2].y": still(beta),
        "data[3].y": still(run.kernel),
        "data[4].y": still(np.maximum(run.bias, 1e-19)),
        "layout.annotations[4].text": still(f"<b>unit {unit}</b>: {rounded(gamma[-1])}, {rounded(beta[-1])}"),
    }
