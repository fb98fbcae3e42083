"""Runs worth seeing in one click: ready settings, the view to watch, and what to look at there."""

from __future__ import annotations

import streamlit as st

from lessons.content import Content
from training.server.run import Job
from training.spec.settings import Settings
from ui.studio import reruns
from ui.studio.settings import SLUG, adopt

PRESETS: dict[str, tuple[dict[str, str], Settings]] = {
    "race": ({"view": "layer", "part": "distribution"}, Settings()),
    "stall": ({"view": "gradients"}, Settings(layers=8, activation="sigmoid")),
    "fast": ({"view": "gradients"}, Settings(learning_rate=3.0)),
    "tiny": ({"view": "layer", "part": "statistics"}, Settings(batch_size=2, epochs=4)),
    "noisy": ({"view": "layer", "part": "distribution"}, Settings(layers=8, activation="sigmoid", lane_3="noisy")),
    "spirals": ({"view": "border"}, Settings(data="spirals", epochs=100)),
}
"""By name: where to look, and the run; their words are the sections "preset.<name>" and "preset.<name>.look"."""


def presets(words: Content) -> None:
    """A row of buttons; each of them sets everything and trains."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="studio-small-presets"):
        st.markdown(words["presets"], width="content")
        for name in PRESETS:
            st.button(words[f"preset.{name}"], key=f"{SLUG}.preset.{name}", on_click=take, args=(name,))


def take(name: str) -> None:
    """Set everything as in the preset and ask for its run; only before the widgets are drawn."""
    look, run = PRESETS[name]
    adopt(run)
    reruns.begin(look)


def advice(words: Content, job: Job | None, ended: bool) -> str:
    """What to look at in the run on screen and, once its end was seen, what it shows; empty if it is no preset's."""
    name = named(job)
    parts = ("look", "found") if ended else ("look",)
    return " ".join(words[f"preset.{name}.{part}"] for part in parts) if name else ""


def named(job: Job | None) -> str | None:
    """The name of the preset whose run this is."""
    run = job and job.settings
    return next((name for name, (_, settings) in PRESETS.items() if settings == run), None)
