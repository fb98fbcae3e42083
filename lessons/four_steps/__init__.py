"""The lesson on batch norm step by step: its controls, and the texts for each state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bn_core.steps import batch_statistics, normalize, scale_and_shift
from figures.numerals import Numeral
from lessons.content import read
from lessons.control import Control, Grid, Guess, nearest
from lessons.four_steps import figures
from lessons.four_steps.experiment import (
    GRIDS,
    STATIONS,
    VERDICTS,
    Settings,
    folded,
    grid,
    printed,
    run,
    sweep,
)
from lessons.lesson import Lesson, Tile
from lessons.table import Computed, rows

SLUG = "four_steps"


def compute(settings: Settings, along: str, values: Grid) -> Computed:
    """The four steps at every value of one control, and the texts about them."""
    result = sweep(settings, along, values)
    facts = rows(result.facts, len(values))
    places = zip(facts, result.traced, strict=True)
    return Computed(
        tracks=[figures.tracks(result)],
        facts=facts,
        verdicts={"sentence": result.verdict},
        truth=result.means[:, 3:],
        checks=result.checks,
        goal="check.outlier" if settings.outlier else "check",
        texts={
            "shown.trace": [shown_trace(each["x"], place + 1, settings) for each, place in places],
            "hint": [read(SLUG)["next.outlier" if settings.outlier else "next.alone"]],
        },
    )


def shown_trace(x: float, place: int, settings: Settings) -> str:
    """The traced value in the words of its control."""
    return read(SLUG).say("shown.trace", value=Numeral(x), place=place, size=settings.size)


def shown_traces(settings: Settings, places: Grid) -> list[str]:
    """The text of every value that can be traced."""
    return [shown_trace(x, place, settings) for place, x in enumerate(run(settings).stations[0], 1)]


def shown_pulls(settings: Settings, pulls: Grid) -> list[str]:
    """The pulled value at every pull, as text."""
    mate = min(settings.trace, len(settings.batch)) - 1
    return [f"{Numeral(value):short}" for value in sweep(settings, "pull", pulls).alone[:, 0, mate]]


def notes(settings: Settings) -> Mapping[str, Any]:
    """The batch as the server read it."""
    written = ", ".join(f"{value:.12g}" for value in settings.batch)
    words = read(SLUG)
    return {"batch": words.say("read as", count=len(settings.batch), batch=written), "caption": words["caption"]}


LESSON = Lesson(
    slug=SLUG,
    settings=Settings,
    controls=(
        Control("gamma", GRIDS["gamma"], "{:.2f}", marks={"start": 1}),
        Control("beta", GRIDS["beta"], "{:.1f}", marks={"start": 0}),
        Control("epsilon", GRIDS["epsilon"], marks={"epsilon": 1e-3}),
        Control("spread", GRIDS["spread"], "× {:.2f}", marks={"typed": 1}),
        Control("offset", GRIDS["offset"], "{:.1f}"),
        Control("trace", lambda settings: grid(settings, "trace"), shown_traces),
        Control("pull", GRIDS["pull"], shown_pulls),
        Control("outlier_value", GRIDS["outlier_value"], when="outlier"),
    ),
    carrying=("gamma", "beta"),
    rows=(("batch",), ("outlier",)),
    presets={"outlier": {"outlier": True}, "tight": {"spread": 0.05, "epsilon": 0.01}, "zero": {"gamma": 0.0}},
    shape=("batch", "outlier"),
    tiles=tuple(map(Tile, STATIONS, (6, 26, 22, 32))),
    alts=("lines",),
    verdicts={"sentence": VERDICTS},
    rare={"outlier": "outlier"},
    blanks=lambda settings: [figures.number_lines(settings)],
    compute=compute,
    printed=printed,
    engine=(batch_statistics, normalize, scale_and_shift),
    review=lambda facts: nearest((0.0, 1.5, 2.0), facts["y_mean"]),
    checks=("reached", "not yet", "narrow"),
    goal={"gamma": 2.0, "beta": 5.0},
    further={"outlier": {"outlier": True, "outlier_value": -15.0}},
    guess=Guess(step=0.1),
    notes=notes,
    folds=("pull",),
    fold=folded,
    sections=("shown.trace", "next.alone", "next.outlier", "read as", "caption"),
)
