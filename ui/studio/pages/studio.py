"""The studio: settings → a run in a worker → all its reports, which can be watched, paused, scrubbed and forked."""

from __future__ import annotations

import streamlit as st

from lessons.content import Content, read
from training.spec import plan as plans
from training.spec.settings import Settings
from training.spec.tables import TableError
from ui.page import lesson, share, view
from ui.studio import layout, narration, player, reruns
from ui.studio import settings as studio_settings
from ui.studio.exports import take_home
from ui.studio.hints import notes
from ui.studio.presets import presets
from ui.studio.reruns import SESSION
from ui.studio.sweep.panel import sweep
from ui.studio.view_state import VIEWS


def show() -> None:
    """Draw the whole page."""
    words = read("studio")
    layout.dress()
    with st.container(key="lesson", gap=None):
        lesson.opening(words, lead=False)
        above, chosen, live = st.container(key="lab-outcome", gap=None), st.container(key="lab-chosen"), st.container()
    with chosen:
        presets(words)
        row = st.container(horizontal=True, key="studio-row")
        row.button(words["train"], type="primary", width=130, on_click=SESSION.press)
        state = reruns.defined(studio_settings.draw(words, row))
    SESSION.refused()
    starts, origin = SESSION.wanted()
    if starts:
        SESSION.train(state, words, origin)
    plan = planned_of_shown(words, state)
    with above:
        if not notes(words, state, SESSION, plans.kept(state)) and not view.teaching():
            st.markdown(words["lead"])
    of_data = {"border": plan.grid is not None, "mistakes": plan.settings.data == "digits"}
    views = [name for name in VIEWS if of_data.get(name, True)]
    stale = bool(narration.changed(words, state, SESSION.job))
    with live:
        outcome = narration.outcome(words, SESSION.job, narration.lanes(words, plan.settings)) if SESSION.ended else ""
        player.studio(
            words, SESSION, plan, views=views, answer=reruns.answer, stale=stale, outcome=outcome,
        )  # fmt: skip
    below(words, state, player.open_view(views))


def planned_of_shown(words: Content, state: Settings) -> plans.Plan:
    """The plan of the run on screen, or else of a run with `state`; a run whose table is gone is left."""
    try:
        return plans.kept(SESSION.job.settings if SESSION.job else state)
    except TableError:  # of the run on screen: the table of `state` has just been looked up
        st.info(words["run gone"])
        SESSION.leave()
        return plans.kept(state)


def below(words: Content, state: Settings, opened: str) -> None:
    """Draw what is below the component: the open view's own part, the glossary, and the teacher's notes."""
    address = reruns.address(state)
    with st.container():  # also without content: it keeps the place of what is below, which would close anew elsewhere
        if opened == "sweep":
            sweep(words, state)
        elif opened == "home":
            share.linked(words, address)
            take_home(words, state, SESSION)
    with st.expander(words["glossary.title"]):
        st.markdown(words["glossary"], width=lesson.TEXT_WIDTH)
    with st.expander(read("common")["tab.share"] if view.student() else words["instructor.title"]):
        if not view.student():
            st.markdown(words["instructor"], width=lesson.TEXT_WIDTH)
        share.share(words, SESSION.slug, studio_settings.named(words), address, stage=False)
