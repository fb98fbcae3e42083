"""The lesson on gamma and beta: both are dragged, and the density of the outputs follows."""

import itertools

import numpy as np

from bn_core.steps import batch_statistics, normalize, scale_and_shift
from lessons.control import Control
from lessons.gamma_beta import figures
from lessons.gamma_beta.experiment import FURTHER, GRIDS, NEXT, SIGMOID, TRAINING, VERDICTS, Settings, sweep
from lessons.lesson import Lesson, Tile
from lessons.table import of_sweep

LATER = tuple(itertools.chain(*FURTHER.values()))
LESSON = Lesson(
    slug="gamma_beta",
    settings=Settings,
    controls=[Control(name, grid, "{:.2f}", {"start": 1 - n}) for n, (name, grid) in enumerate(GRIDS.items())],
    rows=[("view",), ("unit", "batch_size")],
    more=["seed"],
    presets={
        "mirror": {"gamma": -1.0},
        "flat": {"gamma": 0.0},
        "next": {"view": NEXT, "gamma": 1.3, "beta": -1.55},
        "sigmoid": {"view": SIGMOID, "gamma": 3.0, "beta": 3.5},
        "training": {"view": TRAINING},
    },
    tiles=[Tile("x", 21), Tile("x_hat", 21), Tile("y", 21)],
    alts=("densities", "training"),
    verdicts={"sentence": (*VERDICTS, *LATER)},
    rare=dict.fromkeys(LATER, "further") | dict.fromkeys(VERDICTS, "moving"),
    shape=["view"],
    blanks=figures.blanks,
    compute=of_sweep(sweep, figures),
    printed={"largest distance of a y from its x:": ["distance"], "share of y where a sigmoid is flat:": ["saturated"]}
    | {f"{name}:": (f"{name}_mean", f"{name}_std") for name in ("x", "x_hat", "y")}
    | {"trained, gamma and beta:": ["end_gamma", "end_beta"]},
    engine=(batch_statistics, normalize, scale_and_shift),
    answer=lambda facts: 1 if np.isclose(facts["x_skew"], facts["x_hat_skew"], atol=0.01) else 2,
    review=lambda facts: 2 if np.isclose(facts["x_skew"], facts["x_hat_skew"], atol=0.01) else 0,
    goal={"gamma": 1.3, "beta": -1.55},
    asked_at={"gamma": 1.5, "beta": 1.5},
    further={
        "sigmoid": {"view": SIGMOID, "gamma": 1.0, "beta": 0.0},
        "next": {"view": NEXT, "gamma": 1.2, "beta": -1.45},
        "training": {"view": TRAINING, "unit": 13},
    },
)
