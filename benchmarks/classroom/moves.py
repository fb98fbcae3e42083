"""The moves of a class's students on the lessons, and the addresses of the states that they reach."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np

from lessons.catalog import LESSONS as DECLARED
from lessons.fields import Choice, Flag, Number, defaults, kinds
from ui.state.repair import spelled

DRAGGED = {slug: lesson.dragged for slug, lesson in DECLARED.items()}
"""The dragged controls by lesson; all other fields of its Settings are the other controls."""
LESSONS = tuple(DRAGGED)
RELEASE, OTHER, OPENING = "release", "other", "opening"
LANDMARKS = 8
"""How many values of a slider students stop at."""
BATCHES = (
    (1.0, 2.0),
    (1.0, 2.0, 3.0),
    (-3.0, -1.0, 1.0, 3.0),
    (5.0, 5.0, 5.0, 5.0),
    (0.0, 0.0, 0.0, 0.0, 10.0),
    (2.0, 4.0, 4.0, 5.0, 7.0, 8.0),
    (-20.0, -7.5, 0.25, 3.0, 12.0, 20.0),
    tuple(float(number) for number in range(1, 17)),
)
"""The batches that students type."""
State = dict[str, Any]
"""The fields that are not at their defaults."""
Change = tuple[str, Any]


class Move(NamedTuple):
    """A control of a lesson was let go at, or set to, a value; state: the fields afterwards."""

    lesson: str
    field: str
    value: Any
    state: State

    @property
    def kind(self) -> str:
        return RELEASE if self.field in DRAGGED[self.lesson] else OTHER

    @property
    def before(self) -> State:
        """The fields before the move, without the control that moved."""
        return {name: value for name, value in self.state.items() if name != self.field}

    @property
    def table_address(self) -> str:
        """The address of the table that answers the move: along the dragged control, or of the new state."""
        if self.kind == RELEASE:
            return table(self.lesson, self.before, along=self.field)
        return table(self.lesson, self.state)


class Walk:
    """A student's random walk through a lesson, from its defaults: half of the moves drag a control."""

    def __init__(self, lesson: str, rng: random.Random) -> None:
        self.lesson, self.state, self._rng = lesson, {}, rng

    def __iter__(self) -> Iterator[Move]:
        return self

    def __next__(self) -> Move:
        return self.go(*self.change())

    def change(self) -> Change:
        """A control, and a value other than its present one."""
        dragged, others = controls(self.lesson, self.state)
        field = self._rng.choice(self._rng.choice((dragged, others)))
        here = value_of(self.lesson, self.state, field)
        return field, self._rng.choice([one for one in values(self.lesson, self.state, field) if one != here])

    def go(self, field: str, value: Any) -> Move:
        rest = {name: held for name, held in self.state.items() if name != field}
        default = defaults(settings(self.lesson))[field]
        self.state = rest if value == default else {**rest, field: value}
        return Move(self.lesson, field, value, self.state)


class Following(Walk):
    """A student who follows the instructor: makes one change, undoes it, repeats the instructor's change, and so on."""

    def __init__(self, lesson: str, rng: random.Random, instructor: Iterator[Move]) -> None:
        super().__init__(lesson, rng)
        self._way = self._moves(instructor)

    def __next__(self) -> Move:
        return next(self._way)

    def _moves(self, instructor: Iterator[Move]) -> Iterator[Move]:
        for shown in instructor:
            field, value = self.change()
            here = value_of(self.lesson, self.state, field)
            yield self.go(field, value)
            yield self.go(field, here)
            yield self.go(shown.field, shown.value)


STATES = ("spread", "class")
"""Whether each student walks alone ("spread"), or the whole class stays close to the instructor."""


def walk(lesson: str, states: str, student: int) -> Walk:
    """The walk of a student, by number; always the same."""
    rng = random.Random(f"{lesson} {student}")
    return Walk(lesson, rng) if states == "spread" else Following(lesson, rng, Walk(lesson, random.Random(lesson)))


def distinct(lesson: str, kind: str, count: int, student: int = 0) -> list[Move]:
    """Moves of a kind, no two of which request the same table."""
    found: dict[str, Move] = {}
    for move, _ in zip(Walk(lesson, random.Random(f"distinct {student}")), range(100 * count), strict=False):
        if move.kind == kind and move.state:
            found.setdefault(move.table_address, move)
        if len(found) == count:
            break
    return list(found.values())


def controls(lesson: str, state: State) -> tuple[list[str], list[str]]:
    """The dragged controls, and the other controls, that can be moved in this state."""
    names = [name for name in kinds(settings(lesson)) if name != "outlier_value" or state.get("outlier")]
    dragged = [name for name in names if name in DRAGGED[lesson] and len(values(lesson, state, name)) > 1]
    return dragged, [name for name in names if name not in DRAGGED[lesson]]


def values(lesson: str, state: State, field: str) -> Sequence[Any]:
    """The values to which students set a control: any option, a few landmarks of a slider."""
    if field in DRAGGED[lesson]:
        return landmarks(grid(lesson, state, field))
    kind = kinds(settings(lesson))[field]
    if isinstance(kind, Choice):
        return kind.options
    if isinstance(kind, Flag):
        return (False, True)
    return slider(kind) if isinstance(kind, Number) else BATCHES


def slider(kind: Number) -> list[float]:
    """Evenly spaced values over the whole range, as a slider's steps of 1 or 0.01 allow."""
    spread = np.linspace(kind.low, kind.high, LANDMARKS)
    return [round(float(value)) if kind.whole else round(float(value), 2) for value in spread]


def landmarks(entries: Sequence[Any]) -> list[Any]:
    """A few entries of a grid, evenly spaced in it, the first and last included."""
    return [entries[step] for step in sorted({round(step) for step in np.linspace(0, len(entries) - 1, LANDMARKS)})]


def grid(lesson: str, state: State, field: str) -> list[Any]:
    """The values of a dragged control, spelled as in an address."""
    (control,) = [each for each in DECLARED[lesson].controls if each.name == field]
    entries = control.values(settings(lesson)(**state))
    whole = kinds(settings(lesson))[field].whole
    return [int(entry) if whole else float(f"{entry:.6g}") for entry in entries]


def step(move: Move) -> int:
    """The step of the dragged control's grid at which it was let go."""
    entries = np.asarray(grid(move.lesson, move.before, move.field), dtype=float)
    return int(np.argmin(np.abs(entries - move.value)))


def value_of(lesson: str, state: State, field: str) -> Any:
    return state.get(field, defaults(settings(lesson))[field])


def settings(lesson: str) -> type:
    return DECLARED[lesson].settings


def table(lesson: str, state: Mapping[str, Any], along: str = "") -> str:
    """The path of a table: of one state, or along a whole control."""
    return path("tables", lesson, {"along": along} if along else {}, state)


def figure(lesson: str, state: Mapping[str, Any]) -> str:
    """The path of the lesson's empty figures."""
    return path("figures", lesson, {}, state)


def path(kind: str, lesson: str, first: Mapping[str, str], state: Mapping[str, Any]) -> str:
    query = urlencode({**first, **plain(lesson, state)})
    return f"/api/{kind}/{lesson}" + (f"?{query}" if query else "")


def plain(lesson: str, state: Mapping[str, Any]) -> dict[str, str]:
    """The settings that differ from the defaults, sorted by name, spelled as in an address."""
    usual = defaults(settings(lesson))
    return {name: spelled(state[name]) for name in sorted(state) if state[name] != usual[name]}


def page_query(lesson: str, state: Mapping[str, Any], **more: str) -> str:
    """The query of the lesson's page in that state: "slug.field=value&…"."""
    return urlencode({f"{lesson}.{name}": text for name, text in {**plain(lesson, state), **more}.items()})
