"""An empty figure, drawn once, and the numbers and texts that fill it."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

import numpy as np
import plotly.graph_objects as go

Track = np.ndarray | Sequence[str]
"""A value for each step of a control: an array (steps, …) or `steps` texts; of length 1 if it is constant."""
Tracks = dict[str, Track]
"""Tracks by path into the figure's JSON ("data[0].y", "layout.shapes[1].x0", "layout.title.text")."""

Box = tuple[float, float, float, float]
"""A part of a rectangle: left, top, width and height as shares of it, from its upper left corner."""

BEYOND = 9.0
"""In a veil: up to the edge of the figure."""


class NetBlock(TypedDict):
    """A part of a layer.

    kind: "input", "dense", "norm" or "activation". name: its name is the section "live.net.<name>" of
    lessons/network.md. left, right: its edges, as shares of the plot's width.
    """

    kind: str
    name: str
    left: float
    right: float


class NetLane(TypedDict):
    """A network: the inputs in row 0, and a row for each layer.

    name: as of a block. trace: one of the network's traces in the figure, for its color and axes. blocks: the parts of
    every layer, in order. drawn: the index of the part whose output the figure draws. stds: the path of the layers'
    standard deviations, as one text.
    """

    name: str
    trace: int
    input: NetBlock
    blocks: Sequence[NetBlock]
    drawn: int
    stds: str


class Net(TypedDict):
    """The networks in whose blocks a figure's rows are drawn; a click on a block sets the control to its layer."""

    control: str
    layers: int
    lanes: Sequence[NetLane]


@dataclass(frozen=True)
class Blank:
    """A figure without its numbers, the same for every state with the same `shape` of settings.

    numbers[label]: the path of values that tell the same without a picture, if the drawing library fails to load.
    alt: the figure's description, where no text describes it. width: its share of the row (0 to 1] in the studio.
    place: its part of a lesson's stage; teach: its part on a projector, None if it is not shown there.
    veil: the part of the plot that is covered until the reader has predicted; it may reach beyond the plot, up to the
    edge of the figure. hides: paths of what is not drawn before that.
    grips: by control, the marker (trace, point) whose x is dragged to change its value.
    touch: by control, the trace whose points set it to the step with the point's number when they are touched.
    picks: the control that chooses a value, the control that moves it, the trace with the values, and the number
    of points for each value, of which the first can be dragged. unfolds: the number of points of a
    value, and the traces in which they appear one after the other after the prediction; before, the last is not drawn.
    net: the networks in whose blocks its rows are drawn.
    """

    figure: go.Figure
    width: float = 1.0
    numbers: dict[str, str] = field(default_factory=dict)
    alt: str = ""
    place: Box = (0.0, 0.0, 1.0, 1.0)
    teach: Box | None = (0.0, 0.0, 1.0, 1.0)
    veil: Box | None = None
    hides: Sequence[str] = ()
    grips: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    touch: Mapping[str, int] = field(default_factory=dict)
    picks: tuple[str, str, int, int] | None = None
    unfolds: tuple[int, Sequence[int]] | None = None
    net: Net | None = None


def still(value: object) -> np.ndarray | list[str]:
    """A track with the same value at every step."""
    return [value] if isinstance(value, str) else np.asarray(value)[None]


def at(track: Track, step: int) -> object:
    """The track's value at a step."""
    return track[0 if len(track) == 1 else step]


def filled(blank: Blank, tracks: Mapping[str, Track], step: int = 0) -> go.Figure:
    """The figure as the browser draws it at a step: for tests, and for pictures without a browser."""
    spec = unpacked(blank.figure.to_plotly_json())
    fill(spec, tracks, step)
    return go.Figure(spec)


def unpacked(value: Any) -> Any:
    """A figure's JSON with Plotly's base64 arrays unpacked."""
    if isinstance(value, dict):
        if "bdata" in value:
            return np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"]).reshape(shape_of(value))
        return {name: unpacked(entry) for name, entry in value.items()}
    return [unpacked(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def shape_of(packed: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape of a packed array; Plotly leaves out the shape of a one-dimensional one."""
    return tuple(map(int, str(packed.get("shape", "-1")).split(",")))


def fill(figure: Any, tracks: Mapping[str, Track], step: int = 0) -> None:
    """Put the tracks' values at a step into a figure's JSON."""
    for path, track in tracks.items():
        *parents, last = (int(part) if part.isdigit() else part for part in re.findall(r"\w+", path))
        place = figure
        for parent in parents:
            place = place[parent] if isinstance(parent, int) else place.setdefault(parent, {})
        value = at(track, step)
        place[last] = value.tolist() if isinstance(value, np.ndarray) and parents[0] == "layout" else value
