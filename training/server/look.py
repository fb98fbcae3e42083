"""A look at the insides of a run exactly at one step: a worker goes there from the last recorded state before it."""

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
"""What a look takes, roughly."""


@dataclass(eq=False)
class LookTask(Task):
    """Shows the insides after `step` steps of a run to the jobs that asked for it; the run itself stays as it is."""

    run: Run
    step: int
    askers: weakref.WeakSet[Job] = field(default_factory=weakref.WeakSet)

    @property
    def owners(self) -> set[str]:
        """The owners who wait for it; none where all have left."""
        return {asker.owner for asker in self.askers}

    def order(self, token: str) -> messages.Look:
        """It resumes one step before, so that the snapshot can also show the step that leads there."""
        before = max(0, self.step - 1)
        resume = Resume(before, self.run.checkpoints.file_before(before))
        return messages.Look(token, dataclasses.asdict(self.run.settings), resume, self.step)

    def remaining(self, pace: Pace) -> float:
        return SECONDS

    def take_in(self, event: JobEvent, now: float) -> None:
        """Its snapshot joins the histories of the run and of the jobs that have left the run but asked for it."""
        if isinstance(event, Snapshot):
            for history in {self.run.history, *(job.history for job in self.askers)}:
                history.add(event, requested=True)
            self.askers.clear()  # they have what they asked for, even before the worker is free again
        elif isinstance(event, Shown):
            self.close("stopped" if self.stopping else "finished", self.stopping[0] if self.stopping else "", now)
