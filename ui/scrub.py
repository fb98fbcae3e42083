"""The scrub component: controls that redraw linked figures in the browser while they are dragged.

The engine computes a table over each control's whole grid; it goes to the browser once, as bytes: a little-endian
uint32 with the length of a JSON head, the head (padded to four bytes), then every track's float32 numbers. While a
control is dragged the browser indexes into that table; when it is let go the value goes into the URL and Python runs
once.
"""

from __future__ import annotations

import functools
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from bn_core.experiments.settings import defaults, kinds
from figures import theme
from figures.moving import Moving, Track
from ui import view
from ui.component import component
from ui.server import PLOTLY_PATH
from ui.words import read

Texts = dict[str, dict[str, Sequence[str]]]


@dataclass(frozen=True)
class Control:
    """A draggable control over a grid of values.

    name: the URL's key, "slug.field". values (steps,): the grid. shown (steps,): each value as the reader sees and
    hears it. start, reset: the step it stands at now, and the one a double-click returns to. marks: labelled ticks by
    step.
    """

    name: str
    label: str
    values: Sequence[float]
    shown: Sequence[str]
    start: int
    reset: int
    marks: dict[int, str] = field(default_factory=dict)


def nearest_step(values: Sequence[float], value: float) -> int:
    """The step of the grid whose value is closest to `value`."""
    return int(np.argmin(np.abs(np.asarray(values, dtype=float) - value)))


def scrub(
    figures: Sequence[Moving], controls: Sequence[Control], texts: Texts, tiles: Sequence[str] = (), *, key: str
) -> None:
    """Draw the figures with their controls, tiles and live sentence.

    texts[control]: "sentence" and "tiles.0", "tiles.1", … with one text per step of that control ("**bold**" is
    understood); tiles: the tiles' labels. Letting a control go writes its value to the URL and reruns the page once.
    """
    grids = {control.name: tuple(control.values) for control in controls}
    component("scrub", ("plot", "scrub"), ("scrub",))(
        data=_packed(figures, controls, texts, tiles),
        key=key,
        default={"released": None},
        on_released_change=functools.partial(_keep_released, key, grids),
    )


def picture(figures: Sequence[Moving], *, key: str, sentence: str = "") -> None:
    """Draw figures that no control moves, in the same style and without flicker."""
    scrub(figures, [], {"": {"sentence": [sentence]}} if sentence else {}, key=key)


def scrubbed(settings_type: type, name: str) -> Any:
    """The value of the control `name` ("slug.field"): the URL's, else this session's last, else the default."""
    field_name = name.partition(".")[2]
    text = recalled(name)
    value = None if text is None else kinds(settings_type)[field_name].nearest(text)
    if value is None:
        return defaults(settings_type)[field_name]
    keep(name, text)
    return value


def recalled(name: str) -> str | None:
    """What the URL says of `name` ("slug.field"), else what this session last kept of it."""
    return st.query_params.get(name, st.session_state.get(_kept(name)))


def keep(name: str, text: str) -> None:
    """Write the URL, and remember: a page switch clears the URL, what is kept outlives it, as a bound widget does."""
    st.session_state[_kept(name)] = text
    if st.query_params.get(name) != text:
        st.query_params[name] = text


def moved(name: str) -> bool:
    """Whether the URL says something of `name` that is not what was last kept: by Back, or a link."""
    return name in st.query_params and st.query_params[name] != st.session_state.get(_kept(name))


def forget(name: str) -> None:
    """Take what was kept out of the URL and of the session."""
    st.session_state.pop(_kept(name), None)
    st.query_params.pop(name, None)


def _keep_released(key: str, grids: dict[str, tuple[float, ...]]) -> None:
    released = st.session_state[key].get("released")
    if released and released["name"] in grids and released["step"] in range(len(grids[released["name"]])):
        keep(released["name"], f"{grids[released['name']][released['step']]:.6g}")


def _kept(name: str) -> str:
    return f"kept.{name}"


def _packed(figures: Sequence[Moving], controls: Sequence[Control], texts: Texts, tiles: Sequence[str]) -> bytes:
    numbers = _Numbers()
    head = {
        "plotly": PLOTLY_PATH,
        "dark": theme.DARK,
        "scale": view.scale(),
        "tiles": list(tiles),
        "texts": {control: {name: list(lines) for name, lines in named.items()} for control, named in texts.items()},
        "missing": read("common")["no plotly"],
        "figures": [_figure(moving) for moving in figures],
        "controls": [_control(control) for control in controls],
        "tracks": {control.name: list(_tracks(figures, control.name, numbers)) for control in controls},
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + numbers.packed()


def _figure(moving: Moving) -> dict[str, Any]:
    return {
        "spec": moving.figure.to_json(),
        "alt": moving.alt,
        "width": moving.width,
        "numbers": moving.numbers,
    }


def _control(control: Control) -> dict[str, Any]:
    shown = list(control.shown)
    marks = {str(step): text for step, text in control.marks.items()}
    return {
        "name": control.name,
        "label": control.label,
        "shown": shown,
        "start": control.start,
        "reset": control.reset,
        "marks": marks,
    }


def _tracks(figures: Sequence[Moving], control: str, numbers: _Numbers):
    for index, moving in enumerate(figures):
        for path, track in moving.tracks.get(control, {}).items():
            yield {"figure": index, "path": path, **numbers.add(track)}


class _Numbers:
    """The float32 part of the payload, filled track by track."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._count = 0

    def add(self, track: Track) -> dict[str, Any]:
        if not isinstance(track, np.ndarray) or track.dtype.kind in "UO":
            return {"strings": [str(text) for text in track]}
        place = {"offset": self._count, "shape": list(track.shape)}
        self._parts.append(np.ascontiguousarray(track, dtype="<f4").tobytes())
        self._count += track.size
        return place

    def packed(self) -> bytes:
        return b"".join(self._parts)
