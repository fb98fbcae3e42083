"""Why training and inference differ: batch size and training steps are dragged; x_hat and predictions follow."""

from bn_core.steps import batch_statistics, normalize, update_running
from lessons.control import Control
from lessons.lesson import Lesson, Tile
from lessons.table import of_sweep
from lessons.train_infer import figures
from lessons.train_infer.experiment import AGAIN, DEEP, GRIDS, VERDICTS, Settings, sweep

VALIDATED_EARLY = {"layers": DEEP, "steps": 25, "image": 83}
LESSON = Lesson(
    slug="train_infer",
    settings=Settings,
    controls=[
        Control("batch_size", GRIDS["batch_size"]),
        Control("steps", GRIDS["steps"], slow=True),
        Control("drawn", GRIDS["drawn"]),
        Control("without", GRIDS["without"], lambda settings, values: [str(int(each) or "none") for each in values]),
    ],
    carrying=("batch_size", "steps"),
    rows=[("batches", "statistics"), ("layers", "image", "unit")],
    more=["seed"],
    presets={
        "alone": {"batch_size": 1},
        "decides": {"batch_size": 8, "drawn": 2, "without": 6},
        "alike": {"batches": "its own digit"},
        "early": VALIDATED_EARLY,
        "again": VALIDATED_EARLY | {"statistics": AGAIN},
    },
    tiles=[Tile("inference", 20), Tile("training", 28), Tile("theory", 7), Tile("other", 20)],
    alts=("cloud", "opinion", "progress"),
    verdicts={"sentence": VERDICTS},
    blanks=lambda settings: figures.blanks(),
    compute=of_sweep(sweep, figures),
    printed={
        "x_hat in inference:": ["fixed"],
        "x_hat in training mode, mean and spread:": ["mean", "spread"],
        "probability of the digit, in inference, and mean in training mode:": ["own", "own_mean"],
        "probability of the digit in the batch shown:": ["own_here"],
        "batches that say another digit:": ["other"],
        "held-out images right, in inference, and re-estimated:": ["in_inference", "again"],
        "training images right in training mode:": ["learned"],
    },
    engine=(batch_statistics, normalize, update_running),
    answer=lambda facts: 2 if facts["spread"] else 0,
    review=lambda facts: 1 if facts["spread"] else 0,
    goal={"batch_size": 64},
    checks=("reached", "not yet", "alike", "lagging"),
    heavy=lambda settings, along: settings.layers == DEEP and (along == "batch_size" or settings.batch_size > 128),
)
