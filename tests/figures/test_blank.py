"""Contract: a filled figure is the empty one with a step's values in the named places; the empty one stays empty."""

import numpy as np
import pytest

from figures import theme
from figures.blank import Blank, at, filled, still
from tests.figures.alike import assert_alike

TRACKS = {
    "data[0].y": np.array([[1.0, 2.0], [3.0, 4.0]]),
    "data[0].marker.size": still(np.array([5.0, 6.0])),
    "layout.shapes[0].x0": np.array([5.0, 6.0]),
    "layout.yaxis.range": still([0.0, 9.0]),
    "layout.title.text": ["first", "second"],
    "layout.annotations[0].text": still("always"),
}


@pytest.fixture
def blank():
    figure = theme.base_figure(200)
    figure.add_scatter(x=[0, 1])
    figure.add_shape(type="line", x0=0, x1=0, y0=0, y1=1)
    figure.add_annotation(text="")
    return Blank(figure)


@pytest.mark.parametrize("step", [0, 1])
def test_a_steps_values_stand_in_their_places(blank, step):
    drawn = filled(blank, TRACKS, step)
    assert list(drawn.data[0].y) == [[1, 2], [3, 4]][step]
    assert drawn.layout.shapes[0].x0 == [5, 6][step]
    assert drawn.layout.title.text == ["first", "second"][step]


@pytest.mark.parametrize("step", [0, 1])
def test_what_no_step_changes_stands_at_every_step(blank, step):
    drawn = filled(blank, TRACKS, step)
    assert list(drawn.data[0].marker.size) == [5, 6]
    assert drawn.layout.yaxis.range == (0, 9)
    assert drawn.layout.annotations[0].text == "always"


def test_the_empty_figure_stays_empty(blank):
    before = blank.figure.to_json()
    filled(blank, TRACKS, 1)
    assert blank.figure.to_json() == before


def test_a_place_that_the_figure_has_not_is_an_error(blank):
    for path in ("data[1].y", "layout.shapes[1].x0", "data[0].nothing"):
        with pytest.raises((IndexError, ValueError, LookupError)):
            filled(blank, {path: still(np.zeros(2))})


def test_a_track_holds_one_value_per_step_or_one_for_all():
    assert at(["a", "b"], 1) == "b"
    assert at(["a"], 1) == "a"
    assert list(at(np.array([[1, 2], [3, 4]]), 1)) == [3, 4]
    assert list(at(still([1, 2]), 1)) == [1, 2]
    assert at(still("a"), 7) == "a"


def test_figures_that_differ_anywhere_are_told_apart(blank):
    """The comparison itself, which other tests rely on."""
    one = filled(blank, TRACKS, 0)
    assert_alike(one, filled(blank, TRACKS, 0))
    for path, track in TRACKS.items():
        changed = still("else") if isinstance(track, list) else track + 1e-6
        with pytest.raises(AssertionError):
            assert_alike(one, filled(blank, TRACKS | {path: changed}, 0))
