"""The engine of the trainings: a few worker processes behind one queue, shared by everyone the server serves.

It lives in a module global, because any visitor can clear Streamlit's caches. `submit`, `stop`, `poll`, `abandon`,
`health` may be called from any thread and never wait for a worker.
"""

from __future__ import annotations

import atexit
import collections
import heapq
import logging
import os
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.job import Job
from training.process import COMMAND, Process
from training.settings import Settings

log = logging.getLogger(__name__)


class QueueFullError(Exception):
    """As many trainings wait as the queue holds."""


@dataclass(frozen=True)
class Limits:
    """Seconds, unless said otherwise.

    lease: a job nobody has polled for so long is stopped; grace: the same once its owner has left; stop: what a worker
    may take to obey; silence: … to say something while it trains; run: … for a whole training; start: … to get ready;
    keep: how long a finished job is remembered that no session holds; usual: a training's guessed length; queue: how
    many may wait.
    """

    lease: float = 20.0
    grace: float = 5.0
    stop: float = 3.0
    silence: float = 30.0
    run: float = 300.0
    start: float = 90.0
    keep: float = 600.0
    usual: float = 25.0
    tick: float = 0.1
    queue: int = 200


class Engine:
    """`slots` workers that take jobs in order of arrival, one at a time each, one open job per owner."""

    def __init__(self, slots: int, command: Sequence[str] = COMMAND, limits: Limits | None = None) -> None:
        self.slots, self.command, self.limits = slots, command, limits or Limits()
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        # What a session still shows stays known after `keep`, so that its page can draw it again.
        self._known: weakref.WeakValueDictionary[str, Job] = weakref.WeakValueDictionary()
        self._queue: collections.deque[Job] = collections.deque()
        self._workers: dict[Process, _Place] = {}
        self._lengths: collections.deque[float] = collections.deque(maxlen=10)
        self._stillborn, self._next_birth = 0, 0.0
        self._closed = threading.Event()
        with self._lock:
            self._tend()
        threading.Thread(target=self._watch, name="training engine", daemon=True).start()

    def submit(self, settings: Settings, owner: str) -> str:
        """Queue a training; the owner's earlier one, if it is not over, is stopped. Returns its id.

        Raises QueueFullError where too many others wait already; the owner's earlier one then goes on.
        """
        with self._lock:
            earlier = [job for job in self._jobs.values() if job.owner == owner and job.open]
            waiting = len(self._queue) - sum(job.status == "queued" for job in earlier)
            if waiting >= self.limits.queue:
                raise QueueFullError(f"{waiting} trainings are waiting; the queue holds no more")
            for job in earlier:
                self._stop(job, "replaced")
            job = Job(settings, owner, seen=time.monotonic(), lease=self.limits.lease)
            self._jobs[job.id] = self._known[job.id] = job
            self._queue.append(job)
            self._dispatch()
            return job.id

    def stop(self, job_id: str) -> None:
        """Stop a job if it is not over; a queued one leaves the queue at once. Raises KeyError for an unknown job."""
        with self._lock:
            self._stop(self._known[job_id], "asked")

    def poll(self, job_id: str, since: int = 0) -> dict[str, Any]:
        """What happened after the first `since` messages ("n" is the next `since`), and a sign that someone watches.

        "status" is queued, running, finished, stopped or failed; a queued job has a "place" (1 is next) and the seconds
        it will roughly "wait". Raises KeyError for an unknown (or by now forgotten) job.
        """
        with self._lock:
            job = self._known[job_id]
            job.seen, job.lease = time.monotonic(), self.limits.lease
            return {**job.news(min(max(since, 0), len(job.told))), **self._place(job)}

    def look(self, job_id: str) -> Job | None:
        """The job itself, None where it is unknown or forgotten; does not count as watching it."""
        with self._lock:
            return self._known.get(job_id)

    def abandon(self, owner: str) -> None:
        """The owner has left: unless someone polls again within the grace time, the owner's job is stopped."""
        with self._lock:
            for job in self._jobs.values():
                if job.owner == owner and job.open:
                    job.seen, job.lease = time.monotonic(), self.limits.grace

    def health(self) -> dict[str, int]:
        """How many workers live and are ready, how many jobs wait, how many run."""
        with self._lock:
            busy = sum(place.job is not None for place in self._workers.values())
            ready = sum(place.ready for place in self._workers.values())
            return {
                "slots": self.slots,
                "workers": len(self._workers),
                "ready": ready,
                "queue": len(self._queue),
                "running": busy,
            }

    def pids(self) -> list[int]:
        """The worker processes' ids."""
        with self._lock:
            return [worker.pid for worker in self._workers]

    def close(self) -> None:
        """End the workers; what runs is lost."""
        self._closed.set()
        with self._lock:
            workers = list(self._workers)
        for worker in workers:
            worker.close()

    def _stop(self, job: Job, reason: str) -> None:
        now = time.monotonic()
        if job.status == "queued":
            self._queue.remove(job)
            job.close("stopped", reason, now)
        elif job.status == "running" and not job.stopping:
            job.stopping = (reason, now)
            self._worker_of(job).tell({"do": "stop", "job": job.id})

    def _worker_of(self, job: Job) -> Process:
        return next(worker for worker, place in self._workers.items() if place.job is job)

    def _dispatch(self) -> None:
        for worker, place in self._workers.items():
            if place.ready and place.job is None and self._queue:
                place.job = self._queue.popleft()
                worker.tell(place.job.start(time.monotonic()))

    def _heard(self, worker: Process, message: dict[str, Any] | None) -> None:
        with self._lock:
            place = self._workers.get(worker)
            if place is None:
                return
            if message is None:
                self._bury(worker, place)
            elif message["event"] == "ready":
                place.ready, self._stillborn = True, 0
            elif place.job and message.get("job") == place.job.id:
                self._take_in(place, message)
            self._dispatch()

    def _take_in(self, place: _Place, message: dict[str, Any]) -> None:
        job, now = place.job, time.monotonic()
        job.hear(message, now)
        if not job.open:
            place.job = None
            self._lengths.append(now - job.started)

    def _bury(self, worker: Process, place: _Place) -> None:
        now = time.monotonic()
        del self._workers[worker]
        if place.job and place.job.stopping:
            place.job.close("stopped", place.job.stopping[0], now)
        elif place.job:
            place.job.close("failed", place.verdict or "died", now)
        if not place.ready:
            self._stillborn += 1
            self._next_birth = now + min(60.0, 2.0**self._stillborn)

    def _watch(self) -> None:
        while not self._closed.wait(self.limits.tick):
            try:
                with self._lock:
                    self._tend()
            except Exception:
                log.exception("the training engine's watch stumbled")

    def _tend(self) -> None:
        """Stop what nobody watches, kill what does not obey, forget what is long over, replace who died."""
        now = time.monotonic()
        for job in list(self._jobs.values()):
            if job.open and now - job.seen > job.lease:
                self._stop(job, "unseen")
            elif not job.open and now - job.ended > self.limits.keep:
                del self._jobs[job.id]
        for worker, place in self._workers.items():
            self._discipline(worker, place, now)
        if self._stillborn >= 3 and not self._workers:
            self._give_up(now)
        while len(self._workers) < self.slots and now >= self._next_birth:
            self._workers[Process(self.command, self._heard)] = _Place(born=now)

    def _discipline(self, worker: Process, place: _Place, now: float) -> None:
        job = place.job
        if job and job.stopping and now - job.stopping[1] > self.limits.stop:
            worker.kill()
        elif job and now - job.heard > self.limits.silence:
            place.verdict = "silent"
            worker.kill()
        elif job and now - job.started > self.limits.run:
            self._stop(job, "time")
        elif not place.ready and now - place.born > self.limits.start:
            worker.kill()

    def _give_up(self, now: float) -> None:
        while self._queue:
            self._queue.popleft().close("failed", "no worker", now)

    def _place(self, job: Job) -> dict[str, Any]:
        """A queued job's place, counted from 1, and its rough wait in seconds: who is ahead, shared among the slots."""
        if job.status != "queued":
            return {}
        usual = sum(self._lengths) / len(self._lengths) if self._lengths else self.limits.usual
        running = [place.job.left(usual) for place in self._workers.values() if place.job]
        ends = sorted(running + [0.0] * (self.slots - len(running)))
        ahead = self._queue.index(job)
        for _ in range(ahead):
            heapq.heapreplace(ends, ends[0] + usual)
        return {"place": ahead + 1, "wait": round(ends[0], 1)}


@dataclass
class _Place:
    """What the engine knows of a worker: born when, ready or not, training what, and why it was killed if it was."""

    born: float
    ready: bool = False
    job: Job | None = None
    verdict: str = ""


_engine: Engine | None = None
_engine_lock = threading.Lock()


def engine() -> Engine:
    """The server's engine, started at the first call, with `slots()` workers."""
    global _engine
    with _engine_lock:
        if _engine is None:
            _engine = Engine(slots())
            atexit.register(_engine.close)
        return _engine


def slots() -> int:
    """How many may train at once: BN_LAB_SLOTS, by default one fewer than there are cores, at least one."""
    asked = os.environ.get("BN_LAB_SLOTS", "")
    return max(1, int(asked)) if asked.isdigit() else max(1, (os.cpu_count() or 2) - 1)
