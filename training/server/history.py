"""Everything that a run's workers have sent so far: in order, without duplicates, and bounded in size."""

from __future__ import annotations

import bisect
import dataclasses
from collections.abc import Callable
from typing import Any

from training.messages import Diverged, Points, Snapshot
from training.server.entries import Mark, PointsEntry, SnapshotEntry, beyond, up_to, widened

MOST_SNAPSHOTS = 300
"""The most snapshots kept for a run: those of its schedule (plan.shots), and of looks, of which the oldest go first."""
STEPPED = ("at", "validation", "inference")
"""The fields of Points that name the steps that they are about."""


class History:
    """The messages of a run. `n` counts them; each message keeps its number, so that a browser can ask for newer ones.

    points, snapshots and marks (one for each lane that diverged) are in order of arrival. A run that resumes at an
    earlier state sends some messages again; these are dropped. size: the approximate bytes kept. step, left, rate:
    steps done, seconds left and steps per second, from the last Points message.
    """

    def __init__(self) -> None:
        self.n = self.size = self.step = 0
        self.left: float | None = None
        self.rate: float | None = None
        self.points: list[PointsEntry] = []
        self.snapshots: list[SnapshotEntry] = []
        self.marks: list[Mark] = []
        self._offset: float | None = 0.0  # to add to the worker's seconds; None until it sends some
        self._last = dict.fromkeys(STEPPED, -1)  # the last step in each of these fields so far
        self._diverged: list[int | None] = []
        self._cache: dict[str, tuple[int, Any]] = {}

    def add(self, message: Points | Snapshot | Diverged, requested: bool = False) -> None:
        """Add a message. requested: whether it is a snapshot made for a look."""
        if isinstance(message, Points):
            self._add_points(message)
        elif isinstance(message, Snapshot):
            self._add_snapshot(message, requested)
        elif not any(mark.message.lane == message.lane for mark in self.marks):
            mark = Mark(self.n + 1, message)
            self.n, self.size = mark.n, self.size + len(mark.text)
            self.marks.append(mark)

    def resume(self) -> None:
        """Expect messages of another worker, which counts its seconds from 0; they continue from the present ones."""
        self._offset = None

    def compact(self) -> None:
        """Keep only the JSON of points, now that the run is over."""
        for entry in self.points:
            entry.compact()

    def cached(self, name: str, compute: Callable[[], Any]) -> Any:
        """The result of `compute` on the history, computed again only after a new message."""
        if self._cache.get(name, (None,))[0] != self.n:
            self._cache[name] = self.n, compute()
        return self._cache[name][1]

    def first_diverged(self, diverged: list[int | None]) -> list[int | None]:
        """For each lane, the step first reported as diverged: a resumed worker reports the step at which it resumes."""
        first = [*self._diverged, *[None] * (len(diverged) - len(self._diverged))]
        return [now if before is None else before for before, now in zip(first, diverged, strict=False)]

    def newer(self, n: int) -> tuple[list[PointsEntry], list[SnapshotEntry], list[Mark]]:
        """The points, snapshots and marks after message number `n`."""
        points, snapshots, marks = (
            entries[bisect.bisect_right(entries, n, key=lambda entry: entry.n) :]
            for entries in (self.points, self.snapshots, self.marks)
        )
        return points, snapshots, marks

    def shows(self, step: int) -> bool:
        """Whether a snapshot after `step` steps exists that also shows the training step before it."""
        return any(one.step == step and (one.with_step or step == 0) for one in self.snapshots)

    def copy(self) -> History:
        """A copy of the history, to which later messages are not added."""
        short = History()
        vars(short).update(vars(self))
        short.points, short.snapshots, short.marks = list(self.points), list(self.snapshots), list(self.marks)
        short._last, short._cache = dict(self._last), {}
        return short

    def until(self, step: int, lanes: int = 0) -> History:
        """The history up to the state after `step` steps, sharing its entries, with None for additional lanes."""
        short = History()
        short._offset, short.n = self._offset, self.n
        short.snapshots = [entry for entry in self.snapshots if entry.step <= step]
        short.marks = [entry for entry in self.marks if entry.step <= step]
        for entry in self.points[: bisect.bisect_right(self.points, step, key=lambda entry: entry.step) + 1]:
            message = entry.message if entry.step <= step else up_to(entry.message, step)
            wide = len(entry.message.loss) >= lanes
            if wide and entry.step <= step:
                short._append(entry)
            elif message:
                short._append(PointsEntry(short.n + 1, message if wide else widened(message, lanes)))
        short.size += sum(entry.size for entry in short.snapshots) + sum(len(entry.text) for entry in short.marks)
        return short

    def _append(self, entry: PointsEntry) -> None:
        message = entry.message
        self.n, self.step = max(self.n, entry.n), message.step
        self.left, self.rate = message.left, message.rate
        self.size += len(entry.text)
        self.points.append(entry)
        self._diverged = message.diverged
        for name in STEPPED:
            if values := getattr(message, name):
                self._last[name] = values[-1] if name == "at" else values[-1]["step"]

    def _add_points(self, message: Points) -> None:
        if self.points:
            if message.step < self.step:
                return
            step, message = message.step, beyond(message, **self._last)
            if step == self.step and not any(getattr(message, name) for name in STEPPED):
                return
        seconds, diverged = self._continued(message.seconds), self.first_diverged(message.diverged)
        self._append(PointsEntry(self.n + 1, dataclasses.replace(message, seconds=seconds, diverged=diverged)))

    def _continued(self, seconds: list[float]) -> list[float]:
        """A worker's seconds, converted to seconds since the whole training began."""
        if seconds and self._offset is None:
            earlier = (entry.message.seconds[-1] for entry in reversed(self.points) if entry.message.seconds)
            self._offset = next(earlier, seconds[0]) - seconds[0]
        return [round(second + self._offset, 6) for second in seconds]

    def _add_snapshot(self, message: Snapshot, requested: bool) -> None:
        new = SnapshotEntry(self.n + 1, message, requested)
        same = next((kept for kept in self.snapshots if kept.step == new.step), None)
        if same and (same.with_step or not new.with_step):
            return
        if same:  # the one with more content stays
            new.requested = same.requested
            self._drop([same])
        self.n, self.size = new.n, self.size + new.size
        self.snapshots.append(new)
        if len(self.snapshots) > MOST_SNAPSHOTS:
            requested_ones = [one for one in self.snapshots if one.requested]
            self._drop(requested_ones[:1] if len(requested_ones) > 1 else self.snapshots[1:-1:2])

    def _drop(self, snapshots: list[SnapshotEntry]) -> None:
        self.size -= sum(one.size for one in snapshots)
        self.snapshots = [one for one in self.snapshots if one not in snapshots]
