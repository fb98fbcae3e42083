"""Contract: lesson 2 runs from question to check, at both ends of every control; its script prints the screen."""

import ast
import functools
import itertools
import re

import pytest
from numpy.testing import assert_allclose

from bn_core.experiments.activations import LEAVES, SCALES, VERDICTS, Result, Settings, run
from bn_core.experiments.settings import kinds
from figures.activations import LAYER, SCALE, told
from tests.pages import opening
from tests.pages.opening import moved, payload
from ui.code import SCRIPTS, keras_code
from ui.words import read

NAME = "02_activations"
WORDS = read(NAME)
opened = functools.partial(opening.opened, NAME)
GUESSES = WORDS.choices("predict")
SCRUBBED = ("weight_scale", "layer")
OTHERS = [name for name in kinds(Settings) if name not in SCRUBBED]
LINE = re.compile(r"layer (\d+): mean (\S+), std (\S+), between images (\S+)")


def test_nothing_is_revealed_before_the_reader_commits():
    page = opened(guess=None)
    assert not page.exception
    assert len(page.get("bidi_component")) == 0


def test_the_figure_and_the_models_answer_appear_after_committing():
    page = opened(guess=None)
    page.radio[0].set_value(GUESSES[2]).run()
    assert not page.exception
    assert len(payload(page)["figures"]) == 3
    result = run(Settings())
    answer = next(text.value for text in page.markdown if "The model says" in text.value)
    assert f"{told(result.plain.std[0])} in layer 1 and {told(result.plain.std[-1])} in layer 10" in answer


def test_the_prediction_is_about_the_default_net_and_its_third_choice_is_right():
    """The question names its net in words; these are the words."""
    default = Settings()
    assert (default.depth, default.activation, default.weight_scale, default.shown) == (
        10, "relu", 1.0, "what enters the activation"
    )  # fmt: skip
    std = run(default).plain.std
    assert std[-1] < std[0] / 10


def test_every_control_stands_at_both_ends():
    page = opened(depth=3, width=16)
    for name, end in moved(page, "activations", Settings, OTHERS):
        assert not page.exception, (name, end)


@pytest.mark.parametrize("place", [{"weight_scale": 0.1, "layer": 1}, {"weight_scale": 10, "layer": 20}])
def test_the_scrubbed_controls_start_where_the_url_says(place):
    page = opened(**place)
    assert not page.exception
    scale, layer = payload(page)["controls"]
    assert (scale["name"], layer["name"]) == (SCALE, LAYER)
    assert float(scale["shown"][scale["start"]]) == place["weight_scale"]
    assert int(layer["shown"][layer["start"]]) == min(place["layer"], 10)


def test_sentence_and_tiles_follow_both_controls():
    texts = payload(opened(layer=4))["texts"]
    assert {len(lines) for lines in texts[SCALE].values()} == {len(SCALES)}
    assert {len(lines) for lines in texts[LAYER].values()} == {10}
    assert texts[LAYER]["tiles.0"] == [str(layer) for layer in range(1, 11)]
    result = run(Settings(weight_scale=10.0))
    assert texts[SCALE]["tiles.2"][-1] == f"{told(result.plain.std[3])} → {told(result.normed.std[3])}"
    assert "grow" in texts[SCALE]["sentence"][-1]
    assert told(result.plain.std[-1]) in texts[SCALE]["sentence"][-1]


def test_every_verdict_has_its_words_in_either_lane():
    facts = run(Settings(activation="tanh")).plain.facts()
    for lane, verdict in itertools.product(("without", "with"), VERDICTS):
        WORDS.say(f"{lane}.{verdict}", **facts | dict.fromkeys(("first", "last", "between"), "1"))


def test_the_check_is_reached_at_the_nets_own_scale_and_tells_it():
    keeping = run(Settings()).keeping_scale
    assert not opened().success
    page = opened(weight_scale=keeping)
    assert f"s = {keeping:.3f}" in page.success[0].value


@pytest.mark.parametrize("seed", range(8))
def test_every_relu_net_reaches_the_check_somewhere_on_the_grid(seed):
    grid = [Settings(depth=12, width=32, weight_scale=float(scale), seed=seed) for scale in SCALES]
    growth = run(grid[0]).plain.growth / SCALES[0]
    reached = [scale for scale in SCALES if 1 / 1.06 <= growth * scale <= 1.06]
    assert reached
    assert run(Settings(depth=12, width=32, weight_scale=float(reached[0]), seed=seed)).keeps_spread


def test_the_take_home_script_prints_the_numbers_on_screen(tmp_path):
    states = [
        Settings(depth=1, activation="tanh", weight_scale=2.0),
        Settings(depth=3, width=9, activation="sigmoid", placement="after", shown=LEAVES, batch_size=17, seed=5),
    ]
    for settings, text in zip(states, opening.printed(NAME, states, tmp_path), strict=True):
        rows = [[float(number) for number in match] for match in LINE.findall(text)]
        assert_allclose(rows, on_screen(run(settings)), rtol=1e-5, atol=1e-9)


def on_screen(result: Result) -> list[list[float]]:
    return [
        [layer + 1, lane.mean[layer], lane.std[layer], lane.between[layer]]
        for lane in result.lanes().values()
        for layer in range(result.settings.depth)
    ]


def test_the_script_as_stored_is_the_default_state():
    stored = (SCRIPTS / "02_activations.py").read_text(encoding="utf-8")
    assert ast.dump(ast.parse(keras_code("02_activations", Settings()))) == ast.dump(ast.parse(stored))
