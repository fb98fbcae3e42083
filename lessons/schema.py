"""Which sections of words a lesson must have: exactly those that its declaration uses."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from lessons.content import file_of
from lessons.fields import Choice, Numbers, kinds

if TYPE_CHECKING:
    from lessons.lesson import Lesson

PAGE = (
    "menu",
    "lead",
    "predict",
    "reckoning",
    "review",
    "explain",
    "formula",
    "not shown",
    "check",
    "instructor",
    "minutes",
)
SHEET = ("worksheet", "worksheet.key")
EVERY = (*PAGE, *SHEET)
"""The sections of every lesson: its name in the menu, its duration, the parts of its page, and its worksheet."""
QUESTIONS = 3
"""The number of questions on a worksheet, and of answers in its key."""


def check(lesson: Lesson) -> None:
    """Raise ValueError, naming file and sections, where a section is missing, or is not used."""
    used, written = sections(lesson), set(lesson.words.sections)
    missing, unused = sorted(used - written), sorted(written - used)
    file = file_of(lesson.slug).relative_to(file_of(lesson.slug).parents[2])
    if missing or unused:
        mistakes = [f"lacks {missing}"] * bool(missing) + [f"has {unused}, which nothing uses"] * bool(unused)
        raise ValueError(f"{file} {' and '.join(mistakes)}")
    if (not lesson.guess or lesson.guess.kind == "order") and len(lesson.words.choices("predict")) < 2:
        raise ValueError(f"{file}: section 'predict' offers fewer than two choices")
    if not (lesson.guess or lesson.answer):
        raise ValueError(f"{file}: nothing tells which choice of section 'predict' is right")
    for heading in SHEET:
        if len(lesson.words.choices(heading)) != QUESTIONS:
            raise ValueError(f"{file}: section '{heading}' has not {QUESTIONS} points")


def sections(lesson: Lesson) -> set[str]:
    """The headings of every section that the lesson uses."""
    typed = any(isinstance(kind, Numbers) for kind in kinds(lesson.settings).values())
    fields = [*itertools.chain(*lesson.rows), *lesson.more]
    templates = [*(each.heading for each in lesson.controls), *(tile.heading for tile in lesson.tiles)]
    templates += [f"mark.{word}" for control in lesson.controls for word in control.marks]
    return {
        *EVERY,
        *lesson.sections,
        *(f"label.{name}" for name in fields),
        *(["label.more"] if lesson.more else []),
        *(["wrong"] if typed else []),
        *itertools.chain(*(spelled_out(template, lesson.settings) for template in templates)),
        *(f"value.{tile.name}" for tile in lesson.tiles),
        *(f"alt.{name}" for name in lesson.alts),
        *(f"{group}.{word}" for group, words in lesson.verdicts.items() for word in words),
        *(f"check.{word}" for word in lesson.checks),
        *(f"check.{word}{name}" for name in lesson.further for word in ("", "reached.", "not yet.")),
        *(f"{kind}.{word}" for word in lesson.presets for kind in ("preset", "look")),
    }


def spelled_out(template: str, settings_type: Any) -> list[str]:
    """The possible headings of a template that contains names of choice fields."""
    names = re.findall(r"\{(\w+)\}", template)
    options = [kind.options for name in names if isinstance(kind := kinds(settings_type)[name], Choice)]
    return [template.format(**dict(zip(names, chosen, strict=True))) for chosen in itertools.product(*options)]
