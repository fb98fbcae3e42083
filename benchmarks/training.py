"""`python -m benchmarks.training`: our steps per second beside Keras's own loops, and how long a student waits.

Everything in one run on one machine: digits, 4 hidden layers of 32 relu units, batches of 64, plain SGD, one
TensorFlow thread. Ours is told with both networks at once, a step of each counted as one.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable

import numpy as np

from training import plan as plans
from training.jobs import Engine
from training.loop import Run
from training.settings import Settings

SETTINGS = Settings(data="digits", layers=4, width=32, batch_size=64, epochs=40, pace="fast")
REPEATS = 3
CHUNK = 100


def main() -> None:
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(f"{'a student waits (median of 5, one warm worker)':58}{'seconds':>10}")
    for name, seconds in waits():
        print(f"{name:58}{seconds:10.2f}")
    print(f"\n{'training (best of 3)':58}{'steps/s':>10}{'× fit':>8}")
    table = speeds()
    fit = table["model.fit, batch norm"]
    for name, rate in table.items():
        print(f"{name:58}{rate:10.0f}{rate / fit:8.1f}")


def waits() -> list[tuple[str, float]]:
    """What a student waits for, in seconds; every training is of a network the worker has never seen."""
    engine = Engine(1)
    try:
        until(lambda: engine.health()["ready"])
        rounds = [
            waited(engine, Settings(layers=3 + n % 4, width=20 + n, seed=n, epochs=200, pace="fast")) for n in range(5)
        ]
    finally:
        engine.close()
    names = ("Train to the first point", "Train to the first trained point", "Stop to stopped")
    return [(name, statistics.median(times)) for name, times in zip(names, zip(*rounds, strict=True), strict=True)]


def waited(engine: Engine, settings: Settings) -> tuple[float, float, float]:
    begun = time.perf_counter()
    job = engine.submit(settings, "benchmark")
    first = until(lambda: engine.poll(job)["n"] >= 1) - begun
    trained = until(lambda: engine.poll(job)["n"] >= 2) - begun
    time.sleep(1)
    pressed = time.perf_counter()
    engine.stop(job)
    return first, trained, until(lambda: engine.poll(job)["status"] == "stopped") - pressed


def until(truth: Callable[[], bool]) -> float:
    """Wait until `truth()`; when that was."""
    while not truth():
        time.sleep(0.002)
    return time.perf_counter()


def speeds() -> dict[str, float]:
    """Steps per second by name."""
    # Keras is loaded only now, so that it does not slow the waits above.
    from training import worker

    worker.tf.config.threading.set_intra_op_parallelism_threads(1)
    worker.tf.config.threading.set_inter_op_parallelism_threads(1)
    plan = plans.make(SETTINGS)
    keras_models = {"no batch norm": compiled(worker, plan, False), "batch norm": compiled(worker, plan, True)}
    return {
        "ours, both networks, instruments on, as in the app": best(lambda: whole_run(worker, plan)),
        "ours, both networks, instruments on, steps alone": best(chunks(worker.KerasLanes(plan))),
        **{f"train_on_batch, {name}": best(one_by_one(model, plan)) for name, model in keras_models.items()},
        **{f"model.fit, {name}": best(fitted(model, plan)) for name, model in keras_models.items()},
    }


def best(measure: Callable[[], float]) -> float:
    return max(measure() for _ in range(REPEATS))


def whole_run(worker, plan: plans.Plan) -> float:
    """Validation, telling and all, from the first step that need not be traced."""
    rates = []
    run = Run(plan, worker.KerasLanes(plan), lambda message: rates.append(message.get("rate")), threading.Event())
    run.carry_out()
    return rates[-1]


def chunks(lanes) -> Callable[[], float]:
    lanes.run(0, 5)

    def measure() -> float:
        begun = time.perf_counter()
        for begin in range(0, 5 * CHUNK, CHUNK):
            lanes.run(begin, begin + CHUNK)
        return 5 * CHUNK / (time.perf_counter() - begun)

    return measure


def compiled(worker, plan: plans.Plan, normalized: bool):
    """The same network, compiled for Keras's own loops with the metric our curves show."""
    keras = worker.keras
    model = worker.network(plan.settings, plan.x.shape[1], plan.classes, normalized)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(plan.settings.learning_rate), loss, metrics=["accuracy"], jit_compile=False)
    return model


def one_by_one(model, plan: plans.Plan) -> Callable[[], float]:
    model.train_on_batch(plan.x[:64], plan.y[:64])

    def measure() -> float:
        begun = time.perf_counter()
        for rows in plan.batches[:CHUNK]:
            model.train_on_batch(plan.x[rows], plan.y[rows])
        return CHUNK / (time.perf_counter() - begun)

    return measure


def fitted(model, plan: plans.Plan) -> Callable[[], float]:
    rows = np.concatenate(plan.batches[: 3 * plan.steps_per_epoch])
    size = plan.settings.batch_size

    def fit() -> None:
        model.fit(plan.x[rows], plan.y[rows], batch_size=size, epochs=3, shuffle=False, verbose=0)

    fit()

    def measure() -> float:
        begun = time.perf_counter()
        fit()
        return 3 * len(rows) // size / (time.perf_counter() - begun)

    return measure


if __name__ == "__main__":
    main()
