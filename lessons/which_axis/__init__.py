"""Over what a mean is taken: norm and cell are dragged, and the cells that share its mean light up."""

from bn_core.other_norms import layer_normalization, rms_normalization
from bn_core.steps import batch_statistics, normalize
from lessons.control import Control
from lessons.lesson import Lesson, Tile
from lessons.table import of_sweep
from lessons.which_axis import figures
from lessons.which_axis.experiment import CELLS, NORMS, POOLED, VERDICTS, Settings, sweep
from lessons.which_axis.pooling import GAMMAS

LESSON = Lesson(
    slug="which_axis",
    settings=Settings,
    controls=[
        Control("norm", range(1, len(NORMS) + 1), figures.shown_norms, {"batch": 1, "group": 4, "rms": 7}),
        Control("cell", range(len(CELLS)), figures.shown_cells),
        Control("gamma", GAMMAS, "{:.2f}", when="pooling"),
    ],
    rows=[("pooling", "seed")],
    presets={
        "width": {"norm": 2},
        "group": {"norm": 4},
        "rms": {"norm": 7},
        "pooling": {"pooling": True, "gamma": -0.5},
    },
    tiles=[Tile("counts", 7), Tile("arithmetic", 38), Tile("becomes", 34)],
    alts=("lit", "convolved", "pooling"),
    verdicts={"sentence": VERDICTS + POOLED},
    rare=dict.fromkeys(POOLED, "pooling") | dict.fromkeys(VERDICTS, "norms"),
    shape=["pooling"],
    blanks=figures.blanks,
    compute=of_sweep(sweep, figures),
    printed={
        "means (RMS: mean squares), numbers in each:": ["count", "size"],
        "mean and divisor:": ["mean", "divisor"],
        "the cell, before and after:": ["x", "x_hat"],
        "max pooling before batch norm and behind it, largest difference:": ["gap"],
    },
    engine=(batch_statistics, normalize, layer_normalization, rms_normalization),
    answer=lambda facts: (1, 4, 5, 20).index(facts["batch_count"]),
    review=lambda facts: (9, 45, 180).index(facts["batch_size"]),
    goal={"norm": 6},
)
