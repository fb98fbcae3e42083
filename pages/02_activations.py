"""Lesson 2, activations: settings → sweep over the weight scales → three figures that move together."""

import dataclasses

import streamlit as st

from bn_core import network
from bn_core.experiments.activations import SCALES, Lane, Result, Settings, run, sweep
from figures.activations import LAYER, SCALE, figures, told
from ui import lesson
from ui.code import keras_code
from ui.query import limits, options
from ui.scrub import Control, scrub, scrubbed
from ui.words import Words, read

TILES = ("layer", "mean", "std", "between")


def chosen(name: str, label: str) -> str:
    """A row of buttons for one of the settings' choices."""
    entries, index = options(Settings, name)
    return st.radio(label, entries, index, key=f"activations.{name}", horizontal=True, bind="query-params")


def slid(name: str, label: str) -> int:
    """A slider for one of the settings' numbers."""
    return st.slider(label, **limits(Settings, name), key=f"activations.{name}", bind="query-params")


def settings() -> Settings:
    """Draw the secondary controls; everything that the reader has set."""
    values = {"weight_scale": scrubbed(Settings, SCALE), "layer": scrubbed(Settings, LAYER)}
    left, middle, right = st.columns(3, gap="large")
    with left:
        values["activation"] = chosen("activation", "Activation")
        values["placement"] = chosen("placement", "Batch norm stands … the activation")
    with middle:
        values["depth"] = slid("depth", "Depth (hidden layers)")
        values["shown"] = chosen("shown", "Look at")
    with right:
        values["batch_size"] = slid("batch_size", "Batch size (images)")
        with st.popover("More about the net"):
            values["width"] = slid("width", "Width (units per layer)")
            values["seed"] = slid("seed", "Seed of weights and batch")
    return Settings(**values)


def controls(words: Words, state: Settings) -> list[Control]:
    """The weight scale, which carries the lesson, and the layer whose histogram is drawn."""
    scales, layers = [f"{scale:.3g}" for scale in SCALES], list(range(1, state.depth + 1))
    one = Settings(weight_scale=1.0).step
    return [
        Control(SCALE, words["control.weight_scale"], SCALES, scales, state.step, one, {one: words["mark.1"]}),
        Control(LAYER, words["control.layer"], layers, list(map(str, layers)), state.looked_at, state.depth - 1),
    ]


def texts(words: Words, table: Result, now: Result) -> dict[str, dict[str, list[str]]]:
    """The live sentence and the tiles for every weight scale and, at the present one, for every layer."""
    scales, depth, at = [table[step] for step in range(len(SCALES))], now.settings.depth, now.settings.looked_at
    return {
        SCALE: {"sentence": [sentence(words, each) for each in scales], **tiles([(each, at) for each in scales])},
        LAYER: {"sentence": [sentence(words, now)] * depth, **tiles([(now, layer) for layer in range(depth)])},
    }


def sentence(words: Words, result: Result) -> str:
    """What both lanes do at one weight scale."""
    return " ".join(words.say(f"{name}.{lane.verdict}", **told_facts(lane)) for name, lane in result.lanes().items())


def told_facts(lane: Lane) -> dict[str, float | str]:
    """What a sentence may say of a lane, its deviations as a reader wants them."""
    facts = lane.facts()
    return facts | {name: told(facts[name]) for name in ("first", "last", "between")}


def tiles(places: list[tuple[Result, int]]) -> dict[str, list[str]]:
    """The tiles' texts for pairs of a result and a layer's index: one list per tile."""
    rows = [tile_texts(result, layer) for result, layer in places]
    return {f"tiles.{number}": list(column) for number, column in enumerate(zip(*rows, strict=True))}


def tile_texts(result: Result, layer: int) -> list[str]:
    """The layer's number, then mean, std, std between images and idle share, without → with batch norm."""
    lanes = result.lanes().values()
    means = [told(round(float(lane.mean[layer]), 6) + 0.0) for lane in lanes]
    pairs = [[told(getattr(lane, name)[layer]) for lane in lanes] for name in ("std", "between")]
    idle = [f"{lane.idle[layer]:.0%}" for lane in lanes]
    return [str(layer + 1), *(" → ".join(pair) for pair in (means, *pairs, idle))]


def answered() -> dict[str, float | str]:
    """What the model says to the question asked under "predict": the default net, at the default weight scale."""
    result = st.cache_data(run, show_spinner=False, max_entries=1)(Settings())
    normed = told_facts(result.normed)
    return told_facts(result.plain) | {
        "depth": result.settings.depth, "with_first": normed["first"], "with_last": normed["last"]
    }  # fmt: skip


def checked(words: Words, now: Result) -> Words:
    """The words with this net's own numbers in the answers to the check question."""
    known = {**dataclasses.asdict(now.settings), "keeping": now.keeping_scale, "growth": now.plain.growth}
    answers = {name: words.say(name, **known) for name in ("check.reached", "check.not yet")}
    return dataclasses.replace(words, sections=words.sections | answers)


words = read("02_activations")
lesson.opening(words)
guess = lesson.predict(words, "activations")
if guess:
    slot = st.container()
    state = settings()
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
        numpy=[network.forward, network.normalized],
        name="02_activations",
        keras=keras_code("02_activations", now.settings),
        reached=now.keeps_spread,
    )
