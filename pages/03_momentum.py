"""Lesson 3, momentum: settings → sweep over the momenta → three figures that move together."""

import dataclasses

import streamlit as st

from bn_core.experiments import momentum
from bn_core.experiments.momentum import MOMENTA, Result, Settings, step_of, sweep, told
from bn_core.running import batch_weights
from bn_core.steps import update_running
from figures import momentum as draw
from ui import lesson
from ui.code import keras_code
from ui.controls import asked
from ui.scrub import Control, scrub, scrubbed
from ui.words import Words, read

CONTROL = "momentum.momentum"
TILES = ("start", "inference", "training")
MORE = ("mean", "sd", "factor", "sample", "seed")


def settings(words: Words) -> Settings:
    """Draw the secondary controls; everything that the reader has set."""
    left, middle, right = st.columns(3, gap="large")
    with right:
        statistic = asked(Settings, "momentum.statistic", words)
        more = st.popover(words["label.more"])
    places = {left: ("stream", "convention"), middle: ("batch_size", "steps"), more: MORE}
    values = {"momentum": float(MOMENTA[step_of(scrubbed(Settings, CONTROL))]), "statistic": statistic}
    for place, names in places.items():
        with place:
            values |= {name: asked(Settings, f"momentum.{name}", words) for name in names}
    return Settings(**values)


def control(words: Words, table: Result, step: int) -> Control:
    """The momentum control: the same memory at the same place, numbered as the chosen convention does."""
    convention = table.settings.convention
    shown = [f"{told(each, convention):g}" for each in MOMENTA]
    marks = {step_of(each): f"{shown[step_of(each)]} {words[f'mark.{mark}']}" for mark, each in momentum.MARKS.items()}
    reset = step_of(Settings().momentum)
    return Control(CONTROL, words[f"convention.{convention}"], MOMENTA, shown, step, reset, marks)


def said(words: Words, heading: str, table: Result) -> list[str]:
    """A template filled for every momentum ("{verdict}" in the heading is the model's word)."""
    return [words.say(heading.format(verdict=word), **table.facts(step)) for step, word in enumerate(table.verdict)]


def texts(words: Words, table: Result) -> dict[str, list[str]]:
    """The live sentence and the tiles for every momentum."""
    headings = (f"value.update.{table.settings.convention}", *(f"value.{tile}" for tile in TILES))
    tiles = {f"tiles.{n}": said(words, heading, table) for n, heading in enumerate(headings)}
    return {"sentence": said(words, "sentence.{verdict}", table), **tiles}


words = read("03_momentum")
lesson.opening(words)
guess = lesson.predict(words, "momentum")
if guess:
    figures = st.container()
    state = settings(words)
    stream = dataclasses.replace(state, momentum=0.0)  # a drag of the momentum needs no new sweep
    table = st.cache_data(sweep, show_spinner=False, max_entries=64)(stream, "momentum", MOMENTA)
    table = dataclasses.replace(table, settings=state)
    step = step_of(state.momentum)
    facts = table.facts(step)
    labels = [words.say("tile.update", **facts), *(words[f"tile.{tile}"] for tile in TILES)]
    moving = [draw.stream(table, step, CONTROL), draw.output(table, step, CONTROL), draw.memory(table, step, CONTROL)]
    with figures:
        scrub(moving, [control(words, table, step)], {CONTROL: texts(words, table)}, labels, key="momentum.scrub")
    lesson.reckoning(words, guess, **facts)
    lesson.depth(
        words,
        numpy=[update_running, batch_weights],
        name="03_momentum",
        keras=keras_code("03_momentum", state),
        reached=bool(table.reached[step]),
    )
