"""The image's x_hat in many batches of one size, the net's probabilities, and the accuracy during training."""

from __future__ import annotations

import numpy as np

from figures import theme
from figures.blank import Blank, Tracks, still
from figures.ends import words_at
from figures.numerals import rounded
from lessons.train_infer.experiment import AGAIN, DRAWS, EDGES, FUNNEL, KEPT, Result
from lessons.train_infer.net import MOST_INK, STEPS

JITTER = np.exp(0.18 * np.random.default_rng(0).uniform(-1, 1, DRAWS))
LINES = (("training mode", theme.BATCH), ("running", theme.RUNNING), ("re-estimated", theme.REFERENCE))
WIDTHS = {KEPT: (2, 4, 1), AGAIN: (2, 1, 4)}
"""Line widths: the widest is that of the statistics which inference uses."""
SAYS = "What the net says of this {}: probabilities"
WITHOUT = "What it says of this {} without the faint mate"
FULL, FAINT = 3, 1  # thirds of the ink: of a batch-mate, and of one that is left out
SIDE, MOSAIC, BESIDE = 8, 35, 0.2
"""Pixels of a digit and of the picture of a batch; where a digit's second bar stands beside its first."""
CORNERS = [(9 * row, 9 * column) for row in range(4) for column in range(4) if row > 1 or column > 1]
"""The upper left pixels of the batch-mates' places in the picture."""
CENTERS = np.vstack([(SIDE - 0.5, SIDE - 0.5), np.add(CORNERS, (SIDE - 1) / 2)])
"""The middle of the image itself, which is twice as large, then of each place."""
LINE_GAP = 0.16  # between two words at the lines' ends, as a share: a line on a small screen
KEY = (
    ("▮ inference", theme.RUNNING, 0.24),
    ("▮ this batch", theme.BATCH, 0.1),
    (f"┃ {EDGES[1] - EDGES[0]:.0%} of all", theme.INK, -0.04),
)
"""The key to the probabilities: sign and word, color, and height."""


def blanks() -> list[Blank]:
    """The lesson's three empty figures."""
    return [cloud(), opinion(), progress()]


def cloud() -> Blank:
    """At every batch size: the x_hat in each batch, theory's band around the long-run value, and inference's x_hat."""
    figure = theme.base_figure(440)
    figure.update_layout(margin={"t": 44, "r": 86}, title=theme.title(""))
    figure.update_xaxes(theme.POWERS, title="batch size", range=np.log10([0.8, 640]).tolist(), tickfont={"size": 14})
    figure.update_xaxes(tickvals=4 ** np.arange(5), ticktext=[str(4**each) for each in range(5)])
    figure.update_yaxes(title="x̂ of the image", title_standoff=4)
    funnel = {"x": FUNNEL, "mode": "lines", "line": theme.line(theme.REFERENCE), "hoverinfo": "skip"}
    for name in ("theory, above", "theory, below"):
        figure.add_scatter(name=name, **funnel)
    figure.add_scatter(x=[0.8, 640], mode="lines", line=theme.line(theme.RUNNING), name="inference", hoverinfo="skip")
    marker = {"color": theme.BATCH, "size": 7, "opacity": 0.45}
    figure.add_scatter(mode="markers", marker=marker, name="one batch", hoverinfo="skip")
    ring = {"symbol": "circle-open", "color": theme.FOURTH, "size": 13, "line": {"width": 3}}
    figure.add_scatter(mode="markers", marker=ring, name="the batch shown", hoverinfo="skip")
    at_end = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "align": "left", "showarrow": False}
    figure.add_annotation(font={"color": theme.RUNNING, "size": 15}, **at_end)
    inside = {"xref": "paper", "x": 0.99, "xanchor": "right", "yref": "paper", "showarrow": False}
    figure.add_annotation(y=0.99, yanchor="top", font={"color": theme.BATCH, "size": 15}, **inside)
    text = "lines: theory, ± 2 std"
    figure.add_annotation(text=text, y=0.01, yanchor="bottom", font={"color": theme.REFERENCE, "size": 14}, **inside)
    numbers = {"x hat in each batch": "data[3].y", "x hat in inference": "data[2].y"}
    box, word = (0, 0, 0.5, 1), ["layout.annotations[0]"]
    return Blank(figure, numbers=numbers, place=box, teach=box, veil=(0, 0, 1, 1), hides=word, touch={"drawn": 3})


def opinion() -> Blank:
    """The image among its batch-mates, and each digit's probability: one bar for inference, one for the batch shown,
    and a line that spans most batches."""
    figure = theme.base_figure(230)
    figure.update_layout(margin={"t": 44, "l": 12, "b": 44}, title=theme.title(""))
    bare = {"visible": False, "fixedrange": True}
    figure.update_layout(xaxis2={**bare, "domain": [0, 0.28], "anchor": "y2"}, bargap=0.2)
    figure.update_layout(
        yaxis2={**bare, "autorange": "reversed", "domain": [0.34, 1], "scaleanchor": "x2", "anchor": "x2"}
    )
    figure.update_xaxes(domain=[0.44, 1], dtick=1, range=[-0.6, 9.6], zeroline=False, selector=0)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", dtick=0.5, selector=0)
    for name, color, opacity in (("inference", theme.RUNNING, 0.55), ("in the batch shown", theme.BATCH, 0.8)):
        figure.add_bar(x=np.arange(10), marker={"color": color, "opacity": opacity}, name=name, hoverinfo="skip")
    error = {"type": "data", "symmetric": False, "color": theme.INK, "thickness": 1.5, "width": 3}
    points = {"mode": "markers", "marker": {"color": theme.INK, "size": 4}, "error_y": error, "hoverinfo": "skip"}
    figure.add_scatter(x=np.arange(10) + BESIDE, name="in training mode", **points)
    shades = {"colorscale": theme.scale(theme.INK), "zmin": 0, "zmax": FULL * MOST_INK, "showscale": False}
    across, down = np.tile(np.arange(MOSAIC), MOSAIC), np.repeat(np.arange(MOSAIC), MOSAIC)
    image = {"x": across, "y": down, "xaxis": "x2", "yaxis": "y2"}
    figure.add_heatmap(**image, **shades, hoverinfo="skip", name="the batch's first images")
    spots = {"x": CENTERS[:, 1], "y": CENTERS[:, 0], "xaxis": "x2", "yaxis": "y2"}
    figure.add_scatter(**spots, mode="markers", marker={"opacity": 0}, name="batch-mates", hoverinfo="skip")
    around = {"x0": -0.5, "x1": 2 * SIDE - 0.5, "y0": -0.5, "y1": 2 * SIDE - 0.5, "xref": "x2", "yref": "y2"}
    figure.add_shape(type="rect", line={"color": theme.FOURTH, "width": 2}, **around)
    words = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "yanchor": "middle", "showarrow": False}
    for name, color, height in KEY:
        figure.add_annotation(text=name, y=height, font={"color": color, "size": 14}, **words)
    numbers = {"probability in inference": "data[0].y", "in the batch shown": "data[1].y", "mean": "data[2].y"}
    box = (0.5, 0, 0.5, 0.52)
    return Blank(figure, numbers=numbers, place=box, teach=box, veil=(0.43, 0, 0.57, 1), touch={"without": 4})


def progress() -> Blank:
    """Accuracy on held-out images at every training step: in batches of this size, by running, by re-estimated."""
    figure = theme.base_figure(210)
    figure.update_layout(margin={"t": 40, "r": 148, "b": 48, "l": 56}, title=theme.title(""))
    ticks = [5, 20, 80, 320]
    figure.update_xaxes(type="log", title="training steps", range=np.log10([4.5, 355]).tolist(), tickvals=ticks)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", dtick=0.5)
    for name, color in LINES:
        figure.add_scatter(x=STEPS, mode="lines", line=theme.line(color), name=name, hoverinfo="skip")
        beside = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 6, "yref": "y", "showarrow": False}
        figure.add_annotation(font={"color": color, "size": 14}, align="left", **beside)
    figure.add_scatter(mode="markers", marker={"color": [color for _, color in LINES], "size": 10}, name="now")
    numbers = {name: f"data[{place}].y" for place, (name, _) in enumerate(LINES)}
    box, words = (0.5, 0.52, 0.5, 0.48), [f"layout.annotations[{place}]" for place in range(len(LINES))]
    return Blank(figure, numbers=numbers, place=box, teach=box, veil=(0, 0, 1, 1), hides=words)


def tracks(table: Result) -> list[Tracks]:
    """The tracks that fill the figures at every step of a sweep."""
    return [cloud_tracks(table), opinion_tracks(table), progress_tracks(table)]


def cloud_tracks(table: Result) -> Tracks:
    facts, (above, below) = table.facts, table.band
    middle = [
        f"{rounded(mean)} ± {rounded(spread)}" for mean, spread in zip(facts["mean"], facts["spread"], strict=True)
    ]
    return {
        "layout.title.text": still(f"x̂ of unit {table.settings.unit} in {DRAWS} batches"),
        "layout.yaxis.range": still(table.span),
        "data[0].y": above,
        "data[1].y": below,
        "data[2].y": np.stack([facts["fixed"]] * 2, axis=1),
        "data[3].x": facts["batch_size"][:, None] * JITTER,
        "data[3].y": table.x_hat,
        "data[4].x": (facts["batch_size"] * JITTER[table.chosen])[:, None],
        "data[4].y": table.here[0][:, None],
        "layout.annotations[0].y": facts["fixed"],
        "layout.annotations[0].text": [f"inference<br>{rounded(each)}" for each in facts["fixed"]],
        "layout.annotations[1].text": [
            f"training mode: {text}" + f"<br>{count} beyond" * bool(count)
            for text, count in zip(middle, table.beyond, strict=True)
        ],
    }


def opinion_tracks(table: Result) -> Tracks:
    mean, above, below = table.opinions
    return {
        "data[0].y": table.inferred,
        "layout.title.text": [(WITHOUT if out else SAYS).format(table.settings.digit) for out in table.out],
        "data[1].y": table.here[1],
        "data[2].y": mean,
        "data[2].error_y.array": above,
        "data[2].error_y.arrayminus": below,
        "data[3].z": mosaic(table),
    }


def mosaic(table: Result) -> np.ndarray:
    """The ink of the image, twice as large, and of its first mates around it: (steps, MOSAIC²), in thirds."""
    steps = len(table.mates)
    cells = np.zeros((steps, MOSAIC, MOSAIC), int)
    cells[:, : 2 * SIDE, : 2 * SIDE] = FULL * table.ink.reshape(SIDE, SIDE).repeat(2, axis=0).repeat(2, axis=1)
    for number, (corner, mate) in enumerate(zip(CORNERS, table.mates.swapaxes(0, 1), strict=True), 1):
        down, across = (slice(start, start + SIDE) for start in corner)
        seen = np.where((table.out == number)[:, None], FAINT, FULL) * mate
        cells[:, down, across] = seen.reshape(steps, SIDE, SIDE)
    return cells.reshape(steps, -1)


def progress_tracks(table: Result) -> Tracks:
    facts = table.facts
    now = np.stack([facts[name] for name in ("in_batches", "in_inference", "again")], axis=1)
    title = f"Held-out images right: {table.settings.layers} layers, step"
    filling: Tracks = {f"data[{place}].y": table.accuracy[:, place] for place in range(3)}
    filling |= {"data[3].x": np.stack([facts["steps"]] * 3, axis=1), "data[3].y": now}
    filling |= {
        f"data[{place}].line.width": still(width) for place, width in enumerate(WIDTHS[table.settings.statistics])
    }
    filling["layout.title.text"] = [f"{title} {steps}" for steps in facts["steps"]]
    for place, (name, _) in enumerate(LINES):
        filling[f"layout.annotations[{place}].text"] = [f"{name} {share:.0%}" for share in now[:, place]]
    return filling | words_at(table.accuracy[:, :, -1].T, LINE_GAP, (0.05, 1.02))
