"""All known jobs: who asked for which run, which runs can be shared, and when jobs are forgotten."""

from __future__ import annotations

import dataclasses
import weakref

from training.server.limits import Limits
from training.server.run import Job, Run
from training.spec.settings import CHANGES, OVERRIDES, Settings

FORGET_EVERY = 0.5


class Registry:
    """Jobs by id. Call its methods only while holding the engine's lock."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._jobs: dict[str, Job] = {}
        self._forgotten = 0.0
        # Jobs by id; one that a session still holds stays known after `retention_s`, so that its page can draw it
        # again.
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

    def runs(self) -> set[Run]:
        return {job.run for job in self._jobs.values()}

    def same(self, settings: Settings) -> Run | None:
        """A run with these settings that can be shared, preferably a finished one."""
        same = {job.run for job in self._known.values() if job.run.settings == settings}
        fit = [run for run in same if run.joinable]
        return min(fit, key=lambda run: run.open, default=None)

    def forget(self, now: float) -> None:
        """Forget jobs that ended long ago, and the oldest ones where the histories take too much memory.

        Does so at most twice a second, because it goes through all jobs.
        """
        if now - self._forgotten < FORGET_EVERY:
            return
        self._forgotten = now
        over = sorted((job for job in self._jobs.values() if not job.open), key=lambda job: job.ended)
        sizes = {job.run: job.run.history.size for job in over}
        total = sum(sizes.values())
        for job in over:
            if now - job.ended <= self.limits.retention_s and total <= self.limits.history_bytes:
                break
            total -= sizes.pop(job.run, 0)
            del self._jobs[job.id]
        self._make_room()

    def _make_room(self) -> None:
        """Delete checkpoints where all together take too much disk, starting with the run that ended first.

        A session that still shows such a run loses nothing: it holds the history, and a look trains up to its step
        again.
        """
        over = sorted({job.run for job in self._known.values() if not job.run.open}, key=lambda run: run.ended)
        total = sum(run.checkpoints.bytes for run in over)
        for run in over:
            if total <= self.limits.states_bytes:
                return
            total -= run.checkpoints.bytes
            run.checkpoints.clear()


def definition(settings: Settings) -> Settings:
    """The settings with each override text in its standard spelling, so that equal runs have equal settings."""
    own = {name: OVERRIDES.read(getattr(settings, name)) for name in ("own_1", "own_2", "own_3")}
    return dataclasses.replace(settings, changes=CHANGES.read(settings.changes), **own)


def same_until(one: Settings, other: Settings, step: int) -> bool:
    """Whether two runs are equal up to `step`; later changes, and lanes forked off later, may differ."""
    early = [[entry for entry in CHANGES.entries(run.changes) if entry[0] < step] for run in (one, other)]
    forks = all(run.lane_3 == "off" or (run.lane_3 == "fork" and run.fork_at >= step) for run in (one, other))
    free = ["changes", *(["lane_3", "own_3", "fork_of", "fork_at"] if forks else [])]
    plain = dataclasses.replace(other, **{name: getattr(one, name) for name in free})
    return early[0] == early[1] and plain == one


def take_over(run: Run, source: Job, step: int) -> None:
    """Begin a run with another job's history and checkpoints up to `step`, if the two runs are equal up to there."""
    step = min(step, source.history.step)
    if same_until(source.settings, run.settings, step):
        run.history, run.at = source.history.until(step, len(run.settings.lanes)), step
        run.checkpoints.inherit(source.run.checkpoints, step)
