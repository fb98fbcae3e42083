"""What is to be said beside Train: whose curves these are, what the next run takes along, what does not help it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from training.job import Job
from training.plan import Plan
from training.settings import Settings
from ui import studio_own
from ui.said import studio as said
from ui.scrub import forget
from ui.studio_presets import advice
from ui.studio_settings import labelled, now, place
from ui.words import Words


def notes(words: Words, state: Settings, job: Job | None, plan: Plan) -> None:
    """Say it. state: what Train would train, and `plan` that run's; job: the run that is shown."""
    stale = said.changed(words, state, job)
    sentences = [stale or advice(words, job), said.beyond(words, plan), said.shortened(words, plan)]
    for sentence in filter(None, [*sentences, studio_own.refused(words, labelled(words, now())["data"])]):
        st.markdown(sentence)
    if state.changes:
        told = words.say("with changes", changes=said.under_way(words, state.changes))
        mendable(told, words["remove changes"], forget, "studio.changes")
    table = studio_own.known(state.own) if (state.data, state.inputs) == ("own", "raw") else None
    if table and studio_own.uneven(table):
        mendable(words["uneven"], words["normalize"], normalize)


def mendable(sentence: str, label: str, mend: Callable[..., None], *given: str) -> None:
    """A sentence and the button that mends what it says."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"studio-small-{mend.__name__}"):
        st.markdown(sentence, width="content")
        st.button(label, on_click=mend, args=given)


def normalize() -> None:
    """Choose normalized inputs; the widgets are not drawn yet."""
    place("inputs", "normalized")
