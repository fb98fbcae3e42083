"""What a lesson is: its settings, what it computes from them, and which words it needs; a folder here declares each.

Whatever it shows is a pure function of (lesson, settings, the control along which it runs). It is made away from the
web process (ui/api/tables.py), sent as bytes (lessons/packing.py), and shared by everyone who asks for the same.
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
    """A number under the figure: room for so many letters, the section "value.<name>", and that of its label, in which
    `{field}` is filled in from the settings.
    """

    name: str
    room: int
    label: str = ""

    @property
    def heading(self) -> str:
        return self.label or f"tile.{self.name}"


@dataclass(frozen=True, eq=False)
class Lesson:
    """A lesson, with its words. Raises ValueError where those lack a section that it uses or have one that it does not.

    compute(settings, along, values): everything that is shown at those values of the control `along`.
    printed: by the beginnings of the lines that script.py prints, the facts in them, or a function of the settings
    that gives the numbers.
    blanks(settings): the empty figures, which depend on the fields of `shape` alone.
    alts: for each figure the section "alt.<name>" that says what it shows, for whoever cannot see it.
    rows: fields that stand in rows under the figures; more: those that stay folded away.
    verdicts: by group all words of Computed.verdicts; rare: verdicts that are given only under a flag.
    review: of the facts of the default state, which choice of section "review" is right, from 0; later lessons ask it.
    goal: settings with which the check is answered. engine: the functions that compute what section "formula" says.
    presets: by the word after "preset." of its section, what a state worth seeing changes of the default; section
    "look.<word>" says what to look at there. carrying: the controls beside the figure, all unless they are named.
    further: of a goal that follows the check, the section that asks for it, and the preset that leads there.
    answer: of a state's facts, which choice of section "predict" is right, from 0. guess: how the prediction is made
    where it is no choice. fold: other settings that mean the same, which stand in the
    address once a control of `folds` is let go.
    sections: other sections that the lesson reads. heavy(settings): whether even one state of them takes long.
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
    carrying: Sequence[str] = ()
    answer: Callable[[Mapping[str, Any]], int] | None = None
    guess: Guess | None = None
    folds: Sequence[str] = ()
    fold: Callable[[Any], Any] = lambda settings: settings
    checks: Sequence[str] = ("reached", "not yet")
    further: Mapping[str, str] = field(default_factory=dict)
    rare: Mapping[str, str] = field(default_factory=dict)
    heavy: Callable[[Any], bool] = lambda settings: False
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
        """Every value of a control, or the one state of the settings."""
        return self._table(self._computed(settings, along))

    def picture(self, settings: Any) -> tuple[LessonTable, Around]:
        """One state, and what stands around it."""
        asked, settings = settings, self.fold(settings)
        computed = self._computed(settings, None)
        tiles = [self._heading(tile.heading, settings) for tile in self.tiles]
        longest = self._longest(settings, computed)
        right = self.review(computed.facts[0])
        same = {name: spelled(value) for name, value in changes(asked, settings).items()}
        return self._table(computed), Around(tiles, self.handles(settings), longest, self.notes(settings), same, right)

    def handles(self, settings: Any) -> list[Handle]:
        """Those that the state has, in their order."""
        present = (each for each in self.controls if not each.when or getattr(settings, each.when))
        return [self._handle(control, settings) for control in present]

    def snapped(self, settings: Any) -> Any:
        """The settings with every dragged field on its grid."""
        values = {each.name: each.values(settings)[each.step(settings)] for each in self.controls}
        whole = {name: kinds(self.settings)[name].whole for name in values}
        given = {name: int(value) if whole[name] else float(value) for name, value in values.items()}
        return dataclasses.replace(settings, **given)

    def off_grid(self, settings: Any) -> dict[str, str]:
        """By dragged field whose grid lacks what the settings say, what the grid allows."""
        return {each.name: each.described(settings) for each in self.controls if not each.holds(settings)}

    def numbers(self, settings: Any) -> Mapping[str, Sequence[float]]:
        """What script.py prints of that state, by the beginnings of its lines."""
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
        """With the live sentence, the tiles, the model's answer, the check and the figures' descriptions."""
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
        """The longest sentence of the verdicts that a drag can bring, with the present numbers in it."""
        never = {verdict for verdict, flag in self.rare.items() if not getattr(settings, flag)}
        parts = []
        for group in computed.verdicts:
            possible = (word for word in self.verdicts[group] if word not in never)
            parts.append(max((self.words.say(f"{group}.{word}", **computed.facts[0]) for word in possible), key=len))
        return " ".join(parts)

    def _handle(self, control: Control, settings: Any) -> Handle:
        values, shown, nearest = control.values(settings), control.labels(settings), control.nearest
        usual = control.reset(settings) if control.reset else getattr(self.settings(), control.name)
        marks = {nearest(values, value): f"mark.{word}" for word, value in control.marks.items()}
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
    """The facts, their real numbers to be written in the house's style."""
    return {name: Numeral(value) if isinstance(value, float) else value for name, value in facts.items()}


def changes(asked: Any, settings: Any) -> dict[str, Any]:
    """The fields in which the settings differ from those asked for."""
    return {name: value for name, value in dataclasses.asdict(settings).items() if value != getattr(asked, name)}


def shaped(lesson: Lesson, settings: Any) -> Any:
    """The settings that stand for all that take the same empty figures."""
    kept = {name: getattr(settings, name) for name in lesson.shape}
    return dataclasses.replace(lesson.settings(), **kept)


def spanned(lesson: Lesson, settings: Any, along: str) -> Any:
    """The settings that stand for all whose table along that field is the same."""
    return dataclasses.replace(settings, **{along: getattr(lesson.settings(), along)})
