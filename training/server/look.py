"""A look inside a run at exactly one step: a worker trains there from the last recorded state before it."""

from __future__ import annotations

import dataclasses
import weakref
from dataclasses import dataclass, field

from training import messages
from training.messages import JobEvent, Resume, Shown, Snapshot
from training.server.pace import Pace
from training.server.run import Job, Run
from training.server.task import Task

SECONDS = 0.3
"""The approximate duration of a look."""


@dataclass(eq=False)
class LookTask(Task):
    """Sends a snapshot after `step` steps of a run to the jobs that asked for it; the run itself does not change."""

    run: Run
    step: int
    askers: weakref.WeakSet[Job] = field(default_factory=weakref.WeakSet)

    @property
    def owners(self) -> set[str]:
        """The owners who wait for it; empty where all have left."""
        return {asker.owner for asker in self.askers}

    def order(self, token: str) -> messages.Look:
        """The order for a worker; it resumes one step earlier, so that the snapshot can show that training step too."""
        before = max(0, self.step - 1)
        resume = Resume(before, self.run.checkpoints.file_before(before))
        return messages.Look(token, dataclasses.asdict(self.run.settings), resume, self.step)

    def remaining(self, pace: Pace) -> float:
        return SECONDS

    def take_in(self, event: JobEvent, now: float) -> None:
        """Add its snapshot to the history of the run, and to those of jobs that asked for it but have left the run."""
        if isinstance(event, Snapshot):
            for history in {self.run.history, *(job.history for job in self.askers)}:
                history.add(event, requested=True)
            self.askers.clear()  # their look is done, even before the worker is free again
        elif isinstance(event, Shown):
            self.close("stopped" if self.stopping else "finished", self.stopping[0] if self.stopping else "", now)
