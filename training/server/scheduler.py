"""The queue of tasks, and the workers that carry them out one at a time, from any back end."""

from __future__ import annotations

import bisect
import collections
import heapq
import itertools
import logging
import threading
import time
import uuid
from collections.abc import Iterator

from training.backends.base import Backend, Worker
from training.messages import Event, JobEvent, Ready, Stop
from training.server.limits import Limits
from training.server.look import LookTask
from training.server.news import Place
from training.server.pace import Pace
from training.server.run import Job, Run
from training.server.task import Task, WorkerSlot

log = logging.getLogger(__name__)
FRONT, NORMAL, BATCH = range(3)
"""Priorities: looks, and runs whose worker died; then new runs; then batches. See Scheduler.in_turn."""


class Scheduler:
    """All methods except receive() must be called while holding `lock`."""

    def __init__(self, backend: Backend, limits: Limits, lock: threading.RLock) -> None:
        self.backend, self.limits, self.lock = backend, limits, lock
        self.queue: list[Task] = []
        self.slots: dict[Worker, WorkerSlot] = {}
        self._arrivals = itertools.count()
        self._pace = Pace(limits.usual_step_s)
        self._places: dict[Run, Place] = {}
        self._estimated = 0.0  # when the places were estimated
        self._looked = False  # whether the last task given to a worker was a look
        self._failed_starts, self._next_start = 0, 0.0
        self._worker_lost = time.monotonic()

    def enqueue(self, task: Task, turn: int, arrival: int | None = None) -> None:
        """Let the task wait for a worker. arrival: the place of a task that it replaces in the queue."""
        task.turn = turn, next(self._arrivals) if arrival is None else arrival
        task.status = "queued"
        bisect.insort(self.queue, task, key=lambda one: one.turn)
        self._places = {}
        self.dispatch()

    def hasten(self, run: Run) -> None:
        """Give a batch's run the priority of a student's run, because a student has asked for it."""
        run.batch = False
        if run.status == "queued":
            self.withdraw(run)
            self.enqueue(run, NORMAL)

    def withdraw(self, task: Task) -> None:
        self.queue.remove(task)
        self._places = {}

    def look(self, job: Job, step: int) -> None:
        """Queue a look at that step of the job's run; it replaces the owner's waiting look."""
        arrival = None
        same = next((look for look in self.looks() if look.run is job.run and look.step == step), None)
        for look in self.looks():
            if look is not same and look.status == "queued":
                look.askers -= {asker for asker in look.askers if asker.owner == job.owner}
                if not look.askers:
                    self.withdraw(look)
                    arrival = look.turn[1]
        look = same or LookTask(job.run, step)
        look.askers.add(job)
        if not same:
            self.enqueue(look, FRONT, arrival)

    def looks(self) -> list[LookTask]:
        """The looks that are waiting or under way."""
        tasks = itertools.chain(self.queue, (slot.task for slot in self.slots.values()))
        return [one for one in tasks if isinstance(one, LookTask)]

    def in_turn(self) -> Iterator[Task]:
        """The waiting tasks that may begin, in order: after a look comes a run, if one is waiting.

        Each owner has one look under way at a time. So a student who keeps asking for looks delays no run, and no other
        student's look.
        """
        busy = {owner for look in self.looks() if look.status == "running" for owner in look.owners}
        runs = collections.deque(one for one in self.queue if isinstance(one, Run))
        looks = collections.deque(one for one in self.queue if isinstance(one, LookTask) and one.owners - busy)
        looked = self._looked
        while runs or looks:
            looked = bool(looks) and not (runs and (looked or runs[0].turn < looks[0].turn))
            yield (looks if looked else runs).popleft()

    def waiting(self, batch: bool) -> list[Run]:
        return [one for one in self.queue if isinstance(one, Run) and one.batch is batch]

    def place(self, run: Run) -> Place:
        """A queued run's place and wait; empty for a run that is not queued."""
        if run.status != "queued":
            return {}
        now = time.monotonic()
        if run not in self._places or now - self._estimated > self.limits.estimate_s:
            self._places, self._estimated = dict(self._estimates()), now
        return self._places[run]

    def _estimates(self) -> Iterator[tuple[Run, Place]]:
        """Each waiting run with its place and wait: the work under way and ahead of it, shared among the slots."""
        busy = [slot.task.remaining(self._pace) for slot in self.slots.values() if slot.task]
        ends = sorted(busy + [0.0] * (self.backend.slots - len(busy))) or [0.0]
        ahead = 0
        for task in self.in_turn():
            if isinstance(task, Run):
                ahead += 1
                yield task, {"place": ahead, "wait": round(ends[0], 1 if ends[0] < 10 else None)}
            heapq.heapreplace(ends, ends[0] + task.remaining(self._pace))

    def dispatch(self) -> None:
        """Give the waiting tasks to free workers."""
        for worker, slot in self.slots.items():
            free = slot.ready and slot.task is None and not slot.kill_reason
            if not free or not (task := next(self.in_turn(), None)):
                continue
            if task.needs_fresh and slot.begun:
                self._kill(worker, slot, "recycled")
            else:
                self.withdraw(task)
                self._looked = isinstance(task, LookTask)
                self._begin(worker, slot, task)

    def _begin(self, worker: Worker, slot: WorkerSlot, task: Task) -> None:
        slot.task, slot.token, slot.begun = task, uuid.uuid4().hex, slot.begun + 1
        order = task.order(slot.token)
        task.start(time.monotonic())
        worker.send(order)

    def receive(self, worker: Worker, event: Event | None) -> None:
        """Take in an event of a worker, or (None) its end. Called in the workers' threads."""
        with self.lock:
            slot = self.slots.get(worker)
            if slot is None:
                return
            if event is None:
                self._worker_ended(worker, slot)
            elif isinstance(event, Ready):
                slot.ready, self._failed_starts = True, 0
            elif slot.task and event.job == slot.token:
                self._take_in(slot, slot.task, event)
                if slot.task is None and worker.memory() > self.limits.recycled_bytes:
                    self._kill(worker, slot, "recycled")
            self.dispatch()

    def _take_in(self, slot: WorkerSlot, task: Task, event: JobEvent) -> None:
        task.receive(event, time.monotonic())
        if task.open:
            return
        slot.task = None
        if isinstance(task, Run) and task.status == "finished":
            self._pace.note(task.settings, task.per_step)

    def _worker_ended(self, worker: Worker, slot: WorkerSlot) -> None:
        """Close the ended worker's task, or queue it again for another worker. tend() starts a new worker."""
        del self.slots[worker]
        now, task = time.monotonic(), slot.task
        self._worker_lost = now
        if task and task.stopping:
            task.close("stopped", task.stopping[0], now)
        elif task and self._goes_on(slot, task):
            self.enqueue(task, FRONT)
        elif task:
            task.close("failed", slot.kill_reason or "died", now)
        if not slot.ready:
            self._start_failed(now)

    def _start_failed(self, now: float) -> None:
        """Note that a worker did not start; the wait before the next try doubles, up to a minute."""
        self._failed_starts += 1
        self._next_start = now + min(60.0, 2.0**self._failed_starts)

    def _goes_on(self, slot: WorkerSlot, task: Task) -> bool:
        """Whether another worker is to continue the task of a worker that has ended.

        A run fails for memory only in a worker that trained nothing else: any other worker may still hold memory from
        earlier runs.
        """
        if slot.kill_reason == "memory":
            task.needs_fresh = True
            return slot.begun > 1
        return not slot.kill_reason and task.may_go_on()

    def tend(self, now: float) -> None:
        """Kill workers that do not obey or use too much memory, and start new ones; if none starts, fail what waits."""
        for worker, slot in self.slots.items():
            self._check(worker, slot, now)
        for look in self.looks():
            if not look.owners:
                self.end(look, "unseen")
        if not self.slots and (self._failed_starts >= 3 or now - self._worker_lost > self.limits.unmanned_timeout_s):
            self._give_up(now)
        while len(self.slots) < self.backend.slots and now >= self._next_start:
            try:
                worker = self.backend.hire(self.receive)
            except OSError as error:  # out of file descriptors or memory
                log.warning("no worker could be started: %s", error)
                self._start_failed(now)
                break
            if worker is None:
                break
            self.slots[worker] = WorkerSlot(started=now)

    def _check(self, worker: Worker, slot: WorkerSlot, now: float) -> None:
        reason = slot.fault(worker.memory(), now, self.limits)
        if reason and not slot.kill_reason:
            self._kill(worker, slot, reason)
        elif slot.task and now - slot.task.started > self.limits.run_timeout_s:
            self.end(slot.task, "time")

    def _kill(self, worker: Worker, slot: WorkerSlot, reason: str) -> None:
        log.log(
            logging.INFO if reason == "recycled" else logging.WARNING, "worker %s is killed: %s", worker.pid, reason
        )
        slot.kill_reason = reason
        worker.kill()

    def end(self, task: Task, reason: str) -> None:
        """Stop a task that is not over; a queued task ends at once."""
        now = time.monotonic()
        if task.status == "queued":
            self.withdraw(task)
            task.close("stopped", reason, now)
        elif task.open and not task.stopping:
            task.stopping = (reason, now)
            for worker, slot in self.slots.items():
                if slot.task is task:
                    worker.send(Stop(slot.token))

    def _give_up(self, now: float) -> None:
        for task in self.queue:
            task.close("failed", "no worker", now)
        self.queue.clear()
