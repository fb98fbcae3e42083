"""`python -m benchmarks.training`: our steps per second beside Keras's own loops, and how long a student waits.

Everything in one run on one machine: digits, 4 hidden layers of 32 relu units, batches of 64, plain SGD, one
TensorFlow thread. Ours is told per lane: a step of all lanes together counts as one. Keras's loops run in a process of
their own, where TensorFlow is as it comes but for the one thread. Wall-clock rates fall with whatever else the machine
does; rates per second of processor time hardly do, and the ratios are taken from these.

What was tried for the step, two lanes with instruments, per second of processor time on two cores (2.1 GHz):

    variables inside the loop, an update of each weight on its own                       4,200
    all state as loop variables, one flat vector of weights and of its gradient          4,600   kept
    … the gradient with respect to each weight, then concatenated                        4,500
    … sizes known when traced (a trace for each batch size)                               5,050   kept
    … and carried out in order as traced (SINGLE_THREADED_EXECUTOR)                       5,800   kept
    … and the instruments' numbers gathered at once                                       6,400   kept
    … and oneDNN off                                                                      6,400   kept
    XLA (jit_compile=True) instead                                              12,400–14,000   not kept

Carried out as traced and without oneDNN, each number is rounded as in Keras's eager mode, so that a lane is bit for bit
what train_on_batch gives (tests/training/test_lanes.py) and the take-home scripts print the same digits to the end of
any run; they used to part after some hundred steps at high rates. The price: convolutions are oneDNN's strength; a step
of theirs takes 1.5 times as long without. XLA needs 1.4 to 2 s for each new structure and rounds in its own order.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

from training import plan as plans
from training.keyframes import Keyframes
from training.process import COMMAND
from training.settings import Settings

SETTINGS = Settings(layers=4, width=32, batch_size=64, epochs=200, pace="fast")
LANES = {1: {"lane_1": "before", "lane_2": "off"}, 2: {}, 3: {"lane_3": "after"}}
REPEATS = 5
CHUNK = 200
HERE = (sys.executable, "-m", "benchmarks.training")


def main() -> None:
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(f"{'a student waits (median of 5, one warm worker)':58}{'seconds':>10}")
    for name, seconds in waits():
        print(f"{name:58}{seconds:10.2f}")
    print(f"\n{f'training (best of {REPEATS})':58}{'steps/s':>10}{'per CPU s':>11}{'× fit':>8}")
    keras = json.loads(subprocess.run([*HERE, "keras"], stdout=subprocess.PIPE, check=True).stdout)
    table = speeds() | keras
    fit = table["model.fit, batch norm"][1]
    for name, (wall, cpu) in table.items():
        print(f"{name:58}{wall:10.0f}{cpu:11.0f}{cpu / fit:8.1f}")
    on, off = (table[f"2 lanes, instruments {state}, steps alone"][1] for state in ("on", "off"))
    app = table["2 lanes, instruments on, as in the app"][1]
    print(
        f"\ninstruments in the step cost {1 - on / off:.0%}; with snapshots, validation and telling {1 - app / off:.0%}"
    )


def waits() -> list[tuple[str, float]]:
    """What a student waits for, in seconds; every training is of a structure that the worker has never seen."""
    worker = Spoken()
    rounds = [waited(worker, Settings(layers=3 + n % 4, width=20 + n, epochs=500, pace="fast"), n) for n in range(5)]
    worker.close()
    names = (
        "Train to the first point",
        "Train to the first trained point",
        "Pause to paused",
        "Resume to the next point",
        "Stop to stopped",
    )
    return [(name, statistics.median(times)) for name, times in zip(names, zip(*rounds, strict=True), strict=True)]


def waited(worker: Spoken, settings: Settings, number: int) -> tuple[float, ...]:
    job, begun = f"{number}", time.perf_counter()
    worker.ask(do="train", job=job, settings=vars(settings), keep=tempfile.mkdtemp())
    first = worker.until("points") - begun
    trained = worker.until("points") - begun
    time.sleep(0.5)
    times = [first, trained]
    for order, answer in (("pause", "paused"), ("resume", "points"), ("stop", "end")):
        pressed = time.perf_counter()
        worker.ask(do=order, job=job)
        times.append(worker.until(answer) - pressed)
        time.sleep(0.3)
    return tuple(times)


class Spoken:
    """A worker process that is spoken to directly, so that no engine's clock counts into the waits."""

    def __init__(self) -> None:
        import queue

        from training.process import Process

        self._told: queue.Queue = queue.Queue()
        self._process = Process(COMMAND, lambda _, message: self._told.put((time.perf_counter(), message)))
        self.until("ready")

    def ask(self, **order) -> None:
        while not self._told.empty():
            self._told.get()
        self._process.tell(order)

    def until(self, event: str) -> float:
        """Wait for a message of that kind; when it came."""
        while True:
            at, message = self._told.get(timeout=60)
            if message is None or message["event"] == "error":
                raise RuntimeError(f"the worker failed: {message}")
            if message["event"] == event:
                return at

    def close(self) -> None:
        self._process.close()


Rates = tuple[float, float]


def speeds() -> dict[str, Rates]:
    """Our steps per second, of wall clock and of processor time, by name."""
    # TensorFlow is loaded only now, so that it does not slow the waits above.
    from training import worker

    worker.round_like_the_scripts()
    table = {}
    for count, lanes in LANES.items():
        plan, name = plans.make(Settings(**vars(SETTINGS) | lanes)), f"{count} lane{'s' * (count > 1)}"
        table[f"{name}, instruments on, as in the app"] = best(lambda plan=plan: whole_run(worker, plan))
        for on in (True, False):
            lanes = worker.KerasLanes(plan, watched=on)
            table[f"{name}, instruments {'on' if on else 'off'}, steps alone"] = best(chunks(lanes))
    return table


def keras_speeds() -> dict[str, Rates]:
    """The same of Keras's own loops."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    plan = plans.make(SETTINGS)
    models = {"no batch norm": compiled(plan, "none"), "batch norm": compiled(plan, "before")}
    table = {f"train_on_batch, {name}": best(one_by_one(model, plan)) for name, model in models.items()}
    return table | {f"model.fit, {name}": best(fitted(model, plan)) for name, model in models.items()}


def best(measure: Callable[[], Rates]) -> Rates:
    return tuple(max(rates) for rates in zip(*(measure() for _ in range(REPEATS)), strict=True))


def timed(steps: int, work: Callable[[], object]) -> Rates:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return steps / (time.perf_counter() - wall), steps / (time.process_time() - cpu)


def whole_run(worker, plan: plans.Plan) -> Rates:
    """Points, snapshots, validation, keyframes and wire, from the first step that need not be traced."""
    with tempfile.TemporaryDirectory() as folder:
        lanes = worker.KerasLanes(plan)
        lanes.run(5)

        def emit(message: dict) -> None:
            worker.wire.dump(worker.wire.plain(message))

        run = worker.Run(plan, lanes, emit, keyframes=Keyframes(folder))
        return timed(plan.steps - 5, run.carry_out)


def chunks(lanes) -> Callable[[], Rates]:
    lanes.run(5)
    return lambda: timed(CHUNK * 3, lambda: [lanes.run(lanes.at + CHUNK) for _ in range(3)])


def compiled(plan: plans.Plan, kind: str):
    """The same network, compiled for Keras's own loops with the metric that our curves show."""
    import keras

    from training import networks

    model = networks.network(plan.settings, kind, plan.x.shape[1], plan.classes)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(networks.optimizer(plan.settings), loss, metrics=["accuracy"], jit_compile=False)
    return model


def one_by_one(model, plan: plans.Plan) -> Callable[[], Rates]:
    model.train_on_batch(plan.x[:64], plan.y[:64])
    batches = plan.batches(0, 100)
    return lambda: timed(100, lambda: [model.train_on_batch(plan.x[rows], plan.y[rows]) for rows in batches])


def fitted(model, plan: plans.Plan) -> Callable[[], Rates]:
    """Epochs of as many steps as ours have."""
    rows = np.concatenate(plan.batches(0, plan.steps_per_epoch))

    def fit() -> None:
        model.fit(plan.x[rows], plan.y[rows], batch_size=plan.settings.batch_size, epochs=5, verbose=0)

    fit()
    return lambda: timed(5 * plan.steps_per_epoch, fit)


if __name__ == "__main__":
    if sys.argv[1:] == ["keras"]:
        print(json.dumps(keras_speeds()))
    else:
        main()
