"""What lesson 2 says of its Results: the live sentence, the tiles, and the answers to its questions."""

from __future__ import annotations

import dataclasses

import streamlit as st

from bn_core.experiments.activations import LEAVES, SCALES, Lane, Result, Settings, run
from figures.activations import LAYER, SCALE, told
from ui.words import Words


def texts(words: Words, table: Result, now: Result) -> dict[str, dict[str, list[str]]]:
    """The live sentence and the tiles for every weight scale and, at the present one, for every layer."""
    scales, depth, at = [table[step] for step in range(len(SCALES))], now.settings.depth, now.settings.looked_at
    return {
        SCALE: {"sentence": [sentence(words, each) for each in scales], **tiles([(each, at) for each in scales])},
        LAYER: {"sentence": [sentence(words, now)] * depth, **tiles([(now, layer) for layer in range(depth)])},
    }


def sentence(words: Words, result: Result) -> str:
    """What both lanes do at one weight scale, to what enters the activations."""
    said = [words.say(f"{name}.{lane.verdict}", **told_facts(lane)) for name, lane in result.lanes().items()]
    return " ".join([words["entering"], *said] if result.settings.shown == LEAVES else said)


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
