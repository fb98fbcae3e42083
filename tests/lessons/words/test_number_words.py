"""Contract: a number written out in the words can be computed, or was decided to be no claim."""

import re
from collections.abc import Callable

import pytest

from lessons import activations, gamma_beta, input_scaling, momentum, which_axis
from lessons.claims.verdicts import CLAIMS
from lessons.covariate_shift import measure, world
from lessons.covariate_shift.animals import COATS
from lessons.covariate_shift.figures import SHOWN
from lessons.regularisation.measure import LAYERS, SEEDS, TASKS
from lessons.which_axis import stack
from tests.lessons.words import test_numerals as numerals
from training.analysis.diagnosis import DEAD_SHARE
from training.shipped import rate_map
from training.spec.settings import Settings as Studio
from training.sweeps import results
from ui.studio.presets import PRESETS

COUNTS = re.findall(
    r"\w+",
    """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty""",
)
SHARES = {0.5: "half", 0.25: "quarter", 0.2: "fifth", 0.1: "tenth", 100: "hundred"}
WORD = re.compile(rf"\b({'|'.join([*COUNTS[3:], *SHARES.values(), 'twice', 'thousandth'])})\b", re.IGNORECASE)
"""Without one and two: there are too many of them, and nobody miscounts them."""
PLAIN = {
    "*|worksheet*": "what is asked about",
    "worksheet|live.questions": "three are printed",
    "*|review": "two calls, two trainings",
    "activations|check*": "tests/lessons/activations/test_experiment.py",
    "activations|instructor": "what to try",
    "claims|evidence.2": "what the paper of 2015 says",
    "covariate_shift|check": "tests/lessons/covariate_shift/test_experiment.py",
    "covariate_shift|instructor": "a preset's name, and its five nets",
    "covariate_shift|sentence.along": "a quantile: tests/lessons/covariate_shift/test_accounts.py",
    "covariate_shift|sentence.spoiled": "as many cats as dogs",
    "four_steps|*": "the lesson's four lines",
    "input_scaling|explain": "only half right",
    "momentum|sentence.stale": "a half-life",
    "momentum|formula": "a half-life",
    "momentum|instructor": "(n − 1)/n of four; a half-life",
    "regularisation|instructor": "the choices, and the seeds",
    "regularisation|look.half": "tests/lessons/regularisation/test_experiment.py",
    "studio|glossary": "ten classes",
    "studio|live.view.layer": "tests/lessons/test_sentences.py",
    "studio|live.wrong.plateau": "a rule of thumb",
    "tables|broken": "how a quotation mark is written",
    "tables|mostly gaps": "tests/tables",
    "tables|precision": "float32",
    "train_infer|predict": "two calls",
    "train_infer|explain": "seeds: tests/lessons/words/test_numerals.py",
    "train_infer|not shown": "seeds: tests/lessons/words/test_numerals.py",
    "train_infer|instructor": "tests/lessons/train_infer/test_experiment.py",
    "training|explain": "a claim's first half",
}


def spelled(*numbers: float) -> list[str]:
    return [SHARES.get(number) or COUNTS[round(number)] for number in numbers]


def tried(lesson, name: str) -> dict:
    return lesson.LESSON.presets[name]


HELD: dict[str, Callable[[], list[str]]] = {
    "activations|look.tiny": lambda: spelled(tried(activations, "tiny")["weight_scale"]),
    "activations|preset.deep": lambda: spelled(tried(activations, "deep")["depth"]),
    "activations|look.deep": lambda: spelled(20, *[20 - activations.experiment.Settings().depth] * 2),
    "activations|explain": lambda: spelled(0.5),
    "activations|reckoning": lambda: spelled(0.5, activations.experiment.Settings().depth - 1),
    "claims|lead": lambda: spelled(len(CLAIMS)),
    "claims|evidence.1": lambda: spelled(world.NETS, world.NETS),
    "covariate_shift|alt.tests": lambda: spelled(len(SHOWN)),
    "covariate_shift|preset.mixed": lambda: spelled(len(COATS["mixed"])),
    "covariate_shift|look.mixed": lambda: spelled(len(COATS["mixed"])),
    "covariate_shift|look.race": lambda: spelled(world.NETS),
    "covariate_shift|look.rates": lambda: spelled(len(measure.TRIED)),
    "covariate_shift|reckoning": lambda: spelled(world.NETS),
    **{f"covariate_shift|value.{one}": lambda: spelled(world.NETS) for one in ("plain", "old", "new")},
    "covariate_shift|explain": lambda: spelled(len(COATS["mixed"]), measure.FURTHER[-1]),
    "covariate_shift|not shown": lambda: spelled(
        *(measure.DEPTH, len(measure.SEEDS), world.NETS, measure.FURTHER[0], measure.FURTHER[-1]),
        *(world.NETS, world.NETS),
    ),
    "gamma_beta|not shown": lambda: spelled(10, gamma_beta.paths.UNITS - 1),
    "input_scaling|look.units": lambda: spelled(tried(input_scaling, "units")["ratio"]),
    "momentum|preset.few": lambda: spelled(tried(momentum, "few")["batch_size"]),
    "momentum|check": lambda: spelled(momentum.experiment.CALM),
    "regularisation|predict": lambda: spelled(TASKS["few"][1]),
    "regularisation|not shown": lambda: spelled(LAYERS),
    "start|picture": lambda: spelled(activations.experiment.Settings().depth),
    "studio|lead": lambda: spelled(sum(name.startswith("lane_") for name in Studio.__dataclass_fields__)),
    "studio|preset.stall.found": lambda: spelled(PRESETS["stall"][1].layers),
    "studio|live.view.slow": lambda: spelled(len(re.search(r"STAGES = \[(.*)\]", script("slow")).group(1).split(", "))),
    **{
        f"{place}|live.wrong.dead.{one}": lambda: spelled(DEAD_SHARE)
        for place in ("studio", "training")
        for one in ("relu", "tanh", "sigmoid")
    },
    **{
        f"sweep|key.{one}": lambda: spelled(round(4 * (10**results.EVEN - 1)) / 4) for one in ("validation", "training")
    },
    "training|map.lead": lambda: spelled(len(rate_map.SEEDS)),
    "training|map.key": lambda: spelled(DEAD_SHARE, len(rate_map.SEEDS)),
    "which_axis|look.width": lambda: spelled(which_axis.experiment.SHAPE[-1]),
    "which_axis|explain": lambda: spelled(1 / 4),
    "which_axis|check.reached.stack": lambda: spelled(stack.WINDOW**2),
    "which_axis|check.not yet.stack": lambda: spelled(1 / stack.WINDOW**2),
    "which_axis|sentence.pooled": lambda: spelled(1 / stack.WINDOW**2),
}
"""By "words|section" the number words that stand there, in order."""


def script(name: str) -> str:
    return (numerals.HERE.parent / "assets" / "components" / "studio" / f"{name}.js").read_text(encoding="utf-8")


def found(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


TEXTS = {place: text for place, text in numerals.sections() if found(text)}


@pytest.mark.parametrize("place", [place for place in TEXTS if place in HELD])
def test_a_number_word_that_can_be_computed_is_what_is_computed(place):
    assert found(TEXTS[place]) == HELD[place]()


def test_every_other_number_word_is_decided_and_what_is_decided_is_still_there():
    rest = {place: found(text) for place, text in TEXTS.items() if place not in HELD}
    assert not {place: words for place, words in rest.items() if not numerals.matches(place, PLAIN)}
    assert not [place for place in HELD if place not in TEXTS]
    assert not [one for one in PLAIN if not any(numerals.matches(place, [one]) for place in rest)]


def test_the_seeds_of_the_regularizing_nets_are_as_many_as_the_notes_say():
    assert spelled(len(SEEDS)) == found(TEXTS["regularisation|instructor"])[-1:]
