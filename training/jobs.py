"""The engine of the trainings: a few workers behind one queue, shared by everyone the server serves.

It lives in a module global, because any visitor can clear Streamlit's caches. Its methods may be called from any thread
and never wait for a worker.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from training import wishes
from training.backends import Backend, chosen, slots
from training.crew import BATCH, NORMAL, Crew
from training.job import Job, Training
from training.limits import Limits, QueueFullError
from training.local import Local
from training.process import COMMAND
from training.register import Register, definition, take_over
from training.scratch import Scratch
from training.settings import Settings
from training.shelf import Shelf
from training.wishes import RefusedError

__all__ = ["Engine", "Job", "Limits", "QueueFullError", "RefusedError", "engine", "slots"]
log = logging.getLogger(__name__)


class Engine:
    """Trains runs in order of arrival. Whoever asks for the same run shares it; an owner has one open job."""

    def __init__(
        self,
        slots: int = 1,
        command: Sequence[str] = COMMAND,
        limits: Limits | None = None,
        backend: Backend | None = None,
    ) -> None:
        """With `slots` worker processes of this machine, each started with `command`, or the workers of `backend`."""
        self.limits = limits or Limits()
        self._scratch = Scratch()
        self.files = self._scratch.folder
        self._lock = threading.RLock()
        self._jobs = Register(self.limits)
        self._crew = Crew(backend or Local(slots, command), self.limits, self._lock)
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
    ) -> str:
        """Ask for a run; the owner's earlier job, if it is not over, is stopped. Returns the job's id.

        A run that is known already, under way or finished, is not trained a second time, unless `again`. origin (job,
        step): the run is the same as that one up to this step, whose history and states it takes over. batch: one of
        many runs that wait until nobody else does; it replaces no other job. Raises QueueFullError where too many
        others wait already; the owner's earlier job then goes on.
        """
        settings = definition(settings)
        with self._lock:
            earlier = [] if batch else self._jobs.open(owner)
            training = None if again else self._jobs.same(settings)
            fresh = training is None
            if fresh:
                self._make_room(earlier, batch)
                training = Training(settings, Shelf(self.files), batch=batch)
                if origin and (source := self._jobs.get(origin[0])):
                    take_over(training, source, origin[1])
            job = Job(owner, training, self.limits.lease, batch)
            self._jobs.add(job)
            for one in earlier:
                self._leave(one, "replaced")
            if fresh:
                self._crew.enqueue(training, BATCH if batch else NORMAL)
            elif training.batch and not batch:
                self._crew.hasten(training)
            return job.id

    def order(self, job_id: str, order: Any) -> dict[str, Any]:
        """Do what a viewer asks (training/wishes.py); from then on the run is that viewer's own, if others see it too.

        Returns how the run stands then (Job.stand). Raises KeyError for an unknown job, ValueError for what is no
        order, RefusedError for what is impossible now.
        """
        with self._lock:
            job = self._jobs[job_id]
            order = wishes.checked(order, job.training)
            if order["do"] == "stop":
                self._leave(job, "asked")
            else:
                self._carry_out(job, order)
            return job.stand

    def stop(self, job_id: str) -> None:
        """Stop a job if it is not over; a queued one leaves the queue at once. Raises KeyError for an unknown job."""
        self.order(job_id, {"do": "stop"})

    def poll(self, job_id: str, since: int = 0, layer: int | None = None) -> dict[str, Any]:
        """What happened after message `since` ("n" is the next `since`), and a sign that someone watches.

        "status" is queued, running, paused, finished, stopped or failed; a queued job has a "place" (1 is next) and the
        seconds it will roughly "wait". "snapshots" are told of `layer` only. Raises KeyError for an unknown (or by now
        forgotten) job.
        """
        with self._lock:
            news, (points, snapshots, marks) = self._news(job_id, since)
            news |= {"points": [told.said for told in points], "marks": [told.said for told in marks]}
            return news | {"snapshots": [] if layer is None else [told.said(layer) for told in snapshots]}

    def push(self, job_id: str, since: int = 0, layer: int | None = None) -> tuple[dict[str, Any], str]:
        """As `poll`, but what was told comes as JSON, ready to be put into an object: '"points":[…],…'."""
        with self._lock:
            news, (points, snapshots, marks) = self._news(job_id, since)
            told = {
                "points": [told.text for told in points],
                "marks": [told.text for told in marks],
                "snapshots": [] if layer is None else [told.text(layer) for told in snapshots],
            }
        return news, ",".join(f'"{name}":[{",".join(texts)}]' for name, texts in told.items())

    def look(self, job_id: str) -> Job | None:
        """The job itself, None where it is unknown or forgotten; does not count as watching it."""
        with self._lock:
            return self._jobs.get(job_id)

    def abandon(self, owner: str) -> None:
        """The owner has left: unless someone polls again within the grace time, the owner no longer counts."""
        with self._lock:
            for job in self._jobs.open(owner):
                job.seen, job.lease = time.monotonic(), self.limits.grace

    def health(self) -> dict[str, int]:
        """How many workers live and are ready, how many runs wait, how many are trained."""
        with self._lock:
            places = self._crew.places.values()
            return {
                "slots": self._crew.backend.slots,
                "workers": len(places),
                "ready": sum(place.ready for place in places),
                "queue": len(self._crew.queue),
                "running": sum(place.training is not None for place in places),
            }

    def pids(self) -> list[int]:
        """The worker processes' ids."""
        with self._lock:
            return [worker.pid for worker in self._crew.places]

    def close(self) -> None:
        """End the workers; what runs is lost, and so are the recorded states."""
        self._closed.set()
        with self._lock:
            workers = list(self._crew.places)
        for worker in workers:
            worker.close()
        self._crew.backend.close()
        self._scratch.remove()

    def _make_room(self, earlier: list[Job], batch: bool) -> None:
        leaving = {job.training for job in earlier if not job.training.others(job)}
        waiting = len([training for training in self._crew.waiting(batch) if training not in leaving])
        if waiting >= (self.limits.batch if batch else self.limits.queue):
            raise QueueFullError(f"{waiting} trainings are waiting; the queue holds no more")

    def _leave(self, job: Job, reason: str) -> None:
        if job.open and job.training.others(job):
            job.leave(reason, time.monotonic())
        elif job.open:
            self._crew.end(job.training, reason)

    def _carry_out(self, job: Job, order: dict[str, Any]) -> None:
        self._come_back(job)
        goes_on = self._make_own(job, order)
        wishes.carry_out(self._crew, job.training, order)
        if goes_on:
            wishes.resume(self._crew, job.training, order)

    def _come_back(self, job: Job) -> None:
        """Who orders something sees the run again, and none besides it."""
        if job.left and not job.training.joinable:
            job.move(job.training.copy(Shelf(self.files), job.history.step))
        job.left, job.seen, job.lease = None, time.monotonic(), self.limits.lease
        self._jobs.add(job)
        for other in self._jobs.open(job.owner):
            if other is not job:
                self._leave(other, "replaced")

    def _make_own(self, job: Job, order: dict[str, Any]) -> bool:
        """Give a viewer whose order the others did not ask for a run of their own; whether it was under way."""
        shared = job.training.status == "finished" or job.training.others(job)
        if order["do"] not in wishes.ALTERING or not shared:
            return False
        going = job.training.status in ("queued", "running")
        told = job.training.history.step
        if not job.training.open:
            self._jobs.add(Job("", job.training, 0.0))  # so that it is remembered for whoever asks for the same
        job.move(job.training.copy(Shelf(self.files), min(order.get("step", told), told)))
        return going and order["do"] in ("change", "pace")

    def _news(self, job_id: str, since: int) -> tuple[dict[str, Any], tuple]:
        job = self._jobs[job_id]
        job.seen, job.lease = time.monotonic(), self.limits.lease
        since = job.history.since(since)
        place = {} if job.left else self._crew.place(job.training)
        return {**job.news(since), **place}, job.history.newer(since)

    def _watch(self) -> None:
        while not self._closed.wait(self.limits.tick):
            try:
                with self._lock:
                    self._tend()
            except Exception:
                log.exception("the training engine's watch stumbled")

    def _tend(self) -> None:
        """Stop what nobody watches, forget what is long over, keep the workers in order."""
        now = time.monotonic()
        for training in self._jobs.trainings():
            if training.open and not training.watched(now):
                self._crew.end(training, "unseen")
        self._jobs.forget(now)
        self._crew.tend(now)


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
    """A new engine, of the workers that the environment chooses (training/backends.py)."""
    return Engine(backend=chosen())
