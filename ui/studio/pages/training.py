"""The training lesson: settings → a run in a worker → the studio's player, with fewer controls → the answer."""

from __future__ import annotations

import functools
from importlib import metadata

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bn_core import steps
from lessons.content import read
from training.analysis.outcome import verdict
from training.shipped import rate_map
from training.spec import plan as plans
from training.spec.lesson import Settings
from ui.page import lesson, view
from ui.page.menu import STUDIO, following, place
from ui.page.share import share
from ui.page.stage import frame
from ui.state.repair import address
from ui.studio import layout, narration, player
from ui.studio import lesson as lesson_settings
from ui.studio.lesson import SESSION, WORDS
from ui.studio.pages import rate_map as maps
from ui.studio.settings import link


def show() -> None:
    """Draw the whole page. Nothing can be trained before the reader has predicted."""
    with st.container(key="lesson", gap=None):
        lesson.opening(WORDS, place(SESSION.slug))
        ask, figures, drive, rail = layout.parts()
    with ask:
        guess = lesson.predict(WORDS, SESSION.slug, SESSION.clear)
        frame(SESSION.slug, asking=not guess)
    label = WORDS["train" if guess else "train later"]
    drive.button(label, type="primary", width="stretch", disabled=not guess, on_click=SESSION.press)
    with rail:
        state = lesson_settings.settings(WORDS, drive)
        if guess:
            lesson_settings.presets(WORDS)
        watch, goal, notes = st.container(key="lab-watch"), st.container(), st.container()
    starts, _ = SESSION.wanted() if guess else (False, None)
    if starts:
        SESSION.train(state.studio(), WORDS)
    shown = Settings.of(SESSION.job.settings) if SESSION.job else state
    plan = plans.make(shown.studio())
    with figures:
        play(plan, state, watch, notes, guess)
    if guess:
        query = link(shown.studio(), SESSION.step or 0 if SESSION.job else None)
        st.page_link(STUDIO.file, label=WORDS["studio"], query_params=query)
        reckon(shown, goal, notes)
        maps.draw(guess)
        deeper(state)
        st.markdown(WORDS.say("trust", keras=metadata.version("keras")))
        onward = following(SESSION.slug)
        st.page_link(onward.file, label=read("common").say("next", question=onward.question))


def play(plan: plans.Plan, state: Settings, watch: DeltaGenerator, notes: DeltaGenerator, guess: str | None) -> None:
    """Draw the player for the run of `plan`, and beside the controls what to watch in it, or how `state` differs."""
    stale = narration.changed(WORDS, state.studio(), SESSION.job)
    word, facts = ended()
    outcome = (stale or WORDS.say(f"verdict.{word}", **facts)) if word else ""
    if not stale and (look := lesson_settings.advice(WORDS, SESSION.job)):
        watch.markdown(look)
    for note in filter(None, ("" if word else stale, narration.epochs_sentence(WORDS, plan))):
        notes.markdown(note)
    views = ["layer"] if plan.grid is None else ["border", "layer"]
    answer = functools.partial(SESSION.answer, {"undo": lesson_settings.undo})
    progress = {"guess": guess, **({"reached": True} if word == "without" else {})} if guess else None
    player.studio(
        WORDS, SESSION, plan, views=views, answer=answer, stale=bool(stale), few=True, asking=not guess,
        outcome=outcome, progress=progress,
    )  # fmt: skip


def ended() -> tuple[str, dict]:
    """The verdict on the run whose end was seen, and its numbers; empty before that."""
    job = SESSION.job
    return verdict(job) if SESSION.ended and job.status == "finished" else ("", {})


def reckon(shown: Settings, goal: DeltaGenerator, notes: DeltaGenerator) -> None:
    """Draw the goal and, for the first run whose end was seen, its answer to the question."""
    word, _ = ended()
    if not view.teaching():
        with goal:
            lesson.goal(WORDS, word == "without", hint(word))
    if word and shown == Settings():
        with notes.container(key="lab-reckoning"):
            lesson.reckoning(WORDS, "reckoning", **rate_map.over_seeds())


def hint(word: str) -> str:
    """The hint that helps after a run with that verdict: its section's name without "check."; empty before a run."""
    if not word:
        return ""
    return "too fast" if word in ("neither", "without diverged", "both diverged") else "not yet"


def deeper(state: Settings) -> None:
    """Draw the tabs below."""
    lesson.depth(
        WORDS,
        [steps.update_running],
        SESSION.slug,
        keras=lambda: lesson.take_home(SESSION.slug, lesson_settings.script(state)),
        link=lambda: share(WORDS, SESSION.slug, lesson_settings.named(WORDS), address(SESSION.slug), stage=False),
        lazy=True,
    )
