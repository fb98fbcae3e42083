"""Contract: the studio's figures name what fills them, have their lane's look, and only change when they are filled."""

import json
import re

import numpy as np
import pytest

from figures import theme
from figures.studio import boundary, curves, layers, maps
from figures.studio.curves import LaneStyle
from lessons.content import read
from training.spec.plan import make
from training.spec.settings import Settings
from ui.studio import figures as studio_figures
from ui.studio import narration

LANES = [LaneStyle("1 · none", "none", theme.BEFORE, "dash"), LaneStyle("2 · batch norm", "BN", theme.AFTER, "solid")]
PARTS = {"batch": "each batch", "inference": "training data", "validation": "validation"}


def sources(moving):
    """(source, field, lane) of every trace that the browser fills."""
    metas = [trace.meta for trace in moving.figure.data if trace.meta]
    return [(meta["source"], meta.get("field"), meta.get("lane")) for meta in metas]


@pytest.mark.parametrize("draw", [curves.loss, curves.accuracy])
def test_curves_are_empty_and_name_what_fills_them_for_every_lane_and_part(draw):
    moving = draw(LANES, 100, PARTS)
    quantity = draw.__name__
    assert set(sources(moving)) == {(part, quantity, lane) for part in ("raw", *curves.PARTS) for lane in (0, 1)}
    assert all(len(trace.x) == 0 for trace in moving.figure.data)
    assert tuple(moving.figure.layout.xaxis.range) == (0, 100)


def test_a_csv_calls_a_lane_by_one_name_and_no_two_lines_alike():
    twins = [LANES[1], LaneStyle("2 · batch norm, epsilon 0.1", "BN", theme.THIRD, "dot")]
    names = [trace.name for trace in curves.loss(twins, 9, PARTS).figure.data]
    assert {name.partition(",")[0] for name in names} == {"1 · BN", "2 · BN"}
    assert len(set(names)) == len(names)


def test_a_lane_keeps_its_color_and_dash_in_every_line():
    for moving in (curves.loss(LANES, 9, PARTS), *layers.gradients(LANES, 9, [0, 1])):
        for trace in moving.figure.data:
            lane = trace.meta.get("lane")
            if lane is not None:
                assert (trace.line.color, trace.line.dash) == (LANES[lane].color, LANES[lane].dash)


def test_the_word_at_a_lines_end_names_the_trace_of_its_own_lane():
    flow = layers.gradients(LANES, 9, [1])
    for moving in (curves.loss(LANES, 9, PARTS), curves.accuracy(LANES, 9, PARTS), *flow):
        for word in moving.figure.layout.annotations:
            trace = moving.figure.data[int(word.name)]
            if trace.meta["source"] != "guide":
                assert word.text == LANES[trace.meta["lane"]].short
                assert word.font.color == trace.line.color


def test_only_validation_carries_the_words_at_the_end():
    figure = curves.loss(LANES, 9, PARTS).figure
    assert {figure.data[int(word.name)].meta["source"] for word in figure.layout.annotations} == {"validation"}


def test_the_guide_of_the_updates_stands_at_a_thousandth_over_the_training_and_over_the_layers():
    flow = [*layers.gradients(LANES, 9, [1]), *layers.profiles(LANES, 4, [1])]
    guided = {
        one.figure.layout.meta["name"]: [trace for trace in one.figure.data if trace.meta["source"] == "guide"]
        for one in flow
    }
    ends = {name: guides[0].meta.get("ends") for name, guides in guided.items() if guides}
    assert ends == {"update_ratio": None, "update_ratio-by-layer": (0.5, 4.5)}
    for (guide,) in filter(None, guided.values()):
        assert guide.meta["value"] == pytest.approx(1e-3)
        assert list(guide.y) == [pytest.approx(1e-3)] * 2


def test_a_layers_distribution_fills_in_its_lanes_own_color():
    (trace,) = layers.heat(LANES[1], 1, 9, "pre", "In front").figure.data
    assert trace.meta == {"source": "heat", "field": "pre", "lane": 1}
    assert trace.colorscale[-1][1] == theme.AFTER


def test_outlines_have_no_words_because_they_have_no_last_value():
    assert not layers.ridges(LANES, "post", "Behind").figure.layout.annotations


def test_what_is_drawn_at_the_present_step_has_axes_that_only_grow():
    moments = [layers.statistics(LANES[1], 1, moment) for moment in layers.MOMENTS]
    for moving in (layers.ridges(LANES, "pre", "In front"), *moments, *layers.trained(LANES, {1: "BN"})):
        low, high = moving.figure.layout.yaxis.range
        assert low < high
        assert moving.figure.layout.meta["grow"] == "linear"


def test_batch_and_running_statistics_are_told_apart_by_color_and_mark():
    _, batch, running = layers.statistics(LANES[1], 1, "mean").figure.data
    assert (batch.meta["field"], running.meta["field"]) == ("batch_mean", "running_mean")
    assert (batch.name, running.name) == ("probe", "running"), "no batch that trained, but the rows of the probe"
    assert (batch.marker.color, running.marker.color) == (theme.BATCH, theme.RUNNING)
    assert batch.marker.symbol != running.marker.symbol


def test_the_batches_that_trained_are_drawn_one_by_one_with_the_running_statistic_through_them():
    figure = layers.watched(LANES[1], 1, 9, "var").figure
    assert sources(layers.watched(LANES[1], 1, 9, "var")) == [
        ("watched", "batch_var", 1),
        ("watched", "running_var", 1),
    ]
    batch, running = figure.data
    assert batch.line.width < running.line.width


@pytest.mark.parametrize(("batch", "level"), [(2, 0.5), (64, 63 / 64), (None, None)])
def test_where_running_variances_come_to_lie_is_marked(batch, level):
    guides = [
        trace.meta["value"]
        for trace in layers.gap(LANES, 9, {1: "BN"}, "var", batch).figure.data
        if trace.meta["source"] == "guide"
    ]
    assert guides == ([] if level is None else [pytest.approx(level)])


@pytest.mark.parametrize(
    ("fields", "lanes"),
    [
        ({}, {1}),
        ({"lane_1": "noisy", "lane_2": "layer", "lane_3": "renorm"}, {0}),
        ({"lane_1": "group", "lane_2": "after"}, None),
        ({"lane_2": "off"}, None),
    ],
)
def test_the_effective_rate_is_drawn_where_batch_norm_makes_a_units_length_meaningless(fields, lanes):
    run = Settings(epochs=1, **fields)
    words, plan = read("studio"), make(run)
    drawn = {}
    for one in studio_figures.figures(words, run, plan, narration.lanes(words, run)):
        if "effective_rate" in one["name"]:
            drawn[one["name"]] = {trace["meta"]["lane"] for trace in json.loads(one["spec"])["data"]}
    assert drawn == ({name: lanes for name in drawn} if lanes else {})
    assert len(drawn) == (2 if lanes else 0)


def test_a_border_shows_the_points_it_was_given_class_by_class():
    side = np.linspace(-1, 1, 3)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    x, y = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]), np.array([0, 1, 0])
    first, second = boundary.borders(LANES, grid, x, y, ("cat", "dog"))
    assert [trace.meta["lane"] for trace in second.figure.data[:2]] == [1, 1]
    *_, of_zero, of_one = first.figure.data
    assert list(of_zero.x) == [0.1, 0.5]
    assert list(of_one.y) == [0.4]
    assert of_zero.marker.symbol != of_one.marker.symbol


def test_between_several_classes_a_line_around_each_ones_territory():
    side = np.linspace(-1, 1, 3)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    (moving,) = boundary.borders(LANES[:1], grid, np.zeros((3, 2)), np.arange(3), ("a", "b", "c"), ("w", "h"))
    labels = [trace.meta.get("label") for trace in moving.figure.data if trace.meta]
    assert labels == [None, 0, 1, 2]
    assert moving.figure.layout.xaxis.title.text == "w"


KINDS = [("none", "before", "after"), ("layer", "group", "noisy"), ("renorm", "before", "fork")]


def everything():
    """Every figure of the studio as JSON: of runs with all kinds of lanes, with pictures of two and of many classes."""
    words = read("studio")
    for data in ("digits", "moons"):
        for kinds in KINDS:
            run = Settings(data=data, epochs=1, **dict(zip(("lane_1", "lane_2", "lane_3"), kinds, strict=True)))
            yield from (
                one["spec"] for one in studio_figures.figures(words, run, make(run), narration.lanes(words, run))
            )
    lanes = [LaneStyle(kind, kind, *look) for kind, look in theme.KIND.items()]
    side = np.stack(np.meshgrid([0.0, 1.0], [0.0, 1.0]), axis=-1).reshape(-1, 2)
    classes = tuple("abcdefghi")
    yield from (one.figure.to_json() for one in boundary.borders(lanes, side, side, np.arange(4), classes))
    axes = maps.Axes("Learning rate", ("0.1", "1", "10"), "Seed", ("0",))
    values, lost = np.array([[0.5, np.nan, np.nan]]), np.array([[False, True, False]])
    for lane in lanes:
        for measure in maps.RANGES:
            yield maps.lane(axes, lane, values, lost, measure, "Loss").figure.to_json()
    yield maps.winners(axes, lanes, [[(0,), "lost", None]], "Who wins").figure.to_json()
    yield maps.winners(axes, lanes, [[(0, 1), (7,), ()]], "Who wins").figure.to_json()


def test_every_figures_color_has_a_dark_twin():
    colors = {color for spec in everything() for color in re.findall(r'"(#\w+)"', spec.lower())}
    assert colors
    assert colors <= set(theme.DARK)
