"""Train it live: settings → a run in a worker → the studio's player, with fewer controls → the reckoning."""

import functools

import streamlit as st

from bn_core import steps
from training.analysis.outcome import mistakes, verdict
from training.spec import plan as plans
from training.spec.lesson import Settings
from ui.page import lesson
from ui.page.menu import INSTRUMENTS, place
from ui.page.share import share
from ui.state.repair import address
from ui.studio import layout, narration, player
from ui.studio import lesson as studio_lesson
from ui.studio.lesson import SESSION, WORDS
from ui.studio.settings import link

words = WORDS
with st.container(key="lesson", gap=None):
    lesson.opening(words, place(SESSION.slug))
    ask, figures, rail = layout.parts()
with ask:
    guess = lesson.predict(words, SESSION.slug, SESSION.clear)
    pressed = st.button(words["train"], type="primary", width="stretch", disabled=not guess)
with rail:
    state = studio_lesson.settings(words)
    if guess:
        studio_lesson.presets(words)
    goal, notes = st.container(), st.container()
starts, _ = SESSION.wanted(pressed) if guess else (False, None)
if starts:
    SESSION.train(state.studio(), words)
job = SESSION.job
shown = Settings.of(job.settings) if job else state
plan = plans.make(shown.studio())
stale = narration.changed(words, state.studio(), job)
for note in filter(None, (stale, narration.shortened(words, plan))):
    notes.markdown(note)
with figures:
    views = ["layer"] if plan.grid is None else ["border", "layer"]
    answer = functools.partial(SESSION.answer, {})
    player.studio(words, SESSION, plan, views=views, answer=answer, stale=bool(stale), few=True, asking=not guess)
if guess:
    query = link(shown.studio(), SESSION.step or 0 if job else None)
    st.page_link(INSTRUMENTS[-1].file, label=words["studio"], query_params=query)
    word, facts = verdict(job) if SESSION.ended and job.status == "finished" else ("", {})
    with goal:
        lesson.goal(words, word == "without")
    if word and shown == Settings():
        with notes:
            lesson.reckoning(words, f"reckoning.{word}", **facts, **mistakes(facts, len(plan.y_valid)))
    lesson.depth(
        words,
        [steps.update_running],
        SESSION.slug,
        keras=lambda: lesson.take_home(SESSION.slug, studio_lesson.script(state)),
        link=lambda: share(words, address(SESSION.slug)),
        lazy=True,
    )
