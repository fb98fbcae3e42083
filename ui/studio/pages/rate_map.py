"""The shipped map of the training lesson: which learning rates train which depth; each cell links to its run."""

from __future__ import annotations

import functools
import html
from collections import Counter
from urllib.parse import urlencode

import streamlit as st

from figures import theme
from training.shipped import rate_map
from training.spec import plan
from training.spec.lesson import Settings
from ui.page.lesson import TEXT_WIDTH
from ui.state.repair import spelled
from ui.studio.lesson import WORDS

STYLE = """<style>
.lab-map { border-collapse: separate; border-spacing: 3px; font-variant-numeric: tabular-nums; }
.lab-map :is(th, td) { padding: 0; border: 0; text-align: center; font-weight: 400; }
.lab-map caption { text-align: left; font-weight: 600; padding-bottom: 0.25rem; }
.lab-map a { display: block; min-width: 3.4rem; padding: 0.35rem 0.3rem; border-radius: 4px; color: inherit;
  text-decoration: none; background: color-mix(in srgb, var(--lane) var(--deep), transparent); line-height: 1.2; }
.lab-map a:hover { outline: 2px solid currentColor; }
.lab-map th { padding-inline: 0.4rem; }
.lab-map small { display: block; }
.lab-maps { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; overflow-x: auto; padding-bottom: 4px; }
@media (max-width: 640px) { .lab-map a { min-width: 2.35rem; padding-inline: 0.1rem; font-size: 0.85em; } }
</style>"""
COLORS = {"without": theme.BEFORE, "with": theme.AFTER}
MOST = 90
"""With this many mistakes a cell has next to no color."""


def draw(guess: str) -> None:
    """Draw both maps, with what they show and how they were made. guess: the reader's prediction, kept in the links."""
    st.header(WORDS["map.title"], anchor=False)
    examples = plan.facts(Settings().studio())["examples"]["validation"]
    st.markdown(WORDS.say("map.lead", examples=examples), width=TEXT_WIDTH)
    st.html(tables(guess))
    st.markdown(WORDS["map.key"], width=TEXT_WIDTH)


@functools.lru_cache(32)
def tables(guess: str) -> str:
    """The maps as HTML."""
    return f'{STYLE}<div class="lab-maps">{"".join(table(lane, guess) for lane in rate_map.LANES)}</div>'


def table(lane: str, guess: str) -> str:
    """The map of one lane of rate_map.LANES."""
    rates = "".join(f"<th scope=col>{spelled(rate)}</th>" for rate in rate_map.RATES)
    head = f"<caption>{WORDS[f'map.{lane}']}</caption><tr><th>{WORDS['map.axes']}</th>{rates}</tr>"
    rows = "".join(
        f"<tr><th scope=row>{depth}</th>{''.join(cell(lane, place, guess) for place in row)}</tr>"
        for depth, row in zip(rate_map.DEPTHS, places(), strict=True)
    )
    return f'<table class="lab-map" style="--lane: {COLORS[lane]}">{head}{rows}</table>'


def places() -> list[list[tuple[int, int]]]:
    """The indices (depth, rate) of the cells, row by row."""
    return [[(row, column) for column in range(len(rate_map.RATES))] for row in range(len(rate_map.DEPTHS))]


def cell(lane: str, place: tuple[int, int], guess: str) -> str:
    """A cell: the median mistakes over seeds that learned, and the results of the other seeds."""
    (middle, lost), mistakes = rate_map.shown(lane, *place), rate_map.middle(lane, *place)
    counts = Counter(rate_map.seeds(lane, *place)[0])
    fates = ", ".join(WORDS.say(f"map.{fate}", count=count) for fate, count in counts.items())
    share = 0.0 if mistakes is None else max(0.08, 0.55 * (1 - mistakes / MOST))
    text = f"{middle}<small>{lost}</small>" if middle and lost else middle or lost
    return (
        f'<td><a href="{html.escape(address(place, guess))}" target="_self" title="{html.escape(fates)}" '
        f'style="--deep: {100 * share:.0f}%">{text}</a></td>'
    )


def address(place: tuple[int, int], guess: str) -> str:
    """The address of the cell's run on this page, at its end."""
    run = rate_map.settings(rate_map.DEPTHS[place[0]], rate_map.RATES[place[1]], rate_map.SEEDS[0])
    usual = vars(Settings())
    values = {f"training.{name}": spelled(value) for name, value in vars(run).items() if value != usual[name]}
    steps = plan.facts(run.studio())["steps"]
    return f"?{urlencode(values | {'training.guess': guess, 'training.step': steps})}"
