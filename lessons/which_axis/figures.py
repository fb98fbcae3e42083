"""The tensor as cells, and the normalized tensor, where the cells that share a mean with the chosen one are lit."""

import numpy as np

from figures import theme
from figures.blank import Blank, Box, Tracks, still
from lessons.which_axis import pooling_figure, stack_figure
from lessons.which_axis.experiment import CELLS, NORMS, SHAPE, Result, Settings

IMAGES, HEIGHT, WIDTH, CHANNELS = SHAPE
SPAN = 3  # larger values get the color of SPAN
LIT = (0.5, 0, 0.5, 1)
PLAIN = (0, 0, 0.5, 1)
OVER = (-0.005, -0.005, 1.01, 1.01)  # the whole plot, its corners too
BORDER = 6  # between blocks, in pixels


def blanks(settings: Settings) -> list[Blank]:
    """The normalized tensor with its lit cells, first because a phone shows it first; then the tensor itself, or max
    pooling and batch norm in both orders. Or only the stack of layers."""
    if settings.stacked:
        return [stack_figure.blank(OVER)]
    lit = blank("x̂; lit: the cells that share a mean", theme.AFTER, LIT, veil=OVER)
    beside = (
        pooling_figure.blank() if settings.pooling else blank("x, as the convolution gives it", theme.BEFORE, PLAIN)
    )
    return [lit, beside]


def blank(name: str, color: str, place: Box, veil: Box | None = None) -> Blank:
    """Blocks of cells, images in rows and channels in columns; traces: the values, and a layer that dims cells."""
    figure = theme.base_figure(440)
    bare = {"showgrid": False, "zeroline": False, "ticks": "", "showline": False, "ticklabelstandoff": 5}
    for axis, letter, blocks, length in (("x", "c", CHANNELS, WIDTH), ("y", "n", IMAGES, HEIGHT)):
        middles = length * (np.arange(blocks) + 0.5)
        words = [f"{letter} = {block}" for block in range(blocks)]
        figure.update_layout({f"{axis}axis": {**bare, "tickvals": middles, "ticktext": words}})
    figure.update_xaxes(range=[0, CHANNELS * WIDTH], side="top")
    figure.update_yaxes(range=[IMAGES * HEIGHT, 0])
    figure.update_layout(margin={"t": 58, "b": 8, "l": 50, "r": 62 if veil is None else 12})
    figure.update_layout(title={**theme.title(f"<b>{name}</b>"), "font": {"size": 16, "color": color}})
    left, top = corners(CELLS)
    cells = {"x": left + 0.5, "y": top + 0.5, "hoverinfo": "skip"}
    bar = {"thickness": 12, "tickvals": [-SPAN, 0, SPAN], "outlinewidth": 0, "tickfont": {"size": 14}}
    values = {"zmin": -SPAN, "zmax": SPAN, "colorscale": "Viridis", "colorbar": bar, "showscale": veil is None}
    figure.add_heatmap(**cells, **values, xgap=1, ygap=1, name="values")
    dim = [[0, theme.PAPER], [1, theme.PAPER]]
    figure.add_heatmap(**cells, colorscale=dim, zmin=0, zmax=1, opacity=0.85, showscale=False, name="dimmed")
    figure.update_layout(shapes=[*borders(), {"type": "rect", "line": {"color": theme.FOURTH, "width": 4}}])
    return Blank(figure, numbers={name: "data[0].z"}, place=place, teach=place, veil=veil, touch={"cell": 0})


def borders() -> list[dict]:
    """Lines in the paper's color that separate the blocks."""
    right, foot = CHANNELS * WIDTH, IMAGES * HEIGHT
    between = [(0, right, n * HEIGHT, n * HEIGHT) for n in range(1, IMAGES)]
    between += [(c * WIDTH, c * WIDTH, 0, foot) for c in range(1, CHANNELS)]
    line = {"type": "line", "line": {"color": theme.PAPER, "width": BORDER}}
    return [line | dict(zip(("x0", "x1", "y0", "y1"), ends, strict=True)) for ends in between]


def corners(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The left and upper edges of cells (…, 4)."""
    n, h, w, c = np.moveaxis(cells, -1, 0)
    return c * WIDTH + w, n * HEIGHT + h


def drawn(values: np.ndarray) -> np.ndarray:
    """Values (steps, N, H, W, C) in the order of CELLS."""
    return values[:, *CELLS.T]


def tracks(table: Result) -> list[Tracks]:
    """The tracks of the figures."""
    if table.settings.stacked:
        return [stack_figure.tracks(table.place, table.images)]
    left, top = corners(table.cell)
    last = len(borders())
    outline: Tracks = {
        f"layout.shapes[{last}].{end}": of.astype(float)
        for end, of in (("x0", left), ("x1", left + 1), ("y0", top), ("y1", top + 1))
    }
    dimmed = drawn(np.where(table.shared, np.nan, 1.0))
    lit: Tracks = {"data[0].z": drawn(np.stack(table.x_hat)), "data[1].z": dimmed}
    if table.settings.pooling:
        return [lit | outline, pooling_figure.tracks(table.orders, table.every, table.gamma)]
    plain: Tracks = {"data[0].z": drawn(table.x[None]), "data[1].z": still(np.full(len(CELLS), np.nan))}
    return [lit | outline, plain | outline]


def shown_cells(_: object, cells: np.ndarray) -> list[str]:
    """The name of every cell: its index in NumPy."""
    return ["x[{},{},{},{}]".format(*CELLS[int(cell)]) for cell in cells]


def shown_norms(_: object, numbers: np.ndarray) -> list[str]:
    return [NORMS[int(number) - 1].name.replace(" ", " ") for number in numbers]


def shown_places(_: object, numbers: np.ndarray) -> list[str]:
    return [stack_figure.SHOWN[int(number) - 1] for number in numbers]
