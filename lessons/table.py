"""The result of a lesson at every step of a control, or at one state: what fills its figures, and its texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from figures.blank import Tracks
from lessons.control import Grid, Handle

Texts = dict[str, Sequence[str]]
"""By place, one text per step, or a single one for all steps. Places are "sentence", "tile.0" …, "alt.0" …,
"reckoning", "check", "goal" and, in some lessons, others."""


@dataclass(frozen=True)
class Computed:
    """What a lesson's model gives at every step of a control.

    tracks: the numbers that fill each figure. facts: for each step, the numbers that the words may quote.
    verdicts: by group, one word per step; the live sentence has a section "<group>.<word>" of each group.
    checks: for each step, the word of the answer to the check, which is met where it begins with "reached".
    goal: the section that asks the check. texts: further texts, by place.
    truth (steps, marks): the answer to the lesson's Guess, None where it has none.
    alts: the names of the figures' descriptions, where these are not all of the lesson's.
    """

    tracks: Sequence[Tracks]
    facts: Sequence[Mapping[str, Any]]
    verdicts: Mapping[str, Sequence[str]]
    checks: Sequence[str]
    texts: Texts = field(default_factory=dict)
    truth: np.ndarray | None = None
    alts: Sequence[str] = ()
    goal: str = "check"


@dataclass(frozen=True)
class LessonTable:
    """The tracks of each figure and the texts around them, at every step of a control or at one state.

    reached (steps,): whether the check is met. truth: as in Computed.
    """

    tracks: Sequence[Tracks]
    texts: Texts
    reached: np.ndarray
    truth: np.ndarray | None = None


@dataclass(frozen=True)
class Around:
    """The texts around the figures in one state: the tiles' labels, the handles, and notes by name.

    longest: the longest sentence that a drag can produce from here; room is kept for it. same: other settings that mean
    the same state and replace it in the address, spelled as there, or nothing. right: the right choice of the review.
    """

    tiles: Sequence[str]
    handles: Sequence[Handle]
    longest: str
    notes: Mapping[str, str] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)
    right: int = 0


class Answers:
    """The defaults for what a lesson's Result says besides facts and verdicts; it has `reached` (steps,) itself."""

    @property
    def checks(self) -> Sequence[str] | np.ndarray:
        """For every step, the word of the answer to the check of the present view."""
        return np.where(self.reached, "reached", "not yet").astype(object) + self.goal.removeprefix("check")

    @property
    def goal(self) -> str:
        """The section that asks the check question. Overridden where a view has a goal of its own, "check.<name>"."""
        return "check"

    @property
    def truth(self) -> np.ndarray | None:
        """The answer to the lesson's Guess (steps, marks); overridden by lessons that have one."""
        return None

    @property
    def alts(self) -> Sequence[str]:
        """The names of the figures' descriptions, if not all of the lesson's. Overridden where views change figures."""
        return ()


@dataclass(frozen=True)
class Swept(Answers):
    """The result of a lesson's sweep: facts by name (see `rows`), and for every step a verdict and whether the check is
    met. Each lesson's Result adds the values that its figures draw.
    """

    facts: Mapping[str, Any]
    verdict: Sequence[str] | np.ndarray
    reached: np.ndarray


def computed(result: Any, tracks: Sequence[Tracks]) -> Computed:
    """A lesson's Computed from its Result (a Swept, or anything with the same attributes) and its tracks."""
    answers = {"checks": result.checks, "truth": result.truth, "alts": result.alts, "goal": result.goal}
    return Computed(tracks, rows(result.facts, len(result.verdict)), {"sentence": result.verdict}, **answers)


def of_sweep(sweep: Callable[..., Swept], figures: Any) -> Callable[..., Computed]:
    """The `compute` of a lesson: its sweep, drawn by `tracks` in the module `figures`; the facts fill the words."""

    def compute(settings: Any, along: str, values: Grid) -> Computed:
        result = sweep(settings, along, values)
        return computed(result, figures.tracks(result))

    return compute


def rows(columns: Mapping[str, Any], steps: int) -> list[dict[str, Any]]:
    """One row per step; each column has a single value, or one for every step."""
    full = [np.broadcast_to(column, steps).tolist() for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*full, strict=True)]
