"""Notes beside Train: whose curves these are, what the next run takes over, and what does not help it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lessons.content import Content
from training.spec.plan import Plan
from training.spec.settings import Settings
from ui.state.url_state import forget
from ui.state.widgets import place
from ui.studio import narration
from ui.studio.own_table import upload
from ui.studio.own_table.working import known
from ui.studio.presets import advice
from ui.studio.session import RunSession
from ui.studio.settings import SLUG, labeled, now


def notes(words: Content, state: Settings, session: RunSession, plan: Plan) -> bool:
    """Draw the notes; returns whether there are any. state: the settings for Train; plan: of their run."""
    job = session.job
    stale = narration.changed(words, state, job)
    sentences = [
        stale or advice(words, job, session.ended),
        narration.fork_sentence(words, plan),
        narration.epochs_sentence(words, plan),
    ]
    notices = [*filter(None, [*sentences, upload.refused(words, labeled(words, now())["data"])])]
    for sentence in notices:
        st.markdown(sentence)
    if state.changes:
        text = words.say("with changes", changes=narration.under_way(words, state.changes))
        mendable(text, words["remove changes"], forget, "studio.changes")
    table = known(state.own, state.columns) if (state.data, state.inputs) == ("own", "raw") else None
    uneven = bool(table and upload.uneven(table))
    if uneven:
        mendable(words["uneven"], words["normalize"], normalize)
    return bool(notices or state.changes or uneven)


def mendable(sentence: str, label: str, mend: Callable[..., None], *given: str) -> None:
    """A sentence, and a button that mends its problem."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"studio-small-{mend.__name__}"):
        st.markdown(sentence, width="content")
        st.button(label, on_click=mend, args=given)


def normalize() -> None:
    """Choose normalized inputs; only before the widgets are drawn."""
    place(Settings, f"{SLUG}.inputs", "normalized")
