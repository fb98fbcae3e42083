"""Lesson 2's figures: every layer's values as ridges in two lanes, their spread by layer, one layer's histogram."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from bn_core.experiments.activations import Lane, Result
from bn_core.experiments.layer_values import Axis
from figures import theme
from figures.moving import Moving, Track
from figures.ridges import arrow_sizes, arrows, outline_x, outline_y

SCALE, LAYER = "activations.weight_scale", "activations.layer"
"""The two controls that move the figures."""

LANES = (("without", theme.BEFORE), ("with batch norm", theme.AFTER))
HEIGHT = 440
DECADES = 4  # the spreads' axis goes from 10 ** -4 to 10 ** 4
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def figures(table: Result, now: Result) -> list[Moving]:
    """The lesson's three figures, from a sweep over the weight scales and the result at the one that stands now."""
    return [ridges(table, now), spreads(table, now), histogram(table, now)]


def ridges(table: Result, now: Result) -> Moving:
    """The density of every layer's values, first layer on top: the plain net left, the net with batch norm right."""
    bins, depth = now.axis, now.settings.depth
    figure = _rows(now, margin={"l": 52, "r": 12, "t": 34})
    x, reference = outline_x(bins, depth), outline_y(np.tile(bins.normal, (depth, 1)), bins)
    figure.update_xaxes(range=list(bins.ends), nticks=5)
    figure.layout.xaxis2 = figure.layout.xaxis
    figure.update_layout(xaxis={"domain": [0, 0.47]}, xaxis2={"domain": [0.53, 1], "anchor": "y"})
    tracks = {}
    for number, ((name, colour), lane, steps) in enumerate(_lanes(now, table)):
        place = {"xaxis": ("x", "x2")[number], "hoverinfo": "skip", "mode": "lines"}
        thin = {"color": theme.REFERENCE, "width": 1}
        edge = {"color": colour, "width": 1.5}
        figure.add_scatter(x=x, y=reference, line=thin, opacity=0.5, name="N(0, 1)", **place)
        figure.add_scatter(x=x, y=outline_y(lane.density, bins), line=edge, fill="toself", name=name, **place)
        figure.add_scatter(**arrows(bins, lane.below, lane.above, colour), xaxis=place["xaxis"])
        _title(figure, name, colour, domain=f"{place['xaxis']} domain")
        tracks[f"data[{3 * number + 1}].y"] = outline_y(steps.density, bins)
        tracks[f"data[{3 * number + 2}].marker.size"] = arrow_sizes(steps.below, steps.above)
    figure.update_yaxes(title={"text": "layer", "standoff": 4})
    below = {"x": 0.5, "xref": "paper", "y": 0, "yref": "paper", "yanchor": "top", "yshift": -6}
    # The empty line leaves room for the ticks' numbers, which grow with it in the projector view.
    figure.add_annotation(text=f"&nbsp;<br>{now.settings.shown}", font={"size": 16}, showarrow=False, **below)
    return Moving(figure, _ridges_alt(now), {SCALE: tracks, LAYER: _marked_rows(depth)}, width=0.5)


def spreads(table: Result, now: Result) -> Moving:
    """The std of every layer's values on a log axis, in rows with the ridges; the thin line: between images only."""
    depth = now.settings.depth
    figure = _rows(now, margin={"l": 34, "r": 20, "t": 34})
    _title(figure, "Spread by layer", theme.INK)
    title = {"text": "std (thin: between images)", "standoff": 8}
    figure.update_xaxes(**theme.POWERS, range=[-DECADES, DECADES], dtick=2, title=title)
    tracks = {}
    for number, ((name, colour), lane, steps) in enumerate(_lanes(now, table)):
        for thin, kind in enumerate(("std", "between")):
            look = {"line": theme.line(colour) | {"width": 1.25}, "mode": "lines"}
            if not thin:
                look = {"line": theme.line(colour), "mode": "lines+markers", "marker": {"color": colour, "size": 7}}
            hover = f"layer %{{y}}, {name}<br>{kind}: %{{x:.3g}}<extra></extra>"
            y = np.arange(1, depth + 1)
            figure.add_scatter(x=getattr(lane, kind), y=y, name=f"{name}, {kind}", hovertemplate=hover, **look)
            tracks[f"data[{2 * number + thin}].x"] = getattr(steps, kind)
        word, words = _end_word(number, lane), _end_word(number, steps)
        figure.add_annotation(
            xref="x",
            y=(depth + 0.8, 0.2)[number],
            font={"color": colour},
            showarrow=False,
            text=name.split()[0],
            **word,
        )
        tracks |= {f"layout.annotations[{number + 1}].{key}": track for key, track in words.items()}
    tracks |= _beyond(figure, now, table)
    numbers = {f"std by layer, {name}": f"data[{2 * number}].x" for number, (name, _) in enumerate(LANES)}
    return Moving(figure, _spreads_alt(now), {SCALE: tracks, LAYER: _marked_rows(depth)}, 0.23, numbers)


def histogram(table: Result, now: Result) -> Moving:
    """The densities of the layer looked at, both lanes over N(0, 1), and what of them lies off the axes."""
    bins, at = now.axis, now.settings.looked_at
    figure = theme.bare(HEIGHT)
    figure.update_layout(margin={"l": 52, "r": 16, "t": 34})
    figure.update_xaxes(range=list(bins.ends), title={"text": now.settings.shown, "standoff": 8}, nticks=5)
    figure.update_yaxes(range=[0, bins.tallest], title={"text": "density", "standoff": 4})
    titles = [f"Layer {layer}" for layer in range(1, now.settings.depth + 1)]
    _title(figure, titles[at], theme.INK)
    look = {"x": bins.centres, "mode": "lines", "hoverinfo": "skip"}
    figure.add_scatter(y=bins.normal, name="N(0, 1)", line=theme.line(theme.REFERENCE), **look)
    by_scale: dict[str, Track] = {}
    by_layer: dict[str, Track] = {"layout.annotations[0].text": [f"<b>{title}</b>" for title in titles]}
    for number, ((name, colour), lane, steps) in enumerate(_lanes(now, table)):
        line = theme.line(colour) | {"shape": "hvh"}
        figure.add_scatter(y=lane.density[at], name=name, fill="tozeroy", line=line, **look)
        by_scale[f"data[{number + 1}].y"] = steps.density[:, at]
        by_layer[f"data[{number + 1}].y"] = lane.density
        for side, share in enumerate(("below", "above")):
            path = f"layout.annotations[{len(figure.layout.annotations)}].text"
            by_scale[path] = [_off(each, side) for each in getattr(steps, share)[:, at]]
            by_layer[path] = [_off(each, side) for each in getattr(lane, share)]
            corner = {"x": side, "xref": "paper", "xanchor": ("left", "right")[side], "yanchor": "top"}
            corner |= {"y": 0.99 - 0.07 * number, "yref": "paper", "font": {"color": colour}, "showarrow": False}
            figure.add_annotation(text=by_layer[path][at], **corner)
    figure.layout.annotations[0].update(xshift=-44)  # beside it stands how high the bars go that are cut
    for number, ((name, colour), lane, steps) in enumerate(_lanes(now, table)):
        ways = ((by_scale, steps.density[:, at]), (by_layer, lane.density))
        trace, note = f"data[{len(figure.data)}]", f"layout.annotations[{len(figure.layout.annotations)}].text"
        for tracks, density in ways:
            tracks[f"{trace}.x"], tracks[f"{trace}.marker.size"], tracks[note] = _cut(density, bins)
        x, size, (text,) = _cut(lane.density[at], bins)
        marker = {"symbol": "triangle-up", "color": colour, "opacity": 1, "size": size[0], "line": {"width": 0}}
        where = {"x": x[0], "y": [(0.975 - 0.05 * number) * bins.tallest], "mode": "markers", "hoverinfo": "skip"}
        figure.add_scatter(marker=marker, name=f"{name}, cut", **where)
        corner = {"x": (0.6, 1)[number], "xref": "paper", "xanchor": "right", "font": {"color": colour}}
        corner |= {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 6, "showarrow": False}
        figure.add_annotation(text=text, **corner)
    return Moving(figure, _histogram_alt(now), {SCALE: by_scale, LAYER: by_layer}, width=0.27)


def told(value: float) -> str:
    """A number as a reader wants it: 1.37, 0.042, 1.9 × 10⁻⁵."""
    mantissa, _, power = f"{value:#.{3 if abs(value) >= 0.1 else 2}g}".partition("e")
    return mantissa.rstrip(".").replace("-", "−") + (f" × 10{str(int(power)).translate(SUPERSCRIPT)}" if power else "")


def _lanes(now: Result, table: Result) -> tuple[tuple[tuple[str, str], Lane, Lane], ...]:
    """Per lane: its name and colour, its layers now, and its layers at every step."""
    return tuple(zip(LANES, (now.plain, now.normed), (table.plain, table.normed), strict=True))


def _rows(now: Result, margin: dict) -> go.Figure:
    """A figure with one row per layer, the first on top; the row of the layer looked at is marked."""
    depth, at = now.settings.depth, now.settings.looked_at + 1
    figure = theme.bare(HEIGHT)
    figure.update_layout(margin=margin)
    ticks = np.arange(1, depth + 1)[:: 1 if depth <= 12 else 2]
    figure.update_yaxes(range=[depth + 1.1, 0], tickvals=ticks, zeroline=False, showgrid=False)
    look = {"fillcolor": theme.FAINT, "opacity": 0.6, "line": {"width": 0}, "layer": "below"}
    figure.add_shape(type="rect", x0=0, x1=1, xref="paper", y0=at - 0.5, y1=at + 0.5, yref="y", **look)
    return figure


def _marked_rows(depth: int) -> dict[str, Track]:
    rows = np.arange(1, depth + 1)
    return {"layout.shapes[0].y0": rows - 0.5, "layout.shapes[0].y1": rows + 0.5}


def _title(figure: go.Figure, text: str, colour: str, domain: str | None = None) -> None:
    across = {"x": 0.5, "xref": domain} if domain else {"x": 0, "xref": "paper", "xanchor": "left"}
    upward = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 6}
    figure.add_annotation(
        text=f"<b>{text}</b>", font={"color": colour, "size": 16}, showarrow=False, **across, **upward
    )


def _end_word(number: int, lane: Lane) -> dict:
    """Place (log10) of a lane's word: without batch norm under its last layer, with it over its first one."""
    std = lane.std[..., -1] if number == 0 else lane.std[..., 0]
    return {"x": np.log10(np.clip(std, 10.0 ** (1.2 - DECADES), 10.0 ** (DECADES - 1.2)))}


def _beyond(figure: go.Figure, now: Result, table: Result) -> dict[str, Track]:
    """Mark what lies beyond the spreads' axis: triangles at its rims, and the value in the row of a lane's word."""
    tracks, depth = {}, now.settings.depth
    ends = (-1, 0)  # the word "without" stands under its last layer, "with" over its first one
    for number, ((name, colour), lane, steps) in enumerate(_lanes(now, table)):
        symbols = ["triangle-left"] * depth + ["triangle-right"] * depth
        look = {"symbol": symbols, "color": colour, "opacity": 1, "line": {"width": 0}}
        tracks[f"data[{len(figure.data)}].marker.size"] = _rim_sizes(steps)
        figure.add_scatter(
            x=np.repeat([10.0 ** (0.3 - DECADES), 10.0 ** (DECADES - 0.3)], depth),
            y=np.tile(np.arange(1, depth + 1), 2),
            mode="markers",
            marker={**look, "size": _rim_sizes(lane)},
            hoverinfo="skip",
            name=f"{name}, beyond the axis",
        )
        for side in (0, 1):
            place = {"x": (0.6 - DECADES, DECADES - 0.6)[side], "xref": "x", "xanchor": ("left", "right")[side]}
            font = {"color": colour, "size": 13}
            values = [_rim_value(std, side) for std in steps.std[:, ends[number]]]
            tracks[f"layout.annotations[{len(figure.layout.annotations)}].text"] = values
            text = _rim_value(lane.std[ends[number]], side)
            place |= {"y": (depth, 1)[number], "yshift": (4, -4)[number]}  # away from the lane's word
            figure.add_annotation(text=text, font=font, showarrow=False, **place)
    return tracks


def _rim_sizes(lane: Lane) -> np.ndarray:
    """Sizes of those triangles (…, 2 · layers): large where the std is beyond the rim, small where only the thin is."""
    low, high = 10.0**-DECADES, 10.0**DECADES
    outside = [(value < low, value > high) for value in (lane.std, lane.between)]
    return np.concatenate(
        [np.where(thick, 10.0, np.where(thin, 6.0, 0.0)) for thick, thin in zip(*outside, strict=True)], axis=-1
    )


def _rim_value(std: float, side: int) -> str:
    """What is written beside the left or the right rim: the std that lies beyond it, or nothing."""
    outside = std > 10.0**DECADES if side else std < 10.0**-DECADES
    if not outside:
        return ""
    return told(std).replace(" ", "") if std else "0"


def _cut(densities: np.ndarray, bins: Axis) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Of densities (…, bins) that the axis cuts: where their peak is, the size of its triangle, what is written."""
    flat = densities.reshape(-1, densities.shape[-1])
    peaks = flat.max(axis=-1)
    cut = peaks > bins.tallest
    texts = [f"▲ {told(peak)}" if outside else "" for peak, outside in zip(peaks, cut, strict=True)]
    return bins.centres[flat.argmax(axis=-1)][:, None], np.where(cut, 10.0, 0.0)[:, None], texts


def _off(share: float, side: int) -> str:
    if share == 0:
        return ""
    text = "< 0.1%" if share < 0.001 else f"{share:.1%}"
    return f"{text} off ▶" if side else f"◀ {text} off"


def _ridges_alt(now: Result) -> str:
    plain, normed = (f"{told(lane.std[0])} in layer 1 and {told(lane.std[-1])} in the last" for lane in _both(now))
    return (
        f"One ridge per layer of {now.settings.depth}: the density of {now.settings.shown}. Without batch norm its "
        f"standard deviation is {plain}; with batch norm {normed}."
    )


def _spreads_alt(now: Result) -> str:
    plain, normed = (", ".join(told(std) for std in lane.std) for lane in _both(now))
    return f"Standard deviation by layer on a log axis. Without batch norm: {plain}. With: {normed}."


def _histogram_alt(now: Result) -> str:
    at = now.settings.looked_at
    plain, normed = (f"mean {told(round(lane.mean[at], 6) + 0.0)}, std {told(lane.std[at])}" for lane in _both(now))
    return f"Histogram of layer {at + 1} over an outline of N(0, 1). Without batch norm: {plain}. With: {normed}."


def _both(now: Result) -> tuple[Lane, Lane]:
    return now.plain, now.normed
