"""Everything about a training run that is decided before it starts, in NumPy: data, batches, what is recorded when.

The recipe of the batches, to restate it in a plain script, where n is the number of training examples:

    shuffle = np.random.default_rng(seed)
    for each epoch:
        rows = shuffle.permutation(n)[: n // size * size]               # the incomplete last batch is left out
        if sorted_batches:                                              # nearly every batch of one class
            rows = rows[np.argsort(y[rows], kind="stable")]
        batches = rows.reshape(-1, size)
        if sorted_batches:
            batches = shuffle.permutation(batches)                      # the batches in random order

`size` is the batch size, at most n. A change of the batch size at a step breaks off the epoch under way and begins the
next. A broken epoch is not one of those that the run was asked for: so no change ends a run, or leaves it one short.
A change of another field holds for every lane that has no value of its own in that field.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np

from training import data
from training.settings import CHANGES, MOST_STEPS, Lane, Settings, in_force

MOST_POINTS = 1_000
MOST_VALIDATIONS = 60
WATCHED_SECONDS, LONGEST_PAUSE = 20.0, 0.05
GRID = 48
"""Points along each side of the decision-boundary picture."""


@dataclass(frozen=True)
class Span:
    """Steps begin … end−1, all with one batch size; their first epoch's number and how many steps an epoch has."""

    begin: int
    end: int
    batch_size: int
    per_epoch: int
    epoch: int


@dataclass(frozen=True)
class Phase:
    """Steps begin … end−1, in which nothing changes: the settings then, and how many of the lanes train already."""

    begin: int
    end: int
    settings: Settings
    lanes: int


@dataclass(frozen=True)
class Plan:
    """A run, ready to be carried out.

    x (n, features) float32 and y (n,) int32, to train and to validate on. Every `record_every`-th step becomes a point
    of the curves, every `validate_every`-th epoch is validated. `pause` is how many seconds a step should last at least
    when it is watched. spans cover the steps by batch size, phases by everything that may change.
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
        """Epochs begun in all: as many as asked for, fewer where that makes too many steps, and broken ones."""
        return self.epoch(self.steps - 1) + 1

    @property
    def steps_per_epoch(self) -> int:
        """At the start; a change of the batch size changes it."""
        return self.spans[0].per_epoch

    @property
    def chance(self) -> dict[str, float]:
        """The share of the largest class, which whoever always names it gets right, in "train" and in "validation"."""
        parts = {"train": self.y, "validation": self.y_valid}
        return {part: float(np.bincount(y).max() / len(y)) for part, y in parts.items()}

    @property
    def grid(self) -> np.ndarray | None:
        """The points (GRID · GRID, 2) at which the decision between classes in the plane is drawn; else None."""
        if self.x.shape[1] != 2:
            return None
        return mesh(self.x) if self.settings.data == "own" else mesh(np.array([[-2.0, -2.0], [2.0, 2.0]]), margin=0.0)

    def pause(self, pace: str) -> float:
        """Seconds that a step should last at least."""
        return watched(self.steps) / self.steps if pace == "slow" else 0.0

    def span(self, step: int) -> Span:
        """The span that holds the step; the last one for steps beyond the end."""
        return next((span for span in self.spans if step < span.end), self.spans[-1])

    def phase(self, step: int) -> Phase:
        """The phase that holds the step; the last one for steps beyond the end."""
        return next((phase for phase in self.phases if step < phase.end), self.phases[-1])

    def epoch(self, step: int) -> int:
        """The number of the epoch that the step belongs to, from 0."""
        span = self.span(step)
        return span.epoch + (step - span.begin) // span.per_epoch

    def batches(self, begin: int, end: int) -> np.ndarray:
        """The rows (end − begin, batch size) int32 of `x` that the steps see; within one span."""
        span = self.span(begin)
        first, last = self.epoch(begin), self.epoch(end - 1)
        rows = [self.shuffles.batches(epoch, span.batch_size) for epoch in range(first, last + 1)]
        skipped = span.begin + (first - span.epoch) * span.per_epoch
        return np.concatenate(rows)[begin - skipped : end - skipped]

    def validation_steps(self) -> list[int]:
        """After how many steps the networks are validated: every so many epochs. Begin and end of the run are extra."""
        every = [range(span.begin, span.end, span.per_epoch * self.validate_every) for span in self.spans]
        return [step for steps in every for step in steps if step > 0]


def watched(steps: int) -> float:
    """How many seconds a run of so many steps lasts at least when it is watched."""
    return min(WATCHED_SECONDS, LONGEST_PAUSE * steps)


class Shuffles:
    """The batches of each epoch; see the recipe above. Going back to an earlier epoch begins the shuffling anew."""

    def __init__(self, y: np.ndarray, seed: int, in_order: bool, sizes: dict[int, int]) -> None:
        self._y, self._seed, self._sorted, self._sizes = y, seed, in_order, sizes
        self._begin()

    def batches(self, epoch: int, size: int) -> np.ndarray:
        """Row numbers (n // size, size) int32 of an epoch."""
        if epoch < self._next - 1:
            self._begin()
        while self._next <= epoch:
            self._last = self._draw(self._size(self._next))
            self._next += 1
        return self._last

    def _begin(self) -> None:
        self._rng, self._next, self._last = np.random.default_rng(self._seed), 0, None

    def _size(self, epoch: int) -> int:
        return next(size for first, size in reversed(self._sizes.items()) if first <= epoch)

    def _draw(self, size: int) -> np.ndarray:
        n = len(self._y)
        rows = self._rng.permutation(n)[: n // size * size]
        if self._sorted:
            rows = rows[np.argsort(self._y[rows], kind="stable")]
        batches = rows.reshape(-1, size)
        return (self._rng.permutation(batches) if self._sorted else batches).astype(np.int32)


def make(settings: Settings) -> Plan:
    """The run that the settings describe; the same settings always give the same run.

    Raises what tables.load raises where an uploaded table is gone.
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


def spanned(settings: Settings, n: int) -> tuple[Span, ...]:
    """The spans of a run on `n` examples, up to its last step or epoch, at most MOST_STEPS steps."""
    sizes = {0: settings.batch_size}
    sizes |= {step: value for step, name, value in CHANGES.entries(settings.changes) if name == "batch_size"}
    spans: list[Span] = []
    begin, epoch, whole = 0, 0, 0
    for start, after in zip(sizes, [*list(sizes)[1:], None], strict=True):
        size = min(sizes[start], n)
        last = last_step(settings, begin, n // size, whole)
        end = last if after is None else min(after, last)
        if end > begin:
            spans.append(Span(begin, end, size, n // size, epoch))
            epoch += -(-(end - begin) // (n // size))
            whole += (end - begin) // (n // size)
            begin = end
        if end == last:
            break
    return tuple(spans)


def last_step(settings: Settings, begin: int, per_epoch: int, done: int) -> int:
    """Where the run ends if epochs from step `begin` on, where so many whole ones are done, have so many steps."""
    if settings.stop_at == "steps":
        return settings.steps
    whole = max(0, MOST_STEPS - begin) // per_epoch * per_epoch
    return min(begin + (settings.epochs - done) * per_epoch, begin + whole if whole else MOST_STEPS)


def phased(settings: Settings, steps: int) -> tuple[Phase, ...]:
    """The phases of a run of so many steps."""
    changes = CHANGES.entries(settings.changes)
    births = [lane.fork_at for lane in settings.lanes if lane.fork_of is not None]
    edges = [*sorted({0, *births, *(step for step, _, _ in changes)} & set(range(steps))), steps]
    phases = []
    for begin, end in itertools.pairwise(edges):
        born = sum(lane.fork_of is None or lane.fork_at <= begin for lane in settings.lanes)
        phases.append(Phase(begin, end, in_force(settings, begin), born))
    return tuple(phases)


def mesh(x: np.ndarray, margin: float = 0.1) -> np.ndarray:
    """GRID × GRID points over the extent of x (n, 2) and a margin: (GRID · GRID, 2) float32, the second slowest."""
    low, high = x.min(axis=0), x.max(axis=0)
    room = margin * (high - low)
    sides = [np.linspace(*ends, GRID, dtype=np.float32) for ends in zip(low - room, high + room, strict=True)]
    across, up = np.meshgrid(*sides)
    return np.stack([across.ravel(), up.ravel()], axis=1)
