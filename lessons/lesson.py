"""What a lesson consists of: settings, a computation, and words. A folder here declares each lesson.

All that a lesson shows is a pure function of (lesson, settings, the dragged control). It is computed outside the web
process (ui/api/tables.py), sent as bytes (lessons/packing.py), and shared by everyone who asks for the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from figures.blank import Blank
from figures.numerals import Numeral
from lessons import schema
from lessons.content import Content, read
from lessons.control import Control, Grid, Guess, Handle
from lessons.fields import kinds, spelled
from lessons.table import Around, Computed, LessonTable


@dataclass(frozen=True)
class Tile:
    """A number under the figure, from the section "value.<name>", with room for `room` letters, and its label's
    section, with `{field}` filled in from the settings.
    """

    name: str
    room: int
    label: str = ""

    @property
    def heading(self) -> str:
        return self.label or f"tile.{self.name}"


@dataclass(frozen=True, eq=False)
class Lesson:
    """A lesson, with its words. Raises ValueError where a section of words is missing, or is not used.

    compute(settings, along, values): all that is shown, at these values of the control `along`.
    printed: which facts script.py prints, by the beginning of the line; or a function from settings to these numbers.
    blanks(settings): the empty figures, which depend only on the fields named in `shape`.
    alts: for each figure, the section "alt.<name>" that describes it to readers who cannot see it.
    rows: fields in rows under the figures; more: fields that are folded away.
    verdicts: all words of Computed.verdicts, by group; rare: verdicts that need a flag.
    answer, review: from a state's facts to the right choice of the section with that name ("predict" for answer),
    counted from 0; other lessons ask the review about the default state. guess: a prediction that is not a choice.
    asked_at: the settings that the prediction is about, as changes to the default; the page goes there once it is made,
    unless a link or the reader has set one of them.
    goal: settings that meet the check. further: by the name of another goal, the settings that meet "check.<name>";
    where a preset has that name, it leads to it.
    engine: the functions that compute what section "formula" says.
    presets: states worth seeing, as changes to the default, by name; their words are "preset.<name>", "look.<name>".
    carrying: the controls beside the figure; all of them if empty.
    fold: simpler settings with the same meaning, which replace them in the address once a control of `folds` is let go.
    sections: other sections that the lesson uses. heavy(settings, along): whether a table along
    that control (or, None, of a single state) takes long to compute, though others along it do not.
    """

    slug: str
    settings: type
    controls: Sequence[Control]
    tiles: Sequence[Tile]
    alts: Sequence[str]
    verdicts: Mapping[str, Sequence[str]]
    blanks: Callable[[Any], list[Blank]]
    compute: Callable[[Any, str, Grid], Computed]
    printed: Mapping[str, Sequence[str]] | Callable[[Any], Mapping[str, Sequence[float]]]
    engine: Sequence[Callable]
    review: Callable[[Mapping[str, Any]], int]
    goal: Mapping[str, Any]
    rows: Sequence[Sequence[str]] = ()
    more: Sequence[str] = ()
    shape: Sequence[str] = ()
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    asked_at: Mapping[str, Any] = field(default_factory=dict)
    carrying: Sequence[str] = ()
    answer: Callable[[Mapping[str, Any]], int] | None = None
    guess: Guess | None = None
    folds: Sequence[str] = ()
    fold: Callable[[Any], Any] = lambda settings: settings
    checks: Sequence[str] = ("reached", "not yet")
    further: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rare: Mapping[str, str] = field(default_factory=dict)
    heavy: Callable[[Any, str | None], bool] = lambda settings, along: False
    notes: Callable[[Any], Mapping[str, str]] = lambda settings: {}
    sections: Sequence[str] = ()

    def __post_init__(self) -> None:
        schema.check(self)

    @property
    def words(self) -> Content:
        return read(self.slug)

    @property
    def dragged(self) -> list[str]:
        return [control.name for control in self.controls]

    @property
    def slow(self) -> list[str]:
        """The dragged fields whose tables take long."""
        return [control.name for control in self.controls if control.slow]

    def table(self, settings: Any, along: str | None = None) -> LessonTable:
        """The table at every value of the control `along`, or at the settings alone."""
        return self._table(self._computed(settings, along))

    def picture(self, settings: Any) -> tuple[LessonTable, Around]:
        """The table of one state, and the texts around its figures."""
        asked, settings = settings, self.fold(settings)
        computed = self._computed(settings, None)
        tiles = [self._heading(tile.heading, settings) for tile in self.tiles]
        longest = self._longest(settings, computed)
        right = self.review(computed.facts[0])
        same = {name: spelled(value) for name, value in changes(asked, settings).items()}
        return self._table(computed), Around(tiles, self.handles(settings), longest, self.notes(settings), same, right)

    def handles(self, settings: Any) -> list[Handle]:
        """The handles that this state has, in the order of the controls."""
        present = (each for each in self.controls if not each.when or getattr(settings, each.when))
        return [self._handle(control, settings) for control in present]

    def snapped(self, settings: Any) -> Any:
        """The settings with the value of every dragged field moved to its grid."""
        values = {each.name: each.values(settings)[each.step(settings)] for each in self.controls}
        whole = {name: kinds(self.settings)[name].whole for name in values}
        given = {name: int(value) if whole[name] else float(value) for name, value in values.items()}
        return dataclasses.replace(settings, **given)

    def off_grid(self, settings: Any) -> dict[str, str]:
        """For each dragged field whose value is not on its grid, the values that the grid allows, in words."""
        return {each.name: each.described(settings) for each in self.controls if not each.holds(settings)}

    def numbers(self, settings: Any) -> Mapping[str, Sequence[float]]:
        """The numbers that script.py prints for this state, by the beginning of their line."""
        if callable(self.printed):
            return self.printed(settings)
        (facts,) = self._computed(settings, None).facts
        return {line: [facts[name] for name in names] for line, names in self.printed.items()}

    def _computed(self, settings: Any, along: str | None) -> Computed:
        control = self.controls[self.dragged.index(along)] if along else self.controls[0]
        values = control.values(settings) if along else [getattr(settings, control.name)]
        computed = self.compute(settings, control.name, np.asarray(values, dtype=float))
        return dataclasses.replace(computed, facts=[numerals(facts) for facts in computed.facts])

    def _table(self, computed: Computed) -> LessonTable:
        """The table, with its texts: live sentence, tiles, the model's answer, check, and the figures' descriptions."""
        texts = {
            "sentence": [self._sentence(computed, step) for step in range(len(computed.facts))],
            **{f"tile.{n}": self._filled(f"value.{tile.name}", computed) for n, tile in enumerate(self.tiles)},
            "reckoning": self._filled("reckoning", computed),
            "check": [
                self.words.say(f"check.{word}", **facts)
                for word, facts in zip(computed.checks, computed.facts, strict=True)
            ],
            "goal": [self.words[computed.goal]],
            **{f"alt.{n}": self._filled(f"alt.{name}", computed) for n, name in enumerate(computed.alts or self.alts)},
            **computed.texts,
        }
        reached = np.array([word.startswith("reached") for word in computed.checks])
        truth = np.array([[self.answer(facts)] for facts in computed.facts]) if self.answer else computed.truth
        return LessonTable(computed.tracks, texts, reached, truth)

    def _filled(self, heading: str, computed: Computed) -> list[str]:
        return [self.words.say(heading, **facts) for facts in computed.facts]

    def _sentence(self, computed: Computed, step: int) -> str:
        headings = (f"{group}.{words[step]}" for group, words in computed.verdicts.items())
        return " ".join(self.words.say(heading, **computed.facts[step]) for heading in headings)

    def _longest(self, settings: Any, computed: Computed) -> str:
        """The longest sentence that a drag can produce, with the present numbers filled in."""
        never = {verdict for verdict, flag in self.rare.items() if not getattr(settings, flag)}
        parts = []
        for group in computed.verdicts:
            possible = (word for word in self.verdicts[group] if word not in never)
            parts.append(max((self.words.say(f"{group}.{word}", **computed.facts[0]) for word in possible), key=len))
        return " ".join(parts)

    def _handle(self, control: Control, settings: Any) -> Handle:
        values, shown, nearest = control.values(settings), control.labels(settings), control.nearest
        usual = control.reset(settings) if control.reset else getattr(self.settings(), control.name)
        known = dataclasses.asdict(settings)
        marks = {nearest(values, value): f"mark.{word}".format(**known) for word, value in control.marks.items()}
        return Handle(
            control.name,
            self._heading(control.heading, settings),
            values,
            shown,
            at=control.step(settings),
            reset=nearest(values, usual),
            marks={step: self.words.say(heading, shown=shown[step]) for step, heading in marks.items()},
        )

    def _heading(self, heading: str, settings: Any) -> str:
        known = dataclasses.asdict(settings)
        return self.words.say(heading.format(**known), **known)


def numerals(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts, with real numbers as Numerals, which words format in the house's style."""
    return {name: Numeral(value) if isinstance(value, float) else value for name, value in facts.items()}


def changes(asked: Any, settings: Any) -> dict[str, Any]:
    """The fields whose values differ from those in `asked`."""
    return {name: value for name, value in dataclasses.asdict(settings).items() if value != getattr(asked, name)}


def shaped(lesson: Lesson, settings: Any) -> Any:
    """The settings with all fields at their defaults that do not change the empty figures."""
    kept = {name: getattr(settings, name) for name in lesson.shape}
    return dataclasses.replace(lesson.settings(), **kept)


def spanned(lesson: Lesson, settings: Any, along: str) -> Any:
    """The settings with the field `along` at its default, since the table along it does not depend on its value."""
    return dataclasses.replace(settings, **{along: getattr(lesson.settings(), along)})
