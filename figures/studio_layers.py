"""The studio's look inside one layer, and at the gradients of all; filled by the browser as figures/studio.py says.

Sources: "layer" is a number of the chosen layer over the snapshots; "units" one value per unit of it and "profile" one
per layer, both at the step looked at; "heat" a distribution over the snapshots and "ridge" one at the step looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from figures import theme
from figures.moving import Moving
from figures.studio import Lane, curve, follow, over_steps

UPDATE_GUIDE = -3
"""log10 of the ratio of an update to its weights that is the usual rule of thumb (Karpathy)."""
FLOW = (
    ("gradient_norm", "Gradient norm of the kernel", (-4, 1)),
    ("update_ratio", "Update / weights, each step", (-5, 0)),
    ("weight_norm", "Weight norm of the kernel", (-1, 2)),
    ("effective_rate", "Effective learning rate: rate / ‖w‖²", (-5, 1)),
)
"""Field, title and first decades of what is told of the flow of gradients."""
PROFILES = tuple((field, f"{title}, layer by layer", decades) for field, title, decades in FLOW)


def heat(lane: Lane, number: int, steps: int, values: str, what: str) -> Moving:
    """The distribution of a layer's values in one lane, a column per snapshot. values: "pre" or "post"; what: words."""
    figure = over_steps(steps, f"{lane.short}: {what.lower()}", f"{values}-over-time-{number + 1}", height=260)
    figure.add_heatmap(
        x=[], y=[], z=[], colorscale=theme.scale(lane.colour), showscale=False, name=lane.name, hoverongaps=False,
        zmin=0, meta={"source": "heat", "field": values, "lane": number},
        hovertemplate="step %{x}<br>value %{y:.3g}<br>%{z:.1%} of the values<extra></extra>",
    )  # fmt: skip
    figure.update_layout(hovermode="closest", title_font_color=lane.colour, margin_r=24)
    figure.update_yaxes(title="value", zeroline=True)
    return Moving(figure, f"Distribution of the chosen layer's values over the training: {lane.name}.", width=0.5)


def ridges(lanes: Sequence[Lane], values: str, what: str) -> Moving:
    """The distributions of a layer's values at the step looked at, one outline per lane."""
    figure = _still(f"{what}, at this step", f"{values}-at-step", "value", "share of the values")
    for number, lane in enumerate(lanes):
        meta = {"source": "ridge", "field": values, "lane": number}
        curve(figure, lane, meta, fill="tozeroy")  # in a faint tint of the line's own colour, light or dark
    figure.layout.annotations = ()  # outlines have no last value
    figure.update_layout(hovermode="x unified", meta={**figure.layout.meta, "grow": "fit"}, margin_r=24)
    figure.update_yaxes(rangemode="tozero")
    return Moving(figure, "Distribution of the chosen layer's values in every lane.", width=0.5)


def share(lanes: Sequence[Lane], steps: int, field: str, title: str) -> Moving:
    """A share of a layer's units or values over the training: "dead" or "saturated"."""
    figure = _lines(lanes, steps, field, title)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", hoverformat=".1%")
    figure.update_layout(meta={**figure.layout.meta, "digits": "percent"})
    return Moving(figure, f"{title}, every lane, over the training.", width=0.5)


def trained(lanes: Sequence[Lane], names: dict[int, str]) -> list[Moving]:
    """Gamma and beta of every unit at the step looked at; names: the lanes that have them."""
    return [_units(lanes, names, field, f"{field}, unit by unit") for field in ("gamma", "beta")] if names else []


def statistics(lane: Lane, number: int, moment: str) -> Moving:
    """Of one lane at the step looked at: each unit's batch statistic, its running one, and a line across the gap."""
    title = {"mean": "Means", "var": "Variances"}[moment]
    figure = _still(
        f"{lane.short}: {title.lower()} of the batch ○ and running ◆", f"{moment}-{number + 1}", "unit", title.lower()
    )
    gap = {"source": "gap", "field": moment, "lane": number}
    figure.add_scatter(x=[], y=[], mode="lines", line={"color": theme.REFERENCE, "width": 1}, hoverinfo="skip",
                       name="gap", meta=gap)  # fmt: skip
    for which, colour, symbol in (("batch", theme.BATCH, "circle-open"), ("running", theme.RUNNING, "diamond")):
        figure.add_scatter(
            x=[], y=[], mode="markers", marker={"color": colour, "size": 8, "symbol": symbol}, name=which,
            meta={"source": "units", "field": f"{which}_{moment}", "lane": number},
        )  # fmt: skip
    figure.update_layout(meta={**figure.layout.meta, "grow": "fit"}, title_font_color=lane.colour)
    return Moving(figure, f"{title} of every unit of the chosen layer, of the batch and running.", width=0.5)


def gap(lanes: Sequence[Lane], steps: int, names: dict[int, str], moment: str) -> Moving:
    """How far the running statistic is from the batch's, over the training; defined in the browser's course.js."""
    title = {"mean": "Gap of the means, in batch deviations", "var": "Running variance / batch variance"}[moment]
    figure = over_steps(steps, title, f"gap-{moment}")
    for number in names:
        curve(figure, lanes[number], {"source": "layer", "field": f"gap_{moment}", "lane": number})
    figure.update_yaxes(rangemode="tozero", range=[0, 1.5])
    figure.update_layout(meta={**figure.layout.meta, "grow": "linear"})
    return Moving(figure, f"{title}, over the training.", width=0.5)


def gradients(lanes: Sequence[Lane], steps: int) -> list[Moving]:
    """Of the chosen layer over the training, on log axes: gradient, update to weights, weights, effective rate."""
    figures = []
    for field, title, decades in FLOW:
        figure = _lines(lanes, steps, field, title)
        figure.update_yaxes(**theme.POWERS, range=decades, dtick=1)
        figure.update_layout(meta={**figure.layout.meta, "grow": "decades"})
        if field == "update_ratio":
            _guide(figure, (0, steps), {})
        figures.append(Moving(figure, f"{title}, every lane, over the training.", width=0.5))
    return figures


def profile(lanes: Sequence[Lane], layers: int, field: str, title: str, decades: tuple[int, int]) -> Moving:
    """A number per layer at the step looked at, first layer left, on a log axis that starts with these decades."""
    figure = _still(title, f"{field}-by-layer", "layer", "")
    for number, lane in enumerate(lanes):
        meta = {"source": "profile", "field": field, "lane": number}
        marker = {"size": 7, "color": lane.colour}
        curve(figure, lane, meta, mode="lines+markers", marker=marker)
    figure.update_xaxes(range=[0.5, layers + 0.5], dtick=1)
    figure.update_yaxes(**theme.POWERS, range=decades, dtick=1)
    figure.update_layout(meta={**figure.layout.meta, "grow": "decades"}, hovermode="x unified", margin_r=138)
    if field == "update_ratio":
        ends = (0.5, layers + 0.5)
        _guide(figure, ends, {"ends": ends})
    return Moving(figure, f"{title}, every lane.", width=0.5)


def _lines(lanes: Sequence[Lane], steps: int, field: str, title: str) -> go.Figure:
    figure = over_steps(steps, title, field)
    for number, lane in enumerate(lanes):
        curve(figure, lane, {"source": "layer", "field": field, "lane": number})
    return figure


def _units(lanes: Sequence[Lane], names: dict[int, str], field: str, title: str) -> Moving:
    figure = _still(title, field, "unit", field)
    for number, symbol in zip(names, ("circle", "diamond-open", "cross"), strict=False):
        lane, meta = lanes[number], {"source": "units", "field": field, "lane": number}
        marker = {"color": lane.colour, "size": 7, "symbol": symbol}
        figure.add_scatter(x=[], y=[], mode="markers", marker=marker, name=lane.name, meta=meta)
    figure.update_layout(meta={**figure.layout.meta, "grow": "fit"})
    return Moving(figure, f"{title}, of the chosen layer.", width=0.5)


def _still(title: str, name: str, across: str, up: str) -> go.Figure:
    figure = theme.bare(300, meta={"name": name, "digits": "precision"}, title=theme.title(title))
    figure.update_xaxes(title=across, zeroline=False)
    figure.update_yaxes(title=up, hoverformat=".3~g")
    figure.update_layout(hoverlabel={"bgcolor": theme.PAPER, "namelength": -1})
    figure.update_layout(margin={"l": 68, "r": 114, "t": 44, "b": 48})
    return figure


def _guide(figure: go.Figure, ends: tuple[float, float], meta: dict) -> None:
    """A level line at the usual aim, which the browser draws over the training, or between the meta's "ends"."""
    level = 10.0**UPDATE_GUIDE
    line = {"color": theme.REFERENCE, "width": 1.5, "dash": "dot"}
    figure.add_scatter(x=list(ends), y=[level, level], mode="lines", line=line, name="10⁻³, the usual aim",
                       meta={"source": "guide", "value": level, **meta})  # fmt: skip
    follow(figure, "10⁻³", theme.REFERENCE)
