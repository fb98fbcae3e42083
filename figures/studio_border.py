"""Where the studio's lanes put the border between the classes of two-dimensional data."""

from __future__ import annotations

import numpy as np

from figures import theme
from figures.moving import Moving
from figures.studio import Lane

SYMBOLS = ("circle-open", "circle", "diamond-open", "cross", "square-open", "star", "triangle-up-open", "x-thin-open")


def borders(lanes: list[Lane], grid: np.ndarray, x: np.ndarray, y: np.ndarray) -> list[Moving]:
    """One picture per lane. grid (side · side, 2): where it is asked, row by row; x (n, 2), y (n,): validation."""
    return [_border(lane, number, len(lanes), grid, x, y) for number, lane in enumerate(lanes)]


def _border(lane: Lane, number: int, lanes: int, grid: np.ndarray, x: np.ndarray, y: np.ndarray) -> Moving:
    across, up = np.unique(grid[:, 0]), np.unique(grid[:, 1])
    figure = theme.bare(400, meta={"name": f"border-{number + 1}"}, title=theme.title(f"Border: {lane.short}"))
    # Lists: the browser writes them into a CSV, which it cannot with plotly's packed bytes.
    place = {
        "x": across.tolist(),
        "y": up.tolist(),
        "z": [],
        "meta": {"source": "grid", "lane": number, "side": len(across)},
    }
    figure.add_heatmap(
        **place, zmin=0, zmax=1, colorscale=theme.scale(lane.colour), opacity=0.6, showscale=False, name=lane.name,
        hovertemplate="x₁ %{x:.2f}, x₂ %{y:.2f}<br>probability %{z:.0%}<extra></extra>",
    )  # fmt: skip
    border = {"type": "constraint", "operation": "=", "value": 0.5}
    line = {"color": lane.colour, "width": 3, "dash": lane.dash}
    figure.add_contour(**place, contours=border, line=line, showscale=False, hoverinfo="skip", name="border")
    for label in np.unique(y):
        marker = {"color": theme.INK, "size": 7, "symbol": SYMBOLS[label % len(SYMBOLS)], "line": {"width": 1.5}}
        of_class = x[y == label]
        figure.add_scatter(
            x=of_class[:, 0].tolist(), y=of_class[:, 1].tolist(), mode="markers", marker=marker, name=f"class {label}",
            hovertemplate=f"class {label}<extra></extra>",
        )  # fmt: skip
    sides = {"showgrid": False, "zeroline": False, "constrain": "domain"}
    figure.update_xaxes(range=[float(across[0]), float(across[-1])], title="x₁", **sides)
    figure.update_yaxes(range=[float(up[0]), float(up[-1])], scaleanchor="x", title="x₂", **sides)
    figure.update_layout(title_font_color=lane.colour)
    alt = f"Validation points, and where the network with {lane.name} puts the border between the classes."
    return Moving(figure, alt, width=1 / lanes if lanes > 1 else 0.6)
