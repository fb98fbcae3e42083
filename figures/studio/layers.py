"""The studio's figures of one layer, and of the gradients of all layers; curves.py says how the browser fills them.

Sources: "layer" is a number of the chosen layer in every snapshot, "watched" one of its first unit in every recorded
step of the watched lane; "units" has one value per unit and "profile" one per layer, both at the present step; "heat"
is a distribution in every snapshot and "ridge" one at the present step. Snapshots are of the probe, always the same
rows; only "watched" is of the training batches.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from figures import theme
from figures.blank import Blank
from figures.studio.curves import LaneStyle, curve, follow, over_steps

UPDATE_GUIDE = -3
"""log10 of the ratio of an update to its weights in the usual rule of thumb (Karpathy)."""
FLOW = (
    ("gradient_norm", "Gradient norm of the kernel", (-4, 1)),
    ("update_ratio", "Update / weights, in one step", (-5, 0)),
    ("weight_norm", "Weight norm of the kernel", (-1, 2)),
    ("effective_rate", "Effective learning rate, middle unit", (-5, 1)),
)
"""The field, title and first decades of each figure about the flow of gradients."""
BEGIN = {"mean": (-1, 1), "var": (0, 1.5), "gamma": (0, 1.5), "beta": (-1, 1)}
"""Where the axes of these begin; like all others they only grow."""
MOMENTS = {"mean": "Mean", "var": "Variance"}


def heat(lane: LaneStyle, number: int, steps: int, values: str, what: str) -> Blank:
    """The distribution of a layer's values in one lane, a column per snapshot. values: "pre" or "post"; what: words."""
    figure = over_steps(steps, f"{lane.short}: {what.lower()}", f"{values}-over-time-{number + 1}", height=260)
    figure.add_heatmap(
        x=[], y=[], z=[], colorscale=theme.scale(lane.color), showscale=False, name=lane.name, hoverongaps=False,
        zmin=0, meta={"source": "heat", "field": values, "lane": number},
        hovertemplate="step %{x}<br>value %{y:.3g}<br>%{z:.1%} of the values<extra></extra>",
    )  # fmt: skip
    figure.update_layout(hovermode="closest", title_font_color=lane.color, margin_r=24)
    figure.update_yaxes(title="value", zeroline=True)
    return Blank(figure, alt=f"Distribution of the chosen layer's values over the training: {lane.name}.", width=0.5)


def ridges(lanes: Sequence[LaneStyle], values: str, what: str) -> Blank:
    """The distributions of a layer's values at the present step, one outline per lane."""
    figure = _still(f"{what}, at this step", f"{values}-at-step", "value", "share")
    for number, lane in enumerate(lanes):
        meta = {"source": "ridge", "field": values, "lane": number}
        curve(figure, lane, meta, fill="tozeroy")  # in a faint tint of the line's color, light or dark
    figure.layout.annotations = ()  # an outline has no last value
    figure.update_layout(hovermode="x unified", meta={**figure.layout.meta, "grow": "linear"}, margin_r=24)
    figure.update_yaxes(range=[0, 0.1])
    return Blank(figure, alt="Distribution of the chosen layer's values in every lane.", width=0.5)


def share(lanes: Sequence[LaneStyle], steps: int, field: str, title: str) -> Blank:
    """The share of a layer's units or values that is "dead" or "saturated", over the training."""
    figure = _lines(dict(enumerate(lanes)), steps, field, title)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", hoverformat=".1%")
    figure.update_layout(meta={**figure.layout.meta, "digits": "percent"})
    return Blank(figure, alt=f"{title}, every lane, over the training.", width=0.5)


def trained(lanes: Sequence[LaneStyle], names: dict[int, str]) -> list[Blank]:
    """Gamma and beta of every unit at the present step; names: the lanes that have them."""
    return [_units(lanes, names, field, f"{field}, unit by unit") for field in ("gamma", "beta")] if names else []


def statistics(lane: LaneStyle, number: int, moment: str) -> Blank:
    """Each unit's statistic in one lane at the present step: of the probe, running, and a line between the two."""
    word = MOMENTS[moment].lower()
    figure = _still(f"{lane.short}: {word}s of the probe ○ and running ◆", f"{moment}-{number + 1}", "unit", word)
    gap = {"source": "gap", "field": moment, "lane": number}
    figure.add_scatter(x=[], y=[], mode="lines", line={"color": theme.REFERENCE, "width": 1}, hoverinfo="skip",
                       name="gap", meta=gap)  # fmt: skip
    kinds = (("batch", "probe", theme.BATCH, "circle-open"), ("running", "running", theme.RUNNING, "diamond"))
    for which, called, color, symbol in kinds:
        figure.add_scatter(
            x=[], y=[], mode="markers", marker={"color": color, "size": 8, "symbol": symbol}, name=called,
            meta={"source": "units", "field": f"{which}_{moment}", "lane": number},
        )  # fmt: skip
    figure.update_layout(meta={**figure.layout.meta, "grow": "linear"}, title_font_color=lane.color)
    figure.update_yaxes(range=BEGIN[moment])
    return Blank(figure, alt=f"{word.title()}s of every unit of the chosen layer, of the probe and running.", width=0.5)


def watched(lane: LaneStyle, number: int, steps: int, moment: str) -> Blank:
    """The first unit's statistic of every training batch, with all its noise, and its running one."""
    title = f"{lane.short}, first unit: {MOMENTS[moment].lower()} of each batch"
    figure = over_steps(steps, title, f"batch-{moment}-{number + 1}")
    for which, color in (("batch", theme.BATCH), ("running", theme.RUNNING)):
        meta = {"source": "watched", "field": f"{which}_{moment}", "lane": number}
        figure.add_scatter(x=[], y=[], mode="lines", line=theme.line(color), name=which, meta=meta)
        follow(figure, which, color)
    figure.update_yaxes(range=BEGIN[moment])
    figure.update_layout(meta={**figure.layout.meta, "grow": "linear"}, title_font_color=lane.color)
    return Blank(figure, alt=f"{title}, and the running one, over the training.", width=0.5)


def gap(lanes: Sequence[LaneStyle], steps: int, names: dict[int, str], moment: str, batch: int | None = None) -> Blank:
    """The gap between the running statistic and the probe's, over the training; defined in run_history.js.

    batch: the size of all batches. A line then shows where the first layer's running variances settle, as means of
    variances over so few examples (in later layers it depends on the batch itself). None where that size is not known.
    """
    title = {"mean": "Gap of the means, in probe deviations", "var": "Running variance / probe variance"}[moment]
    figure = over_steps(steps, title, f"gap-{moment}")
    for number in names:
        curve(figure, lanes[number], {"source": "layer", "field": f"gap_{moment}", "lane": number})
    if batch and moment == "var":
        _guide(figure, (0, steps), (batch - 1) / batch, "(n−1)/n", f"(n−1)/n at batch size n = {batch}", layer=0)
    figure.update_yaxes(rangemode="tozero", range=[0, 1.5])
    figure.update_layout(meta={**figure.layout.meta, "grow": "linear"})
    return Blank(figure, alt=f"{title}, over the training.", width=0.5)


def flow(
    lanes: Sequence[LaneStyle], invariant: Sequence[int]
) -> list[tuple[str, str, tuple[int, int], dict[int, LaneStyle]]]:
    """FLOW, with the lanes (by number) for which each figure is drawn.

    The effective rate is drawn only for the `invariant` lanes, where the length of a unit's weights has no effect.
    """
    every = dict(enumerate(lanes))
    of = {"effective_rate": {number: every[number] for number in invariant}}
    return [(*one, drawn) for one in FLOW if (drawn := of.get(one[0], every))]


def gradients(lanes: Sequence[LaneStyle], steps: int, invariant: Sequence[int]) -> list[Blank]:
    """Figures of the chosen layer over the training, with log axes: gradient, update ratio, weights, effective rate."""
    figures = []
    for field, title, decades, drawn in flow(lanes, invariant):
        figure = _lines(drawn, steps, field, title)
        figure.update_yaxes(**theme.POWERS, range=decades, dtick=1)
        figure.update_layout(meta={**figure.layout.meta, "grow": "decades"})
        if field == "update_ratio":
            _aim(figure, (0, steps))
        figures.append(Blank(figure, alt=f"{title}, over the training.", width=0.5))
    return figures


def profiles(lanes: Sequence[LaneStyle], layers: int, invariant: Sequence[int]) -> list[Blank]:
    """Figures of the same numbers in all layers, at the present step."""
    return [
        _profile(drawn, layers, field, f"{title}, by layer", decades)
        for field, title, decades, drawn in flow(lanes, invariant)
    ]


def _profile(lanes: dict[int, LaneStyle], layers: int, field: str, title: str, decades: tuple[int, int]) -> Blank:
    """A number per layer at the present step, first layer left, on a log axis that starts with these decades."""
    figure = _still(title, f"{field}-by-layer", "layer", "")
    for number, lane in lanes.items():
        meta = {"source": "profile", "field": field, "lane": number}
        marker = {"size": 7, "color": lane.color}
        curve(figure, lane, meta, mode="lines+markers", marker=marker)
    figure.update_xaxes(range=[0.5, layers + 0.5], dtick=1)
    figure.update_yaxes(**theme.POWERS, range=decades, dtick=1)
    figure.update_layout(meta={**figure.layout.meta, "grow": "decades"}, hovermode="x unified", margin_r=138)
    if field == "update_ratio":
        ends = (0.5, layers + 0.5)
        _aim(figure, ends, ends=ends)
    return Blank(figure, alt=f"{title}.", width=0.5)


def _lines(lanes: dict[int, LaneStyle], steps: int, field: str, title: str) -> go.Figure:
    figure = over_steps(steps, title, field)
    for number, lane in lanes.items():
        curve(figure, lane, {"source": "layer", "field": field, "lane": number})
    return figure


def _units(lanes: Sequence[LaneStyle], names: dict[int, str], field: str, title: str) -> Blank:
    figure = _still(title, field, "unit", field)
    for number, symbol in zip(names, ("circle", "diamond-open", "cross"), strict=False):
        lane, meta = lanes[number], {"source": "units", "field": field, "lane": number}
        marker = {"color": lane.color, "size": 7, "symbol": symbol}
        figure.add_scatter(x=[], y=[], mode="markers", marker=marker, name=lane.name, meta=meta)
    figure.update_layout(meta={**figure.layout.meta, "grow": "linear"})
    figure.update_yaxes(range=BEGIN[field])
    return Blank(figure, alt=f"{title}, of the chosen layer.", width=0.5)


def _still(title: str, name: str, across: str, up: str) -> go.Figure:
    figure = theme.base_figure(300, meta={"name": name, "digits": "precision"}, title=theme.title(title))
    figure.update_xaxes(title=across, zeroline=False)
    figure.update_yaxes(title=up, hoverformat=".3~g")
    figure.update_layout(hoverlabel={"bgcolor": theme.PAPER, "namelength": -1})
    figure.update_layout(margin={"l": 68, "r": 114, "t": 44, "b": 48})
    return figure


def _aim(figure: go.Figure, across: tuple[float, float], **meta) -> None:
    _guide(figure, across, 10.0**UPDATE_GUIDE, "10⁻³", "10⁻³, a rule of thumb", **meta)


def _guide(figure: go.Figure, across: tuple[float, float], level: float, word: str, name: str, **meta) -> None:
    """A horizontal line at `level` over the training, or between the meta's "ends"; only for its "layer", if any."""
    line = {"color": theme.REFERENCE, "width": 1.5, "dash": "dot"}
    figure.add_scatter(x=list(across), y=[level, level], mode="lines", line=line, name=name,
                       meta={"source": "guide", "value": level, **meta})  # fmt: skip
    follow(figure, word, theme.REFERENCE)
