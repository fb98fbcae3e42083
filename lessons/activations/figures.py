"""The two networks with every layer's values in their blocks, their spread by layer, one layer's histogram."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from figures import theme
from figures.blank import Blank, Tracks
from lessons.activations import net
from lessons.activations.experiment import ENTERS, LEAVES, NetLayers, Result, Settings, axis
from lessons.activations.ridges import arrow_sizes, arrows, outline_x, outline_y
from lessons.histogram import Axis

LANES = (("without", theme.BEFORE), ("with batch norm", theme.AFTER))
HEIGHT = 440
TOP, BOTTOM = 0.52, 1.1  # of a row: what is free over the row 0 of the inputs, and under the last layer's
DECADES = 4  # the spreads' axis goes from 10 ** -4 to 10 ** 4
IN_SHORT = {ENTERS: "into the activation", LEAVES: "out of the layer"}
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def blanks(settings: Settings) -> list[Blank]:
    """The lesson's three empty figures, for nets of that depth, activation, placement and shown values."""
    return [ridges(settings), spreads(settings), histogram(settings)]


def tracks(table: Result, layers: np.ndarray) -> list[Tracks]:
    """The tracks of the figures at every step of a sweep, for the chosen layers (steps,), counted from 0.

    One of the two may be single: one step with several layers, or several steps with one layer.
    """
    rows = {"layout.shapes[0].y0": layers + 0.5, "layout.shapes[0].y1": layers + 1.5}
    return [rows | ridges_tracks(table), rows | spreads_tracks(table), histogram_tracks(table, layers)]


def ridges(settings: Settings) -> Blank:
    """The inputs' density and every layer's, in the block out of which the values come: the plain net left, the net
    with batch norm right, first layer on top.
    """
    bins, depth, lanes = axis(settings), settings.depth, net.lanes(settings)
    figure = _rows(depth, margin={"l": 46, "r": 12, "t": 34})
    x, reference = outline_x(bins, depth + 1), outline_y(np.tile(bins.normal, (depth + 1, 1)), bins)
    middle = sum(bins.ends) / 2
    figure.update_xaxes(range=list(bins.ends), tickvals=[bins.centers[0], middle, bins.centers[-1]])
    figure.layout.xaxis2 = figure.layout.xaxis
    domains = [net.domain(lane) for lane in lanes]
    figure.update_layout(xaxis={"domain": domains[0]}, xaxis2={"domain": domains[1], "anchor": "y"})
    figure.update_layout(meta={"stds": ["", ""]})
    thin = {"color": theme.REFERENCE, "width": 1}
    for number, (name, color) in enumerate(LANES):
        place = {"xaxis": ("x", "x2")[number], "hoverinfo": "skip", "mode": "lines"}
        figure.add_scatter(x=x, y=reference, line=thin, opacity=0.5, name="N(0, 1)", **place)
        figure.add_scatter(x=x, line={"color": color, "width": 1.5}, fill="toself", name=name, **place)
        figure.add_scatter(**arrows(bins, depth + 1, color), xaxis=place["xaxis"])
        across = lanes[number]["input"]
        _title(figure, name, color, x=(across["left"] + across["right"]) / 2)
    figure.update_yaxes(title={"text": "layer", "standoff": 4}, anchor="free", position=0)  # left of all blocks
    below = {"x": 0.5, "xref": "paper", "y": 0, "yref": "paper", "yanchor": "top", "yshift": -6}
    # The empty line leaves room for the ticks' numbers, which grow with it in the projector view.
    figure.add_annotation(text=f"&nbsp;<br>{settings.shown}", font={"size": 16}, showarrow=False, **below)
    figure.add_trace(theme.guess(y=[depth, depth]))
    below = (1.5 + TOP) / (depth + TOP + BOTTOM)
    left, right = domains[0]
    veil = (
        left - 0.01,
        below,
        right - left + 0.02,
        1 - below,
    )  # all but the inputs and the first layer of the plain net
    return Blank(figure, place=(0, 0, 0.53, 1), teach=(0, 0, 0.68, 1), veil=veil, net=net.net(settings))


def ridges_tracks(table: Result) -> Tracks:
    """The tracks that fill `ridges`."""
    filling: Tracks = {}
    for number, lane in enumerate((table.plain, table.normed)):
        density, below, above = (
            np.concatenate([np.broadcast_to(inputs, (len(layers), 1, *inputs.shape)), layers], axis=1)
            for inputs, layers in zip(table.inputs, (lane.density, lane.below, lane.above), strict=True)
        )
        filling[f"data[{3 * number + 1}].y"] = outline_y(density, table.axis)
        filling[f"data[{3 * number + 2}].marker.size"] = arrow_sizes(below, above)
        filling[f"layout.meta.stds[{number}]"] = [", ".join(map(brief, stds)) for stds in lane.std]
    return filling


def spreads(settings: Settings) -> Blank:
    """The std of every layer's values on a log axis, in rows beside the ridges; thin line: std between images."""
    depth = settings.depth
    figure = _rows(depth, margin={"l": 34, "r": 20, "t": 34})
    _title(figure, "Spread", theme.INK)
    title = {"text": "std", "standoff": 8}
    figure.update_xaxes(**theme.POWERS, range=[-DECADES, DECADES], dtick=DECADES, title=title)
    thick, thin = ({"mode": "lines+markers"}, {"mode": "lines"})
    for number, (name, color) in enumerate(LANES):
        for kind, look in (("std", thick), ("between", thin)):
            width = {} if kind == "std" else {"width": 1.25}
            hover = f"layer %{{y}}, {name}<br>{kind}: %{{x:.3g}}<extra></extra>"
            drawn = {"line": theme.line(color) | width, "marker": {"color": color, "size": 7}, **look}
            figure.add_scatter(y=np.arange(1, depth + 1), name=f"{name}, {kind}", hovertemplate=hover, **drawn)
        word = {"xref": "x", "y": (depth + 0.8, 0.2)[number], "font": {"color": color}, "showarrow": False}
        figure.add_annotation(text=name.split()[0], **word)
    for number, (name, color) in enumerate(LANES):
        _rims(figure, number, name, color, depth)
    numbers = {f"std by layer, {name}": f"data[{2 * number}].x" for number, (name, _) in enumerate(LANES)}
    places = {"place": (0.53, 0, 0.19, 1), "teach": (0.68, 0, 0.32, 1), "veil": (0, 0, 1, 1)}
    return Blank(figure, numbers=numbers, hides=[f"layout.annotations[{place}]" for place in (1, 2)], **places)


def spreads_tracks(table: Result) -> Tracks:
    """The tracks that fill `spreads`: the lines, the words at their ends, and marks for values beyond the axis."""
    filling: Tracks = {}
    for number, lane in enumerate((table.plain, table.normed)):
        filling[f"data[{2 * number}].x"], filling[f"data[{2 * number + 1}].x"] = lane.std, lane.between
        filling[f"layout.annotations[{number + 1}].x"] = _end_word(number, lane)
        filling[f"data[{4 + number}].marker.size"] = _rim_sizes(lane)
        for side in (0, 1):
            last = lane.std[:, (-1, 0)[number]]  # "without" stands under its last layer, "with" over its first one
            filling[f"layout.annotations[{3 + 2 * number + side}].text"] = [_rim_value(std, side) for std in last]
    return filling


def histogram(settings: Settings) -> Blank:
    """The densities of the chosen layer, both lanes over N(0, 1), with what lies beyond the axes."""
    bins = axis(settings)
    figure = theme.base_figure(HEIGHT)
    figure.update_layout(margin={"l": 52, "r": 16, "t": 34})
    figure.update_xaxes(range=list(bins.ends), title={"text": IN_SHORT[settings.shown], "standoff": 8}, nticks=5)
    figure.update_yaxes(range=[0, bins.tallest], title={"text": "density", "standoff": 4}, nticks=5)
    _title(figure, "", theme.INK)
    figure.layout.annotations[0].update(xshift=-44)  # the height of cut bars is written beside it
    look = {"x": bins.centers, "mode": "lines", "hoverinfo": "skip"}
    figure.add_scatter(y=bins.normal, name="N(0, 1)", line=theme.line(theme.REFERENCE), **look)
    for number, (name, color) in enumerate(LANES):
        figure.add_scatter(name=name, fill="tozeroy", line=theme.line(color) | {"shape": "hvh"}, **look)
        for side in (0, 1):
            corner = {"x": side, "xref": "paper", "xanchor": ("left", "right")[side], "yanchor": "top"}
            corner |= {
                "y": 0.99 - 0.07 * (number + 2 * side),
                "yref": "paper",
                "font": {"color": color},
                "showarrow": False,
            }
            figure.add_annotation(**corner)
    for number, (name, color) in enumerate(LANES):
        marker = {"symbol": "triangle-up", "color": color, "opacity": 1, "line": {"width": 0}}
        where = {"y": [(0.975 - 0.05 * number) * bins.tallest], "mode": "markers", "hoverinfo": "skip"}
        figure.add_scatter(marker=marker, name=f"{name}, cut", **where)
        corner = {"x": (0.6, 1)[number], "xref": "paper", "xanchor": "right", "font": {"color": color}}
        corner |= {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 6, "showarrow": False}
        figure.add_annotation(**corner)
    cut = [f"layout.annotations[{place}]" for place in (5, 6)]
    return Blank(figure, place=(0.72, 0, 0.28, 1), teach=None, veil=(0, 0, 1, 1), hides=cut)


def histogram_tracks(table: Result, layers: np.ndarray) -> Tracks:
    """The tracks that fill `histogram`, for one layer at every step."""
    filling: Tracks = {"layout.annotations[0].text": [f"<b>Layer {layer + 1}</b>" for layer in layers]}
    steps = np.arange(len(table.plain.std)) if len(layers) == len(table.plain.std) else np.zeros(len(layers), int)
    for number, lane in enumerate((table.plain, table.normed)):
        density = lane.density[steps, layers]
        filling[f"data[{1 + number}].y"] = density
        for side, share in enumerate((lane.below, lane.above)):
            off = [_off(each, side) for each in share[steps, layers]]
            filling[f"layout.annotations[{1 + 2 * number + side}].text"] = off
        trace, note = f"data[{3 + number}]", f"layout.annotations[{5 + number}].text"
        filling[f"{trace}.x"], filling[f"{trace}.marker.size"], filling[note] = _cut(density, table.axis)
    return filling


def brief(value: float) -> str:
    """A number in short form: 1.37, 0.042, 1.9 × 10⁻⁵."""
    mantissa, _, power = f"{value:#.{3 if abs(value) >= 0.1 else 2}g}".partition("e")
    return mantissa.rstrip(".").replace("-", "−") + (f" × 10{str(int(power)).translate(SUPERSCRIPT)}" if power else "")


def _rows(depth: int, margin: dict) -> go.Figure:
    """A figure with one row per layer, the first on top; shape 0 marks the row of the chosen layer."""
    figure = theme.base_figure(HEIGHT)
    figure.update_layout(margin=margin)
    ticks = np.arange(1, depth + 1)[:: 1 if depth <= 12 else 2]
    figure.update_yaxes(range=[depth + BOTTOM, -TOP], tickvals=ticks, zeroline=False, showgrid=False)
    look = {"fillcolor": theme.FAINT, "opacity": 0.6, "line": {"width": 0}, "layer": "below"}
    figure.add_shape(type="rect", x0=0, x1=1, xref="paper", yref="y", **look)
    return figure


def _title(figure: go.Figure, text: str, color: str, x: float | None = None) -> None:
    """Over the plot: centered at that share of its width, or at its left edge."""
    across = {"x": x or 0, "xref": "paper", "xanchor": "left" if x is None else "center"}
    upward = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 6}
    figure.add_annotation(text=f"<b>{text}</b>", font={"color": color, "size": 16}, showarrow=False, **across, **upward)


def _end_word(number: int, lane: NetLayers) -> np.ndarray:
    """The place (log10) of a lane's word: under the last layer without batch norm, over the first one with it."""
    std = lane.std[..., -1] if number == 0 else lane.std[..., 0]
    return np.log10(np.clip(std, 10.0 ** (1.2 - DECADES), 10.0 ** (DECADES - 1.2)))


def _rims(figure: go.Figure, number: int, name: str, color: str, depth: int) -> None:
    """Triangles at the ends of the spreads' axis, and a place for a number beside each."""
    symbols = ["triangle-left"] * depth + ["triangle-right"] * depth
    figure.add_scatter(
        x=np.repeat([10.0 ** (0.3 - DECADES), 10.0 ** (DECADES - 0.3)], depth),
        y=np.tile(np.arange(1, depth + 1), 2),
        mode="markers",
        marker={"symbol": symbols, "color": color, "opacity": 1, "line": {"width": 0}},
        hoverinfo="skip",
        name=f"{name}, beyond the axis",
    )
    for side in (0, 1):
        place = {"x": (0.6 - DECADES, DECADES - 0.6)[side], "xref": "x", "xanchor": ("left", "right")[side]}
        place |= {"y": (depth, 1)[number], "yshift": (4, -4)[number]}  # away from the lane's word
        figure.add_annotation(font={"color": color, "size": 13}, showarrow=False, **place)


def _rim_sizes(lane: NetLayers) -> np.ndarray:
    """Sizes of those triangles (…, 2 · layers): large if the std leaves the axis, small if only `between` does."""
    low, high = 10.0**-DECADES, 10.0**DECADES
    outside = [(value < low, value > high) for value in (lane.std, lane.between)]
    return np.concatenate(
        [np.where(thick, 10.0, np.where(thin, 6.0, 0.0)) for thick, thin in zip(*outside, strict=True)], axis=-1
    )


def _rim_value(std: float, side: int) -> str:
    """The text at the left or the right end of the axis: the size of a std beyond that end, else nothing."""
    outside = std > 10.0**DECADES if side else std < 10.0**-DECADES
    if not outside:
        return ""
    return f"≈ 10{str(round(np.log10(std))).translate(SUPERSCRIPT)}" if std else "0"


def _cut(densities: np.ndarray, bins: Axis) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """For densities (…, bins): where each peaks, and, where the axis cuts the peak, a triangle's size and its text."""
    flat = densities.reshape(-1, densities.shape[-1])
    peaks = flat.max(axis=-1)
    cut = peaks > bins.tallest
    texts = [f"▲ {brief(peak)}" if outside else "" for peak, outside in zip(peaks, cut, strict=True)]
    return bins.centers[flat.argmax(axis=-1)][:, None], np.where(cut, 10.0, 0.0)[:, None], texts


def _off(share: float, side: int) -> str:
    if share == 0:
        return ""
    text = "< 0.1%" if share < 0.001 else f"{share:.1%}"
    return f"{text} off ▶" if side else f"◀ {text} off"
