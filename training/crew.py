"""The queue of runs and the workers that take them, one at a time each; the same for workers here and elsewhere."""

from __future__ import annotations

import bisect
import collections
import heapq
import itertools
import logging
import threading
import time
import uuid
from dataclasses import dataclass
from typing import Any

from training.backends import Backend, Worker
from training.job import Training
from training.limits import Limits
from training.settings import Settings

log = logging.getLogger(__name__)
FRONT, NORMAL, BATCH = range(3)
"""Whose turn it is first: runs that go on, new ones, those of a batch."""


@dataclass
class Place:
    """What is known of a worker: born when, ready or not, training what under which token, why it was killed if it was.

    holds: the run that it paused, at which step and with which settings: it goes on with that at once.
    """

    born: float
    ready: bool = False
    training: Training | None = None
    token: str = ""
    holds: tuple[Training, int, Settings] | None = None
    verdict: str = ""


class Crew:
    """Whoever calls its methods holds `lock`."""

    def __init__(self, backend: Backend, limits: Limits, lock: threading.RLock) -> None:
        self.backend, self.limits, self.lock = backend, limits, lock
        self.queue: list[Training] = []
        self.places: dict[Worker, Place] = {}
        self._arrivals = itertools.count()
        self._lengths: collections.deque[float] = collections.deque(maxlen=10)
        self._stillborn, self._next_birth, self._alone_since = 0, 0.0, time.monotonic()

    def enqueue(self, training: Training, turn: int | None = None) -> None:
        """Let it wait for a worker; without a `turn` it has the place it had before."""
        if turn is not None:
            training.turn = (turn, next(self._arrivals))
        training.status = "queued"
        bisect.insort(self.queue, training, key=lambda one: one.turn)
        self.dispatch()

    def hasten(self, training: Training) -> None:
        """A student asked for a run of a batch: it no longer waits until no student does."""
        training.batch = False
        if training.status == "queued":
            self.withdraw(training)
            self.enqueue(training, NORMAL)

    def withdraw(self, training: Training) -> None:
        self.queue.remove(training)

    def tell(self, training: Training, **order: Any) -> None:
        """Send an order to the worker that trains it, if one does."""
        for worker, place in self.places.items():
            if place.training is training:
                worker.tell({**order, "job": place.token})

    def let_go(self, training: Training) -> None:
        """It is over: who holds it need not any more."""
        for worker, place in self.places.items():
            if place.holds and place.holds[0] is training:
                place.holds = None
                worker.tell({"do": "stop", "job": place.token})

    def waiting(self, batch: bool) -> list[Training]:
        return [training for training in self.queue if training.batch is batch]

    def place(self, training: Training) -> dict[str, Any]:
        """A queued run's place, from 1, and its rough wait in seconds: what runs and what is ahead, by the slots."""
        if training.status != "queued":
            return {}
        usual = sum(self._lengths) / len(self._lengths) if self._lengths else self.limits.usual
        running = [place.training.left(usual) for place in self.places.values() if place.training]
        ends = sorted(running + [0.0] * (self.backend.slots - len(running))) or [usual]
        ahead = self.queue.index(training)
        for waiting in self.queue[:ahead]:
            heapq.heapreplace(ends, ends[0] + waiting.left(usual))
        return {"place": ahead + 1, "wait": round(ends[0], 1)}

    def dispatch(self) -> None:
        while self.queue and (free := [worker for worker, place in self.places.items() if self._free(place)]):
            training = self.queue.pop(0)
            worker = min(free, key=lambda worker: self._reluctance(self.places[worker], training))
            self._begin(worker, self.places[worker], training)

    def _free(self, place: Place) -> bool:
        return place.ready and place.training is None and not place.verdict

    def _reluctance(self, place: Place, training: Training) -> int:
        """Who holds the run takes it; who holds another one would have to let it go."""
        return 0 if holding(place, training) else 1 if place.holds is None else 2

    def _begin(self, worker: Worker, place: Place, training: Training) -> None:
        now, held = time.monotonic(), holding(place, training)
        place.training, place.holds = training, None
        if not held:
            place.token = uuid.uuid4().hex
            worker.tell(training.start(place.token, now))
            return
        training.run(now)
        on = {"do": "resume"} if training.until is None else {"do": "step", "count": training.until - training.at}
        worker.tell({**on, "job": place.token})

    def heard(self, worker: Worker, message: dict[str, Any] | None) -> None:
        """A worker said something, or (None) has ended. Called from the workers' threads."""
        with self.lock:
            place = self.places.get(worker)
            if place is None:
                return
            if message is None:
                self._bury(worker, place)
            elif message["event"] == "ready":
                place.ready, self._stillborn = True, 0
            elif message.get("job") == place.token:
                self._take_in(place, message)
            self.dispatch()

    def _take_in(self, place: Place, message: dict[str, Any]) -> None:
        held = place.holds[0] if place.holds else None
        training, now = place.training or held, time.monotonic()
        if training is None or (training is held and not (message["event"] == "end" and training.status == "paused")):
            return
        training.hear(message, now)
        if training.status == "running":
            return
        place.training = place.holds = None
        if training.status == "paused":
            self._after_pause(place, training)
        elif training.settings.pace == "fast":
            self._lengths.append(training.ran)

    def _after_pause(self, place: Place, training: Training) -> None:
        place.holds = (training, training.at, training.settings)
        if training.stopping:
            training.close("stopped", training.stopping[0], time.monotonic())
            self.let_go(training)
        elif training.hasty:
            training.hasty = False
            self.enqueue(training, FRONT)

    def _bury(self, worker: Worker, place: Place) -> None:
        now, training = time.monotonic(), place.training
        del self.places[worker]
        self._alone_since = now
        if training and training.stopping:
            training.close("stopped", training.stopping[0], now)
        elif training and training.unheard == 1 and not place.verdict:
            self.enqueue(training, FRONT)  # the worker was dead before: another may take it, once
        elif training:
            training.close("failed", place.verdict or "died", now)
        if not place.ready:
            self._stillborn += 1
            self._next_birth = now + min(60.0, 2.0**self._stillborn)

    def tend(self, now: float) -> None:
        """Kill who does not obey or takes too much, replace who died, and tell the waiting where there is nobody."""
        for worker, place in self.places.items():
            self._discipline(worker, place, now)
        if not self.places and (self._stillborn >= 3 or now - self._alone_since > self.limits.start):
            self._give_up(now)
        while len(self.places) < self.backend.slots and now >= self._next_birth:
            worker = self.backend.hire(self.heard)
            if worker is None:
                break
            self.places[worker] = Place(born=now)

    def _discipline(self, worker: Worker, place: Place, now: float) -> None:
        verdict = self._verdict(place, worker.memory(), now)
        if verdict and not place.verdict:
            place.verdict = verdict
            worker.kill()
        elif place.training and now - place.training.started + place.training.ran > self.limits.run:
            self.end(place.training, "time")

    def _verdict(self, place: Place, memory: int, now: float) -> str:
        """Why the worker must go, in a word; nothing where it may stay."""
        training, limits = place.training, self.limits
        if memory > limits.memory:
            return "memory"
        if training is None:
            return "late" if not place.ready and now - place.born > limits.start else ""
        asked = training.stopping[1] if training.stopping else training.pausing
        deaf = asked is not None and now - asked > limits.stop
        return "silent" if deaf or now - training.heard > limits.silence else ""

    def end(self, training: Training, reason: str) -> None:
        """Stop a run that is not over; a queued or paused one is stopped at once."""
        now = time.monotonic()
        if training.status == "running":
            if not training.stopping:
                training.stopping = (reason, now)
                self.tell(training, do="stop")
            return
        if training.status == "queued":
            self.withdraw(training)
        training.close("stopped", reason, now)
        self.let_go(training)

    def _give_up(self, now: float) -> None:
        while self.queue:
            self.queue.pop(0).close("failed", "no worker", now)


def holding(place: Place, training: Training) -> bool:
    """Whether the worker can go on with the run from what it holds."""
    if place.holds != (training, training.at, training.settings):
        return False
    return training.until is None or training.until > training.at
