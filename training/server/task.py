"""What a worker is given to do, a run (run.py) or a look (look.py), until it is over; and which worker has it."""

from __future__ import annotations

from dataclasses import dataclass

from training.messages import Error, JobEvent, Order
from training.server.limits import Limits
from training.server.pace import Pace

OPEN = ("queued", "running")
"""The statuses of what is not over; the others are finished, stopped and failed."""


@dataclass(eq=False, kw_only=True)
class Task:
    """status: queued, running, finished, stopped or failed; reason: why it was stopped or failed, in a word.

    batch: whether it lets every student's task go first. turn: its place in the queue, the lowest first. Times are of
    the engine's clock, in seconds; heard_from: when its worker last sent something; stopping: why and when its worker
    was ordered to stop.
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
    """How many workers have been given it that have sent nothing about it yet."""
    needs_fresh: bool = False
    """Whether only a worker that has had no task before may have it."""
    deaths: int = 0
    """How many workers have died over it after they had sent something."""

    @property
    def open(self) -> bool:
        return self.status in OPEN

    @property
    def ran(self) -> float:
        """Seconds that the last worker took for it, once it is over."""
        return self.ended - self.started if self.started else 0.0

    def order(self, token: str) -> Order:
        """The order for a worker, whose events will have `token` as their job."""
        raise NotImplementedError

    def remaining(self, pace: Pace) -> float:
        """Seconds of work until it is over, estimated by what others took."""
        raise NotImplementedError

    def start(self, now: float) -> None:
        """It is given to a worker."""
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
        """Take in an event other than an error."""
        raise NotImplementedError

    def may_go_on(self) -> bool:
        """Whether another worker is to try, now that this one has died.

        Only once, because what has killed two workers kills a third. A worker that died before it sent anything counts
        apart: it may have been dead before it was given the task.
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
    """What is known of a worker: when it was started, and what it is doing."""

    started: float
    ready: bool = False
    task: Task | None = None
    token: str = ""
    """The job that the worker's events about its task name."""
    begun: int = 0
    """How many tasks it has been given."""
    kill_reason: str = ""
    """Why it was killed, in a word; empty where it was not."""

    def fault(self, memory: int, now: float, limits: Limits) -> str:
        """Why the worker, which takes so many bytes, must be killed, in a word; empty where it need not be."""
        task = self.task
        if memory > limits.worker_memory_bytes:
            return "memory"
        if task is None:
            return "late" if not self.ready and now - self.started > limits.start_timeout_s else ""
        disobeys = task.stopping and now - task.stopping[1] > limits.stop_timeout_s
        return "silent" if disobeys or now - task.heard_from > limits.silence_timeout_s else ""
