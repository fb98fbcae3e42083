"""A figure together with what of it moves while a control is dragged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import plotly.graph_objects as go

Track = np.ndarray | Sequence[str]
"""One value per step of a control: an array (steps, ...) for data or positions, strings (steps,) for texts."""


@dataclass(frozen=True)
class Moving:
    """A figure as it stands now, and, per control, the tracks of everything that moves.

    tracks[control][path] holds one value per step of that control; `path` names a place in the figure's JSON:
    "data[0].y", "data[2].marker.size", "layout.shapes[1].x0", "layout.annotations[0].text", "layout.title.text".
    `width` is the share of the row (0 to 1] that the figure takes on a wide screen; `alt` says in words what it shows.
    numbers[label] is the path of values that say the same without a picture, should the drawing library be missing.
    """

    figure: go.Figure
    alt: str
    tracks: dict[str, dict[str, Track]] = field(default_factory=dict)
    width: float = 1.0
    numbers: dict[str, str] = field(default_factory=dict)

    def at(self, control: str, step: int) -> go.Figure:
        """The figure as it is drawn while `control` stands at `step`; for tests and for pictures without a browser."""
        figure = go.Figure(self.figure)
        for path, track in self.tracks[control].items():
            *parents, last = (int(part) if part.isdigit() else part for part in re.findall(r"\w+", path))
            place = figure
            for parent in parents:
                place = place[parent]
            place[last] = track[step]
        return figure
