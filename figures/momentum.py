"""Lesson 3's figures: the stream and its running statistic, what the watched value becomes, and what is remembered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from bn_core.experiments.momentum import Result
from bn_core.running import START
from figures import theme
from figures.moving import Moving

LINE_GAP = (
    0.14  # least distance between two words at the lines' ends, as a share of the axis: a line of the projector's
)
FAINTEST = 0.12  # opacity of a batch that is forgotten; the newest is drawn with 1


def stream(table: Result, step: int, control: str) -> Moving:
    """Statistic of every batch, its true value, and the running statistic over the steps of `control`."""
    shown, statistic = table.settings.shown, table.settings.statistic
    batch, true, running = shown(table.batch), shown(table.true), shown(table.running)
    span = _span(batch, true, shown(START), running)
    figure = _over_batches(f"{statistic} of x", span, len(batch))
    opacity = FAINTEST + (1 - FAINTEST) * table.relative_weights
    _draw(figure, np.arange(1, len(batch) + 1), batch, theme.BATCH, opacity=0.45)
    figure.add_scatter(
        x=np.arange(1, len(batch) + 1),
        y=batch,
        mode="markers",
        marker={"color": theme.BATCH, "size": 7, "opacity": opacity[step]},
        name="batches remembered",
    )
    _draw(figure, np.arange(1, len(true) + 1), true, theme.REFERENCE)
    _draw(figure, np.arange(len(batch) + 1), running[step], theme.RUNNING)
    ends = _ends(batch[-1], true[-1], running[:, -1])
    words = {"batch": theme.BATCH, "true": theme.REFERENCE, "running": theme.RUNNING}
    tracks = {
        "data[1].marker.opacity": opacity,
        "data[3].y": running,
        **_words_at_the_end(figure, words, ends, span, step),
    }
    figure.update_layout(title=theme.title(f"The running {statistic}, batch by batch"))
    alt = f"The {statistic} of each batch, its true value, and the running {statistic}, over {len(batch)} batches."
    numbers = {f"running {statistic}": "data[3].y", f"{statistic} of each batch": "data[0].y"}
    return Moving(figure, alt, {control: tracks}, 0.5, numbers)


def output(table: Result, step: int, control: str) -> Moving:
    """What the watched value becomes in training (which `control` cannot move) and in inference, step by step."""
    training, inference, true = table.training_output, table.inference_output, table.true_output
    # Batches of two or three can have almost no variance; the spikes of such a one leave the frame.
    span = _span(np.quantile(training, [0.02, 0.98]), true, np.quantile(inference, [0.005, 0.995]), inference[step, 0])
    figure = _over_batches("output", span, len(training))
    _draw(figure, np.arange(1, len(training) + 1), training, theme.BATCH)
    _draw(figure, np.arange(1, len(true) + 1), true, theme.REFERENCE)
    _draw(figure, np.arange(len(training) + 1), inference[step], theme.RUNNING)
    ends = _ends(training[-1], true[-1], inference[:, -1])
    words = {"training": theme.BATCH, "true": theme.REFERENCE, "inference": theme.RUNNING}
    tracks = {"data[2].y": inference, **_words_at_the_end(figure, words, ends, span, step)}
    figure.update_layout(title=theme.title(f"Output for x = {table.settings.sample:g}: only inference moves"))
    alt = (
        f"Output for x = {table.settings.sample:g} after each batch: training, inference, and with the true statistics."
    )
    numbers = {"output in inference": "data[2].y", "output in training": "data[0].y"}
    return Moving(figure, alt, {control: tracks}, 0.5, numbers)


def memory(table: Result, step: int, control: str) -> Moving:
    """What the last running statistic is made of: one bar of 100 %, cut into the start value and every batch."""
    shares, begins = table.shares, table.shares_before
    titles = [f"What it remembers: half-life {batches(count)}" for count in table.half_life]
    left = [f"◀ start value {share:.1%}" for share in table.start_share]
    right = [f"newest batch {share:g}% ▶" for share in shares[:, -1]]
    figure = _cut_bar(shares[step], begins[step])
    figure.update_layout(title=theme.title(titles[step]))
    above = {"xref": "x domain", "y": 1, "yref": "y domain", "yanchor": "bottom", "showarrow": False}
    figure.add_annotation(x=0, xanchor="left", text=left[step], font={"color": theme.REFERENCE, "size": 15}, **above)
    figure.add_annotation(x=1, xanchor="right", text=right[step], font={"color": theme.BATCH, "size": 15}, **above)
    tracks = {
        "data[0].x": shares,
        "data[0].base": begins,
        "layout.annotations[0].text": left,
        "layout.annotations[1].text": right,
        "layout.title.text": titles,
    }
    statistic, n = table.settings.statistic, table.settings.steps
    alt = f"What the running {statistic} is made of: the start value, then {n} batches, the newest at the right."
    return Moving(figure, alt, {control: tracks}, numbers={"shares in percent, the start value first": "data[0].x"})


def _cut_bar(shares: np.ndarray, begins: np.ndarray) -> go.Figure:
    """A lying bar of 100 %: the start value's piece, then every batch's in two shades by turns, the newest light."""
    n = len(shares) - 1
    marker = {
        "color": [theme.REFERENCE, *[theme.BATCH] * n],
        "opacity": [0.55, *np.where(np.arange(n) % 2, 0.9, 0.5)[::-1]],
        "line": {"width": 0},
    }
    figure = theme.bare(150)
    figure.add_bar(x=shares, base=begins, y=[0] * (n + 1), orientation="h", width=1, marker=marker, name="shares")
    figure.update_xaxes(range=[0, 100], ticksuffix=" %", dtick=20)
    figure.update_yaxes(range=[-0.5, 0.5], visible=False)
    figure.update_layout(margin={"l": 16, "r": 24, "t": 56, "b": 36}, bargap=0)
    return figure


def batches(count: float) -> str:
    """A number of batches in words."""
    return "under 1 batch" if count < 1 else f"{count:.3g} batch{'es' if count > 1 else ''}"


def apart(ends: np.ndarray, gap: float, span: Sequence[float] = (-np.inf, np.inf)) -> np.ndarray:
    """Heights (words, steps) moved up and down until two words of a step are at least `gap` apart, in their order.

    span: lowest and highest place of a word.
    """
    order = np.argsort(ends, axis=0)
    wanted = np.take_along_axis(ends, order, axis=0)
    below = gap * np.arange(len(ends))[:, None]  # what the words below one take up
    placed = np.maximum.accumulate(wanted - below, axis=0)
    placed -= np.mean(placed + below - wanted, axis=0)
    placed = np.clip(placed, span[0], span[1] - below[-1]) + below
    heights = np.empty_like(placed)
    np.put_along_axis(heights, order, placed, axis=0)
    return heights


def _ends(batch: float, true: float, running: np.ndarray) -> np.ndarray:
    return np.stack([np.full(running.shape, batch), np.full(running.shape, true), running])


def _span(*values: np.ndarray) -> list[float]:
    low, high = min(np.min(value) for value in values), max(np.max(value) for value in values)
    room = 0.06 * (high - low)
    return [low - room, high + room]


def _over_batches(title: str, span: list[float], n: int) -> go.Figure:
    figure = theme.bare(290)
    figure.update_xaxes(title="batch", range=[0, n])
    figure.update_yaxes(title=title, range=span)
    figure.update_layout(margin={"r": 84, "t": 44})
    return figure


def _draw(figure: go.Figure, x: np.ndarray, y: np.ndarray, colour: str, opacity: float = 1.0) -> None:
    names = {theme.BATCH: "batch statistics", theme.REFERENCE: "true", theme.RUNNING: "running statistics"}
    figure.add_scatter(x=x, y=y, mode="lines", line=theme.line(colour), opacity=opacity, name=names[colour])


def _words_at_the_end(figure: go.Figure, words: dict[str, str], ends: np.ndarray, span: list[float], step: int) -> dict:
    """Write each word at its line's end; returns the tracks of their heights (steps,)."""
    low, high = span
    heights = apart(ends, LINE_GAP * (high - low), span)
    for (word, colour), height in zip(words.items(), heights, strict=True):
        figure.add_annotation(
            x=1, xref="paper", xanchor="left", xshift=6, yref="y", y=height[step], text=word, showarrow=False,
            font={"color": colour, "size": 15},
        )  # fmt: skip
    return {f"layout.annotations[{index}].y": height for index, height in enumerate(heights)}
