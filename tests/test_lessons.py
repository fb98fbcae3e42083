"""The contract that every lesson keeps: a new one needs no test of its own for what stands here."""

import ast
import dataclasses
import functools
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as some

from figures.blank import at, filled
from lessons import packing
from lessons.catalog import LESSONS
from lessons.code import HERE, keras_code
from lessons.content import Content
from lessons.control import nearest
from lessons.fields import Flag, kinds
from lessons.lesson import Lesson, shaped, spanned
from tests.figures.alike import assert_alike
from tests.lessons.scripts import printed
from tests.lessons.states import ends, small_states, states, with_text
from tests.lessons.unpacking import unpacked
from tests.pages.opening import SKIP
from ui.page.menu import FOUND

EACH = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
ENTRIES = {"sentence", "reckoning", "check"}
"""Texts that the browser looks for in every lesson, besides tiles and figures' descriptions."""
ROUNDING = 1e-6
NO_NUMBER = re.compile(r"(?<![\w-])-(?=[.\d])|\bnan\b|\binf\b|−0(\.0+)?(?![\d.×])(?! ×)")
SLACK = 1.15
"""How many times the room kept for the longest sentence another one may take."""


@functools.lru_cache(maxsize=64)
def tabled(lesson: Lesson, settings: Any, along: str | None) -> Any:
    """The table that the route would serve."""
    snapped = lesson.snapped(settings)
    return lesson.table(spanned(lesson, snapped, along) if along else snapped, along)


def dragged(lesson: Lesson, settings: Any) -> list[str]:
    """The fields that have a handle in this state."""
    return [handle.name for handle in lesson.handles(lesson.snapped(settings))]


@functools.cache
def empty(lesson: Lesson, shape: Any) -> list:
    return lesson.blanks(shape)


def figures(lesson: Lesson, settings: Any, table: Any, step: int) -> list:
    """The lesson's figures filled at a step of a table."""
    blanks = empty(lesson, shaped(lesson, settings))
    return [filled(blank, tracks, step) for blank, tracks in zip(blanks, table.tracks, strict=True)]


def switched_on(lesson: Lesson) -> Any:
    """The default settings, but with every flag set, so that all controls are there."""
    flags = [name for name, kind in kinds(lesson.settings).items() if isinstance(kind, Flag)]
    return lesson.settings(**dict.fromkeys(flags, True))


@EACH
def test_a_lesson_is_found_by_its_folder_and_its_page_by_its_slug(lesson):
    (page,) = [page for page in FOUND if page.slug == lesson.slug]
    assert lesson is LESSONS[lesson.slug]
    assert page.settings is lesson.settings
    assert page.file.read_text(encoding="utf-8").count("\n") <= 10
    assert not page.checked, "the browser and the routes take care of its settings"


@EACH
def test_numbers_order_the_pages_and_nothing_else(lesson):
    assert not re.search(r"[Ll]esson \d", "".join(lesson.words.sections.values()))


@EACH
def test_every_field_has_exactly_one_place(lesson):
    places = [*lesson.dragged, *(name for row in lesson.rows for name in row), *lesson.more]
    assert sorted(places) == sorted(kinds(lesson.settings))


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
    """The text without numbers that are nothing but rounding: of images that a net has made alike to the last bit."""
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
    settings = switched_on(lesson)
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
    for settings in (switched_on(lesson), goal):
        for along in dragged(lesson, settings):
            table = tabled(lesson, settings, along)
            _, back = unpacked(packing.table(table, None, handle=packing.plain(handle_of(lesson, settings, along))))
            for sent, came in zip(table.tracks, back, strict=True):
                assert sent.keys() == came.keys()
                for path, track in sent.items():
                    assert_came(track, came[path], path)


def assert_came(track: Any, got: Any, path: str) -> None:
    """What the browser has of a track is the track, to a step of its range; once, where no step changes it."""
    if not isinstance(track, np.ndarray):
        assert [*got] == packing.lines(track), path
        return
    numbers = track[np.isfinite(track)]
    near = 1.1 * np.ptp(numbers) / packing.LEVELS + packing.SAME if numbers.size else 0.0
    np.testing.assert_allclose(np.broadcast_to(got, track.shape), track, rtol=1e-6, atol=near, err_msg=path)


def value_in(figure: Any, path: str) -> bool:
    return figure[path] is not None


def handle_of(lesson: Lesson, settings: Any, name: str) -> Any:
    return next(handle for handle in lesson.handles(lesson.snapped(settings)) if handle.name == name)


@EACH
def test_every_place_for_words_has_its_words(lesson):
    settings = lesson.snapped(lesson.settings())
    table, around = lesson.picture(settings)
    tiles = {f"tile.{number}" for number in range(len(around.tiles))}
    alts = {f"alt.{number}" for number in range(len(table.tracks))}
    assert ENTRIES | tiles | alts <= set(table.texts)
    assert not {place for place in table.texts if re.match(r"(tile|alt)\.", place)} - tiles - alts
    assert len(around.tiles) == len(lesson.tiles)
    assert all(around.tiles)
    assert all(text for place in ENTRIES | tiles | alts for text in table.texts[place])


@EACH
@examples(max_examples=40)
@given(data=some.data())
def test_in_any_state_words_find_their_room_keep_the_convention_and_begin_with_a_declared_verdict(lesson, data):
    """A table takes long to make: one of each state serves three promises."""
    settings = data.draw(small_states(lesson) if lesson.slow else states(lesson))
    table = tabled(lesson, settings, data.draw(some.sampled_from([None, *dragged(lesson, settings)])))
    _, around = lesson.picture(lesson.snapped(settings))
    find_room(lesson, table.texts, around)
    begin_with_a_declared_verdict(lesson, table.texts)
    if getattr(settings, "depth", 2) > 1:  # of one layer: tests/lessons/activations/test_lesson.py
        keep_the_convention(table, around)


def find_room(lesson: Lesson, texts: dict, around: Any) -> None:
    """Else the page below would move while a control is dragged."""
    for number, room in enumerate(tile.room for tile in lesson.tiles):
        widest = max(texts[f"tile.{number}"], key=len)
        assert len(widest) <= room, f"tile.{number} has room for {room} letters, not for {widest!r}"
    longest, said = len(around.longest), max(texts["sentence"], key=len)
    assert len(said) <= SLACK * longest, f"room for {longest} letters, not for the {len(said)} of {said!r}"


def begin_with_a_declared_verdict(lesson: Lesson, texts: dict) -> None:
    openings = [f"{group}.{word}" for group, words in lesson.verdicts.items() for word in words]
    beginnings = tuple(lesson.words[heading].partition("{")[0].rstrip("(") for heading in openings)
    assert all(text.startswith(beginnings) for text in texts["sentence"])


def keep_the_convention(table: Any, around: Any) -> None:
    """A true minus sign, no minus before a zero, and nothing that is no number."""
    told = [*around.tiles, around.longest, *(text for texts in table.texts.values() for text in texts)]
    for handle in around.handles:
        told += [handle.label, *handle.shown, *handle.marks.values()]
    for track in (track for tracks in table.tracks for track in tracks.values() if isinstance(track, list)):
        told += track
    assert not [text for text in told if NO_NUMBER.search(text)]


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
    """Whether a number that counts things stands at the last there is."""
    return getattr(settings, handle.name) >= handle.values[-1] and handle.at == len(handle.values) - 1


@EACH
def test_a_handle_tells_the_same_in_the_table_along_it(lesson):
    """The browser takes it over when the table arrives, under the hand."""
    settings = lesson.snapped(lesson.settings())
    for handle in lesson.handles(settings):
        along = handle_of(lesson, spanned(lesson, settings, handle.name), handle.name)
        assert (along.label, list(along.shown), along.marks) == (handle.label, list(handle.shown), handle.marks)
        np.testing.assert_array_equal(along.values, handle.values)


def corners(lesson: Lesson) -> list[Any]:
    """Settings that between them put every control at each of its ends."""
    extremes = {name: ends(kind) for name, kind in kinds(lesson.settings).items()}
    turns = range(max(map(len, extremes.values())))
    texts = [{name: each[turn % len(each)] for name, each in extremes.items()} for turn in turns]
    return [
        lesson.settings(**{name: kinds(lesson.settings)[name].read(text) for name, text in corner.items()})
        for corner in texts
    ]


ENDS = [
    pytest.param(lesson, name, end, id=f"{slug}-{name}-{end[:20]}")
    for slug, lesson in LESSONS.items()
    for name, kind in kinds(lesson.settings).items()
    for end in ends(kind)
]


@pytest.mark.parametrize(("lesson", "name", "end"), ENDS)
def test_every_control_stands_at_both_ends(lesson, name, end):
    settings = with_text(switched_on(lesson), name, end)
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


@EACH
@pytest.mark.parametrize("change", ["missing", "unused"])
def test_a_lesson_whose_words_do_not_fit_it_is_refused_by_name(lesson, change, monkeypatch):
    """Every section in turn, at import, with its name and that of its file; not as a KeyError on the screen."""
    words = lesson.words
    for heading in words.sections if change == "missing" else ["no such thing"]:
        kept = {name: text for name, text in words.sections.items() if name != heading}
        sections = kept if change == "missing" else words.sections | {heading: "text"}
        monkeypatch.setattr(Lesson, "words", Content(words.title, sections))
        with pytest.raises(ValueError, match=re.escape(f"lessons/{lesson.slug}/words.md")) as refused:
            dataclasses.replace(lesson)
        assert repr(heading) in str(refused.value)


@EACH
def test_the_question_is_a_question_with_choices_or_marks_and_skipping_is_none_of_them(lesson):
    assert lesson.words.title.endswith("?")
    marks = lesson.guess and lesson.guess.kind != "order"
    assert (len(lesson.words.choices("predict")) >= 2) != bool(marks)
    assert SKIP not in lesson.words.choices("predict")


@EACH
@examples(max_examples=10)
@given(data=some.data())
def test_what_a_prediction_is_about_lies_where_it_can_be_drawn(lesson, data):
    """One number for each mark, or for each line that is put in order, or one choice, in every state."""
    settings = data.draw(small_states(lesson))
    table = tabled(lesson, settings, data.draw(some.sampled_from([None, *dragged(lesson, settings)])))
    if not lesson.guess:
        assert set(table.truth.ravel()) <= set(range(len(lesson.words.choices("predict"))))
        return
    if lesson.guess.kind == "order":
        assert table.truth.shape[1] == len(lesson.words.choices("predict"))
        return
    figure = figures(lesson, settings, table, 0)[lesson.guess.figure]
    (trace,) = [trace for trace in figure.data if trace.name == "guess"]
    places = trace.y if lesson.guess.axis == "x" else trace.x
    assert table.truth.shape[1] == (len(places) if lesson.guess.kind == "curve" else 1)
    low, high = sorted(figure.layout[f"{lesson.guess.axis}axis"].range)
    assert np.all((table.truth >= low) & (table.truth <= high)) or lesson.guess.mirror


NUMBER = re.compile(r"(?<![\w.])-?\d+\.?\d*(?:e[+-]?\d+)?")


@EACH
def test_the_take_home_script_prints_the_numbers_on_screen(lesson, tmp_path):
    """Alone, in plain Keras, at the default, where the check is answered and at every end."""
    goal = dataclasses.replace(lesson.settings(), **lesson.goal)
    states = [lesson.snapped(settings) for settings in (lesson.settings(), goal, *corners(lesson))]
    for settings, text in zip(states, printed(lesson.slug, states, tmp_path), strict=True):
        expected = lesson.numbers(settings)
        assert expected
        for label, numbers in expected.items():
            lines = re.findall(rf"^{re.escape(label)}(.*)$", text, flags=re.MULTILINE)
            told = [float(number) for line in lines for number in NUMBER.findall(line)]
            np.testing.assert_allclose(told, numbers, rtol=1e-5, atol=2e-6, err_msg=f"{settings}\n{label}\n{text}")


@EACH
def test_the_script_as_stored_is_the_default_state(lesson):
    stored = (HERE / lesson.slug / "script.py").read_text(encoding="utf-8")
    assert ast.dump(ast.parse(keras_code(lesson.slug, lesson.settings()))) == ast.dump(ast.parse(stored))
