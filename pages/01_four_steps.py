"""Lesson 1, one batch: settings → sweeps over every control → four number lines, tiles and a sentence that follow."""

import streamlit as st

from bn_core import steps
from bn_core.experiments.four_steps import GRIDS, Settings, grid, run, sweep
from bn_core.experiments.settings import defaults, kinds
from figures.four_steps import number_lines
from ui import lesson
from ui.code import keras_code
from ui.query import escaped, spelled
from ui.said.four_steps import SLUG, TILES, control, texts, told
from ui.scrub import nearest_step, scrub, scrubbed
from ui.words import Words, read

CONTROLS = ("gamma", "beta", "epsilon", "spread", "offset", "trace", "outlier_value")


def typed_batch(words: Words) -> tuple[float, ...]:
    """The batch as typed; while what is typed is none, an error, and the last batch that was one."""
    kind, kept = kinds(Settings)["batch"], f"{SLUG}.good"
    label, default = words.say("label.batch", described=kind.described()), defaults(Settings)["batch"]
    text = st.text_input(label, spelled(default), key=f"{SLUG}.batch", bind="query-params", max_chars=200)
    try:
        st.session_state[kept] = kind.read(text)
    except ValueError as problem:
        st.session_state.setdefault(kept, default)
        st.error(words.say("bad batch", problem=escaped(str(problem)), batch=spelled(st.session_state[kept])))
    batch = st.session_state[kept]
    st.caption(words.say("read as", count=len(batch), batch=spelled(batch)))
    return batch


def settings(words: Words) -> Settings:
    """Draw the secondary controls; everything that the reader has set, scrubbed values snapped to their grids."""
    left, right = st.columns([2, 1], gap="large", vertical_alignment="center")
    with left:
        batch = typed_batch(words)
    with right:
        outlier = st.toggle(words["label.outlier"], key=f"{SLUG}.outlier", bind="query-params")
    given = {name: scrubbed(Settings, f"{SLUG}.{name}") for name in (*GRIDS, "trace")}
    given |= {name: float(values[nearest_step(values, given[name])]) for name, values in GRIDS.items()}
    given["trace"] = min(given["trace"], len(batch) + outlier)
    return Settings(batch=batch, outlier=outlier, **given)


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
    st.markdown(words["next.outlier" if state.outlier else "next.alone"])
    lesson.depth(
        words,
        numpy=[steps.batch_statistics, steps.normalize, steps.scale_and_shift],
        name="01_four_steps",
        keras=keras_code("01_four_steps", state),
        reached=bool(now.undone),
    )
