"""Sliders over a grid of values, like those on the lessons' stages, for settings that Python reads."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import streamlit as st

from lessons.content import Content
from lessons.control import Handle, nearest
from lessons.fields import defaults
from lessons.packing import plain
from ui.components.component import component
from ui.state.url_state import keep, scrubbed


def dragged(settings_type: type, slug: str, usual: Mapping[str, Sequence[float]], words: Content) -> dict[str, float]:
    """Draw a slider for each field over its usual values; returns the chosen values. The URL may hold others."""
    handles, values = [], {}
    for field, grid in usual.items():
        name = f"{slug}.{field}"
        values[field] = scrubbed(settings_type, name)
        steps = sorted({*grid, values[field]})
        start, reset = nearest(steps, values[field]), nearest(steps, defaults(settings_type)[field])
        handles.append(Handle(name, words[f"label.{field}"], steps, [f"{step:g}" for step in steps], start, reset))
    sliders(handles, key=f"{slug}.dragged")
    return values


def sliders(handles: Sequence[Handle], *, key: str) -> None:
    """Draw the sliders; when one is let go, its value goes to the URL as "slug.field", and the page runs once."""
    grids = {handle.name: tuple(handle.values) for handle in handles}
    component("sliders", "stage/sliders", ("lib/controls",))(
        data={"handles": [plain(handle) for handle in handles]},
        key=key,
        default={"released": None},
        on_released_change=functools.partial(_keep_released, key, grids),
    )


def _keep_released(key: str, grids: dict[str, tuple[float, ...]]) -> None:
    released = st.session_state[key].get("released")
    if released and released["name"] in grids and released["step"] in range(len(grids[released["name"]])):
        keep(released["name"], f"{grids[released['name']][released['step']]:.6g}")
