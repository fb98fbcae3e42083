"""Lesson 1's figure: the batch on four number lines of one scale, joined so that each step is seen at work."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from bn_core.experiments.four_steps import Result, Settings
from figures import theme
from figures.moving import Moving, Track
from figures.numerals import told

LINES = ("<b>x</b>, the batch", "<b>x − μ</b>, minus the mean", "<b>x̂</b>, divided by √(σ²+ε)", "<b>y</b> = γ·x̂ + β")
COLOURS = (theme.BEFORE, theme.REFERENCE, theme.AFTER, theme.AFTER)
SYMBOLS = ("circle", "circle", "diamond", "square")
HEIGHTS = np.array([3.0, 2.0, 1.0, 0.0])
STACK = 0.1  # how much higher the second of two equal values is drawn
BAND = 0.2
HOLLOW = "★ outlier   ○ the others without it"
NUMBERS = {"traced value at x, x − μ, x̂, y": "data[3].x", "all values, each at x, x − μ, x̂, y": "data[0].x"}
GAP = [np.nan]  # ends one value's line and starts the next


def number_lines(now: Result, tables: dict[str, Result]) -> Moving:
    """The batch at x, x − μ, x̂ and y; `tables` are the sweeps of every control from the present state."""
    figure = theme.bare(440)
    start = {path: track[0] for path, track in _tracks(now.as_table()).items()}
    _lay_out(figure, _span(now, tables))
    _points(figure, now.settings, start)
    figure.update_layout(shapes=_bands(start), annotations=_words(now.settings.outlier, start))
    tracks = {control: _changing(_tracks(table)) for control, table in tables.items()}
    return Moving(figure, _alt(now), tracks, numbers=NUMBERS)


def _lay_out(figure: go.Figure, span: list[float]) -> None:
    figure.update_xaxes(title="value (one scale for all four lines)", range=span, zeroline=True)
    figure.update_yaxes(range=[-0.62, 3.6], tickvals=HEIGHTS, showticklabels=False, ticks="", zeroline=False)
    figure.update_layout(margin={"l": 10, "r": 10, "t": 8, "b": 52})


def _bands(start: dict[str, Any]) -> list[dict]:
    """Shapes 0-3: mean ± one standard deviation on each line; 4-7: the mean."""
    band = {"type": "rect", "fillcolor": theme.BATCH, "opacity": 0.18, "line": {"width": 0}}
    mean = {"type": "line", "line": {"color": theme.BATCH, "width": 2}}
    places = [(band, height) for height in HEIGHTS] + [(mean, height) for height in HEIGHTS]
    return [
        {**style, "layer": "below", "y0": height - BAND, "y1": height + BAND}
        | {end: start[f"layout.shapes[{index}].{end}"] for end in ("x0", "x1")}
        for index, (style, height) in enumerate(places)
    ]


def _points(figure: go.Figure, settings: Settings, start: dict[str, Any]) -> None:
    """Traces 0: batch-mates; 1: where they were without the outlier; 2: the outlier; 3: the traced value."""
    raised = [STACK * settings.batch[:index].count(value) for index, value in enumerate(settings.batch)]
    every = np.concatenate([[*(HEIGHTS + more), *GAP] for more in raised])
    marker = {"color": [*COLOURS, theme.FAINT] * len(raised), "symbol": [*SYMBOLS, "circle"] * len(raised), "size": 11}
    hollow = {"color": theme.INK, "symbol": "circle-open", "size": 12, "line": {"width": 1.5}}
    star = {"color": list(COLOURS), "symbol": "star", "size": 15}
    dark = {"color": theme.INK, "symbol": list(SYMBOLS), "size": 13}
    quiet, strong = {"color": theme.REFERENCE, "width": 1}, {"color": theme.INK, "width": 3}
    figure.add_scatter(y=every, line=quiet, marker=marker, opacity=0.6, name="batch-mates")
    figure.add_scatter(y=every, mode="markers", marker=hollow, opacity=0.7, name="without the outlier")
    figure.add_scatter(y=HEIGHTS, line=quiet, marker=star, name="outlier")
    figure.add_scatter(y=HEIGHTS, line=strong, marker=dark, name="traced value")
    for index, trace in enumerate(figure.data):
        path = f"data[{index}].x"
        trace.update(x=start.get(path), visible=path in start, mode=trace.mode or "lines+markers", hoverinfo="skip")


def _words(outlier: bool, start: dict[str, Any]) -> list[dict]:
    """Annotations 0-3: each line's name; 4-7: its mean and deviation; 8-11: the traced value; 12: what hollow means."""
    left = {"xref": "paper", "x": 0, "xanchor": "left", "yshift": 32}
    right = {"xref": "paper", "x": 1, "xanchor": "right", "yshift": 32, "font": {"color": theme.BATCH, "size": 14}}
    beside = {"xref": "x", "yshift": -21, "font": {"color": theme.INK, "size": 15}}
    words = [
        *({**left, "y": height, "text": text} for height, text in zip(HEIGHTS, LINES, strict=True)),
        *({**right, "y": height} for height in HEIGHTS),
        *({**beside, "y": height} for height in HEIGHTS),
    ]
    for index, word in enumerate(words):
        word |= {key: start[path] for key in ("x", "text") if (path := f"layout.annotations[{index}].{key}") in start}
    if outlier:
        words.append({**left, "y": 0, "yshift": -42, "text": HOLLOW})
    return [{"showarrow": False, "bgcolor": theme.PAPER, **word} for word in words]


def _changing(tracks: dict[str, Track]) -> dict[str, Track]:
    """Only the tracks that differ visibly from step to step: the others need not travel."""
    return {path: track for path, track in tracks.items() if _moves(np.asarray(track))}


def _moves(track: np.ndarray) -> bool:
    if track.dtype.kind != "f":
        return bool(np.any(track != track[0]))
    return bool(np.nanmax(np.abs(track - track[0])) > 1e-9)  # rounding wobbles in the last digits


def _tracks(table: Result) -> dict[str, Track]:
    """What moves, for every step of a sweep."""
    stations, ghosts, path, means, stds = table.stations, table.alone, table.path, table.means, table.stds
    tracks = {"data[0].x": _joined(stations[..., : ghosts.shape[-1]]), "data[3].x": path}
    if table.settings.outlier:
        tracks |= {"data[1].x": _joined(ghosts), "data[2].x": stations[..., -1]}
    for line in range(4):
        mean, std, value = means[:, line], stds[:, line], path[:, line]
        tracks[f"layout.shapes[{line}].x0"] = mean - std
        tracks[f"layout.shapes[{line}].x1"] = mean + std
        tracks[f"layout.shapes[{line + 4}].x0"] = tracks[f"layout.shapes[{line + 4}].x1"] = mean
        tracks[f"layout.annotations[{line + 4}].text"] = [
            f"mean {told(m)}, std {told(s)}" for m, s in zip(mean, std, strict=True)
        ]
        tracks[f"layout.annotations[{line + 8}].x"] = value
        tracks[f"layout.annotations[{line + 8}].text"] = [f"<b>{told(each)}</b>" for each in value]
    return tracks


def _joined(stations: np.ndarray) -> np.ndarray:
    """Stations (steps, 4, n) as the x of one trace that draws n lines: (steps, 5n), a gap after every value."""
    steps, _, n = stations.shape
    gaps = np.full((steps, n, 1), np.nan)
    return np.concatenate([np.swapaxes(stations, 1, 2), gaps], axis=2).reshape(steps, -1)


def _span(now: Result, tables: dict[str, Result]) -> list[float]:
    """The range that holds everything in every table, in whole steps of two so that it seldom changes."""
    everything = [part for table in (now, *tables.values()) for part in (table.stations, table.alone)]
    low, high = min(map(np.min, everything)), max(map(np.max, everything))
    return [float(2 * np.floor((low - 0.6) / 2)), float(2 * np.ceil((high + 0.6) / 2))]


def _alt(now: Result) -> str:
    x, centred, x_hat, y = (told(value) for value in now.path)
    return (
        f"A batch of {now.settings.size} values on four number lines: x, x minus the mean, x hat, y. "
        f"The traced value goes {x}, {centred}, {x_hat}, {y}; the outputs have mean {told(now.means[3])} "
        f"and standard deviation {told(now.stds[3])}."
    )
