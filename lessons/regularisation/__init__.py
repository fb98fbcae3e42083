"""Does batch norm replace dropout? Rate and batch size are dragged; test loss, noise and variance follow."""

import numpy as np

from bn_core.steps import batch_statistics, normalize
from lessons.control import Control, Guess
from lessons.lesson import Lesson, Tile
from lessons.regularisation import figures
from lessons.regularisation.experiment import GRIDS, VERDICTS, Settings, sweep
from lessons.table import of_sweep

LESSON = Lesson(
    slug="regularisation",
    settings=Settings,
    controls=[Control("dropout", GRIDS["dropout"]), Control("batch_size", GRIDS["batch_size"])],
    rows=[("task",), ("place",)],
    more=["seed"],
    presets={
        "large": {"batch_size": 128},
        "half": {"dropout": 0.5},
        "clean": {"task": "1,024, all labels right", "dropout": 0.2},
    },
    tiles=[Tile("plain", 14), Tile("norm", 14), Tile("noise", 26), Tile("ratio", 5)],
    alts=("losses", "noise", "shift"),
    verdicts={"sentence": VERDICTS},
    blanks=lambda settings: figures.blanks(),
    compute=of_sweep(sweep, figures),
    printed={
        "noise of batch norm, theory:": ["noise", "theory"],
        "noise of dropout:": ["dropout_noise"],
        "variance in inference over training:": ["ratio"],
    },
    engine=(batch_statistics, normalize),
    review=lambda facts: int(np.argmin([facts["norm_none"], facts["norm_best"], facts["plain_best"]])),
    goal={"dropout": 0.2, "batch_size": 8},
    guess=Guess("order"),
)
