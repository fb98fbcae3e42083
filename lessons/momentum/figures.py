"""The stream and its running statistic, the watched value's output, and what is remembered."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from bn_core.running import START
from figures import theme
from figures.blank import BEYOND, Blank, Tracks, still
from figures.ends import words_at
from figures.numerals import Numeral
from lessons.momentum.experiment import Result
from lessons.momentum.streams import marked

LINE_GAP = 0.14  # between two words at the lines' ends, as a share of the axis: a line of the projector's
FAINTEST = 0.12  # opacity of a forgotten batch; the newest has 1

WORDS = tuple(f"layout.annotations[{place}]" for place in range(3))
"""The annotations at the lines' ends."""


def blanks() -> list[Blank]:
    """The lesson's three empty figures."""
    return [stream(), output(), memory()]


def spans(everything: Result) -> tuple[list[float], list[float]]:
    """The ranges of the first two figures' y axes, which hold all momenta of a sweep."""
    shown, training = everything.settings.shown, everything.training_output
    inference, true = everything.inference_output, everything.true_output
    # Batches of two or three can have almost no variance; the spikes from these leave the frame.
    spikes = np.quantile(training, [0.02, 0.98]), np.quantile(inference, [0.005, 0.995])
    averages = _span(shown(everything.batch), shown(everything.true), shown(START), shown(everything.running))
    return averages, _span(*spikes, true, inference[:, 0])


def tracks(table: Result, spans: tuple[list[float], list[float]]) -> list[Tracks]:
    """The tracks of the figures at every momentum of a sweep, with these ranges of the y axes."""
    return [stream_tracks(table, spans[0]), output_tracks(table, spans[1]), memory_tracks(table)]


def stream() -> Blank:
    """Statistic of every batch, its true value, and the running statistic."""
    figure = _over_batches({"batch": theme.BATCH, "true": theme.REFERENCE, "running": theme.RUNNING})
    _draw(figure, theme.BATCH, first=1, opacity=0.45)
    marker = {"color": theme.BATCH, "size": 7}
    figure.add_scatter(x0=1, dx=1, mode="markers", marker=marker, name="batches remembered")
    _draw(figure, theme.REFERENCE, first=1)
    _draw(figure, theme.RUNNING, first=0)
    figure.add_trace(theme.guess())
    numbers = {"running statistic": "data[3].y", "statistic of each batch": "data[0].y"}
    box, hides = (0, 0, 0.5, 0.66), ("data[1]", "data[3]", "layout.annotations[2]")
    return Blank(figure, numbers=numbers, place=box, teach=box, hides=hides)


def stream_tracks(table: Result, span: list[float]) -> Tracks:
    """The tracks that fill `stream`."""
    shown, statistic = table.settings.shown, table.settings.statistic
    batch, true, running = shown(table.batch), shown(table.true), shown(table.running)
    ends = _ends(batch[-1], true[-1], running[:, -1])
    return {
        "layout.title.text": still(f"The running {statistic}, batch by batch"),
        "layout.yaxis.title.text": still(f"{statistic} of x"),
        "layout.xaxis.range": still([0, len(batch)]),
        "layout.yaxis.range": still(span),
        "data[0].y": still(batch),
        "data[1].y": still(batch),
        "data[1].marker.opacity": FAINTEST + (1 - FAINTEST) * table.relative_weights,
        "data[2].y": still(true),
        "data[3].y": running,
        "data[4].x": still(marked(table.settings.steps).astype(float)),
        **words_at(ends, LINE_GAP * (span[1] - span[0]), span),
    }


def output() -> Blank:
    """The watched value's output in training (which momentum cannot move) and in inference, step by step."""
    figure = _over_batches({"training": theme.BATCH, "true": theme.REFERENCE, "inference": theme.RUNNING})
    figure.update_yaxes(title="output")
    _draw(figure, theme.BATCH, first=1)
    _draw(figure, theme.REFERENCE, first=1)
    _draw(figure, theme.RUNNING, first=0)
    numbers = {"output in inference": "data[2].y", "output in training": "data[0].y"}
    box = (0.5, 0, 0.5, 0.66)
    return Blank(figure, numbers=numbers, place=box, teach=box, veil=(0, 0, 1, 1), hides=WORDS)


def output_tracks(table: Result, span: list[float]) -> Tracks:
    """The tracks that fill `output`."""
    training, inference, true = table.training_output, table.inference_output, table.true_output
    ends = _ends(training[-1], true[-1], inference[:, -1])
    return {
        "layout.title.text": still(f"Output for x = {Numeral(table.settings.sample):g}"),
        "layout.xaxis.range": still([0, len(training)]),
        "layout.yaxis.range": still(span),
        "data[0].y": still(training),
        "data[1].y": still(true),
        "data[2].y": inference,
        **words_at(ends, LINE_GAP * (span[1] - span[0]), span),
    }


def memory() -> Blank:
    """The parts of the last running statistic: one bar of 100 %, cut into the start value and every batch."""
    figure = theme.base_figure(150)
    flat = {"orientation": "h", "width": 1}
    figure.add_bar(marker={"color": theme.REFERENCE, "opacity": 0.55, "line": {"width": 0}}, name="start value", **flat)
    figure.add_bar(marker={"color": theme.BATCH, "line": {"width": 0}}, name="batches", **flat)
    figure.update_xaxes(range=[0, 100], ticksuffix=" %", dtick=20)
    figure.update_yaxes(range=[-0.5, 0.5], visible=False)
    margin = {"l": 16, "r": 24, "t": 56, "b": 36}
    figure.update_layout(margin=margin, bargap=0, barmode="stack", title=theme.title(""))
    above = {"xref": "x domain", "y": 1, "yref": "y domain", "yanchor": "bottom", "showarrow": False}
    figure.add_annotation(x=0, xanchor="left", font={"color": theme.REFERENCE, "size": 15}, **above)
    figure.add_annotation(x=1, xanchor="right", font={"color": theme.BATCH, "size": 15}, **above)
    numbers = {"share of the start value, in percent": "data[0].x", "of the batches": "data[1].x"}
    box = (0, 0.66, 1, 0.34)
    whole = (-BEYOND, -BEYOND, 2 * BEYOND, 1 + BEYOND)  # the words above the bar would tell the answer
    return Blank(figure, numbers=numbers, place=box, teach=box, veil=whole)


def memory_tracks(table: Result) -> Tracks:
    """The tracks that fill `memory`: the start value, then the batches in two shades, the newest in the light one."""
    shares, n = table.shares, table.settings.steps
    return {
        "layout.title.text": [f"What it remembers: half-life {batches(count)}" for count in table.half_life],
        "layout.annotations[0].text": [f"◀ start value {share:.1%}" for share in table.start_share],
        "layout.annotations[1].text": [f"newest batch {share:g}% ▶" for share in shares[:, -1]],
        "data[0].x": shares[:, :1],
        "data[0].y": still([0.0]),
        "data[1].x": shares[:, 1:],
        "data[1].y": still(np.zeros(n)),
        "data[1].marker.opacity": still(np.where(np.arange(n) % 2, 0.9, 0.5)[::-1]),
    }


def batches(count: float) -> str:
    """A number of batches in words."""
    return "under 1 batch" if count < 1 else f"{count:.3g} batch{'es' if count > 1 else ''}"


def _ends(batch: float, true: float, running: np.ndarray) -> np.ndarray:
    return np.stack([np.full(running.shape, batch), np.full(running.shape, true), running])


def _span(*values: np.ndarray) -> list[float]:
    low, high = min(np.min(value) for value in values), max(np.max(value) for value in values)
    room = 0.06 * (high - low)
    return [low - room, high + room]


def _over_batches(words: dict[str, str]) -> go.Figure:
    """An empty figure over the batches, with a word for each line at its end."""
    figure = theme.base_figure(290)
    figure.update_xaxes(title="batch")
    figure.update_yaxes(title="")
    figure.update_layout(margin={"r": 92, "t": 44}, title=theme.title(""))
    # The shift leaves room for the last ring of a prediction.
    right = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 14, "yref": "y", "showarrow": False}
    for word, color in words.items():
        figure.add_annotation(text=word, font={"color": color, "size": 15}, **right)
    return figure


def _draw(figure: go.Figure, color: str, first: int, opacity: float = 1.0) -> None:
    """An empty line whose values begin at batch `first`."""
    names = {theme.BATCH: "batch statistics", theme.REFERENCE: "true", theme.RUNNING: "running statistics"}
    look = {"line": theme.line(color), "opacity": opacity, "name": names[color]}
    figure.add_scatter(x0=first, dx=1, mode="lines", **look)
