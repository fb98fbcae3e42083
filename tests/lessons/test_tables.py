"""The contract that every lesson keeps, its numbers: its tables, the figures that they fill, the handles along them."""

import dataclasses
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as some

from figures.blank import at
from lessons import packing
from lessons.catalog import LESSONS
from lessons.control import nearest
from lessons.fields import kinds
from lessons.lesson import shaped, spanned
from tests.figures.alike import assert_alike
from tests.lessons.states import (
    EACH,
    corners,
    dragged,
    empty,
    ends,
    figures,
    handle_of,
    small_states,
    switched_on,
    tabled,
    views,
    with_text,
)
from tests.lessons.unpacking import unpacked

ROUNDING = 1e-6


@EACH
def test_what_a_drag_changes_decides_no_empty_figure(lesson):
    assert set(lesson.shape) <= set(kinds(lesson.settings)) - set(lesson.dragged)
    assert set(lesson.slow) <= set(lesson.dragged)


@EACH
@examples(max_examples=12)
@given(data=some.data())
def test_the_empty_figures_depend_on_the_shape_alone(lesson, data):
    settings = data.draw(small_states(lesson))
    for one, other in zip(lesson.blanks(settings), lesson.blanks(shaped(lesson, settings)), strict=True):
        assert dataclasses.replace(one, figure=one.figure.to_json()) == dataclasses.replace(
            other, figure=other.figure.to_json()
        )


def settled(text: str) -> str:
    """The text without numbers that are only rounding errors, as for images that a net has made equal."""
    return re.sub(r"\d\.\d × 10⁻[¹²³]\S", "0.0", text)


@EACH
@examples(max_examples=25)
@given(data=some.data())
def test_a_table_along_a_control_is_the_picture_at_each_of_its_steps(lesson, data):
    """Figure for figure, word for word: so letting go changes nothing that is on screen."""
    settings = data.draw(small_states(lesson))
    along = data.draw(some.sampled_from(dragged(lesson, settings)))
    table = tabled(lesson, settings, along)
    (handle,) = [handle for handle in lesson.handles(lesson.snapped(settings)) if handle.name == along]
    step = data.draw(some.integers(0, len(handle.values) - 1))
    there = with_text(settings, along, packing.plain(handle)["values"][step])
    picture = tabled(lesson, there, None)
    drawn = zip(figures(lesson, settings, table, step), figures(lesson, there, picture, 0), strict=True)
    for dragged_to, set_to in drawn:
        assert_alike(dragged_to, set_to, ROUNDING)
    assert table.texts.keys() == picture.texts.keys()
    for place, texts in table.texts.items():
        assert settled(at(texts, step)) == settled(at(picture.texts[place], 0)), place
    assert at(table.reached, step) == at(picture.reached, 0)
    assert lesson.handles(lesson.snapped(there))[dragged(lesson, there).index(along)].at == step


@EACH
def test_every_table_fills_the_same_places_for_every_step_and_moves_no_axis(lesson):
    """The browser fills one figure from any of them, one after the other."""
    for settings in views(lesson):
        assert_filled_alike(lesson, settings)


def assert_filled_alike(lesson, settings):
    picture = tabled(lesson, settings, None)
    for along in dragged(lesson, settings):
        table, steps = tabled(lesson, settings, along), len(handle_of(lesson, settings, along).values)
        assert [tracks.keys() for tracks in table.tracks] == [tracks.keys() for tracks in picture.tracks]
        for tracks in table.tracks:
            assert {len(track) for track in tracks.values()} <= {1, steps}
            assert all(len(track) == 1 for path, track in tracks.items() if path.endswith(".range"))
        assert {len(texts) for texts in table.texts.values()} <= {1, steps}
        assert len(table.reached) == steps
    for blank, tracks in zip(empty(lesson, shaped(lesson, settings)), picture.tracks, strict=True):
        assert all(path in tracks or value_in(blank.figure, path) for path in blank.numbers.values())


@EACH
def test_every_table_along_a_control_reaches_the_browser(lesson):
    """However its tracks lie in memory: one that did not lie in rows could once not be dragged."""
    goal = dataclasses.replace(lesson.settings(), **lesson.goal)
    for settings in (*views(lesson), goal):
        for along in dragged(lesson, settings):
            table = tabled(lesson, settings, along)
            _, back = unpacked(packing.table(table, None, handle=packing.plain(handle_of(lesson, settings, along))))
            for sent, came in zip(table.tracks, back, strict=True):
                assert sent.keys() == came.keys()
                for path, track in sent.items():
                    assert_came(track, came[path], path)


def assert_came(track: Any, got: Any, path: str) -> None:
    """Check that the browser gets the track, to a step of its range; only once, if it is constant."""
    if not isinstance(track, np.ndarray):
        assert [*got] == packing.lines(track), path
        return
    numbers = track[np.isfinite(track)]
    near = 1.1 * np.ptp(numbers) / packing.LEVELS + packing.SAME if numbers.size else 0.0
    np.testing.assert_allclose(np.broadcast_to(got, track.shape), track, rtol=1e-6, atol=near, err_msg=path)


def value_in(figure: Any, path: str) -> bool:
    return figure[path] is not None


@EACH
@examples(max_examples=25)
@given(data=some.data())
def test_handles_stand_on_their_grids(lesson, data):
    settings = data.draw(small_states(lesson))
    snapped = lesson.snapped(settings)
    assert lesson.snapped(snapped) == snapped
    for handle in lesson.handles(snapped):
        steps = range(len(handle.values))
        assert handle.label
        assert len(handle.shown) == len(handle.values)
        assert all(handle.shown)
        assert {handle.at, handle.reset, *handle.marks} <= set(steps)
        assert handle.values[handle.at] == getattr(snapped, handle.name) or at_the_end(handle, snapped)
        (control,) = [each for each in lesson.controls if each.name == handle.name]
        usual = control.reset(snapped) if control.reset else getattr(lesson.settings(), handle.name)
        assert handle.reset == nearest(handle.values, usual)
        assert list(handle.values) == sorted(handle.values)
        assert len(set(packing.plain(handle)["values"])) == len(handle.values), "each has an address of its own"


def at_the_end(handle: Any, settings: Any) -> bool:
    """Whether a number that counts things is at its largest."""
    return getattr(settings, handle.name) >= handle.values[-1] and handle.at == len(handle.values) - 1


@EACH
def test_a_handle_tells_the_same_in_the_table_along_it(lesson):
    """The browser takes it over when the table arrives, under the hand."""
    settings = lesson.snapped(lesson.settings())
    for handle in lesson.handles(settings):
        along = handle_of(lesson, spanned(lesson, settings, handle.name), handle.name)
        assert (along.label, list(along.shown), along.marks) == (handle.label, list(handle.shown), handle.marks)
        np.testing.assert_array_equal(along.values, handle.values)


ENDS = [
    pytest.param(lesson, name, end, id=f"{slug}-{name}-{end[:20]}")
    for slug, lesson in LESSONS.items()
    for name, kind in kinds(lesson.settings).items()
    for end in ends(kind)
]


@pytest.mark.parametrize(("lesson", "name", "end"), ENDS)
def test_every_control_stands_at_both_ends(lesson, name, end):
    there = [view for view in views(lesson) if name in dragged(lesson, view)] or [switched_on(lesson)]
    settings = with_text(there[0], name, end)
    table = tabled(lesson, settings, None)
    packing.table(*lesson.picture(lesson.snapped(settings)))
    figures(lesson, settings, table, 0)
    if name in lesson.dragged:
        handle = handle_of(lesson, settings, name)
        assert handle.at in (0, len(handle.values) - 1)
        first = ends(kinds(lesson.settings)[name])[0] == end
        assert handle.at == (0 if first else len(handle.values) - 1)


@EACH
def test_every_control_at_once_stands_at_both_ends(lesson):
    for settings in corners(lesson):
        assert len(figures(lesson, settings, tabled(lesson, settings, None), 0)) == len(lesson.blanks(settings))


@EACH
def test_the_check_is_reached_and_left_by_dragging(lesson):
    there = dataclasses.replace(lesson.settings(), **lesson.goal)
    assert all(tabled(lesson, there, None).reached)
    for along in set(lesson.goal) & set(lesson.dragged):
        table = tabled(lesson, there, along)
        assert any(table.reached)
        assert not all(table.reached)
    assert not any(tabled(lesson, lesson.settings(), None).reached), "nobody has answered before moving anything"


@EACH
def test_a_table_along_a_control_does_not_heed_where_it_stands(lesson):
    """So one table serves the whole drag, for everybody."""
    settings = lesson.snapped(lesson.settings())
    for handle in lesson.handles(settings):
        other = with_text(settings, handle.name, packing.plain(handle)["values"][0])
        assert spanned(lesson, other, handle.name) == spanned(lesson, settings, handle.name)
