"""The training lesson's use of the training component: its few settings, its presets, and its own words."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lessons.code import keras_code
from lessons.content import Content, read
from training.server.run import Job
from training.spec import plan
from training.spec.lesson import BATCH_SIZES, LEARNING_RATES, Settings
from ui.components.sliders import dragged
from ui.state.widgets import menu, place, slider, typed
from ui.studio.session import RunSession

SESSION = RunSession("training")
WORDS = Content(read("training").title, read("studio").sections | read("training").sections)
"""The component's words: the studio's, except where the lesson has its own."""
DRAGGED = {"learning_rate": LEARNING_RATES, "batch_size": BATCH_SIZES}
MORE = {
    "epochs": slider,
    "layers": slider,
    "width": slider,
    "momentum": functools.partial(slider, step=0.001, format="%.3f"),
    "noise": slider,
    "seed": typed,
    "activation": menu,
    "placement": menu,
}
PRESETS = {
    "first": Settings(),
    "fast": Settings(learning_rate=3.0),
    "tiny": Settings(batch_size=2, epochs=10),
    "sigmoid": Settings(activation="sigmoid", learning_rate=0.1),
    "spirals": Settings(data="spirals", learning_rate=0.1, epochs=100),
}
"""By name; their words are the sections "preset.<name>" and "preset.<name>.look". None reaches the goal: with batches
of two, neither network learns at that rate (accuracies 8 and 9 % after ten epochs); the plain one does at a tenth of
it."""


def presets(words: Content) -> None:
    """A row of buttons; each of them sets everything and trains."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="studio-small-lesson"):
        st.markdown(words["presets"], width="content")
        for name in PRESETS:
            st.button(words[f"preset.{name}"], key=SESSION.key(f"preset.{name}"), on_click=take, args=(name,))


def take(name: str) -> None:
    """Set everything and ask for its run; only before the widgets are drawn."""
    adopt(PRESETS[name])
    SESSION.want()


def advice(words: Content, job: Job | None) -> str:
    """What to look at in the run on screen; empty if it is no preset's."""
    name = shown(job)
    return words[f"preset.{name}.look"] if name else ""


def shown(job: Job | None) -> str | None:
    """The name of the preset whose run this is."""
    run = job and Settings.of(job.settings)
    return next((name for name, settings in PRESETS.items() if settings == run), None)


def undo(job: Job | None, request: dict[str, Any]) -> None:
    """Show the previous run again, as the component requests."""
    SESSION.undo(lambda run: adopt(Settings.of(run)))


def adopt(state: Settings) -> None:
    """Set the widgets and the address to these settings; only before the widgets are drawn."""
    for field, value in dataclasses.asdict(state).items():
        place(Settings, SESSION.key(field), value)


def settings(words: Content, beside: DeltaGenerator) -> Settings:
    """Draw the controls, and those that are dragged beside Train; returns the reader's settings."""
    with beside:
        values = dragged(Settings, SESSION.slug, DRAGGED, words)
    with st.popover(words["more"], width="stretch"):
        values["data"] = menu(Settings, SESSION.key("data"), words["label.data"])
        for name, widget in MORE.items():
            values[name] = widget(Settings, SESSION.key(name), words[f"label.{name}"])
    return Settings(**values)


def named(words: Content) -> dict[str, str]:
    """The label of each control, by its name."""
    return {name: words[f"label.{name}"] for name in (*DRAGGED, "data", *MORE)}


def script(state: Settings) -> str:
    """The script to take home, with the number of epochs that the run really has."""
    return keras_code(SESSION.slug, dataclasses.replace(state, epochs=plan.make(state.studio()).epochs))
