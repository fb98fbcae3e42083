"""The jobs that are known: who asked for which run, which runs can be shared, and what is forgotten when."""

from __future__ import annotations

import dataclasses
import weakref

from training.job import Job, Training
from training.limits import Limits
from training.settings import CHANGES, OVERRIDES, Settings


class Register:
    """Jobs by id. Whoever calls its methods holds the engine's lock."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._jobs: dict[str, Job] = {}
        # What a session still shows stays known after `keep`, so that its page can draw it again.
        self._known: weakref.WeakValueDictionary[str, Job] = weakref.WeakValueDictionary()

    def add(self, job: Job) -> None:
        self._jobs[job.id] = self._known[job.id] = job

    def get(self, job_id: str) -> Job | None:
        return self._known.get(job_id)

    def __getitem__(self, job_id: str) -> Job:
        return self._known[job_id]

    def open(self, owner: str) -> list[Job]:
        """The owner's jobs that are not over, without those of a batch."""
        return [job for job in self._jobs.values() if job.owner == owner and job.open and not job.batch]

    def trainings(self) -> set[Training]:
        return {job.training for job in self._jobs.values()}

    def same(self, settings: Settings) -> Training | None:
        """A run of this definition that can be shared; rather one that is finished."""
        same = {job.training for job in self._known.values() if job.training.settings == settings}
        fit = [training for training in same if training.joinable]
        return min(fit, key=lambda training: training.open, default=None)

    def forget(self, now: float) -> None:
        """Let go of the jobs that have been over for long, and of the oldest where their histories take too much."""
        over = sorted((job for job in self._jobs.values() if not job.open), key=lambda job: job.ended)
        sizes = {training: training.history.size for training in {job.training for job in over}}
        taken = sum(sizes.values())
        for job in over:
            if now - job.ended <= self.limits.keep and taken <= self.limits.remembered:
                break
            taken -= sizes.pop(job.training, 0)
            del self._jobs[job.id]


def definition(settings: Settings) -> Settings:
    """The settings in their one spelling: equal definitions are the same run."""
    own = {name: OVERRIDES.read(getattr(settings, name)) for name in ("own_1", "own_2", "own_3")}
    return dataclasses.replace(settings, changes=CHANGES.read(settings.changes), **own)


def same_until(one: Settings, other: Settings, step: int) -> bool:
    """Whether two runs are the same up to `step`, but for a lane that is forked off or a change that comes later."""
    early = [[entry for entry in CHANGES.entries(run.changes) if entry[0] < step] for run in (one, other)]
    forks = all(run.lane_3 == "off" or (run.lane_3 == "fork" and run.fork_at >= step) for run in (one, other))
    free = ["changes", "pace", *(["lane_3", "own_3", "fork_of", "fork_at"] if forks else [])]
    plain = dataclasses.replace(other, **{name: getattr(one, name) for name in free})
    return early[0] == early[1] and plain == one


def take_over(training: Training, source: Job, step: int) -> None:
    """Begin a run with what another job has told and recorded up to `step`, if both are the same run so far."""
    step = min(step, source.history.step)
    if same_until(source.settings, training.settings, step):
        training.history, training.facts, training.at = source.history.until(step), source.facts, step
        training.history.widen(len(training.settings.lanes))
        training.shelf.inherit(source.training.shelf, step)
