"""How long a student waits for a training, and what many runs cost the server."""

from __future__ import annotations

import gc
import queue
import statistics
import tempfile
import time

from training.backends.process import COMMAND, Process
from training.messages import End, Error, Look, Order, Points, Ready, Resume, Shown, Stop, Train
from training.server.engine import Engine
from training.spec.settings import Settings

MANY = 120


def waits() -> list[tuple[str, float]]:
    """A student's waits in seconds; every training has a structure that the worker has never seen."""
    worker = DirectWorker()
    rounds = [waited(worker, Settings(layers=3 + n % 4, width=20 + n, epochs=500), n) for n in range(5)]
    worker.close()
    names = (
        "Train to the first point",
        "Train to the first trained point",
        "… to the first point, of a known structure",
        "a look at one step of it",
        "Stop to stopped",
    )
    return [(name, statistics.median(times)) for name, times in zip(names, zip(*rounds, strict=True), strict=True)]


def waited(worker: DirectWorker, settings: Settings, number: int) -> tuple[float, ...]:
    times, keep = [], tempfile.mkdtemp()
    train = Train(f"{number}", vars(settings), keep=keep)
    stop = Stop(train.job)
    times += worker.timed(train, Points, Points)
    time.sleep(0.5)
    stopped = worker.timed(stop, End)
    times += worker.timed(train, Points)
    worker.timed(stop, End)
    times += worker.timed(Look(train.job, train.settings, Resume(99), 100), Shown)
    return (*times, *stopped)


class DirectWorker:
    """A worker process that is sent its orders directly, so that the engine's clock does not add to the waits."""

    def __init__(self) -> None:
        self._events: queue.Queue = queue.Queue()
        self._process = Process(COMMAND, lambda _, event: self._events.put((time.perf_counter(), event)))
        self.until(Ready)

    def until(self, kind: type) -> float:
        """Wait for an event of that type; returns the time at which it came."""
        while True:
            at, event = self._events.get(timeout=60)
            if event is None or isinstance(event, Error):
                raise RuntimeError(f"the worker failed: {event}")
            if isinstance(event, kind):
                return at

    def timed(self, order: Order, *kinds: type) -> list[float]:
        """Seconds from the order to each of these types of event, in this order."""
        while not self._events.empty():
            self._events.get()
        begun = time.perf_counter()
        self._process.send(order)
        return [self.until(kind) - begun for kind in kinds]

    def close(self) -> None:
        self._process.close()


def throughput() -> list[tuple[str, float]]:
    """The cost of a run of the training lesson to a warm worker that knows its structure, and to a full server."""
    engine = Engine(1)
    try:
        while not engine.health()["ready"]:
            time.sleep(0.1)
        finished(engine, [Settings()])
        known = time.perf_counter()
        jobs = finished(engine, [Settings(seed=seed) for seed in range(1, 6)])
        five = (time.perf_counter() - known) / 5
        jobs += finished(engine, [Settings(seed=seed, learning_rate=0.03) for seed in range(100, 100 + MANY)])
        many = time.perf_counter() - known - 5 * five
        size = sum(engine.job(job).run.history.size for job in jobs) / len(jobs)
        idle = time.process_time()
        time.sleep(5)
        idle = time.process_time() - idle
        gc.collect()
        begun = time.perf_counter()
        gc.collect()
        return [
            ("one of five different runs", five),
            (f"{MANY} different runs at once, all of them", many),
            ("a kept run, megabytes", size / 2**20),
            (f"the idle server after {len(jobs)} runs, per cent of a core", 100 * idle / 5),
            ("a full garbage collection then", time.perf_counter() - begun),
        ]
    finally:
        engine.close()


def finished(engine: Engine, runs: list[Settings]) -> list[str]:
    """Submit all runs at once and follow each to its end."""
    jobs = [engine.submit(run, f"{number}") for number, run in enumerate(runs)]
    while [job for job in jobs if engine.follow(job, 10**9)[0]["status"] != "finished"]:
        time.sleep(0.05)
    return jobs
