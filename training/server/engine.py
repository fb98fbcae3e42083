"""The training engine: a few workers behind one queue, shared by all visitors of the server.

It is a module global, because any visitor can clear Streamlit's caches. Its methods may be called from any thread and
never wait for a worker.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Sequence

from training import backends
from training.backends.base import Backend
from training.backends.local import Local
from training.backends.process import COMMAND
from training.server import limits as bounds
from training.server.checkpoints import Checkpoints
from training.server.limits import Limits, QueueFullError
from training.server.news import JobState, News
from training.server.registry import Registry, definition, take_over
from training.server.run import Job, Run
from training.server.scheduler import BATCH, NORMAL, Scheduler
from training.server.scratch import Scratch
from training.spec import plan
from training.spec.settings import Settings

log = logging.getLogger(__name__)


class NotYetError(Exception):
    """A look was asked for at a step that the run has not computed yet."""


class Engine:
    """Trains runs in order of arrival. Owners who ask for the same run share it; each owner has one open job."""

    def __init__(
        self,
        slots: int = 1,
        command: Sequence[str] = COMMAND,
        limits: Limits | None = None,
        backend: Backend | None = None,
    ) -> None:
        """Use `slots` worker processes on this machine, each started with `command`, or the workers of `backend`."""
        self.limits = limits or Limits()
        self._scratch = Scratch()
        self.files = self._scratch.folder
        self._lock = threading.RLock()
        self._jobs = Registry(self.limits)
        self._scheduler = Scheduler(backend or Local(slots, command), self.limits, self._lock)
        self._closed = threading.Event()
        with self._lock:
            self._tend()
        threading.Thread(target=self._watch, name="training engine", daemon=True).start()

    def submit(
        self,
        settings: Settings,
        owner: str,
        *,
        origin: tuple[str, int] | None = None,
        batch: bool = False,
        again: bool = False,
        client: str = "",
    ) -> str:
        """Ask for a run and stop the owner's earlier job, if it is not over. Returns the new job's id.

        A known run, queued, running or finished, is not trained again, unless `again` is true. origin (job, step): the
        new run equals that job's run up to this step, and takes over its history and checkpoints. batch: the run is one
        of many that let all others go first, and replaces no other job. client: the network address of the request.
        Raises QueueFullError where too many runs are waiting, in all or from that client; the owner's earlier job then
        goes on. Raises as tables.load does where an uploaded table is gone.
        """
        settings = definition(settings)
        plan.facts(settings)  # cached for the run below, where computing it would hold the lock
        with self._lock:
            earlier = [] if batch else self._jobs.open(owner)
            run = None if again else self._jobs.same(settings)
            fresh = run is None
            if fresh:
                self._make_room(earlier, batch, client)
                run = Run(settings, Checkpoints(self.files), batch=batch, client=client)
                if origin and (source := self._jobs.get(origin[0])):
                    take_over(run, source, origin[1])
            job = Job(owner, run, self.limits.lease_s, batch)
            self._jobs.add(job)
            for one in earlier:
                self._leave(one, "replaced")
            if fresh:
                self._scheduler.enqueue(run, BATCH if batch else NORMAL)
            elif run.batch and not batch:
                self._scheduler.hasten(run)
            return job.id

    def stop(self, job_id: str) -> JobState:
        """Stop a job if it is not over; a queued job leaves the queue at once. Raises KeyError for an unknown job."""
        with self._lock:
            job = self._jobs[job_id]
            self._leave(job, "asked")
            return job.state

    def show(self, job_id: str, step: int) -> JobState:
        """Ask for a look: a snapshot exactly after `step` steps, made as soon as a worker is free.

        The run itself does not change. Looks go before everything else that waits, but a run goes between any two
        looks; of an owner's waiting looks only the last one counts. Raises KeyError for an unknown job, and NotYetError
        for a step that is not computed yet.
        """
        with self._lock:
            job = self._jobs[job_id]
            reached = job.state["position"]
            if not 0 <= step <= reached:
                raise NotYetError(f"step {step} is not computed yet; {reached} are")
            if not job.history.shows(step):
                self._scheduler.look(job, step)
            return job.state

    def follow(self, job_id: str, since: int = 0, layer: int | None = None) -> tuple[News, str]:
        """The state of the job, and its messages after number `since`. Counts as watching the job.

        The messages are JSON to put into an object, '"points":[…],"marks":[…],"snapshots":[…]': Points, Diverged and
        Snapshot of training/messages.py. Snapshots have the arrays of `layer` only; with None they are left out. Raises
        KeyError for a job that is unknown or has been forgotten.
        """
        with self._lock:
            job = self._jobs[job_id]
            job.seen, job.lease = time.monotonic(), self.limits.lease_s
            since = min(max(since, 0), job.history.n)
            place = {} if job.left else self._scheduler.place(job.run)
            looks = sorted(look.step for look in self._scheduler.looks() if job in look.askers)
            news = {**job.news(since), **place, "looks": looks}
            points, snapshots, marks = job.history.newer(since)
        messages = {
            "points": [entry.text for entry in points],
            "marks": [entry.text for entry in marks],
            "snapshots": [] if layer is None else [entry.text(layer) for entry in snapshots],
        }
        return news, ",".join(f'"{name}":[{",".join(texts)}]' for name, texts in messages.items())

    def snapshots(self, job_id: str, layer: int | None) -> str:
        """The snapshots so far as JSON, with the arrays of that layer, or (None) of all layers.

        Raises KeyError for an unknown job.
        """
        with self._lock:
            snapshots = list(self._jobs[job_id].history.snapshots)
        return f'{{"snapshots":[{",".join(entry.text(layer) for entry in snapshots)}]}}'

    def job(self, job_id: str) -> Job | None:
        """The job, or None where it is unknown or has been forgotten. Does not count as watching it."""
        with self._lock:
            return self._jobs.get(job_id)

    def abandon(self, owner: str) -> None:
        """Note that the owner has left; their jobs are stopped after the grace time, unless they come back."""
        with self._lock:
            for job in self._jobs.open(owner):
                job.lease = self.limits.grace_s

    def health(self) -> dict[str, int]:
        """The numbers of living and ready workers, of waiting runs, and of running ones."""
        with self._lock:
            slots = self._scheduler.slots.values()
            return {
                "slots": self._scheduler.backend.slots,
                "workers": len(slots),
                "ready": sum(slot.ready for slot in slots),
                "queue": len(self._scheduler.queue),
                "running": sum(slot.task is not None for slot in slots),
            }

    def pids(self) -> list[int]:
        """The ids of the worker processes."""
        with self._lock:
            return [worker.pid for worker in self._scheduler.slots]

    def close(self) -> None:
        """End the workers; unfinished trainings and all checkpoints are lost."""
        self._closed.set()
        with self._lock:
            workers = list(self._scheduler.slots)
        for worker in workers:
            worker.close()
        self._scheduler.backend.close()
        self._scratch.remove()

    def _make_room(self, earlier: list[Job], batch: bool, client: str) -> None:
        leaving = {job.run for job in earlier if not job.run.others(job)}
        waiting = [run for run in self._scheduler.waiting(batch) if run not in leaving]
        its = [run for run in waiting if client and run.client == client]
        most = self.limits.most_queued_batch if batch else self.limits.most_queued
        if len(waiting) >= most or len(its) >= self.limits.most_queued_per_client:
            raise QueueFullError(f"{len(waiting)} trainings are waiting, {len(its)} of this client's; no more may")

    def _leave(self, job: Job, reason: str) -> None:
        if job.open and job.run.others(job):
            job.leave(reason, time.monotonic())
        elif job.open:
            self._scheduler.end(job.run, reason)

    def _watch(self) -> None:
        while not self._closed.wait(self.limits.tick_s):
            try:
                with self._lock:
                    self._tend()
            except Exception:
                log.exception("tending the training engine failed")

    def _tend(self) -> None:
        """Stop runs that nobody watches, forget jobs that ended long ago, and tend the workers."""
        now = time.monotonic()
        for run in self._jobs.runs():
            if run.open and not run.watched(now):
                self._scheduler.end(run, "unseen")
        self._jobs.forget(now)
        self._scheduler.tend(now)


_engine: Engine | None = None
_engine_lock = threading.Lock()


def engine() -> Engine:
    """The server's engine, started at the first call."""
    global _engine
    with _engine_lock:
        if _engine is None:
            _engine = engine_of()
            atexit.register(_engine.close)
        return _engine


def engine_of() -> Engine:
    """A new engine with the workers (training/backends) and limits that the environment asks for."""
    return Engine(backend=backends.from_environment(), limits=bounds.from_environment())
