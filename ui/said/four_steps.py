"""What lesson 1 says of its Results: the controls' values, the live sentence and the tiles."""

from __future__ import annotations

from bn_core.experiments.four_steps import STATIONS as TILES
from bn_core.experiments.four_steps import Result, Settings, grid, run
from figures.numerals import Numeral
from ui.scrub import Control, nearest_step
from ui.words import Words

SLUG = "four_steps"
SHOWN = {"gamma": "{:.2f}", "beta": "{:.1f}", "epsilon": "{:g}", "spread": "× {:.2f}", "offset": "{:.1f}"}
MARKS = {"gamma": (1, "start"), "beta": (0, "start"), "epsilon": (1e-3, "epsilon"), "spread": (1, "typed")}


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
