"""Contract: a number in the words is a template's value, or tested, or was decided to be an example or a name."""

import dataclasses
import fnmatch
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from bn_core.layer import BatchNormalization
from bn_core.nets import learning
from bn_core.nets.activations import FLAT
from bn_core.nets.learning import State
from bn_core.nets.mlp import MLP
from lessons import activations, covariate_shift, gamma_beta, momentum, regularisation, train_infer
from lessons.content import file_of, parse, read
from lessons.regularisation.measure import BATCH_SIZES, HELD_OUT, LAYERS, SEEDS, TASKS, WIDTH
from lessons.which_axis.experiment import APART, ENOUGH, FEWER, SHAPE
from training.shipped import rate_map
from training.spec.lesson import Settings as Lesson
from training.spec.reading import limits
from training.worker.layers import SCALE, SHIFT
from ui.studio.lesson import PRESETS

HERE = Path(__file__).resolve().parents[3] / "lessons"
NUMERAL = re.compile(r"(?<![\w.,/-])[±−]?\d(?:[\d,]*\d)?(?:\.\d+)?(?![\w.]*\d)")
SMALL = {"0", "1", "2", "±1", "−1"}
"""Numbers without a check: there are too many of them, and nobody miscounts them."""
NO_CLAIM = (
    *(r"\{[^{}]*\}", r"\$\$.*?\$\$", r"\$[^$]*\$", r"`[^`]*`", r"\[[^]]*\]\([^)]*\)", r"^\d+\. "),
    *(
        r"N\(0, 1\)",
        r"8 × 8",
        r"[Ss]ections? \d[\d.]*(?: and \d[\d.]*)?",
        r"(?:19|20)\d\d",
        r"Keras \d",
        r"UTF-8|Latin-1",
    ),
)
"""Templates, formulas, code, links, the numbers of lists, densities, sizes of images, sources, versions."""
DEEP, EARLY = train_infer.net.COURSES[12], train_infer.LESSON.presets["early"]
DECIDED = {
    "*|minutes": "a lesson's length, from experience",
    "*|worksheet": "what is asked about",
    "claims|measured": "the numbers of claims",
    "claims|evidence.2": "what the paper of 2015 says",
    "studio|label.*_3": "a lane's number",
    "studio|preset.*": "what the preset is called, or where to look",
    "studio|instructor": "what to try",
    "studio|live.speed.*": "as the heading says",
    "studio|live.view.gradients": "a rule of thumb, and called one",
    "tables|*": "how a number is spelled, for example",
    "training|instructor": "what to try: the presets of the lesson",
    "gamma_beta|instructor": "what to try",
    "gamma_beta|look.next": "what to try",
    "gamma_beta|sentence.near": "what to try",
    "input_scaling|instructor": "what to try",
    "regularisation|instructor": "what to try",
    "regularisation|predict": "the set-up asked about, which is the default; dropout 0.5 is an answer",
    "which_axis|predict": "answers",
}
ELSEWHERE = {
    "*|worksheet.key": "tests/lessons/words/test_worksheets.py",
    "*|review": "tests/lessons/test_stages.py",
    "activations|check*": "tests/lessons/activations/test_experiment.py",
    "covariate_shift|not shown": "tests/lessons/covariate_shift/test_experiment.py",
    "four_steps|check": "tests/lessons/four_steps/test_lesson.py",
    "four_steps|check.narrow": "tests/lessons/four_steps/test_lesson.py",
    "input_scaling|*": "tests/lessons/input_scaling/test_experiment.py",
    "regularisation|explain": "tests/lessons/regularisation/test_experiment.py",
    "studio|figure.*": "tests/lessons/test_sentences.py",
    "studio|live.wrong.dead.*": "tests/lessons/test_sentences.py",
    "studio|live.part.inference": "tests/training/worker/test_lanes.py",
    "training|check.*": "tests/lessons/test_runs.py",
    "training|predict": "tests/pages/test_training.py",
    "training|not shown": "tests/lessons/test_sentences.py",
    "which_axis|explain": "tests/lessons/which_axis/test_experiment.py",
    "which_axis|lead": "tests/lessons/which_axis/test_experiment.py",
}


def five() -> list[str]:
    return [f"{FLAT:.0%}".removesuffix("%")]


def half_life() -> str:
    return str(int(np.ceil(np.log(0.5) / np.log(0.9))))


def scales() -> list[str]:
    """How much a plain ReLU layer loses at scale 1, and the ends of the slider."""
    growth = activations.experiment.run(activations.experiment.Settings()).plain.growth
    return [f"{growth:.1f}", f"{activations.experiment.SCALES.max():g}", f"{activations.experiment.SCALES.min():g}"]


def nets() -> list[str]:
    """For the nets on few and on many images: units, rate (Adam's, in measure.py), epochs, seeds, images held out."""
    (source,) = re.findall(r"Adam\(([\d.]+)\)", (HERE / "regularisation" / "measure.py").read_text(encoding="utf-8"))
    epochs, ends = [str(TASKS[task][2]) for task in ("few", "many")], (BATCH_SIZES[0], BATCH_SIZES[-1])
    sizes = [str(ends[0]), f"{ends[1] // ends[0]}", str(ends[1])]
    assert LAYERS == 3, "three hidden layers"
    return [str(WIDTH), source, *epochs, str(len(SEEDS)), str(HELD_OUT), *sizes]


def trained() -> list[str]:
    """For the net with gamma and beta: units, steps, rate, batch size."""
    net = gamma_beta.paths
    return [str(net.UNITS), str(net.STEPS), f"{net.RATE:g}", str(net.BATCH)]


HELD: dict[str, Callable[[], list[str]]] = {
    "activations|predict": lambda: [str(activations.experiment.Settings().depth)] * 2,
    "activations|idle.tanh": five,
    "activations|idle.sigmoid": five,
    "activations|without.saturated": five,
    "activations|instructor": scales,
    "covariate_shift|sentence.tolerated": lambda: [f"{covariate_shift.accounts.LEARNED:g}"],
    "covariate_shift|sentence.passed": lambda: [f"{100 * covariate_shift.measure.CHANGE:g}"],
    "covariate_shift|check": lambda: [f"{100 * end:.0f}" for end in covariate_shift.experiment.SLIP],
    "covariate_shift|check.reached.rates": lambda: [f"{covariate_shift.accounts.LEARNED:g}"],
    "covariate_shift|check.changed": lambda: [f"{100 * covariate_shift.accounts.FADED:g}"],
    "gamma_beta|explain": lambda: [*[str(gamma_beta.experiment.UNITS)] * 3, "4"],
    "gamma_beta|look.training": lambda: [str(gamma_beta.experiment.UNITS)],
    "gamma_beta|not shown": lambda: [*trained(), f"{gamma_beta.figures.AXIS.tallest:g}"],
    "gamma_beta|check.sigmoid": lambda: [f"{gamma_beta.experiment.SPREAD:g}"],
    "gamma_beta|check.next": lambda: [f"{gamma_beta.experiment.UNDONE:g}"],
    "gamma_beta|check": lambda: [f"{gamma_beta.experiment.UNDONE:g}"],
    "glossary|term.epsilon": lambda: [f"{BatchNormalization().epsilon:g}"],
    "glossary|term.saturated": five,
    "glossary|term.momentum": lambda: [f"{BatchNormalization().momentum:g}"],
    "momentum|mark.torch.Keras": lambda: [f"{momentum.experiment.in_convention(0.9, 'PyTorch'):g}"],
    "momentum|mark.keras.PyTorch": lambda: [f"{BatchNormalization().momentum:g}"],
    "momentum|reckoning": lambda: [f"{share:g}" for share in momentum.experiment.LANDMARKS[1:]],
    "momentum|explain": lambda: ["100", "0.99", f"{1 - 0.99:.2f}", f"{1 - 0.9:.1f}", "0.9", "0.0"],
    "momentum|not shown": lambda: [f"{momentum.experiment.EPSILON:g}"],
    "momentum|check.reached": lambda: ["20"],
    "momentum|instructor": lambda: ["0.99", "459", "0.9", half_life(), "4"],
    "regularisation|preset.large": lambda: [str(regularisation.LESSON.presets["large"]["batch_size"])],
    "regularisation|preset.half": lambda: [str(regularisation.LESSON.presets["half"]["dropout"])],
    "regularisation|look.half": lambda: [str(regularisation.LESSON.presets["half"]["dropout"])],
    "regularisation|look.clean": lambda: [f"{TASKS['many'][0]:,}"],
    "regularisation|reckoning": lambda: ["0.5"],
    "regularisation|not shown": nets,
    "regularisation|check": lambda: [f"{100 * regularisation.experiment.SLACK - 100:.0f}"],
    "studio|help.lane": lambda: [f"{1 + SCALE:g}", f"−{SHIFT:g}", f"{SHIFT:g}", f"{SCALE:g}", f"{SHIFT:g}"],
    "studio|glossary": lambda: ["10", f"{np.log(10):.1f}", "256", *five(), "±0.975", "0.013", "0.987"],
    "studio|live.view.layer": lambda: ["256"],
    "studio|live.source.probe": lambda: ["256"],
    "tables|lead": lambda: [
        f"{limits.MOST_BYTES / 1e6:g}",
        *(f"{most:,}" for most in (limits.MOST_ROWS, limits.MOST_FEATURES, limits.MOST_CLASSES)),
    ],
    "train_infer|predict": lambda: [str(train_infer.experiment.Settings().batch_size)],
    "train_infer|look.again": lambda: [str(train_infer.LESSON.presets["again"]["steps"])],
    "train_infer|look.decides": lambda: said_with_and_without_a_mate(),
    "train_infer|sentence.pair": lambda: [f"{train_infer.spread.NEAR:g}"],
    "train_infer|explain": lambda: [
        *(f"{number:g}" for number in (train_infer.net.MOMENTUM, DEEP.net.hidden[0], DEEP.batch, EARLY["steps"])),
        *(word for depth in (3, 6, 12) for word in (early_inference(depth), str(depth))),
    ],
    "train_infer|not shown": lambda: [
        *(
            str(word)
            for depth, course in train_infer.net.COURSES.items()
            for word in (depth, course.net.hidden[0], course.batch)
        ),
        *(str(EARLY[name]) for name in ("layers", "steps")),
        *early_validation(),
        f"{100 * np.diff(train_infer.figures.EDGES).item():.0f}",
    ],
    "train_infer|check": lambda: [f"{train_infer.experiment.CALM:g}"] * 2,
    "train_infer|instructor": lambda: [str(train_infer.experiment.GRIDS["batch_size"].max())],
    "training|preset.fast": lambda: [f"{PRESETS['fast'].learning_rate:g}"],
    "training|reckoning": lambda: [str(rate_map.SEEDS[-1])],
    "training|map.lead": lambda: [str(rate_map.SEEDS[-1])],
    "training|map.learned": lambda: [str(len(rate_map.SEEDS))],
    "training|explain": lambda: [str(Lesson().batch_size), f"{100 * Lesson().momentum:.0f}"],
    **{f"which_axis|alt.{one}": lambda: [str(length) for length in SHAPE] for one in ("lit", "convolved")},
    "which_axis|check.pooling": lambda: [f"{APART}"],
    "which_axis|check.stack": lambda: [f"{FEWER:,}", f"{ENOUGH}"],
    "which_axis|not shown": lambda: ["±3", "3", "−3"],
}
"""By "words|section" the numbers that stand there, in order, without SMALL ones."""


def sections() -> Iterator[tuple[str, str]]:
    """All sections of all words, as "words|section", and their texts."""
    for file in sorted(HERE.rglob("*.md")):
        name = file.parent.name if file.name == "words.md" else file.stem
        for heading, text in parse(file.read_text(encoding="utf-8")).sections.items():
            yield f"{name}|{heading}", text


def numerals(text: str) -> list[str]:
    """The numbers in a text that claim something, but SMALL ones."""
    for pattern in NO_CLAIM:
        text = re.sub(pattern, " ", text, flags=re.DOTALL | re.MULTILINE)
    return [found for found in NUMERAL.findall(text) if found not in SMALL]


def matches(place: str, patterns) -> bool:
    return any(fnmatch.fnmatchcase(place, pattern) for pattern in patterns)


TEXTS = {place: text for place, text in sections() if numerals(text)}


@pytest.mark.parametrize("place", [place for place in TEXTS if place in HELD])
def test_a_number_that_can_be_computed_is_what_is_computed(place):
    assert numerals(TEXTS[place]) == HELD[place]()


def said_with_and_without_a_mate() -> list[str]:
    """The image's digit, and what the net reads without the mate of the preset and with it."""
    state = dataclasses.replace(train_infer.experiment.Settings(), **train_infer.LESSON.presets["decides"])
    said = train_infer.experiment.sweep(state, "without", np.array([state.without, 0.0])).facts["said_here"]
    return [str(digit) for digit in (state.digit, *said)]


def after_few_steps(depth: int) -> list[tuple[MLP, State]]:
    """A deep net's course in so many layers, from eight seeds, up to the steps of the lesson's preset."""
    net = train_infer.net
    course = net.course(depth, DEEP.net.hidden[0], DEEP.optimizer.learning_rate, DEEP.batch)
    return [(course.net, net.states(course, seed, [EARLY["steps"]])[0]) for seed in range(8)]


def right_in_inference(depth: int) -> list[float]:
    """Shares of the held-out images, by seed."""
    *_, x, y = train_infer.net.digits()
    return [learning.accuracy(learning.infer(net, state, x), y)[0] for net, state in after_few_steps(depth)]


def early_inference(depth: int) -> str:
    """Their mean, in percent."""
    return f"{100 * np.mean(right_in_inference(depth)):.0f}"


def early_validation() -> list[str]:
    """Lowest and highest, in percent: training images right in training mode, held-out images in inference."""
    learned = [train_infer.net.one_pass(*each)[1] for each in after_few_steps(12)]
    return [f"{100 * end:.0f}" for shares in (learned, right_in_inference(12)) for end in (min(shares), max(shares))]


def test_every_other_number_is_held_elsewhere_or_decided():
    """For a new number: make it a template's value, check it in HELD, or say in DECIDED why it needs neither."""
    rest = {place: numerals(text) for place, text in TEXTS.items() if place not in HELD}
    assert not {place: found for place, found in rest.items() if not matches(place, {**DECIDED, **ELSEWHERE})}


def test_whatever_is_held_or_decided_is_still_there():
    assert not [place for place in HELD if place not in TEXTS and HELD[place]()]
    assert not [one for one in {**DECIDED, **ELSEWHERE} if not any(fnmatch.fnmatchcase(place, one) for place in TEXTS)]
    root = HERE.parent
    assert all((root / file).is_file() for file in ELSEWHERE.values())


def test_forgotten_and_calm_at_once_needs_more_than_twenty_batches():
    """As the check of the lesson on momentum says once it is reached."""
    few = momentum.experiment.Settings(steps=20)
    assert "20 batches: there is none" in read("momentum")["check.reached"]
    assert not momentum.swept(few).reached.any()


def test_a_number_in_a_sentence_is_seen_and_one_in_a_formula_is_not():
    assert numerals("At 0.1 it is {x:.2f}, in $3^2$ of `axis=5`, 1,024 of them; 7 %.") == ["0.1", "1,024", "7"]
    assert file_of("momentum").is_file()
