"""The stack of layers in the lesson on axes: its numbers are Keras's, its batch norms stand where the page says."""

import itertools

import numpy as np
import pytest

from figures.blank import filled
from lessons.which_axis import LESSON, figures, stack
from lessons.which_axis.experiment import APART, BATCHES, ENOUGH, FEWER, POOLING, STACK, Settings, sweep


def made(keras, place: str):
    """The stack in Keras, from the names of its blocks."""
    sizes = {"Conv2D": iter([(32, 3), (64, 3)]), "MaxPooling2D": iter([(2,)] * 2), "Dense": iter([(64,), (10,)])}
    layers = [
        getattr(keras.layers, block.name)(*next(sizes.get(block.name, iter([()])))) for block in stack.stack(place)
    ]
    return keras.Sequential([keras.Input(stack.IMAGE), *layers])


@pytest.mark.parametrize("place", stack.PLACES)
def test_shapes_and_parameters_are_those_that_keras_counts(keras, place):
    model, blocks = made(keras, place), stack.stack(place)
    for block, layer in zip(blocks, model.layers, strict=True):
        assert (layer.output.shape[1:], layer.count_params()) == (block.shape, block.parameters)
        assert sum(np.prod(each.shape) for each in layer.trainable_weights) == block.trained
    assert stack.facts(place, 1)["numbers"] == model.count_params()


@pytest.mark.parametrize(("place", "around"), [("before", "Conv2D ReLU"), ("after", "ReLU MaxPooling2D")])
def test_batch_norm_stands_where_the_page_says(place, around):
    names = [block.name for block in stack.stack(place)]
    first = names.index(stack.NORM)
    assert f"{names[first - 1]} {names[first + 1]}" == around
    assert names.count(stack.NORM) == 3


def test_each_mean_is_over_as_many_numbers_as_share_it_and_pooling_leaves_a_quarter():
    images = 3
    for place in stack.PLACES[1:]:
        block = next(block for block in stack.stack(place) if block.means)
        values = np.arange(images * np.prod(block.shape)).reshape(images, *block.shape)
        assert block.shared(images) == np.count_nonzero(values % block.means == 0)
    shared = {place: stack.facts(place, images)["shared"] for place in stack.PLACES}
    assert shared["pooled"] == shared["before"] / 4 == shared["after"] / 4
    assert shared["forgotten"] == 0


def test_only_biases_right_before_a_batch_norm_are_idle(keras):
    """A gradient step that changes every bias changes the outputs, in training mode, but for those."""
    x = np.random.default_rng(0).standard_normal((4, *stack.IMAGE))
    for place in ("before", "after"):
        model = made(keras, place)
        y = model(x, training=True)
        for layer in model.layers[:-1]:
            if getattr(layer, "bias", None) is not None:
                layer.bias.assign_add(np.linspace(0.1, 1, layer.bias.shape[0]))
        moved = np.abs(model(x, training=True) - y).max() > 1e-3
        assert moved == (stack.facts(place, 4)["idle"] == 0)


def test_a_single_image_leaves_the_dense_layers_means_one_number_each():
    told = sweep(Settings(beside=STACK, place=2), "images", BATCHES)
    assert list(told.verdict) == ["single", *["before"] * (len(BATCHES) - 1)]
    assert sweep(Settings(beside=STACK, images=1), "place", np.array([1])).verdict == ["forgotten"]


def test_the_boxes_stand_in_the_order_of_the_layers_and_never_over_each_other():
    settings, places = Settings(beside=STACK), np.arange(1, len(stack.PLACES) + 1)
    (blank,), (filling,) = figures.blanks(settings), figures.tracks(sweep(settings, "place", places))
    for step, place in enumerate(stack.PLACES):
        figure = filled(blank, filling, step)
        boxes = [trace for trace in figure.data if trace.name == "layer"]
        rows = {row: text for trace in boxes for row, text in zip(trace.y, trace.text, strict=True)}
        drawn = [rows[row] for row in sorted(rows)][: len(stack.stack(place))]
        names = ["<b>batch norm</b>" if block.means else block.name for block in stack.stack(place)]
        assert drawn == names
        assert len(rows) == 13
        spans = sorted((shape.y0, shape.y1) for shape in figure.layout.shapes)
        assert all(end < begin for (_, end), (begin, _) in itertools.pairwise(spans))


def test_the_stacks_goal_is_met_behind_the_pooling_alone_with_as_many_images_as_it_asks_for():
    task = LESSON.words["check.stack"]
    assert f"fewer than {FEWER:,} numbers, with {ENOUGH} images" in task
    met = {
        (place, images): sweep(Settings(beside=STACK, place=place, images=images), "place", np.array([place])).reached[
            0
        ]
        for place in range(1, len(stack.PLACES) + 1)
        for images in BATCHES.tolist()
    }
    assert [key for key, reached in met.items() if reached] == [(4, ENOUGH)]


def test_where_there_is_no_batch_norm_yet_the_answer_to_the_goal_asks_for_one():
    forgotten, *rest = LESSON.table(Settings(beside=STACK), "place").texts["check"]
    assert forgotten == LESSON.words["check.forgotten.stack"]
    assert forgotten not in rest


@pytest.mark.parametrize("seed", [2, 0, 7])
def test_the_goal_beside_max_pooling_is_met_by_a_negative_gamma_alone_and_in_reach(seed):
    gammas = LESSON.controls[LESSON.dragged.index("gamma")].grid
    result = sweep(Settings(beside=POOLING, seed=seed), "gamma", gammas)
    assert result.reached.any()
    assert gammas[result.reached].max() < 0
    np.testing.assert_array_equal(result.reached, result.facts["gap"] >= APART)
    assert f"differ by {APART} or more" in LESSON.words["check.pooling"]
