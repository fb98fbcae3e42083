"""All decisions about a run that are made before it starts: data, batches, and when what is recorded. NumPy only."""

from __future__ import annotations

import functools
import itertools
import threading
from dataclasses import dataclass, field
from typing import Any, TypedDict

import numpy as np
from cachetools import LRUCache, cached

from training.spec import data
from training.spec.batches import Shuffles, Span, spanned
from training.spec.settings import CHANGES, Lane, Settings, in_force

MOST_POINTS = 1_000
MOST_VALIDATIONS = 60
SHOTS, FIRST_SHOTS = 80, 20
"""How many snapshots a run has, and how many of its first steps have one each."""
GRID = 48
"""The number of points along each side of the decision-boundary picture."""
KEPT_BYTES = 64 * 2**20
"""The most bytes of plans kept for the pages: the largest table's plan takes 8 MB, the digits' 0.5 MB."""


class LaneFacts(TypedDict):
    """Facts about a lane; see settings.Lane."""

    kind: str
    overrides: dict[str, Any]
    fork_of: int | None
    fork_at: int


class Facts(TypedDict):
    """Facts about a run that are known before it begins."""

    steps: int
    epochs: int
    steps_per_epoch: int
    record_every: int
    chance: dict[str, float]
    """In "train" and "validation", the accuracy of always predicting the most frequent class."""
    lanes: list[LaneFacts]
    units: list[int]
    """The width of the hidden layers, by lane."""
    examples: dict[str, int]
    """The number of examples to "train" on and for "validation"."""


@dataclass(frozen=True)
class Phase:
    """Steps begin … end−1 without any change: their settings, and how many of the lanes are training."""

    begin: int
    end: int
    settings: Settings
    lanes: int


@dataclass(frozen=True)
class Plan:
    """All details of a run, before it starts.

    x (n, features) float32 and y (n,) int32, for training and for validation. Every `record_every`-th step becomes a
    point of the curves, every `validate_every`-th epoch is validated. spans divide the steps by batch size, phases by
    anything that may change.
    """

    settings: Settings
    x: np.ndarray
    y: np.ndarray
    x_valid: np.ndarray
    y_valid: np.ndarray
    classes: int
    spans: tuple[Span, ...]
    phases: tuple[Phase, ...]
    record_every: int
    validate_every: int
    shuffles: Shuffles = field(compare=False, repr=False)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        return self.settings.lanes

    @property
    def steps(self) -> int:
        return self.spans[-1].end

    @property
    def epochs(self) -> int:
        """The number of epochs begun: those of the settings (fewer at the limit of steps), and those cut short."""
        return self.epoch(self.steps - 1) + 1

    @property
    def steps_per_epoch(self) -> int:
        """The steps per epoch at the start; a change of the batch size changes it."""
        return self.spans[0].per_epoch

    @property
    def chance(self) -> dict[str, float]:
        """In "train" and "validation", the share of the largest class: the accuracy of always predicting that class."""
        parts = {"train": self.y, "validation": self.y_valid}
        return {part: float(np.bincount(y).max() / len(y)) for part, y in parts.items()}

    @property
    def nbytes(self) -> int:
        """The bytes of its arrays."""
        return sum(array.nbytes for array in (self.x, self.y, self.x_valid, self.y_valid))

    @property
    def facts(self) -> Facts:
        return {
            "steps": self.steps,
            "epochs": self.epochs,
            "steps_per_epoch": self.steps_per_epoch,
            "record_every": self.record_every,
            "chance": self.chance,
            "lanes": [
                {"kind": lane.kind, "overrides": lane.overrides, "fork_of": lane.fork_of, "fork_at": lane.fork_at}
                for lane in self.lanes
            ],
            "units": [self.settings.of_lane(lane).width for lane in self.lanes],
            "examples": {"train": len(self.x), "validation": len(self.x_valid)},
        }

    @property
    def grid(self) -> np.ndarray | None:
        """The points (GRID · GRID, 2) where the decision between classes in the plane is drawn; None for other data."""
        if self.x.shape[1] != 2:
            return None
        return mesh(self.x) if self.settings.data == "own" else mesh(np.array([[-2.0, -2.0], [2.0, 2.0]]), margin=0.0)

    @property
    def judged(self) -> np.ndarray:
        """The rows (n, features) whose predictions a snapshot shows: the validation digits, or the points of `grid`."""
        if self.settings.data == "digits":
            return self.x_valid
        return self.x[:0] if self.grid is None else self.grid

    def span(self, step: int) -> Span:
        """The span that contains the step; the last span for steps after the end."""
        return next((span for span in self.spans if step < span.end), self.spans[-1])

    def phase(self, step: int) -> Phase:
        """The phase that contains the step; the last phase for steps after the end."""
        return next((phase for phase in self.phases if step < phase.end), self.phases[-1])

    def epoch(self, step: int) -> int:
        """The number, from 0, of the step's epoch."""
        span = self.span(step)
        return span.epoch + (step - span.begin) // span.per_epoch

    def batches(self, begin: int, end: int) -> np.ndarray:
        """The rows (end − begin, batch size) int32 of `x` for these steps, which must be in one span."""
        span = self.span(begin)
        first, last = self.epoch(begin), self.epoch(end - 1)
        rows = [self.shuffles.batches(epoch, span.batch_size) for epoch in range(first, last + 1)]
        skipped = span.begin + (first - span.epoch) * span.per_epoch
        return np.concatenate(rows)[begin - skipped : end - skipped]

    def shots(self) -> list[int]:
        """The steps after which a snapshot is made: evenly spaced, each of the first steps, and around every change."""
        evenly = [round(part * self.steps / SHOTS) for part in range(SHOTS + 1)]
        around = [phase.begin + beside for phase in self.phases[1:] for beside in (-1, 0, 1)]
        return sorted({*evenly, *range(FIRST_SHOTS + 1), *around} & {*range(self.steps + 1)})

    def validation_steps(self) -> list[int]:
        """The steps after which the networks are validated, besides the beginning and the end of the run."""
        every = [range(span.begin, span.end, span.per_epoch * self.validate_every) for span in self.spans]
        return [step for steps in every for step in steps if step > 0]


def make(settings: Settings) -> Plan:
    """The plan of a run with these settings; the same settings always give the same plan.

    Raises as tables.load does where an uploaded table is gone.
    """
    (x, y), (x_valid, y_valid), classes = data.load(settings)
    spans = spanned(settings, len(x))
    steps, epochs = spans[-1].end, spans[-1].epoch + -(-(spans[-1].end - spans[-1].begin) // spans[-1].per_epoch)
    return Plan(
        settings,
        *(x, y, x_valid, y_valid, classes),
        spans=spans,
        phases=phased(settings, steps),
        record_every=-(-steps // MOST_POINTS),
        validate_every=-(-epochs // MOST_VALIDATIONS),
        shuffles=Shuffles(y, settings.seed, settings.sorted_batches, {s.epoch: s.batch_size for s in spans}),
    )


@cached(LRUCache(KEPT_BYTES, getsizeof=lambda plan: plan.nbytes), lock=threading.Lock())
def kept(settings: Settings) -> Plan:
    """The plan of `make`, cached and shared by all callers; change only a copy."""
    return make(settings)


@functools.lru_cache(256)
def facts(settings: Settings) -> Facts:
    """Plan.facts of the run with these settings, cached; change only a copy."""
    return make(settings).facts


def phased(settings: Settings, steps: int) -> tuple[Phase, ...]:
    """The phases of a run with that many steps."""
    changes = CHANGES.entries(settings.changes)
    forks = [lane.fork_at for lane in settings.lanes if lane.fork_of is not None]
    edges = [*sorted({0, *forks, *(step for step, _, _ in changes)} & set(range(steps))), steps]
    phases = []
    for begin, end in itertools.pairwise(edges):
        lanes = sum(lane.fork_of is None or lane.fork_at <= begin for lane in settings.lanes)
        phases.append(Phase(begin, end, in_force(settings, begin), lanes))
    return tuple(phases)


def mesh(x: np.ndarray, margin: float = 0.1) -> np.ndarray:
    """GRID × GRID points over the range of x (n, 2) with a margin: (GRID · GRID, 2) float32; row by row."""
    low, high = x.min(axis=0), x.max(axis=0)
    room = margin * (high - low)
    sides = [np.linspace(*ends, GRID, dtype=np.float32) for ends in zip(low - room, high + room, strict=True)]
    across, up = np.meshgrid(*sides)
    return np.stack([across.ravel(), up.ravel()], axis=1)
