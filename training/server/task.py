"""A task for a worker, a run (run.py) or a look (look.py), and the worker that has it."""

from __future__ import annotations

from dataclasses import dataclass

from training.messages import Error, JobEvent, Order
from training.server.limits import Limits
from training.server.pace import Pace

OPEN = ("queued", "running")
"""The statuses of tasks that are not over; the others are finished, stopped and failed."""


@dataclass(eq=False, kw_only=True)
class Task:
    """status: queued, running, finished, stopped or failed; reason: why it was stopped or failed, as one word.

    batch: whether all students' tasks go first. turn: its place in the queue, lowest first. Times are seconds on the
    engine's clock; heard_from: when its worker last sent something; stopping: why and when its worker was ordered to
    stop.
    """

    batch: bool = False
    status: str = "queued"
    reason: str = ""
    detail: str = ""
    turn: tuple[int, int] = (0, 0)
    started: float = 0.0
    heard_from: float = 0.0
    ended: float = 0.0
    stopping: tuple[str, float] | None = None
    silent_starts: int = 0
    """How many workers have been given the task without sending anything about it yet."""
    needs_fresh: bool = False
    """Whether the task must go to a worker that has had no task before."""
    deaths: int = 0
    """How many workers have died during the task after sending something about it."""

    @property
    def open(self) -> bool:
        return self.status in OPEN

    @property
    def ran(self) -> float:
        """Seconds that the last worker took, once the task is over."""
        return self.ended - self.started if self.started else 0.0

    def order(self, token: str) -> Order:
        """The order for a worker; the worker's events will have `token` as their job."""
        raise NotImplementedError

    def remaining(self, pace: Pace) -> float:
        """Estimated seconds until the task is over."""
        raise NotImplementedError

    def start(self, now: float) -> None:
        """Note that the task has been given to a worker."""
        self.status, self.started, self.heard_from = "running", now, now
        self.silent_starts += 1

    def receive(self, event: JobEvent, now: float) -> None:
        """Take in an event from its worker."""
        self.heard_from, self.silent_starts = now, 0
        if isinstance(event, Error):
            self.detail = event.message
            self.close("failed", "error", now)
        else:
            self.take_in(event, now)

    def take_in(self, event: JobEvent, now: float) -> None:
        """Take in an event that is not an error."""
        raise NotImplementedError

    def may_go_on(self) -> bool:
        """Whether another worker is to try again, now that this one has died.

        Only once, because a task that has killed two workers would kill a third. A worker that died before it sent
        anything is counted separately: it may have been dead before it was given the task.
        """
        if self.silent_starts:
            return self.silent_starts == 1
        self.deaths += 1
        return self.deaths == 1

    def close(self, status: str, reason: str, now: float) -> None:
        """End it, unless it has ended already."""
        if self.open:
            self.status, self.reason, self.ended = status, reason if status != "finished" else "", now


@dataclass
class WorkerSlot:
    """A worker's state: when it was started, and what it is doing."""

    started: float
    ready: bool = False
    task: Task | None = None
    token: str = ""
    """The name of its task in the worker's events, as their job."""
    begun: int = 0
    """The number of tasks that it has been given."""
    kill_reason: str = ""
    """Why it was killed, as one word; empty where it was not killed."""

    def fault(self, memory: int, now: float, limits: Limits) -> str:
        """Why the worker, which uses `memory` bytes, must be killed, as one word; empty where it need not be."""
        task = self.task
        if memory > limits.worker_memory_bytes:
            return "memory"
        if task is None:
            return "late" if not self.ready and now - self.started > limits.start_timeout_s else ""
        disobeys = task.stopping and now - task.stopping[1] > limits.stop_timeout_s
        return "silent" if disobeys or now - task.heard_from > limits.silence_timeout_s else ""
