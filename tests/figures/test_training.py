"""Contract of the live figures: a trace names a series that trainings tell; one meaning keeps one colour and dash."""

import numpy as np
import pytest

from figures import theme, training

SERIES = {
    *(f"{quantity}.{lane}" for quantity in ("loss", "accuracy") for lane in (0, 1)),
    *(f"validation.{quantity}.{lane}" for quantity in ("loss", "accuracy") for lane in (0, 1)),
    *(f"layer.{kind}_{moment}" for kind in ("batch", "running") for moment in ("mean", "var")),
    *("at", "validation.at", "grid.0", "grid.1"),
}


@pytest.fixture
def plane():
    side = np.linspace(-2, 2, 5)
    grid = np.stack([axis.ravel() for axis in np.meshgrid(side, side)], axis=1)
    rng = np.random.default_rng(0)
    return grid, rng.normal(size=(30, 2)), rng.integers(0, 2, 30)


def traces(figures):
    return [trace for moving in figures for trace in moving.figure.data]


def test_every_series_is_drawn_and_no_other_asked_for(plane):
    asked = {
        name
        for trace in traces(training.figures(100, *plane))
        for key, name in (trace.meta or {}).items()
        if key in "xyz"
    }
    assert asked == SERIES


def test_the_digits_have_no_border(plane):
    assert len(training.figures(100, None, *plane[1:])) == 4
    assert len(training.figures(100, *plane)) == 6


def test_without_is_dashed_vermillion_and_with_is_solid_blue(plane):
    for trace in traces(training.figures(100, *plane)):
        if trace.type == "scatter" and trace.name.startswith("with"):
            without = trace.name.startswith("without")
            assert trace.line.color == (theme.BEFORE if without else theme.AFTER)
            assert trace.line.dash == ("dash" if without else "solid")


def test_nothing_is_drawn_before_something_is_told(plane):
    drawn = [trace for trace in traces(training.figures(100, *plane)) if trace.meta and trace.type == "scatter"]
    assert drawn
    assert all(len(trace.x) == len(trace.y) == 0 for trace in drawn)


def test_a_validation_point_stands_in_the_border_figure_with_its_class(plane):
    grid, x, y = plane
    figure = training.boundary(1, grid, x, y).figure
    shown = {
        trace.name: np.stack([trace.x, trace.y], axis=1) for trace in figure.data if trace.name.startswith("class")
    }
    np.testing.assert_array_equal(shown["class 0"], x[y == 0])
    np.testing.assert_array_equal(shown["class 1"], x[y == 1])


def test_words_at_the_lines_ends_follow_series_that_are_drawn(plane):
    for moving in training.figures(100, *plane):
        named = {word.name for word in moving.figure.layout.annotations}
        assert named <= {trace.meta["y"] for trace in moving.figure.data if trace.meta and "y" in trace.meta}
        assert moving.alt
