"""Lesson 1, one batch: settings → sweeps over every control → four number lines, tiles and a sentence that follow."""

import streamlit as st

from bn_core import steps
from bn_core.experiments import four_steps
from bn_core.experiments.four_steps import GRIDS, Result, Settings, grid, run, sweep
from bn_core.experiments.settings import defaults, kinds
from figures.four_steps import number_lines
from figures.numerals import Numeral
from ui import lesson
from ui.code import keras_code
from ui.query import spelled
from ui.scrub import Control, nearest_step, scrub, scrubbed
from ui.words import Words, read

SLUG = "four_steps"
CONTROLS = ("outlier_value", "gamma", "beta", "epsilon", "spread", "offset", "trace")
SHOWN = {"gamma": "{:.2f}", "beta": "{:.1f}", "epsilon": "{:g}", "spread": "× {:.2f}", "offset": "{:.1f}"}
MARKS = {"gamma": (1, "start"), "beta": (0, "start"), "epsilon": (1e-3, "epsilon"), "spread": (1, "typed")}
TILES = four_steps.STATIONS


def typed_batch(words: Words) -> tuple[float, ...]:
    """The batch as typed; while what is typed is none, an error, and the last batch that was one."""
    kind, kept = kinds(Settings)["batch"], f"{SLUG}.good"
    label, default = words.say("label.batch", described=kind.described()), defaults(Settings)["batch"]
    text = st.text_input(label, spelled(default), key=f"{SLUG}.batch", bind="query-params", max_chars=200)
    try:
        st.session_state[kept] = kind.read(text)
    except ValueError as problem:
        st.session_state.setdefault(kept, default)
        st.error(words.say("bad batch", problem=problem, batch=spelled(st.session_state[kept])))
    return st.session_state[kept]


def settings(words: Words) -> Settings:
    """Draw the secondary controls; everything that the reader has set, scrubbed values snapped to their grids."""
    left, right = st.columns([2, 1], gap="large", vertical_alignment="bottom")
    with left:
        batch = typed_batch(words)
    with right:
        outlier = st.toggle(words["label.outlier"], key=f"{SLUG}.outlier", bind="query-params")
    given = {name: scrubbed(Settings, f"{SLUG}.{name}") for name in (*GRIDS, "trace")}
    given |= {name: float(values[nearest_step(values, given[name])]) for name, values in GRIDS.items()}
    given["trace"] = min(given["trace"], len(batch) + outlier)
    return Settings(batch=batch, outlier=outlier, **given)


def control(words: Words, state: Settings, name: str) -> Control:
    """The scrubbed control for one of the settings."""
    values = grid(state, name)
    shown = [SHOWN.get(name, "{:g}").format(Numeral(value)) for value in values]
    if name == "trace":
        entries = run(state).stations[0]
        shown = [words.say("shown.trace", value=Numeral(x), place=n, size=state.size) for n, x in enumerate(entries, 1)]
    start, reset = (nearest_step(values, getattr(each, name)) for each in (state, Settings()))
    marks = (
        {nearest_step(values, value): words[f"mark.{mark}"] for value, mark in [MARKS[name]]} if name in MARKS else {}
    )
    return Control(f"{SLUG}.{name}", words[f"label.{name}"], values, shown, start, reset, marks)


def told(table: Result) -> list[dict[str, Numeral]]:
    """The numbers of every step, as the words file writes them."""
    return [{name: Numeral(value) for name, value in facts.items()} for facts in table.facts()]


def texts(words: Words, table: Result) -> dict[str, list[str]]:
    """The live sentence and the tiles for every step of a sweep."""
    facts = told(table)
    tiles = {f"tiles.{n}": [words.say(f"value.{tile}", **each) for each in facts] for n, tile in enumerate(TILES)}
    sentences = [words.say(f"sentence.{verdict}", **each) for verdict, each in zip(table.verdict, facts, strict=True)]
    return {"sentence": sentences, **tiles}


words = read("01_four_steps")
lesson.opening(words)
guess = lesson.predict(words, SLUG)
if guess:
    figure = st.container()
    state = settings(words)
    names = [name for name in CONTROLS if name != "outlier_value" or state.outlier]
    tables = {f"{SLUG}.{name}": sweep(state, name, grid(state, name)) for name in names}
    now = run(state)
    with figure:
        scrub(
            [number_lines(now, tables)],
            [control(words, state, name) for name in names],
            {name: texts(words, table) for name, table in tables.items()},
            [words[f"tile.{tile}"] for tile in TILES],
            key=f"{SLUG}.scrub",
        )
    lesson.reckoning(words, guess, **told(now.as_table())[0])
    lesson.depth(
        words,
        numpy=[steps.batch_statistics, steps.normalize, steps.scale_and_shift],
        name="01_four_steps",
        keras=keras_code("01_four_steps", state),
        reached=bool(now.undone),
    )
