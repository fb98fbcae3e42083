"""The lesson on the layers of a deep net and their values: its controls, and the facts that its words quote."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from bn_core.nets import network
from lessons.activations import figures
from lessons.activations.experiment import (
    HE,
    LEAVES,
    SCALES,
    VERDICTS,
    NetLayers,
    Result,
    Settings,
    printed,
    run,
    sweep,
)
from lessons.activations.figures import brief
from lessons.content import read
from lessons.control import Control, Grid, Guess, nearest
from lessons.lesson import Lesson, Tile
from lessons.table import Computed

SLUG = "activations"


def compute(settings: Settings, along: str, values: Grid) -> Computed:
    """The result at every weight scale, or for every layer at one scale."""
    if along == "weight_scale":
        table = sweep(settings, values)
        results, layers = [table[step] for step in range(len(values))], np.full(len(values), settings.looked_at)
    else:
        table = sweep(settings, np.array([settings.weight_scale]))
        results, layers = [table[0]] * len(values), values.astype(int) - 1
    steps = list(zip(results, layers, strict=True))
    return Computed(
        tracks=figures.tracks(table, layers),
        facts=[facts(result, layer) for result, layer in steps],
        verdicts={
            **({"about": ["entering"] * len(steps)} if settings.shown == LEAVES else {}),
            **{name: [result.lanes()[name].verdict for result in results] for name in ("without", "with")},
        },
        checks=[checked(result) for result in results],
        goal=asked(settings),
        truth=np.array([result.plain.std[-1:] for result in results]),
    )


def facts(result: Result, layer: int) -> Mapping[str, Any]:
    """The facts about a net, about its layer with this index, and about the default net."""
    settings, lanes = dataclasses.asdict(result.settings), result.lanes()
    return {
        **settings,
        **default_facts(),
        "keeping": result.keeping_scale,
        "layer": layer + 1,
        **{f"{name}_{fact}": value for name, lane in lanes.items() for fact, value in of_lane(lane).items()},
        **{f"{name}_{fact}": text for name, lane in lanes.items() for fact, text in of_layer(lane, layer).items()},
    }


def of_lane(lane: NetLayers) -> dict[str, float | str]:
    """The facts about a lane, with its standard deviations written for readers."""
    known = lane.facts()
    deviations = [brief(std) for std in lane.std]
    shown = {"stds": ", ".join(deviations), "first_std": deviations[0], "last_std": deviations[-1]}
    return known | shown | {name: brief(known[name]) for name in ("first", "last", "apart", "between")}


def of_layer(lane: NetLayers, layer: int) -> dict[str, str]:
    """The numbers on the tiles, for one layer of a lane."""
    return {
        "mean": brief(round(float(lane.mean[layer]), 6) + 0.0),
        "std": brief(lane.std[layer]),
        "spread": brief(lane.between[layer]),
        "share": f"{lane.idle[layer]:.0%}",
    }


@functools.cache
def default_facts() -> dict[str, Any]:
    """The facts about the default net at its weight scale, which the question under "predict" is about."""
    result = run(Settings())
    lanes = {
        f"usual_{name}_{fact}": value for name, lane in result.lanes().items() for fact, value in of_lane(lane).items()
    }
    return {"usual_depth": result.settings.depth, **lanes}


def checked(result: Result) -> str:
    """The word of the answer to the goal, which is another one for each activation."""
    if result.settings.depth == 1:
        return "one layer"
    own = asked(result.settings).removeprefix("check")
    return ("reached" if result.reached else "not yet") + own


def asked(settings: Settings) -> str:
    """The section with the goal."""
    return "check" if settings.activation == "relu" else f"check.{settings.activation}"


def caption(settings: Settings) -> dict[str, str]:
    """The meaning of the figures' marks."""
    return {"caption": f"{read(SLUG)['caption']} {read(SLUG)[f'idle.{settings.activation}']}"}


LESSON = Lesson(
    slug=SLUG,
    settings=Settings,
    controls=(
        Control(
            "weight_scale",
            SCALES,
            "{:.3g}",
            marks={"one": 1.0},
            nearest=lambda scales, scale: int(np.argmin(abs(np.log(scales / scale)))),
            slow=True,
        ),
        Control("layer", lambda settings: range(1, settings.depth + 1), reset=lambda settings: settings.depth),
    ),
    rows=(("activation", "placement"), ("depth", "shown"), ("batch_size",)),
    more=("width", "seed"),
    shape=("depth", "activation", "placement", "shown"),
    presets={"tiny": {"weight_scale": 0.1}, "sigmoid": {"activation": "sigmoid"}, "deep": {"depth": 20, "layer": 20}},
    tiles=(
        Tile("layer", 2),
        Tile("mean", 24),
        Tile("std", 21),
        Tile("between", 21),
        Tile("idle", 11, label="tile.{activation}"),
    ),
    alts=("ridges", "spreads", "histogram"),
    verdicts={"about": ("entering",), "without": VERDICTS, "with": VERDICTS},
    checks=("reached", "not yet", "one layer"),
    blanks=figures.blanks,
    compute=compute,
    printed=printed,
    engine=(network.layers, network.normalized),
    review=lambda facts: nearest((1.0, 0.7, 2.0), facts["usual_without_growth"]),
    goal={"weight_scale": HE},
    further={
        "sigmoid": {"activation": "sigmoid", "weight_scale": float(SCALES[39])},
        "tanh": {"activation": "tanh", "weight_scale": float(SCALES[24])},
    },
    guess=Guess(low=0.01, high=4.0, step=0.05, mirror=True, ratio=True),
    notes=caption,
    sections=("caption", "idle.relu", "idle.tanh", "idle.sigmoid"),
)
