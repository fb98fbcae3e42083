"""What standardizing the inputs solves: two features' scales and correlation are dragged, and two losses follow."""

from bn_core.steps import batch_statistics, normalize
from lessons.control import Control
from lessons.input_scaling import figures
from lessons.input_scaling.experiment import GRIDS, VERDICTS, Settings, sweep
from lessons.lesson import Lesson, Tile
from lessons.table import of_sweep

LESSON = Lesson(
    slug="input_scaling",
    settings=Settings,
    controls=[
        Control("ratio", GRIDS["ratio"], "{:g}×"),
        Control("correlation", GRIDS["correlation"], "{:.2f}", {"none": 0}),
    ],
    rows=[("seed",)],
    presets={"scale": {"ratio": 3.2, "correlation": 0.0}, "alike": {"ratio": 1.0}, "units": {"ratio": 100.0}},
    tiles=[Tile("condition", 19), Tile("steps", 16), Tile("batches", 23)],
    alts=("raw", "standardized"),
    verdicts={"sentence": VERDICTS},
    blanks=lambda settings: figures.blanks(),
    compute=of_sweep(sweep, figures),
    printed={
        "condition number, raw and standardized:": ["raw_condition", "condition"],
        "steps, raw and standardized:": ["raw_steps", "steps"],
        "first example, Normalization:": ["fixed"],
        "first example, BatchNormalization, lowest and highest:": ["lowest", "highest"],
    },
    engine=(batch_statistics, normalize),
    answer=lambda facts: 1 if facts["raw_condition"] > facts["condition"] > 1.01 else 0,
    review=lambda facts: 1 if facts["raw_condition"] > facts["condition"] > 1.01 else 0,
    goal={"correlation": 0.99},
)
