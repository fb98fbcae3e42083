"""States of a lesson, random or extreme, and their tables, for tests of all lessons."""

import dataclasses
import functools
from typing import Any

import pytest
from hypothesis import strategies as some

from figures.blank import filled
from lessons.catalog import LESSONS
from lessons.fields import Choice, Flag, Kind, Number, Numbers, kinds
from lessons.lesson import Lesson, shaped, spanned
from ui.state.repair import spelled

SMALLER = {
    "activations": {"width": some.integers(8, 16), "batch_size": some.integers(2, 32)},
    "covariate_shift": {"unlabeled": some.sampled_from([8, 100])},
    "momentum": {"steps": some.integers(20, 60)},
    "train_infer": {"batch_size": some.integers(1, 32), "layers": some.just("3")},
}
"""By lesson, fields limited to small or few values, for tests that make many tables."""


def states(lesson: Lesson, **kept: some.SearchStrategy) -> some.SearchStrategy:
    """Settings of the lesson with any allowed value in every field, or what `kept` draws for it."""
    fields = {name: kept.get(name, values(kind)) for name, kind in kinds(lesson.settings).items()}
    return some.builds(lesson.settings, **fields)


def small_states(lesson: Lesson) -> some.SearchStrategy:
    """States whose tables are made quickly."""
    return states(lesson, **SMALLER.get(lesson.slug, {}))


def values(kind: Kind) -> some.SearchStrategy:
    """What a field may hold, its ends among it, real numbers as an address spells them."""
    match kind:
        case Number(low, high, whole=True):
            return some.integers(int(low), int(high))
        case Number(low, high):
            return reals(low, high)
        case Choice(options):
            return some.sampled_from(options)
        case Flag():
            return some.booleans()
        case Numbers(low, high, least, most):
            return some.lists(reals(low, high), min_size=least, max_size=most).map(tuple)
    raise TypeError(kind)


def ends(kind: Kind) -> list[str]:
    """Every extreme of what a field may hold, as an address spells it."""
    match kind:
        case Number(low, high, whole):
            return [spelled(int(end) if whole else float(end)) for end in (low, high)]
        case Choice(options):
            return list(options)
        case Flag():
            return ["true", "false"]
        case Numbers(low, high, least, most):
            return [spelled((float(low),) * least), spelled((float(low), float(high)) * (most // 2))]
    raise TypeError(kind)


def reals(low: float, high: float) -> some.SearchStrategy:
    return some.floats(low, high).map(lambda value: float(spelled(value))) | some.sampled_from(
        [float(low), float(high)]
    )


def with_text(settings: Any, name: str, text: str) -> Any:
    """The settings with one field as an address spells it."""
    given = {each: getattr(settings, each) for each in kinds(type(settings))}
    return type(settings)(**given | {name: kinds(type(settings))[name].read(text)})


EACH = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)


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


def views(lesson: Lesson) -> list[Any]:
    """The switched-on default settings, and variants with each choice that brings other controls."""
    usual, choices = switched_on(lesson), kinds(lesson.settings).items()
    found = {tuple(dragged(lesson, usual)): usual}
    for name, option in (
        (name, option) for name, kind in choices if isinstance(kind, Choice) for option in kind.options
    ):
        state = dataclasses.replace(usual, **{name: option})
        found.setdefault(tuple(dragged(lesson, state)), state)
    return list(found.values())


def handle_of(lesson: Lesson, settings: Any, name: str) -> Any:
    return next(handle for handle in lesson.handles(lesson.snapped(settings)) if handle.name == name)


def corners(lesson: Lesson) -> list[Any]:
    """Settings that together put every control at each of its ends."""
    extremes = {name: ends(kind) for name, kind in kinds(lesson.settings).items()}
    turns = range(max(map(len, extremes.values())))
    texts = [{name: each[turn % len(each)] for name, each in extremes.items()} for turn in turns]
    return [
        lesson.settings(**{name: kinds(lesson.settings)[name].read(text) for name, text in corner.items()})
        for corner in texts
    ]
