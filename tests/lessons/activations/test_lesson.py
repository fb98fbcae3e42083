"""The words about both nets at every scale and layer, and the output of the take-home script."""

import numpy as np
import pytest

from lessons.activations import LESSON
from lessons.activations.experiment import LEAVES, SCALES, Settings, run
from lessons.activations.figures import brief


def test_the_model_answers_the_prediction_with_the_default_net_whatever_is_set():
    result = run(Settings())
    answer = f"{brief(result.plain.std[0])} in layer 1 to {brief(result.plain.std[-1])} in layer 10"
    for settings in (Settings(), Settings(depth=2, width=8, weight_scale=10.0)):
        assert answer in LESSON.table(settings, None).texts["reckoning"][0]


def test_the_prediction_is_about_the_default_net_and_the_spread_of_its_last_layer():
    """The question describes its net in words; this is that net."""
    default = Settings()
    assert (default.depth, default.activation, default.weight_scale, default.shown) == (
        10, "relu", 1.0, "what enters the activation"
    )  # fmt: skip
    std = run(default).plain.std
    assert LESSON.table(default, None).truth == [[pytest.approx(std[-1])]]
    assert std[-1] < std[0] / 10, "far from what one would expect"


@pytest.mark.parametrize("place", [{"weight_scale": 0.1, "layer": 1}, {"weight_scale": 10.0, "layer": 20}])
def test_the_handles_start_where_the_settings_say(place):
    scale, layer = LESSON.handles(LESSON.snapped(Settings(**place)))
    assert (scale.name, layer.name) == ("weight_scale", "layer")
    assert float(scale.shown[scale.at]) == place["weight_scale"]
    assert int(layer.shown[layer.at]) == min(place["layer"], 10)


def test_the_scale_is_marked_at_one_and_the_layers_reset_is_the_last():
    scale, layer = LESSON.handles(Settings(depth=7))
    assert {scale.shown[step]: mark for step, mark in scale.marks.items()} == {"1": "1: variance 1/n"}
    assert scale.shown[scale.reset] == "1"
    assert layer.shown[layer.reset] == "7"


def test_sentence_and_tiles_follow_both_controls():
    settings = Settings(layer=4, width=16)
    scales, layers = (LESSON.table(LESSON.snapped(settings), along).texts for along in ("weight_scale", "layer"))
    assert len(scales["sentence"]) == len(SCALES)
    assert len(layers["sentence"]) == 10
    assert layers["tile.0"] == [str(layer) for layer in range(1, 11)]
    result = run(Settings(weight_scale=10.0, width=16))
    assert scales["tile.2"][-1] == f"{brief(result.plain.std[3])} → {brief(result.normed.std[3])}"
    assert "grow" in scales["sentence"][-1]
    assert brief(result.plain.std[-1]) in scales["sentence"][-1]


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_the_idle_share_and_its_caption_are_named_by_the_activation(activation):
    _, now = LESSON.picture(Settings(activation=activation))
    assert now.tiles[-1] == LESSON.words[f"tile.{activation}"]
    assert now.notes["caption"].endswith(LESSON.words[f"idle.{activation}"])


def test_where_leaving_values_are_shown_the_sentence_says_that_it_is_about_the_entering_ones():
    leaving, entering = (
        LESSON.table(Settings(depth=2, width=8, shown=shown), None).texts["sentence"][0]
        for shown in (LEAVES, Settings().shown)
    )
    assert leaving == f"{LESSON.words['about.entering']} {entering}"


def test_the_check_is_reached_at_the_nets_own_scale_and_tells_it():
    keeping = run(Settings()).keeping_scale
    assert not LESSON.table(Settings(), None).reached[0]
    there = LESSON.table(LESSON.snapped(Settings(weight_scale=keeping)), None)
    assert there.reached[0]
    assert f"s = {keeping:.3f}" in there.texts["check"][0]


def test_of_a_single_layer_no_factor_per_layer_is_told():
    assert "nan" not in LESSON.table(Settings(depth=1, width=8), None).texts["check"][0]


@pytest.mark.parametrize("seed", range(8))
def test_every_relu_net_reaches_the_check_somewhere_on_the_grid(seed):
    grid = [Settings(depth=12, width=32, weight_scale=float(scale), seed=seed) for scale in SCALES]
    growth = run(grid[0]).plain.growth / SCALES[0]
    reached = [scale for scale in SCALES if 1 / 1.06 <= growth * scale <= 1.06]
    assert reached
    assert run(Settings(depth=12, width=32, weight_scale=float(reached[0]), seed=seed)).reached


@pytest.mark.parametrize(("activation", "seed"), [("tanh", 0), ("tanh", 1), ("sigmoid", 0), ("sigmoid", 1)])
def test_a_saturating_nets_goal_lies_between_too_small_and_saturated(activation, seed):
    """Reached at some scales in a row, the ends of the slider not among them where saturation ends it."""
    net = run(Settings(activation=activation, seed=seed))
    table = LESSON.table(Settings(activation=activation, seed=seed), "weight_scale")
    at = np.flatnonzero(table.reached)
    assert 0 < len(at) == 1 + at[-1] - at[0]
    assert at[0] > 0
    saturated = [run(Settings(activation=activation, seed=seed, weight_scale=s)).plain.idle[-1] for s in SCALES[at]]
    words = LESSON.words[f"check.{activation}"]
    assert max(saturated) <= 0.1 if "at most a tenth" in words else max(saturated) < 0.5
    assert not net.reached
    assert not LESSON.table(Settings(activation=activation, depth=5, seed=seed), "weight_scale").reached.any()
