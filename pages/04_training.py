"""Lesson 4, train it live: settings → a job in a worker → figures that the browser fills → a sentence about it."""

import dataclasses
import functools

import streamlit as st

from bn_core import steps
from bn_core.experiments.settings import defaults
from figures import training as draw
from training import plan as plans
from training.job import Job
from training.jobs import QueueFullError, engine
from training.lesson import BATCH_SIZES, LEARNING_RATES, Settings
from training.outcome import outcome
from ui import lesson, studio_settings
from ui.code import keras_code
from ui.controls import menu, slider, typed
from ui.lessons import INSTRUMENTS
from ui.live import live, owner
from ui.said.training import changed, told
from ui.scrub import Control, nearest_step, scrub, scrubbed
from ui.words import Words, read

RUN = "training.run"  # the session's job, as Train made it
SHOWN = {"data": menu, "epochs": slider, "pace": menu}
MORE = {
    "layers": slider,
    "width": slider,
    "momentum": functools.partial(slider, step=0.001, format="%.3f"),
    "noise": slider,
    "seed": typed,
    "activation": menu,
    "placement": menu,
}


def dragged(words: Words) -> dict[str, float]:
    """Draw the learning rate and the batch size; their values, which the URL may put between the usual ones."""
    controls, values = [], {}
    for name, usual in (("learning_rate", LEARNING_RATES), ("batch_size", BATCH_SIZES)):
        values[name] = scrubbed(Settings, f"training.{name}")
        grid = sorted({*usual, values[name]})
        start, reset = nearest_step(grid, values[name]), nearest_step(grid, defaults(Settings)[name])
        label = words[f"label.{name}"]
        controls.append(Control(f"training.{name}", label, grid, [f"{each:g}" for each in grid], start, reset))
    scrub([], controls, {}, key="training.dragged")
    return values


def settings(words: Words) -> Settings:
    """Draw the controls; everything that the reader has set."""
    values = dragged(words)
    for name, widget in SHOWN.items():
        values[name] = widget(Settings, f"training.{name}", words[f"label.{name}"])
    with st.popover(words["more"], width="stretch"):
        for name, widget in MORE.items():
            values[name] = widget(Settings, f"training.{name}", words[f"label.{name}"])
    return Settings(**values)


def buttons(words: Words, state: Settings) -> Job | None:
    """Train, Stop and Reset; the job that is to be shown."""
    with st.container(horizontal=True):
        if st.button(words["train"], type="primary"):
            try:
                st.session_state[RUN] = engine().look(engine().submit(state.studio(), owner()))
            except QueueFullError:
                st.warning(words["queue full"])
        job = st.session_state.get(RUN)
        if st.button(words["stop"], disabled=not (job and job.open)):
            engine().stop(job.id)
        if st.button(words["reset"], disabled=job is None):
            if job.open:
                engine().stop(job.id)
            del st.session_state[RUN]
            st.rerun()
    return job


words = read("04_training")
lesson.opening(words)
guess = lesson.predict(words, "training")
if guess:
    figures, controls = st.columns([3, 1], gap="medium")
    with controls:
        state = settings(words)
    with figures:
        job = buttons(words, state)
    asked = Settings.of(job.settings) if job else state
    plan = plans.make(asked.studio())
    running = bool(job and job.open)  # before its outcome: where it ends in between, the browser asks again
    result = outcome(job, plan.chance["validation"]) if job else None
    if plan.epochs < asked.epochs:
        controls.caption(words.say("capped", asked=asked.epochs, epochs=plan.epochs, most=plans.MOST_STEPS))
    with figures:
        live(
            draw.figures(plan.steps, plan.grid, plan.x_valid, plan.y_valid),
            job,
            words,
            running=running,
            layers=asked.layers,
            note=changed(words, state, job),
            told=told(words, result),
            key="training.live",
        )
        query = studio_settings.link(asked.studio(), job.history.step if job else None)
        st.page_link(INSTRUMENTS[0].page, label=words["studio"], query_params=query)
    first = dataclasses.replace(asked, pace=Settings().pace) == Settings()
    if result and first and not result.stopped:
        lesson.reckoning(words, guess, f"reckoning.{result.verdict}", **result.facts())
    lesson.depth(
        words,
        numpy=[steps.update_running],
        name="04_training",
        keras=keras_code("04_training", dataclasses.replace(state, epochs=plans.make(state.studio()).epochs)),
        reached=bool(result and result.verdict == "without" and not result.stopped),
    )
