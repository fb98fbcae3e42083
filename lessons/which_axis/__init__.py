"""The lesson on what a mean is taken over: norm and cell are dragged, and the cells that share its mean light up."""

from bn_core.other_norms import layer_normalization, rms_normalization
from bn_core.steps import batch_statistics, normalize
from lessons.control import Control
from lessons.lesson import Lesson, Tile
from lessons.table import of_sweep
from lessons.which_axis import figures
from lessons.which_axis.experiment import (
    BATCHES,
    CELLS,
    NORMS,
    POOLED,
    POOLING,
    STACK,
    STACKED,
    VERDICTS,
    Settings,
    sweep,
)  # fmt: skip
from lessons.which_axis.pooling import GAMMAS
from lessons.which_axis.stack import PLACES

LESSON = Lesson(
    slug="which_axis",
    settings=Settings,
    controls=[
        Control(
            "norm", range(1, len(NORMS) + 1), figures.shown_norms, {"batch": 1, "group": 4, "rms": 7}, when="cells"
        ),
        Control("cell", range(len(CELLS)), figures.shown_cells, when="cells"),
        Control("gamma", GAMMAS, "{:.2f}", when="pooling"),
        Control("place", range(1, len(PLACES) + 1), figures.shown_places, when="stacked"),
        Control("images", BATCHES, when="stacked"),
    ],
    rows=[("beside", "seed")],
    presets={
        "width": {"norm": 2},
        "group": {"norm": 4},
        "rms": {"norm": 7},
        "pooling": {"beside": POOLING, "gamma": -0.5},
        "stack": {"beside": STACK},
    },
    tiles=[
        Tile(name, room, f"tile.{name}.{{beside}}")
        for name, room in {"counts": 7, "arithmetic": 38, "becomes": 34}.items()
    ],
    alts=("lit", "convolved", "pooling", "stack"),
    verdicts={"sentence": VERDICTS + POOLED + STACKED},
    rare=dict.fromkeys(POOLED, "pooling") | dict.fromkeys(VERDICTS, "norms") | dict.fromkeys(STACKED, "stacked"),
    shape=["beside"],
    blanks=figures.blanks,
    compute=of_sweep(sweep, figures),
    printed={
        "means (RMS: mean squares), numbers in each:": ["count", "size"],
        "mean and divisor:": ["mean", "divisor"],
        "the cell, before and after:": ["x", "x_hat"],
        "max pooling before batch norm and behind it, largest difference:": ["gap"],
        "the stack's numbers, those trained, and its means:": ["stack_numbers", "stack_trained", "stack_means"],
        "numbers that each of its first means is over:": ["stack_shared"],
    },
    engine=(batch_statistics, normalize, layer_normalization, rms_normalization),
    answer=lambda facts: (1, 4, 5, 20).index(facts["batch_count"]),
    review=lambda facts: (9, 45, 180).index(facts["batch_size"]),
    checks=("reached", "not yet", "forgotten.stack"),
    goal={"norm": 6},
    further={"pooling": {"beside": POOLING, "gamma": -1.5}, "stack": {"beside": STACK, "place": 4}},
)
