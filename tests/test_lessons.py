"""The contract that every lesson keeps: its page, fields, words and script; tests/lessons/test_tables.py: its numbers.

A new lesson needs no test of its own for what stands there.
"""

import ast
import dataclasses
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as some

from lessons.catalog import LESSONS
from lessons.code import HERE, keras_code
from lessons.content import Content
from lessons.fields import kinds
from lessons.lesson import Lesson
from tests.lessons.scripts import printed
from tests.lessons.states import (
    EACH,
    corners,
    dragged,
    figures,
    small_states,
    states,
    tabled,
)
from tests.pages.opening import SKIP
from ui.page.menu import FOUND

ENTRIES = {"sentence", "reckoning", "check"}
"""Texts that the browser looks for in every lesson, besides tiles and figures' descriptions."""
NO_NUMBER = re.compile(r"(?<![\w-])-(?=[.\d])|\bnan\b|\binf\b|−0(\.0+)?(?![\d.×])(?! ×)")
SLACK = 1.15
"""How many times the room kept for the longest sentence another one may take."""


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
