"""Contract: deeper is better on one scale for every sweep, and nothing is said by color alone."""

import json

import numpy as np
import pytest
from plotly.colors import hex_to_rgb

from figures import theme
from figures.studio import maps
from figures.studio.curves import LaneStyle

LANES = [LaneStyle("1 · none", "none", theme.BEFORE, "dash"), LaneStyle("2 · BN", "BN", theme.AFTER, "solid")]
AXES = maps.Axes("Learning rate", ("0.1", "1", "10"), "Batch size", ("16", "64"))
VALUES = np.array([[2.3, 0.05, np.nan], [1.0, np.nan, np.nan]])
LOST = np.array([[False, False, True], [False, False, False]])


def marked(figure, symbol: str) -> list[tuple[str, str]]:
    return [
        (x, y)
        for trace in figure.data
        if trace.type == "scatter" and trace.marker.symbol == symbol
        for x, y in zip(trace.x, trace.y, strict=True)
    ]


def depth(figure, value: float) -> float:
    """How much of the lane's own color a value gets."""
    heat = figure.data[0]
    place = (value - heat.zmin) / (heat.zmax - heat.zmin)
    return place if heat.colorscale[1][1] != theme.PAPER else 1 - place


@pytest.mark.parametrize(("measure", "bad", "good"), [("validation", 0.3, -1.5), ("accuracy", 0.1, 1.0)])
def test_deeper_is_better(measure, bad, good):
    figure = maps.lane(AXES, LANES[1], VALUES, LOST, measure, "Loss").figure
    assert 0 <= depth(figure, bad) < depth(figure, good) <= maps.DEEPEST[theme.AFTER] + 1e-9


@pytest.mark.parametrize("color", [theme.BEFORE, theme.AFTER, theme.THIRD, theme.FOURTH])
@pytest.mark.parametrize("twin", [lambda color: color, theme.DARK.__getitem__])
def test_a_number_can_be_read_on_the_deepest_color_and_a_lanes_number_on_its_own(color, twin):
    own, paper, ink = (np.array(hex_to_rgb(twin(each))) for each in (color, theme.PAPER, theme.INK))
    assert contrast(paper + maps.DEEPEST[color] * (own - paper), ink) >= 4.5
    assert contrast(own, paper) >= 4.5


def test_losses_beyond_the_scale_are_as_deep_as_its_end():
    figure = maps.lane(AXES, LANES[0], np.array([[1e-7, 0.001, 900.0]] * 2), LOST & False, "training", "Loss").figure
    assert [round(z, 3) for z in figure.data[0].z[0]] == [-1.5, -1.5, 0.4]


def contrast(one, other) -> float:
    channels = [
        np.where((c := each / 255) <= 0.03928, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for each in (one, other)
    ]
    dark, light = sorted(float(np.dot(each, (0.2126, 0.7152, 0.0722))) for each in channels)
    return (light + 0.05) / (dark + 0.05)


def test_every_cell_says_its_number_its_cross_or_that_it_is_to_come():
    figure = maps.lane(AXES, LANES[0], VALUES, LOST, "validation", "Loss").figure
    assert [list(row) for row in figure.data[0].text] == [["2.3", "0.05", ""], ["1", "", ""]]
    assert marked(figure, "x-thin") == [("10", "16")]
    assert marked(figure, "square-open") == [("1", "64"), ("10", "64")]


def test_a_map_is_drawn_once_for_all_its_cells_and_filled_as_plotly_would():
    """Drawing it anew, for each cell and each who looked on, kept a server busy with five sweeps."""
    empty, some = (maps.lane(AXES, LANES[0], values, LOST, "training", "Loss") for values in (VALUES * np.nan, VALUES))
    assert some.blank is empty.blank
    won = maps.winners(AXES, LANES, [[(0,), (1,), "lost"], [(0, 1), None, ()]], "Who wins")
    for one in (empty, some, won):
        assert json.loads(one.spec) == json.loads(one.figure.to_json())


def test_the_winner_is_told_by_number_and_color():
    best = [[(0,), (1,), "lost"], [(0, 1), None, ()]]
    figure = maps.winners(AXES, LANES, best, "Who wins").figure
    heat = figure.data[0]
    assert [list(row) for row in heat.text] == [["1", "2", ""], ["", "", ""]]
    assert [list(row) for row in heat.customdata][1] == ["1 · none = 2 · BN", "", "–"]
    shades = [color for place, color in heat.colorscale]
    assert shades == [LANES[0].color] * 2 + [LANES[1].color] * 2 + [theme.FAINT] * 2
    assert [heat.zmin, heat.zmax] == [-0.5, 2.5]
    assert marked(figure, "x-thin") == [("10", "16")]
    (ink,) = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "text"]
    assert list(zip(ink.x, ink.y, ink.text, strict=True)) == [("0.1", "64", "1=2"), ("10", "64", "–")]
    assert marked(figure, "square-open") == [("1", "64")]


@pytest.mark.parametrize(("value", "text"), [(0.0456, "0.046"), (2.345, "2.3"), (277.3, "277"), (float("nan"), "")])
def test_losses_are_short(value, text):
    assert maps.written(value, False) == text


def test_accuracies_are_percents_without_the_sign():
    assert maps.written(0.957, True) == "96"
