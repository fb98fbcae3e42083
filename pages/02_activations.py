"""Lesson 2, activations: settings → sweep over the weight scales → three figures that move together."""

import dataclasses

import streamlit as st

from bn_core.experiments.activations import SCALES, Settings, sweep
from bn_core.nets import network
from figures.activations import LAYER, SCALE, figures
from ui import lesson
from ui.code import keras_code
from ui.controls import asked
from ui.said.activations import answered, checked, texts
from ui.scrub import Control, scrub, scrubbed
from ui.words import Words, read

TILES = ("layer", "mean", "std", "between")


def settings(words: Words) -> Settings:
    """Draw the secondary controls; everything that the reader has set."""
    values = {"weight_scale": scrubbed(Settings, SCALE), "layer": scrubbed(Settings, LAYER)}
    left, middle, right = st.columns(3, gap="large")
    for place, names in {left: ("activation", "placement"), middle: ("depth", "shown"), right: ("batch_size",)}.items():
        with place:
            values |= {name: asked(Settings, f"activations.{name}", words) for name in names}
    with right, st.popover(words["label.more"]):
        values |= {name: asked(Settings, f"activations.{name}", words) for name in ("width", "seed")}
    return Settings(**values)


def controls(words: Words, state: Settings) -> list[Control]:
    """The weight scale, which carries the lesson, and the layer whose histogram is drawn."""
    scales, layers = [f"{scale:.3g}" for scale in SCALES], list(range(1, state.depth + 1))
    one = Settings(weight_scale=1.0).step
    return [
        Control(SCALE, words["control.weight_scale"], SCALES, scales, state.step, one, {one: words["mark.1"]}),
        Control(LAYER, words["control.layer"], layers, list(map(str, layers)), state.looked_at, state.depth - 1),
    ]


words = read("02_activations")
lesson.opening(words)
guess = lesson.predict(words, "activations")
if guess:
    slot = st.container()
    state = settings(words)
    net = dataclasses.replace(state, weight_scale=1.0, layer=1)  # a drag of these two needs no new sweep
    table = dataclasses.replace(st.cache_data(sweep, show_spinner=False, max_entries=64)(net), settings=state)
    now = table[state.step]
    labels = [*(words[f"tile.{tile}"] for tile in TILES), words[f"tile.{state.activation}"]]
    with slot:
        scrub(figures(table, now), controls(words, state), texts(words, table, now), labels, key="activations.scrub")
        st.caption(f"{words['caption']} {words[f'idle.{state.activation}']}")
    lesson.reckoning(words, guess, **answered())
    lesson.depth(
        checked(words, now),
        numpy=[network.layers, network.normalized],
        name="02_activations",
        keras=keras_code("02_activations", now.settings),
        reached=now.keeps_spread,
    )
