"""Black animals in training, colored ones in the test: what this shift does to batch norm's running statistics."""

from bn_core.steps import batch_statistics, normalize, update_running
from lessons.control import Control, Guess
from lessons.covariate_shift import figures
from lessons.covariate_shift.accounts import ALONG, CHANGED, RATES, SCATTER
from lessons.covariate_shift.experiment import RACE, SHIFTS, TRAINED, VERDICTS, Settings, printed, sweep
from lessons.lesson import Lesson, Tile
from lessons.table import of_sweep

LESSON = Lesson(
    slug="covariate_shift",
    settings=Settings,
    controls=[Control("shift", SHIFTS, "{:.0%}", {"black": 0, "color": 1})],
    rows=[("coat", "unlabeled", "cats"), ("beside", "unit"), ("activation", "noise")],
    more=["seed"],
    presets={
        "mixed": {"coat": "mixed", "shift": 1.0},
        "only": {"cats": 1.0},
        "race": {"beside": RACE, "shift": 1.0},
        "rates": {"beside": RATES, "activation": "relu", "shift": 1.0},
        "changed": {"beside": CHANGED, "activation": "relu", "shift": 1.0},
    },
    tiles=[Tile(name, 25) for name in ("plain", "old", "new")],
    alts=("tests", "unit", "race", "scattered", "along", "tolerated", "passed"),
    verdicts={"sentence": VERDICTS + TRAINED},
    rare=dict.fromkeys(TRAINED, "training") | dict.fromkeys(VERDICTS, "testing"),
    shape=["beside"],
    blanks=figures.blanks,
    compute=of_sweep(sweep, figures),
    printed=printed,
    engine=(batch_statistics, normalize, update_running),
    review=lambda facts: 1 if facts["new_end"] > facts["old_end"] + 0.2 else 2,
    goal={"shift": 0.55},
    further={
        "race": {"beside": RACE, "activation": "relu"},
        "rates": {"beside": RATES, "activation": "sigmoid"},
        "changed": {"beside": CHANGED, "activation": "sigmoid"},
        "scattered": {"beside": SCATTER, "activation": "relu"},
        "along": {"beside": ALONG, "activation": "relu"},
    },
    asked_at={"shift": 1.0},
    guess=Guess(axis="y", low=0.4, high=1.0, step=0.01, percent=True),
)
