"""Lesson 3, momentum: settings → sweep over the momenta → three figures that move together."""

import streamlit as st

from bn_core.experiments import momentum
from bn_core.experiments.momentum import MOMENTA, Result, Settings, step_of, sweep, told
from bn_core.steps import update_running
from figures import momentum as draw
from ui import lesson
from ui.code import keras_code
from ui.query import limits, options
from ui.scrub import Control, scrub, scrubbed
from ui.words import Words, read

CONTROL = "momentum.momentum"
TILES = ("start", "half", "inference", "training")


def chosen(name: str, label: str) -> str:
    """A row of buttons for one of the settings' choices."""
    entries, index = options(Settings, name)
    return st.radio(label, entries, index, key=f"momentum.{name}", horizontal=True, bind="query-params")


def slid(name: str, label: str) -> float:
    """A slider for one of the settings' numbers."""
    return st.slider(label, **limits(Settings, name), key=f"momentum.{name}", bind="query-params")


def settings() -> Settings:
    """Draw the secondary controls; everything that the reader has set."""
    values = {"momentum": float(MOMENTA[step_of(scrubbed(Settings, CONTROL))])}
    left, middle, right = st.columns(3, gap="large")
    with left:
        values["stream"] = chosen("stream", "The stream of batches is")
        values["convention"] = chosen("convention", "momentum as in")
    with middle:
        values["batch_size"] = slid("batch_size", "Batch size")
        values["steps"] = slid("steps", "Number of batches")
    with right:
        values["statistic"] = chosen("statistic", "Look at the running")
        with st.popover("More about the stream"):
            for name, label in STREAM.items():
                values[name] = slid(name, label)
    return Settings(**values)


STREAM = {
    "mean": "True mean",
    "sd": "True standard deviation",
    "factor": "Drift or jump multiplies the values by",
    "sample": "The watched value x",
    "seed": "Seed of the draw",
}


def control(words: Words, table: Result, step: int) -> Control:
    """The momentum control: the same memory at the same place, numbered as the chosen convention does."""
    convention = table.settings.convention
    shown = [f"{told(each, convention):g}" for each in MOMENTA]
    marks = {step_of(each): f"{shown[step_of(each)]} {words[f'mark.{mark}']}" for mark, each in momentum.MARKS.items()}
    reset = step_of(Settings().momentum)
    return Control(CONTROL, words[f"convention.{convention}"], MOMENTA, shown, step, reset, marks)


def texts(words: Words, table: Result) -> dict[str, list[str]]:
    """The live sentence and the tiles for every momentum."""
    facts = [table.facts(step) for step in range(len(MOMENTA))]
    rule = f"rule.{table.settings.convention}"
    sentences = [words.say(f"sentence.{word}", **known) for word, known in zip(table.verdict, facts, strict=True)]
    tiles = {f"tiles.{n}": [words.say(f"value.{tile}", **known) for known in facts] for n, tile in enumerate(TILES, 1)}
    return {"sentence": sentences, "tiles.0": [words.say(rule, **known) for known in facts], **tiles}


words = read("03_momentum")
lesson.opening(words)
guess = lesson.predict(words, "momentum")
if guess:
    figures = st.container()
    state = settings()
    table = st.cache_data(sweep, show_spinner=False, max_entries=64)(state, "momentum", MOMENTA)
    step = step_of(state.momentum)
    facts = table.facts(step)
    labels = [words.say("tile.update", **facts), *(words[f"tile.{tile}"] for tile in TILES)]
    moving = [draw.stream(table, step, CONTROL), draw.output(table, step, CONTROL), draw.memory(table, step, CONTROL)]
    with figures:
        scrub(moving, [control(words, table, step)], {CONTROL: texts(words, table)}, labels, key="momentum.scrub")
    lesson.reckoning(words, guess, **facts)
    lesson.depth(
        words,
        numpy=[update_running, momentum.batch_weights],
        name="03_momentum",
        keras=keras_code("03_momentum", state),
        reached=bool(table.reached[step]),
    )
