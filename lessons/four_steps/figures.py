"""The batch on four number lines with one scale, joined so that each step can be seen."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from figures import theme
from figures.blank import Blank, Tracks
from figures.numerals import rounded
from lessons.four_steps.experiment import STATIONS, Result, Settings, reach

LINES = ("<b>x</b>, the batch", "<b>x − μ</b>, minus the mean", "<b>x̂</b>, divided by √(σ²+ε)", "<b>y</b> = γ·x̂ + β")
COLORS = (theme.BEFORE, theme.REFERENCE, theme.AFTER, theme.AFTER)
SYMBOLS = ("circle", "circle", "diamond", "square")
HEIGHTS = np.array([3.0, 2.0, 1.0, 0.0])
STACK = 0.1  # how much higher the second of two equal values is drawn
BAND = 0.2
GRIP_HEIGHTS = (0.32, 0.68)  # of beta and gamma, which come close or lie at the same value
HOLLOW = "★ outlier   ○ the others without it"
NUMBERS = {"traced value at x, x − μ, x̂, y": "data[3].x", "all values, each at x, x − μ, x̂, y": "data[0].x"}
GAP = [np.nan]  # the gap between two values' lines


def number_lines(settings: Settings) -> Blank:
    """The four empty number lines, of x, x − μ, x̂ and y, for a batch with or without an outlier."""
    figure = theme.base_figure(440)
    figure.update_xaxes(title="value (one scale for all four lines)", range=_span(settings), zeroline=True)
    figure.update_yaxes(range=[-0.62, 3.8], tickvals=HEIGHTS, showticklabels=False, ticks="", zeroline=False)
    figure.update_layout(margin={"l": 10, "r": 10, "t": 8, "b": 52})
    _points(figure, settings)
    figure.update_layout(shapes=_bands(), annotations=_words(settings.outlier))
    grips = {"beta": (4, 0), "gamma": (4, 1)} | ({"outlier_value": (2, 0)} if settings.outlier else {})
    moves = {"picks": ("trace", "pull", 0, len(STATIONS) + 1), "unfolds": (len(STATIONS) + 1, (0, 1, 2, 3))}
    return Blank(figure, numbers=NUMBERS, veil=(0.0, 0.724, 1.0, 0.276), grips=grips, **moves)


def _bands() -> list[dict]:
    """Shapes 0-3: mean ± one standard deviation on each line; 4-7: the mean."""
    band = {"type": "rect", "fillcolor": theme.BATCH, "opacity": 0.18, "line": {"width": 0}}
    mean = {"type": "line", "line": {"color": theme.BATCH, "width": 2}}
    places = [(band, height) for height in HEIGHTS] + [(mean, height) for height in HEIGHTS]
    return [{**style, "layer": "below", "y0": height - BAND, "y1": height + BAND} for style, height in places]


def _points(figure: go.Figure, settings: Settings) -> None:
    """Traces 0: batch-mates; 1: batch-mates without the outlier; 2: outlier; 3: traced value; 4: grips; 5: guess."""
    raised = [STACK * settings.batch[:index].count(value) for index, value in enumerate(settings.batch)]
    # As lists: the browser reads what it drags or animates, and only plotly.js unpacks arrays.
    every = np.concatenate([[*(HEIGHTS + more), *GAP] for more in raised]).tolist()
    marker = {"color": [*COLORS, theme.FAINT] * len(raised), "symbol": [*SYMBOLS, "circle"] * len(raised), "size": 11}
    hollow = {"color": theme.INK, "symbol": "circle-open", "size": 12, "line": {"width": 1.5}}
    star = {"color": list(COLORS), "symbol": "star", "size": 15}
    dark = {"color": theme.INK, "symbol": list(SYMBOLS), "size": 13}
    quiet, strong = {"color": theme.REFERENCE, "width": 1}, {"color": theme.INK, "width": 3}
    figure.add_scatter(y=every, line=quiet, marker=marker, opacity=0.6, name="batch-mates")
    figure.add_scatter(y=every, mode="markers", marker=hollow, opacity=0.7, name="without the outlier")
    figure.add_scatter(y=HEIGHTS.tolist(), line=quiet, marker=star, name="outlier")
    figure.add_scatter(y=HEIGHTS.tolist(), line=strong, marker=dark, name="traced value")
    figure.add_trace(theme.grips(GRIP_HEIGHTS, ["β", "γ"], theme.AFTER))
    figure.add_trace(theme.guess(y=[-2 * BAND, 2 * BAND]))
    for trace, shown in zip(figure.data[:4], (True, settings.outlier, settings.outlier, True), strict=True):
        trace.update(visible=shown, mode=trace.mode or "lines+markers", hoverinfo="skip")


def _words(outlier: bool) -> list[dict]:
    """Annotations 0-3: each line's name; 4-7: its mean and deviation; 8-11: the traced value; 12: what hollow means."""
    left = {"xref": "paper", "x": 0, "xanchor": "left", "yshift": 32}
    right = {"xref": "paper", "x": 1, "xanchor": "right", "yshift": 32, "font": {"color": theme.BATCH, "size": 14}}
    beside = {"xref": "x", "font": {"color": theme.INK, "size": 15}}
    under, over = {"yanchor": "top", "yshift": -10}, {"yanchor": "bottom", "yshift": 10}
    words = [
        *({**left, "y": height, "text": text} for height, text in zip(HEIGHTS, LINES, strict=True)),
        *({**right, "y": height} for height in HEIGHTS),
        *({**beside, **(over if height == 1 else under), "y": height} for height in HEIGHTS),  # clear of the grips
    ]
    if outlier:
        words.append({**left, "y": 0, "yshift": -42, "text": HOLLOW})
    return [{"showarrow": False, "bgcolor": theme.PAPER, **word} for word in words]


def tracks(table: Result) -> Tracks:
    """The tracks of the number lines, for every step of a sweep."""
    stations, ghosts, path, means, stds = table.stations, table.alone, table.path, table.means, table.stds
    filling: Tracks = {"data[0].x": _joined(stations[..., : ghosts.shape[-1]]), "data[3].x": path}
    filling["data[4].x"] = np.stack([means[:, 3], means[:, 3] + np.sign(table.gamma) * stds[:, 3]], axis=-1)
    if table.settings.outlier:
        filling |= {"data[1].x": _joined(ghosts), "data[2].x": stations[..., -1]}
    for line in range(4):
        mean, std, value = means[:, line], stds[:, line], path[:, line]
        filling[f"layout.shapes[{line}].x0"] = mean - std
        filling[f"layout.shapes[{line}].x1"] = mean + std
        filling[f"layout.shapes[{line + 4}].x0"] = filling[f"layout.shapes[{line + 4}].x1"] = mean
        filling[f"layout.annotations[{line + 4}].text"] = [
            f"mean {rounded(m)}, std {rounded(s)}" for m, s in zip(mean, std, strict=True)
        ]
        filling[f"layout.annotations[{line + 8}].x"] = value
        filling[f"layout.annotations[{line + 8}].text"] = [f"<b>{rounded(each)}</b>" for each in value]
    return filling


def _joined(stations: np.ndarray) -> np.ndarray:
    """Stations (steps, 4, n) as the x of one trace that draws n lines: (steps, 5n), a gap after every value."""
    steps, _, n = stations.shape
    gaps = np.full((steps, n, 1), np.nan)
    return np.concatenate([np.swapaxes(stations, 1, 2), gaps], axis=2).reshape(steps, -1)


def _span(settings: Settings) -> list[float]:
    """The range, in whole steps of two, that holds every value the controls can produce from the batch."""
    low, high = reach(settings)
    return [float(2 * np.floor((low - 0.6) / 2)), float(2 * np.ceil((high + 0.6) / 2))]
