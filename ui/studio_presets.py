"""One click to a run worth seeing: ready settings, the view to watch it in, and what to look at there."""

from __future__ import annotations

import dataclasses

import streamlit as st

from training.job import Job
from training.settings import Settings
from ui import studio_run
from ui.studio_settings import SLUG, adopt, now
from ui.words import Words

PRESETS: dict[str, tuple[dict[str, str], Settings]] = {
    "race": ({"view": "layer", "part": "distribution"}, Settings()),
    "stall": ({"view": "gradients"}, Settings(layers=8, activation="sigmoid")),
    "fast": ({"view": "gradients"}, Settings(learning_rate=3.0)),
    "tiny": ({"view": "layer", "part": "statistics"}, Settings(batch_size=2, epochs=4)),
    "noisy": ({"view": "layer", "part": "distribution"}, Settings(layers=8, activation="sigmoid", lane_3="noisy")),
    "spirals": ({"view": "border"}, Settings(data="spirals", epochs=100)),
}
"""By name: where to look, and the run; sections "preset.<name>" and "preset.<name>.look" have the words."""


def presets(words: Words) -> None:
    """A row of buttons, each of which sets everything and trains."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="studio-small-presets"):
        st.markdown(words["presets"], width="content")
        for name in PRESETS:
            st.button(words[f"preset.{name}"], key=f"{SLUG}.preset.{name}", on_click=take, args=(name,))


def take(name: str) -> None:
    """Set everything as the preset says, but for the speed, and ask for its run; before the widgets are drawn."""
    look, run = PRESETS[name]
    adopt(dataclasses.replace(run, pace=now()["pace"]))
    studio_run.begin(look)


def advice(words: Words, job: Job | None) -> str:
    """What to look at in the run that is shown; nothing where it is no preset's."""
    run = job and dataclasses.replace(job.settings, pace=Settings().pace)
    return next((words[f"preset.{name}.look"] for name, (_, own) in PRESETS.items() if own == run), "")
