"""A stack of layers from top to bottom with its batch norms: shapes, parameters, means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from figures import theme
from figures.blank import Blank, Box, Tracks
from lessons.which_axis.stack import PLACES, Block, stack

SHOWN = ("nowhere", "before ReLU", "after ReLU", "after pooling")
COLUMNS = {
    "layer": (0.12, "center"),
    "shape": (0.575, "right"),
    "numbers": (0.74, "right"),
    "means × size": (1, "right"),
}
"""Each column's heading, its place, and the end of its words that is aligned there."""
ENDS, MAPS, HALF = (-0.03, 0.27), (0.304, 0.3, 0.296), 0.42  # of a layer's box; feature maps; half a box's height
LAYERS = stack(PLACES[0])
NORMS = len(stack(PLACES[1])) - len(LAYERS)
GROUPS = ((len(LAYERS), theme.INK, 1), (NORMS, theme.AFTER, 2.5))
"""The number of boxes, their color and line width: first the layers, then the batch norms."""
TRACES = len(MAPS) + len(COLUMNS)
PIXEL = 0.45
"""The drawn width of one pixel of a feature map."""


def blank(veil: Box) -> Blank:
    """Boxes, feature maps as squares, and three columns of words."""
    figure = theme.base_figure(440)
    figure.update_layout(margin={"l": 10, "r": 10, "t": 34, "b": 6})
    figure.update_xaxes(visible=False, range=[-0.04, 1.01])
    figure.update_yaxes(visible=False, range=[len(LAYERS) + NORMS - 0.4, -0.6])
    for count, color, width in GROUPS:
        group(figure, count, color, width)
    for heading, (at, end) in COLUMNS.items():
        above = {"xref": "x", "x": at, "xanchor": end, "yref": "paper", "y": 1, "yanchor": "bottom"}
        figure.add_annotation(text=heading, font={"size": 14, "color": theme.REFERENCE}, showarrow=False, **above)
    return Blank(figure, numbers={"places of the layers, from the top": "data[3].y"}, veil=veil)


def group(figure: go.Figure, count: int, color: str, width: float) -> None:
    """Empty boxes of one kind, with the words beside them."""
    box = {"x0": ENDS[0], "x1": ENDS[1], "line": {"color": color, "width": width}, "layer": "below"}
    for _ in range(count):
        figure.add_shape(type="rect", **box)
    square = {"symbol": "square", "color": theme.PAPER, "line": {"color": color, "width": 1}, "opacity": 1}
    for across in MAPS:
        figure.add_scatter(x=[across] * count, mode="markers", marker=square, hoverinfo="skip")
    for name, (at, end) in COLUMNS.items():
        font = {"size": 14, "color": color}
        side = "middle center" if end == "center" else "middle left"
        look = {"mode": "text", "textposition": side, "textfont": font, "hoverinfo": "skip"}
        figure.add_scatter(x=[at] * count, text=[""] * count, name=name, **look)


def tracks(places: Sequence[str], images: Sequence[int]) -> Tracks:
    """The tracks of the figure at every step."""
    steps = [arranged(place) for place in places]
    rows = np.array([[row for _, row in step] for step in steps], dtype=float)
    filling: Tracks = {}
    for box in range(rows.shape[1]):
        filling |= {f"layout.shapes[{box}].y{end}": rows[:, box] + (-HALF, HALF)[end] for end in range(2)}
    for number, part in enumerate((slice(len(LAYERS)), slice(len(LAYERS), None))):
        first = TRACES * number
        filling |= {f"data[{first + trace}].y": rows[:, part] for trace in range(TRACES)}
        blocks = [[block for block, _ in step[part]] for step in steps]
        sizes = np.array([[PIXEL * side(block) for block in step] for step in blocks])
        filling |= {f"data[{first + trace}].marker.size": sizes for trace in range(len(MAPS))}
        for place in range(GROUPS[number][0]):
            words = [row_texts(step[place], count) for step, count in zip(blocks, images, strict=True)]
            for column, texts in enumerate(zip(*words, strict=True)):
                filling[f"data[{first + len(MAPS) + column}].text[{place}]"] = texts
    return filling


def arranged(place: str) -> list[tuple[Block | None, int]]:
    """Every layer with its row, then every batch norm; forgotten batch norms (None) wait below the stack."""
    rows = list(enumerate(stack(place)))
    layers, norms = ([(block, row) for row, block in rows if bool(block.means) == kind] for kind in (False, True))
    return layers + (norms or [(None, len(rows) + number) for number in range(NORMS)])


def side(block: Block | None) -> int:
    """The side of a feature map in pixels; 0 for a layer without positions."""
    return block.shape[0] if block and len(block.shape) == 3 else 0


def row_texts(block: Block | None, images: int) -> list[str]:
    """The words of a layer, one per column."""
    if not block:
        return ["<b>batch norm</b>", "", "", "imported, and never added"]
    shape = " × ".join(f"{length:,}" for length in block.shape)
    if not block.means:
        return [block.name, shape, f"{block.parameters:,}" if block.parameters else "", ""]
    each = f"{block.means} × {block.shared(images):,}"
    return ["<b>batch norm</b>", shape, f"{block.parameters:,}", each]
