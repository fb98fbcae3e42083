"""What a lesson computes: at every step of a control, or at one state, what fills its figures and what is said."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from figures.blank import Tracks
from lessons.control import Grid, Handle

Texts = dict[str, Sequence[str]]
"""By place one text per step, or a single one that no step changes: "sentence", "tile.0" …, "alt.0" …, "reckoning",
"check", "goal" and, by the lesson, others."""


@dataclass(frozen=True)
class Computed:
    """What a lesson's model gives at every step of a control.

    tracks: per figure what fills it. facts: per step what its words may quote.
    verdicts: by group the word that each step deserves; the sentence is one section "<group>.<word>" of each group.
    checks: per step the word of the answer to the check question, which is met where it begins with "reached". goal:
    the section that asks it. texts: what else the lesson says, by place. truth (steps, marks): what the lesson's Guess
    is about, None where it has none. alts: which of the lesson's alts these figures have, none for all of them.
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
    """What fills the figures, a Tracks each, and the texts around them, at every step of one control or at one state.

    reached (steps,): whether the model stands where the lesson's check asks the reader to move it. truth: of Computed.
    """

    tracks: Sequence[Tracks]
    texts: Texts
    reached: np.ndarray
    truth: np.ndarray | None = None


@dataclass(frozen=True)
class Around:
    """What stands around the figures in one state: the tiles' labels, the handles, and notes by name.

    longest: the longest sentence that a drag can bring from here, for which room is kept. same: the settings, as an
    address spells them, that the asked-for state is told as from now on, where they are others. right: the choice that
    answers the lesson's review.
    """

    tiles: Sequence[str]
    handles: Sequence[Handle]
    longest: str
    notes: Mapping[str, str] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)
    right: int = 0


@dataclass(frozen=True)
class Swept:
    """What a lesson's sweep says: facts by name (`rows` says how), and for every step a verdict and whether the check
    is reached; a lesson's own Result adds what its figures draw.
    """

    facts: Mapping[str, Any]
    verdict: Sequence[str] | np.ndarray
    reached: np.ndarray

    @property
    def checks(self) -> Sequence[str] | np.ndarray:
        """The word of the answer to the check question, of every step."""
        return np.where(self.reached, "reached", "not yet")

    @property
    def goal(self) -> str:
        """The section that asks the check question."""
        return "check"

    @property
    def truth(self) -> np.ndarray | None:
        """What the lesson's Guess is about (steps, marks): a lesson that has one says it."""
        return None

    @property
    def alts(self) -> Sequence[str]:
        """Which of the lesson's alts its figures have; none: all. A lesson whose set-up changes the figures says it."""
        return ()


def computed(result: Any, tracks: Sequence[Tracks]) -> Computed:
    """The lesson's table, from a Swept, or what has the same, and what fills the figures."""
    facts, checks = rows(result.facts, len(result.verdict)), np.where(result.reached, "reached", "not yet")
    return Computed(tracks, facts, {"sentence": result.verdict}, checks, truth=result.truth, alts=result.alts)


def of_sweep(sweep: Callable[..., Swept], figures: Any) -> Callable[..., Computed]:
    """A lesson's `compute`: its sweep's result, drawn by `tracks` of the module `figures`; facts fill the words."""

    def compute(settings: Any, along: str, values: Grid) -> Computed:
        result = sweep(settings, along, values)
        made = computed(result, figures.tracks(result))
        return dataclasses.replace(made, checks=result.checks, goal=result.goal)

    return compute


def rows(columns: Mapping[str, Any], steps: int) -> list[dict[str, Any]]:
    """The columns, each of one value or of one for every step, as a row for every step."""
    full = [np.broadcast_to(column, steps).tolist() for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*full, strict=True)]
