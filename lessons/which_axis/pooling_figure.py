"""Max pooling before batch norm and after it: the numbers of one feature map, and the difference between the two."""

import numpy as np
import plotly.graph_objects as go

from figures import theme
from figures.blank import Blank, Tracks, still
from figures.numerals import Numeral
from lessons.which_axis.pooling import GAMMAS, SIDE, WINDOW, Orders

PLACE = (0, 0, 0.5, 1)
SPAN, MOST = 3, 5.2
"""Larger values get the color of SPAN; the axis of the difference ends at MOST."""
TILES = (
    ("x of one image", SIDE, (0, 0.4)),
    ("pool first", WINDOW, (0.47, 0.71)),
    ("norm first", WINDOW, (0.78, 1)),
)
COLORS = (theme.BEFORE, theme.REFERENCE, theme.AFTER)


def blank() -> Blank:
    """Above, the feature map and the result of both orders; below, their largest difference at every gamma."""
    figure = theme.base_figure(440)
    figure.update_layout(margin={"l": 52, "r": 16, "t": 50, "b": 48})
    figure.update_layout(title=theme.title("<b>Pooling and batch norm in inference</b>"))
    figure.update_xaxes(range=[GAMMAS[0] - 0.05, GAMMAS[-1] + 0.05], dtick=1, title="gamma")
    figure.update_layout(yaxis={"range": [-0.15, MOST], "domain": [0, 0.42], "title": "largest difference"})
    figure.add_scatter(x=GAMMAS, mode="lines", line=theme.line(theme.AFTER), name="difference", hoverinfo="skip")
    figure.add_scatter(mode="markers", marker={"color": theme.AFTER, "size": 13}, name="now", hoverinfo="skip")
    for number, (name, side, across) in enumerate(TILES, 2):
        tile(figure, number, side, across)
        over = {
            "xref": "paper",
            "x": sum(across) / 2,
            "xanchor": "center",
            "yref": "paper",
            "y": 0.95,
            "yanchor": "bottom",
        }
        font = {"color": COLORS[number - 2], "size": 14}
        figure.add_annotation(text=name, font=font, showarrow=False, **over)
    return Blank(figure, numbers={"largest difference by gamma": "data[0].y"}, place=PLACE, teach=PLACE)


def tile(figure: go.Figure, number: int, side: int, across: tuple[float, float]) -> None:
    """Cells with their numbers; a pooled cell is as large as its 2 × 2 window."""
    height = 0.38 if side == SIDE else 0.22
    hidden = {"visible": False, "fixedrange": True}
    axes = {f"xaxis{number}": {**hidden, "domain": across, "anchor": f"y{number}"}}
    domain = [0.94 - height, 0.94]
    axes[f"yaxis{number}"] = {**hidden, "domain": domain, "anchor": f"x{number}", "autorange": "reversed"}
    figure.update_layout(axes)
    colors = {"zmin": -SPAN, "zmax": SPAN, "colorscale": "Viridis", "showscale": False}
    text = {
        "text": [""] * side**2,
        "texttemplate": "%{text}",
        "textfont": {"size": 14},
        "xgap": 2,
        "ygap": 2,
        "hoverinfo": "skip",
    }
    places = {"x": np.tile(np.arange(side), side), "y": np.repeat(np.arange(side), side)}
    figure.add_heatmap(**places, **colors, **text, xaxis=f"x{number}", yaxis=f"y{number}")


def tracks(orders: Orders, every: Orders, gamma: np.ndarray) -> Tracks:
    """The tracks of the figure; `every`: the results at all GAMMAS."""
    return {
        "data[0].y": still(every.gap),
        "data[1].x": gamma[:, None],
        "data[1].y": orders.gap[:, None],
        "data[2].z": still(orders.x.ravel()),
        "data[3].z": flat(orders.pooled_first),
        "data[4].z": flat(orders.normed_first),
        **written(2, still(orders.x.ravel())),
        **written(3, flat(orders.pooled_first)),
        **written(4, flat(orders.normed_first)),
    }


def written(trace: int, values: np.ndarray) -> Tracks:
    """The texts on a trace's cells, from their values (steps, cells): plotly.js would write a hyphen for a minus.

    One decimal, since a cell of the feature map is hardly wider than four characters.
    """
    texts = ([f"{Numeral(each):z.1f}" for each in column] for column in values.T)
    return {f"data[{trace}].text[{cell}]": column for cell, column in enumerate(texts)}


def flat(values: np.ndarray) -> np.ndarray:
    """The rows of cells (steps, side, side), one after the other."""
    return values.reshape(len(values), -1)
