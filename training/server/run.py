"""A run, trained once for all students who asked for it; and a job, which is one student's view of a run."""

from __future__ import annotations

import dataclasses
import time
import uuid
import weakref
from dataclasses import dataclass, field
from typing import NamedTuple

from training.messages import (
    Begin,
    CheckpointFailed,
    CheckpointSaved,
    Diverged,
    End,
    JobEvent,
    Points,
    Resume,
    Snapshot,
    Train,
    contents,
)
from training.server.checkpoints import Checkpoints
from training.server.history import MOST_SNAPSHOTS, History
from training.server.news import JobState, News, RunFacts
from training.server.pace import Pace
from training.server.task import OPEN, Task
from training.spec import plan
from training.spec.settings import Settings


@dataclass(eq=False)
class Run(Task):
    """A run. at: the steps done, as last reported by its worker. end: its worker's last event, with final scores."""

    settings: Settings
    checkpoints: Checkpoints
    facts: RunFacts = field(init=False)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    history: History = field(default_factory=History)
    end: End | None = None
    at: int = 0
    traced: bool = False
    """Whether its worker had to trace its networks first."""
    unrecorded: CheckpointFailed | None = None
    """The event that says since when, and why, its states are no longer recorded."""
    client: str = ""
    """The network address of the first request for it; empty where that is not known."""
    viewers: weakref.WeakSet[Job] = field(default_factory=weakref.WeakSet)

    def __post_init__(self) -> None:
        kept = {"most_snapshots": MOST_SNAPSHOTS, "checkpoint_bytes": self.checkpoints.budget}
        self.facts = plan.facts(self.settings) | kept

    @property
    def joinable(self) -> bool:
        """Whether another student who asks for the same settings can share this run."""
        return self.status == "finished" or (self.open and not self.stopping)

    def others(self, than: Job) -> list[Job]:
        """The other jobs that show this run."""
        return [job for job in self.viewers if job is not than and job.owner and not job.left]

    def watched(self, now: float) -> bool:
        return any(not job.left and now - job.seen <= job.lease for job in self.viewers)

    def order(self, token: str) -> Train:
        """The order for a worker; it resumes at the last checkpoint."""
        resume = Resume(self.at, self.checkpoints.file_before(self.at)) if self.at else None
        return Train(token, dataclasses.asdict(self.settings), resume, str(self.checkpoints.attempt()))

    def take_in(self, event: JobEvent, now: float) -> None:
        match event:
            case Points() | Snapshot() | Diverged():
                self.history.add(event)
                self.at = event.step if isinstance(event, Points) else self.at
            case Begin():
                self.history.resume()
                self.traced, self.facts["start"] = event.traced, event.start
            case CheckpointSaved():
                self.checkpoints.add(event.step, event.file)
                self.unrecorded = None
            case CheckpointFailed():
                self.unrecorded = event
            case End():
                self.end = dataclasses.replace(event, diverged=self.history.first_diverged(event.diverged))
                self.close(event.status, self.stopping[0] if self.stopping else "", now)

    def close(self, status: str, reason: str, now: float) -> None:
        super().close(status, reason, now)
        self.history.compact()

    def remaining(self, pace: Pace) -> float:
        """Seconds left: the worker's last estimate, or, before its first one, an estimate from similar runs."""
        left = self.history.left
        return left if left is not None else pace.of(self.settings) * self._steps_after(self.at)

    @property
    def per_step(self) -> float:
        """Seconds per step of the finished run, without the time for tracing."""
        if self.traced and self.history.rate:
            return 1 / self.history.rate
        return self.ran / self._steps_after(self.facts["start"])

    def _steps_after(self, step: int) -> int:
        """The number of steps from `step` to the planned end, at least 1."""
        return max(1, self.facts["steps"] - step)


class Departure(NamedTuple):
    """A student's departure from a run that others still follow."""

    reason: str
    at: float
    """The time on the engine's clock, in seconds."""
    history: History
    """The run's history up to the departure."""


@dataclass(eq=False)
class Job:
    """One student's request. left: set when the student stops a run that others still follow."""

    owner: str
    run: Run
    lease: float
    batch: bool = False
    seen: float = field(default_factory=time.monotonic)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    left: Departure | None = None

    def __post_init__(self) -> None:
        self.run.viewers.add(self)

    def leave(self, reason: str, now: float) -> None:
        """Leave the run to the others who follow it."""
        self.left = Departure(reason, now, self.history.copy())

    @property
    def status(self) -> str:
        return "stopped" if self.left else self.run.status

    @property
    def reason(self) -> str:
        return self.left.reason if self.left else self.run.reason

    @property
    def ended(self) -> float:
        return self.left.at if self.left else self.run.ended

    @property
    def history(self) -> History:
        return self.left.history if self.left else self.run.history

    @property
    def open(self) -> bool:
        return self.status in OPEN

    @property
    def settings(self) -> Settings:
        return self.run.settings

    @property
    def facts(self) -> RunFacts:
        return self.run.facts

    @property
    def end(self) -> End | None:
        """The worker's last event, with the final scores; None before the run ends."""
        return None if self.left else self.run.end

    @property
    def points(self) -> list[Points]:
        """The points messages in order."""
        return [entry.message for entry in self.history.points]

    @property
    def state(self) -> JobState:
        position = self.history.step if self.left else self.run.at
        return {"status": self.status, "position": position, "changes": self.settings.changes}

    def news(self, since: int) -> News:
        """The state of the job, for a browser that has the messages up to number `since`."""
        run = self.run
        return {
            **run.facts,
            "n": self.history.n,
            "since": since,
            **self.state,
            "reason": self.reason,
            "detail": run.detail,
            "viewers": len([job for job in run.viewers if job.owner and not job.left]),
            "recorded": {"checkpoints": len(run.checkpoints.kept), "bytes": run.checkpoints.bytes},
            "end": self.end and contents(self.end),
        }
