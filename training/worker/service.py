"""A worker process: carries out the orders that arrive on stdin and reports on stdout (training/messages.py)."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import numpy as np
import tensorflow as tf

from training.messages import (
    Alive,
    Begin,
    Error,
    Event,
    JobEvent,
    Look,
    Order,
    Ready,
    Resume,
    Shown,
    Stop,
    Train,
    read,
    write,
)
from training.spec import plan as plans
from training.spec.settings import Settings
from training.worker.checkpoints import CheckpointWriter, load
from training.worker.lanes import KerasLanes
from training.worker.loop import NEW, Past, TrainingLoop
from training.worker.reporter import Emit, Reporter, first_divergence

ALIVE_SECONDS = 0.25
"""Seconds between two signs of life on the way to the step where the training is to start."""
FIRST_PIECE = 64


class StoppedError(Exception):
    """The order was stopped before the step where it was to start."""


class Service:
    """Carries out orders, one after the other."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.orders: queue.Queue[tuple[Train | Look, threading.Event]] = queue.Queue()
        self.stops: dict[str, threading.Event] = {}

    def listen(self, lines: Any) -> None:
        """Accept orders until `lines` ends, then end the process at once, because the engine is gone."""
        for line in lines:
            try:
                self.accept(read(line))
            except ValueError as error:
                print(f"not an order: {error}", file=sys.stderr, flush=True)
        os._exit(0)

    def accept(self, order: Order) -> None:
        if isinstance(order, Stop):
            if order.job in self.stops:
                self.stops[order.job].set()
            return
        self.stops[order.job] = threading.Event()
        self.orders.put((order, self.stops[order.job]))

    def serve(self) -> None:
        warm_up()
        self.send(Ready())
        while True:
            order, stopped = self.orders.get()
            try:
                (self._train if isinstance(order, Train) else self._look)(order, stopped)
            except Exception as error:
                self.send(Error(f"{type(error).__name__}: {error}"[:500], job=order.job))
            finally:
                if self.stops.get(order.job) is stopped:
                    del self.stops[order.job]

    def send(self, event: Event) -> None:
        self.out.write(write(event))
        self.out.flush()

    def _train(self, order: Train, stopped: threading.Event) -> None:
        plan = plans.make(Settings(**order.settings))
        lanes, emit = KerasLanes(plan), self._emitter(order)
        traced = not lanes.known
        past = resumed(lanes, order.resume, lambda: emit(Alive()))
        emit(Begin(lanes.at, traced))
        checkpoints = CheckpointWriter(order.keep) if order.keep else None
        emit(TrainingLoop(plan, lanes, emit, stopped, checkpoints, past).carry_out())

    def _look(self, order: Look, stopped: threading.Event) -> None:
        plan = plans.make(Settings(**order.settings))
        lanes, emit = KerasLanes(plan), self._emitter(order)

        def alive() -> None:
            if stopped.is_set():
                raise StoppedError
            emit(Alive())

        with contextlib.suppress(StoppedError):
            resumed(lanes, order.resume, alive)
            if lanes.at < order.step:
                lanes.run(order.step)
            Reporter(plan, lanes, emit).snapshot(with_step=True)
        emit(Shown())

    def _emitter(self, order: Train | Look) -> Emit:
        def emit(event: JobEvent) -> None:
            self.send(dataclasses.replace(event, job=order.job))

        return emit


def resumed(lanes: KerasLanes, resume: Resume | None, alive: Callable[[], None]) -> Past:
    """Bring the lanes to the step where to start, from a checkpoint and by training on; returns the run's past.

    alive: called regularly on the way, which is long where checkpoints are few or gone.
    """
    past, plan = NEW, lanes.plan
    if resume is None:
        return past
    if resume.file:
        with contextlib.suppress(FileNotFoundError):  # deleted in the meantime: start from the beginning
            state = load(resume.file)
            lanes.restore(state)
            past = Past.of(state, len(plan.lanes))
    begin = lanes.at
    if begin < resume.step:
        since = first_divergence(plan, begin, trained_to(lanes, min(resume.step, plan.steps), alive))
        before = past.diverged or since
        past = Past([b if b is not None else s for b, s in zip(before, since, strict=True)])
    return past


def trained_to(lanes: KerasLanes, end: int, alive: Callable[[], None]) -> np.ndarray:
    """Train up to step `end`, in pieces; returns the records."""
    records, piece = [], FIRST_PIECE
    while lanes.at < end:
        if records:
            alive()
        before = time.monotonic()
        records.append(lanes.run(min(end, lanes.at + piece)))
        piece *= 1 if time.monotonic() - before > ALIVE_SECONDS else 2
    return np.concatenate(records)


def round_like_the_scripts() -> None:
    """Add numbers in the same order as Keras's eager mode, so that the take-home scripts give the same numbers.

    Threads, oneDNN (switched off above) and graph rewriting would each round differently; with high learning rates the
    printed digits then differ after some hundred steps.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)
    # With one thread, a loop within a loop would wait for itself. The order of computation does not depend on this.
    tf.config.threading.set_inter_op_parallelism_threads(4)
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def warm_up() -> None:
    """Train the smallest network for a moment, so that no student has to wait for loading and compiling."""
    small = Settings(data="xor", layers=1, width=1, epochs=1, batch_size=256)
    plan = plans.make(small)
    TrainingLoop(plan, KerasLanes(plan), lambda event: None).carry_out()
    gc.collect()
    gc.freeze()


def main() -> None:
    """Serve on the real stdout; everything that prints goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    round_like_the_scripts()
    tf.get_logger().setLevel("ERROR")
    worker = Service(out)
    threading.Thread(target=worker.listen, args=(sys.stdin.buffer,), daemon=True).start()
    worker.serve()
