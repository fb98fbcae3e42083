"""The lesson on what momentum changes and what it does not: its controls, and the texts for each state."""

from __future__ import annotations

import dataclasses
import functools

from bn_core.running import batch_weights
from bn_core.steps import update_running
from lessons.control import Control, Grid, Guess
from lessons.lesson import Lesson, Tile
from lessons.momentum import experiment, figures
from lessons.momentum.experiment import MARKS, MOMENTA, VERDICTS, Result, Settings, in_convention, step_of
from lessons.table import Computed, computed


def compute(settings: Settings, along: str, values: Grid) -> Computed:
    """The result at every momentum, or at one; the figures' axes hold all of them."""
    everything = swept(dataclasses.replace(settings, momentum=0.0))
    result = everything if len(values) > 1 else everything.only(step_of(float(values[0])))
    return computed(result, figures.tracks(result, figures.spans(everything)))


@functools.lru_cache(maxsize=32)
def swept(settings: Settings) -> Result:
    return experiment.sweep(settings, "momentum", MOMENTA)


def shown(settings: Settings, momenta: Grid) -> list[str]:
    """Every momentum as the chosen convention writes it; a memory of the same length stays at the same place."""
    return [f"{in_convention(each, settings.convention):g}" for each in momenta]


LESSON = Lesson(
    slug="momentum",
    settings=Settings,
    controls=(
        Control(
            "momentum",
            MOMENTA,
            shown,
            marks=MARKS,
            label="convention.{convention}",
            nearest=lambda _, momentum: step_of(momentum),
        ),
    ),
    rows=(("stream", "convention"), ("batch_size", "steps"), ("statistic",)),
    more=("mean", "sd", "factor", "sample", "seed"),
    presets={"jump": {"stream": "jumping", "momentum": 0.968}, "last": {"momentum": 0.0}, "few": {"batch_size": 4}},
    tiles=(Tile("update", 35), Tile("start", 7), Tile("inference", 7), Tile("training", 23)),
    alts=("stream", "output", "memory"),
    verdicts={"sentence": VERDICTS},
    blanks=lambda settings: figures.blanks(),
    compute=compute,
    printed=experiment.printed,
    engine=(update_running, batch_weights),
    review=lambda facts: 0 if facts["difference"] else 2,
    goal={"momentum": 0.95},
    guess=Guess("curve", axis="y"),
)
