"""An empty figure, drawn once, and the numbers and words that fill it."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go

Track = np.ndarray | Sequence[str]
"""One value per step of a control: an array (steps, …) or `steps` texts; of length 1 where no step changes it."""
Tracks = dict[str, Track]
"""By a path into the figure's JSON ("data[0].y", "layout.shapes[1].x0", "layout.title.text"): what stands there."""

Box = tuple[float, float, float, float]
"""A part of a rectangle: left, top, width and height as shares of it, from its upper left corner."""

BEYOND = 9.0
"""In a veil: as far as the figure goes."""


@dataclass(frozen=True)
class Blank:
    """A figure without its numbers, the same for every state of its shape.

    numbers[label] is the path of values that say the same without a picture, should the drawing library be missing.
    alt: what it shows, where no numbers say it. width: the share of the row (0 to 1] that it takes in the studio.
    place: the part of a lesson's stage that it fills; teach: another one on a projector, None where it is not shown
    there. veil: the part of the plot that the prediction is about, and of what is beside the plot as far as
    the figure goes; it is covered until the reader has made one. hides:
    paths of what is not drawn before. grips: by control, the marker (trace, point) at whose x its value is dragged.
    touch: by control, the trace each of whose points brings it to the step of the point's number when it is touched.
    picks: the control that chooses a value, the one that moves it, the trace where each value has so many points, how
    many: the first of them can be dragged. unfolds: how many points a value has, and the traces in which they are run
    through one after the other once the prediction has been made; before, the last of them is not drawn.
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


def still(value: object) -> np.ndarray | list[str]:
    """A track that no step changes."""
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
    """A figure's JSON with the arrays that Plotly packs in base64 as arrays again."""
    if isinstance(value, dict):
        if "bdata" in value:
            return np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"]).reshape(shape_of(value))
        return {name: unpacked(entry) for name, entry in value.items()}
    return [unpacked(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def shape_of(packed: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape of a packed array; that of a row is not told."""
    return tuple(map(int, str(packed.get("shape", "-1")).split(",")))


def fill(figure: Any, tracks: Mapping[str, Track], step: int = 0) -> None:
    """Put what the tracks say at a step into a figure's JSON."""
    for path, track in tracks.items():
        *parents, last = (int(part) if part.isdigit() else part for part in re.findall(r"\w+", path))
        place = figure
        for parent in parents:
            place = place[parent] if isinstance(parent, int) else place.setdefault(parent, {})
        value = at(track, step)
        place[last] = value.tolist() if isinstance(value, np.ndarray) and parents[0] == "layout" else value
