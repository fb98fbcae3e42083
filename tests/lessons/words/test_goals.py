"""Contract: in every view of a lesson the goal is about that view, can be reached there, and is not met on arrival."""

import dataclasses

import pytest

from lessons.catalog import LESSONS
from lessons.fields import Choice, Flag, kinds
from tests.lessons.states import EACH, tabled

FURTHER = [
    pytest.param(lesson, name, id=f"{slug}-{name}") for slug, lesson in LESSONS.items() for name in lesson.further
]


def view(lesson, settings):
    """The settings that decide what is drawn at all."""
    return {name: getattr(settings, name) for name in lesson.shape}


def arrival(lesson, name):
    """The state in which a reader finds the goal of that name: its preset's, or where the set-up's choice leads."""
    shaping = {field: value for field, value in lesson.further[name].items() if field in lesson.shape}
    return lesson.settings(**lesson.presets.get(name, shaping))


def words(lesson, name, reached):
    """The words of the answers to the goal of that name, met or not."""
    own = (word for word in lesson.checks if word.endswith(f".{name}"))
    return [f"reached.{name}"] if reached else [f"not yet.{name}", *own]


@pytest.mark.parametrize(("lesson", "name"), FURTHER)
def test_a_further_goal_is_asked_where_its_preset_leads_and_is_reached_by_going_on_from_there(lesson, name):
    start, there = arrival(lesson, name), lesson.settings(**lesson.further[name])
    for settings, reached in ((start, False), (there, True)):
        table = tabled(lesson, settings, None)
        assert table.texts["goal"] == [lesson.words[f"check.{name}"]]
        assert list(table.reached) == [reached]
        (answer,) = table.texts["check"]
        assert any(
            answer.startswith(lesson.words[f"check.{word}"].partition("{")[0]) for word in words(lesson, name, reached)
        )
    assert view(lesson, start) == view(lesson, there)


@EACH
def test_every_view_that_a_choice_brings_has_a_goal_that_is_reached_there(lesson):
    """Whatever else the view is: with the settings that the lesson names as a way to the goal that is asked in it."""
    ways = {lesson.words["check"]: lesson.goal} | {
        lesson.words[f"check.{name}"]: way for name, way in lesson.further.items()
    }
    for name in lesson.shape:
        kind = kinds(lesson.settings)[name]
        options = kind.options if isinstance(kind, Choice) else (False, True) if isinstance(kind, Flag) else ()
        for option in options:
            state = lesson.settings(**{name: option})
            (asked,) = tabled(lesson, state, None).texts["goal"]
            there = dataclasses.replace(state, **ways[asked])
            assert getattr(there, name) == option, f"{asked!r} is reached in another view than {option}"
            assert all(tabled(lesson, there, None).reached)
