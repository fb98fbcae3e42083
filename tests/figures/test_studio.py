"""Contract: the studio's figures name what fills them, look as their lane looks, and stand still until it does."""

import numpy as np
import pytest

from figures import studio, studio_border, studio_layers, theme
from figures.studio import Lane

LANES = [Lane("1 · none", "none", theme.BEFORE, "dash"), Lane("2 · batch norm", "BN", theme.AFTER, "solid")]
PARTS = {"batch": "each batch", "inference": "training data", "validation": "validation"}


def sources(moving):
    """(source, field, lane) of every trace that the browser fills."""
    metas = [trace.meta for trace in moving.figure.data if trace.meta]
    return [(meta["source"], meta.get("field"), meta.get("lane")) for meta in metas]


@pytest.mark.parametrize("draw", [studio.loss, studio.accuracy])
def test_curves_are_empty_and_name_what_fills_them_for_every_lane_and_part(draw):
    moving = draw(LANES, 100, PARTS)
    quantity = draw.__name__
    assert set(sources(moving)) == {(part, quantity, lane) for part in ("raw", *studio.PARTS) for lane in (0, 1)}
    assert all(len(trace.x) == 0 for trace in moving.figure.data)
    assert tuple(moving.figure.layout.xaxis.range) == (0, 100)


def test_a_lane_keeps_its_colour_and_dash_in_every_line():
    for moving in (studio.loss(LANES, 9, PARTS), *studio_layers.gradients(LANES, 9)):
        for trace in moving.figure.data:
            lane = trace.meta.get("lane")
            if lane is not None:
                assert (trace.line.color, trace.line.dash) == (LANES[lane].colour, LANES[lane].dash)


def test_the_word_at_a_lines_end_names_the_trace_of_its_own_lane():
    for moving in (studio.loss(LANES, 9, PARTS), studio.accuracy(LANES, 9, PARTS), *studio_layers.gradients(LANES, 9)):
        for word in moving.figure.layout.annotations:
            trace = moving.figure.data[int(word.name)]
            if trace.meta["source"] != "guide":
                assert word.text == LANES[trace.meta["lane"]].short
                assert word.font.color == trace.line.color


def test_only_validation_carries_the_words_at_the_end():
    figure = studio.loss(LANES, 9, PARTS).figure
    assert {figure.data[int(word.name)].meta["source"] for word in figure.layout.annotations} == {"validation"}


def test_the_guide_of_the_updates_stands_at_a_thousandth():
    (ratio,) = [one for one in studio_layers.gradients(LANES, 9) if one.figure.layout.meta["name"] == "update_ratio"]
    (guide,) = [trace for trace in ratio.figure.data if trace.meta["source"] == "guide"]
    assert guide.meta["value"] == pytest.approx(1e-3)
    assert list(guide.y) == [pytest.approx(1e-3)] * 2


def test_a_layers_distribution_fills_in_its_lanes_own_colour():
    (trace,) = studio_layers.heat(LANES[1], 1, 9, "pre", "In front").figure.data
    assert trace.meta == {"source": "heat", "field": "pre", "lane": 1}
    assert trace.colorscale[-1][1] == theme.AFTER


def test_outlines_have_no_words_because_they_have_no_last_value():
    assert not studio_layers.ridges(LANES, "post", "Behind").figure.layout.annotations


def test_batch_and_running_statistics_are_told_apart_by_colour_and_mark():
    _, batch, running = studio_layers.statistics(LANES[1], 1, "mean").figure.data
    assert (batch.meta["field"], running.meta["field"]) == ("batch_mean", "running_mean")
    assert (batch.marker.color, running.marker.color) == (theme.BATCH, theme.RUNNING)
    assert batch.marker.symbol != running.marker.symbol


def test_a_border_shows_the_points_it_was_given_class_by_class():
    side = np.linspace(-1, 1, 3)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    x, y = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]), np.array([0, 1, 0])
    first, second = studio_border.borders(LANES, grid, x, y, ("cat", "dog"))
    assert [trace.meta["lane"] for trace in second.figure.data[:2]] == [1, 1]
    *_, of_zero, of_one = first.figure.data
    assert list(of_zero.x) == [0.1, 0.5]
    assert list(of_one.y) == [0.4]
    assert of_zero.marker.symbol != of_one.marker.symbol


def test_between_several_classes_a_line_around_each_ones_territory():
    side = np.linspace(-1, 1, 3)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    (moving,) = studio_border.borders(LANES[:1], grid, np.zeros((3, 2)), np.arange(3), ("a", "b", "c"), ("w", "h"))
    labels = [trace.meta.get("label") for trace in moving.figure.data if trace.meta]
    assert labels == [None, 0, 1, 2]
    assert moving.figure.layout.xaxis.title.text == "w"


def test_every_figures_colour_has_a_dark_twin():
    everything = [studio.loss(LANES, 9, PARTS), studio_layers.statistics(LANES[1], 1, "var")]
    for moving in everything:
        text = moving.figure.to_json().lower()
        for place in (i for i in range(len(text)) if text[i : i + 2] == '"#'):
            assert text[place + 1 : place + 8] in theme.DARK
