"""The test loss at every rate of dropout, the noise of batch norm and dropout, and the shift of the variance."""

from __future__ import annotations

import numpy as np

from figures import theme
from figures.blank import Blank, Tracks, still
from lessons.regularisation.experiment import ALL, GRIDS, TASKS, Result, noise_theory

RATES, SIZES = GRIDS["dropout"], GRIDS["batch_size"]
KINDS = (("without batch norm", theme.BEFORE), ("with batch norm", theme.AFTER))
NOISES = (("batch norm", theme.AFTER), ("dropout", theme.THIRD))
MARGIN = {"t": 40, "b": 52, "r": 24, "l": 56}
LOW = {"xref": "paper", "x": 0.02, "xanchor": "left", "yref": "paper", "yanchor": "bottom", "showarrow": False}
FREE = dict(zip(TASKS, (0.2, 0.87), strict=True))
"""By task, where the names of the lines stand: clean data leave the top free, few data the foot."""
TOP, RIGHT = (0.54, 0, 0.46, 0.5), (0.54, 0.5, 0.46, 0.5)


def blanks() -> list[Blank]:
    """The lesson's three empty figures."""
    return [losses(), noise(), shift()]


def losses() -> Blank:
    """The test loss at every rate of dropout, without and with batch norm; large marks show the chosen rate."""
    figure = theme.base_figure(440)
    figure.update_layout(margin={"t": 44, "r": 16}, title=theme.title("Test loss, mean and std over 6 seeds"))
    figure.update_xaxes(title="dropout rate", range=[-0.03, 0.53], dtick=0.1, zeroline=False)
    ticks = [0.1, 0.2, 0.5, 1, 2]
    figure.update_yaxes(
        type="log", range=np.log10([0.07, 3.2]).tolist(), tickvals=ticks, ticktext=list(map(str, ticks))
    )
    figure.update_yaxes(title="cross-entropy", title_standoff=4)
    for place, (name, color) in enumerate(KINDS):
        error = {"type": "data", "color": color, "thickness": 1.5, "width": 4}
        look = {"mode": "lines+markers", "line": theme.line(color), "marker": {"size": 6, "color": color}}
        figure.add_scatter(x=RATES + 0.004 * place, error_y=error, name=name, hoverinfo="skip", **look)
    figure.add_scatter(mode="markers", marker={"color": [color for _, color in KINDS], "size": 14}, name="now")
    left = {"xref": "paper", "x": 0.02, "xanchor": "left", "yref": "paper", "yanchor": "top", "showarrow": False}
    for name, color in KINDS:
        figure.add_annotation(text=f"<b>{name}</b>", font={"color": color, "size": 15}, **left)
    guess = {"mode": "lines", "line": theme.line(theme.REFERENCE), "hoverinfo": "skip"}
    figure.add_scatter(x=[-0.03, 0.53], y=[np.log(10)] * 2, name="guessing", **guess)
    guessing = {"x": 0.26, "y": np.log10(np.log(10)), "yanchor": "bottom", "showarrow": False}
    figure.add_annotation(text="guessing: ln 10", font={"color": theme.REFERENCE, "size": 14}, **guessing)
    numbers = {"loss without batch norm": "data[0].y", "with batch norm": "data[1].y"}
    box = (0, 0, 0.54, 1)
    return Blank(figure, numbers=numbers, place=box, teach=box, veil=(0, 0, 1, 1))


def noise() -> Blank:
    """The noise of batch norm at every batch size, with theory, and that of dropout at the chosen rate."""
    figure = theme.base_figure(220)
    names = [f'<span style="color:{color}">{name}</span>' for name, color in NOISES]
    figure.update_layout(margin=MARGIN, title=theme.title(f"Noise of {names[0]} and {names[1]}"))
    figure.update_xaxes(type="log", range=np.log10([3.4, 150]).tolist(), tickvals=SIZES, ticktext=list(map(str, SIZES)))
    figure.update_xaxes(title={"text": "batch size", "standoff": 4})
    figure.update_yaxes(range=[0, 1.08], tickformat=".0%", dtick=0.5)
    figure.add_scatter(
        x=SIZES, y=noise_theory(SIZES), mode="lines", line=theme.line(theme.REFERENCE), name="theory", hoverinfo="skip"
    )
    marker = {"color": theme.AFTER, "size": 7}
    figure.add_scatter(x=SIZES, mode="markers", marker=marker, name="batch norm's", hoverinfo="skip")
    figure.add_scatter(mode="markers", marker={"color": theme.AFTER, "size": 13}, name="now", hoverinfo="skip")
    line = {"color": theme.THIRD, "dash": "dot", "width": 2}
    figure.add_scatter(x=[3.4, 150], mode="lines", line=line, name="dropout's", hoverinfo="skip")
    figure.add_annotation(text="line: theory", y=0.04, font={"color": theme.REFERENCE, "size": 14}, **LOW)
    numbers = {"noise of batch norm by batch size": "data[1].y", "of dropout": "data[3].y"}
    return Blank(figure, numbers=numbers, place=TOP, teach=TOP)


def shift() -> Blank:
    """The variance of the next batch norm's inputs in inference over that in training, at every rate of dropout."""
    figure = theme.base_figure(220)
    title = theme.title("Next layer's variance, inference ÷ training")
    figure.update_layout(margin=MARGIN, title=title)
    figure.update_xaxes(title={"text": "dropout rate", "standoff": 4}, range=[-0.03, 0.53], dtick=0.1, zeroline=False)
    figure.update_yaxes(range=[0, 1.12], dtick=0.5)
    figure.add_scatter(x=RATES, mode="lines", line=theme.line(theme.REFERENCE), name="theory", hoverinfo="skip")
    marker = {"color": theme.AFTER, "size": 7}
    figure.add_scatter(x=RATES, mode="markers", marker=marker, name="measured", hoverinfo="skip")
    figure.add_scatter(mode="markers", marker={"color": theme.AFTER, "size": 13}, name="now", hoverinfo="skip")
    figure.add_annotation(y=0.04, font={"color": theme.REFERENCE, "size": 14}, **LOW)
    return Blank(figure, numbers={"variance ratio by rate": "data[1].y"}, place=RIGHT, teach=RIGHT)


def tracks(table: Result) -> list[Tracks]:
    """The tracks that fill the figures at every step of a sweep."""
    facts, (mean, std) = table.facts, table.loss_mean_and_std
    now = np.stack([facts["plain"], facts["norm"]], axis=1)
    rate, size = facts["dropout"][:, None], facts["batch_size"][:, None]
    first: Tracks = {"data[2].x": np.concatenate([rate, rate + 0.004], axis=1), "data[2].y": now}
    for kind in range(2):
        first |= {f"data[{kind}].y": mean[:, kind], f"data[{kind}].error_y.array": std[:, kind]}
        first[f"layout.annotations[{kind}].y"] = still(FREE[table.settings.task] - 0.09 * kind)
    dropout = facts["dropout_noise"]
    second = {
        "data[1].y": still(table.noise),
        "data[2].x": size,
        "data[2].y": facts["noise"][:, None],
        "data[3].y": np.stack([dropout, dropout], axis=1),
    }
    followed = table.settings.place == ALL
    third = {
        "data[0].y": still(table.shift_theory),
        "data[1].y": still(table.shift),
        "data[2].x": rate,
        "data[2].y": facts["ratio"][:, None],
        "layout.annotations[0].text": still("line: theory, values of mean 0" if followed else "no batch norm follows"),
    }
    return [first, second, third]
