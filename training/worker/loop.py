"""The course of one run: chunks of steps, with reports and checkpoints between them, and stopping. No Keras here."""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from training.messages import CheckpointFailed, CheckpointSaved, End
from training.spec.plan import Plan
from training.worker.checkpoints import CheckpointWriter
from training.worker.probes.film import Film, Inspection
from training.worker.reporter import SCORED, Emit, Pairs, Progress, Reporter

CHUNK_SECONDS = 0.1
REPORT_SECONDS = 0.15
CHECKPOINT_SECONDS = 0.25
"""Between two checkpoints. A look trains on from the one before its step, so it waits at most about this long."""
FIRST_CHUNK = 5
MOST_CHUNK = 1_000


@dataclass(frozen=True)
class Past:
    """What a run must know of its past besides the state of its lanes: the steps at which lanes diverged."""

    diverged: list[int | None] | None = None

    def as_arrays(self) -> dict[str, np.ndarray]:
        """The arrays for a checkpoint."""
        steps = [-1 if step is None else step for step in self.diverged or []]
        return {"diverged": np.array(steps, int)}

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray], lanes: int) -> Past:
        """From a checkpoint's arrays, of a run that may have had fewer lanes."""
        steps = [None if step < 0 else int(step) for step in arrays["diverged"][:lanes]]
        return cls(steps + [None] * (lanes - len(steps)))


NEW = Past()


class Lanes(Protocol):
    """The networks in training, at step `at`. See training/worker/lanes.py for each method."""

    at: int

    def look(self) -> np.ndarray: ...
    def film(
        self, end: int, shots: Sequence[int], checks: Sequence[int]
    ) -> tuple[np.ndarray, list[tuple[list[int], list[Film | None]]], list[tuple[int, dict[str, Pairs]]]]: ...
    def scores(self, one: str, other: str) -> dict[str, Pairs]: ...
    def inspect(self) -> list[Inspection | None]: ...
    def revisit(self, step: int) -> list[Inspection | None]: ...
    def back_at(self, step: int) -> AbstractContextManager[bool]: ...
    def state(self) -> dict[str, np.ndarray]: ...


class TrainingLoop:
    """One run, from the present step of its lanes on. `emit` takes the events; another thread sets `stopped`."""

    def __init__(
        self,
        plan: Plan,
        lanes: Lanes,
        emit: Emit,
        stopped: threading.Event | None = None,
        checkpoints: CheckpointWriter | None = None,
        past: Past = NEW,
    ) -> None:
        self.plan, self.lanes, self.emit = plan, lanes, emit
        self.stopped, self.checkpoints, self.reached = stopped or threading.Event(), checkpoints, False
        self.reporter = Reporter(plan, lanes, emit, past.diverged)
        self.chunk, self.rate, self.seconds = FIRST_CHUNK, 0.0, 0.0  # of this worker; the history adds them up
        self._shots, self._checks = plan.shots(), plan.validation_steps()
        goals = self._checks if plan.settings.stop_at == "accuracy" else []
        self._stops = sorted({*goals, max(plan.steps - 1, 1), plan.steps})
        # The last step is taken by itself, so that no step must be trained again to show what it did.
        self._reported = self._saved = time.monotonic()
        self._unsaved = False  # whether the last checkpoint could not be saved
        self._timed: tuple[int, float] | None = None  # the step and time from which on the speed is measured

    @property
    def done(self) -> int:
        return self.lanes.at

    @property
    def over(self) -> bool:
        return self.done >= self.plan.steps or self.reached

    def carry_out(self) -> End:
        """Train to the end or until stopped; returns the last event, which is not emitted here."""
        self._validate(self.done, self.lanes.scores(*SCORED))
        self.reporter.report_coming_step(self._progress(), self.seconds)
        self.reporter.snapshot()
        while not self.stopped.is_set() and not self.over:
            self._take_chunk()
            if time.monotonic() - self._reported >= REPORT_SECONDS:
                self._report()
        self._report()
        self.reporter.snapshot(with_step=True)
        self._save()
        final = self.reporter.final()
        return End("finished" if self.over else "stopped", self.done, self.reporter.diverged, final)

    def _take_chunk(self) -> None:
        begin, before = self.done, time.monotonic()
        self._take(min(begin + self.chunk, self._stops[bisect.bisect_right(self._stops, begin)]))
        now = time.monotonic()
        if self._timed is None:
            self._timed = self.done, now  # after the first chunk, which may include tracing
            return
        self.chunk = int(np.clip(round(CHUNK_SECONDS * (self.done - begin) / max(now - before, 1e-6)), 1, MOST_CHUNK))
        self.rate = (self.done - self._timed[0]) / max(now - self._timed[1], 1e-6)

    def _take(self, end: int) -> None:
        """Train up to step `end`, at most to the next stop; record, validate, report and save what is due."""
        begin, before = self.done, time.monotonic()
        shots, checks = (
            steps[bisect.bisect_right(steps, begin) : bisect.bisect_right(steps, end)]
            for steps in (self._shots, self._checks)
        )
        record, seen, scores = self.lanes.film(end, [step for step in shots if step < self.plan.steps], checks)
        after = self.seconds + time.monotonic() - before
        self.reporter.record(begin, record, self.seconds, after)
        self.seconds = after
        for step, by_part in scores:
            self._validate(step, by_part)
        for steps, films in seen:
            self.reporter.report_films(steps, films)
        if time.monotonic() - self._saved >= CHECKPOINT_SECONDS:
            self._save()

    def _validate(self, step: int, scores: dict[str, Pairs]) -> None:
        self.reporter.report_scores(step, scores)
        target = self.plan.settings.target_accuracy
        # Only at the planned steps, not where a run resumes: it must end where it would have ended without the break.
        if self.plan.settings.stop_at == "accuracy" and step in self._checks:
            self.reached = all(accuracy >= target for _, accuracy in scores["validation"])

    def _report(self) -> None:
        self.reporter.report_points(self._progress())
        self._reported = time.monotonic()

    def _save(self) -> None:
        """Save a checkpoint, if there is a folder for it; report a full disk once, and go on."""
        if not self.checkpoints:
            return
        past = Past(self.reporter.diverged)
        try:
            file = self.checkpoints.save({**self.lanes.state(), **past.as_arrays()})
        except OSError as error:
            if not self._unsaved:
                self.emit(CheckpointFailed(self.done, f"{error.strerror or error}"[:200]))
            self._unsaved = True
        else:
            self._unsaved = False
            self.emit(CheckpointSaved(self.done, str(file)))
        self._saved = time.monotonic()

    def _progress(self) -> Progress:
        left = (self.plan.steps - self.done) / self.rate if self.rate else None
        return Progress(self.done, self.plan.epoch(self.done), self.rate, left)
