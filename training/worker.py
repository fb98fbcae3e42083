"""A worker process, `python -m training.worker`: told on stdin what to train, it tells on stdout how it goes.

Both in JSON lines (training/wire.py); the only module that imports Keras. It is told {"do": "train", "job", "settings"}
or {"do": "stop", "job"}; it tells {"event": "ready"}, then per job "begin", "points" …, and "end" or "error". It exits
when stdin closes.
"""

from __future__ import annotations

import contextlib
import gc
import os
import queue
import signal
import sys
import threading
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf

from training import plan as plans
from training import wire
from training.loop import Run
from training.settings import Settings


def network(settings: Settings, features: int, classes: int, normalized: bool) -> keras.Sequential:
    """Dense layers with batch norm before or after each activation, or, not `normalized`, the same ones without it."""
    layers = [keras.Input((features,))]
    for number in range(settings.layers):
        layers.append(keras.layers.Dense(settings.width, kernel_initializer=kernel(settings.seed, number)))
        stage = [keras.layers.Activation(settings.activation)]
        if normalized:
            place = 0 if settings.lane_2 == "before" else 1
            stage.insert(place, keras.layers.BatchNormalization(momentum=settings.momentum))
        layers += stage
    layers.append(keras.layers.Dense(classes, kernel_initializer=kernel(settings.seed, settings.layers)))
    return keras.Sequential(layers)


def kernel(seed: int, layer: int) -> keras.initializers.Initializer:
    """Keras's default initializer of a Dense layer, seeded per layer."""
    return keras.initializers.GlorotUniform(seed=100 * seed + layer)


def forward(model: keras.Sequential, x: Any) -> tuple[Any, list[Any]]:
    """Logits in training mode, and per batch-norm layer its first unit's batch mean and variance and running ones."""
    statistics = []
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            batch = tf.nn.moments(x[:, 0], axes=[0])
            x = layer(x, training=True)
            statistics += [*batch, layer.moving_mean[0], layer.moving_variance[0]]
        else:
            x = layer(x)
    return x, statistics


def cross_entropy(y: Any, logits: Any) -> Any:
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))


class KerasLanes:
    """The two Keras networks of a plan and their traced training step (loop.Lanes)."""

    def __init__(self, plan: plans.Plan) -> None:
        settings, features = plan.settings, plan.x.shape[1]
        self.models = [network(settings, features, plan.classes, lane == "with") for lane in plans.LANES]
        self.optimizers = [keras.optimizers.SGD(settings.learning_rate) for _ in self.models]
        for model, optimizer in zip(self.models, self.optimizers, strict=True):
            optimizer.build(model.trainable_variables)
        self.x, self.y, self.batches = tf.constant(plan.x), tf.constant(plan.y), plan.batches
        self._traced_steps = tf.function(
            self._steps, [tf.TensorSpec([None, plan.batches.shape[1]], tf.int32)], autograph=False
        )
        self._traced_logits = tf.function(self._logits, [tf.TensorSpec([None, features], tf.float32)], autograph=False)
        self._logits_now = self._logits

    def look(self) -> np.ndarray:
        """See loop.Lanes; a training-mode call moves the running statistics, so they are put back."""
        kept = [model.get_weights() for model in self.models]
        record = self._record(self.batches[0], train=False)
        for model, weights in zip(self.models, kept, strict=True):
            model.set_weights(weights)
        return record.numpy()[None]

    def run(self, begin: int, end: int) -> np.ndarray:
        """See loop.Lanes."""
        self._logits_now = self._traced_logits
        return self._traced_steps(tf.constant(self.batches[begin:end])).numpy()

    def infer(self, x: np.ndarray) -> list[np.ndarray]:
        """See loop.Lanes; eager before the first step, because tracing would delay the first point."""
        return [logits.numpy() for logits in self._logits_now(tf.constant(x))]

    def _steps(self, batches: Any) -> Any:
        count = tf.shape(batches)[0]

        def take(step: Any, records: Any) -> tuple[Any, Any]:
            return step + 1, records.write(step, self._record(batches[step], train=True))

        records = tf.TensorArray(tf.float32, size=count)
        return tf.while_loop(lambda step, _: step < count, take, (0, records))[1].stack()

    def _record(self, rows: Any, train: bool) -> Any:
        x, y = tf.gather(self.x, rows), tf.gather(self.y, rows)
        record = []
        for model, optimizer in zip(self.models, self.optimizers, strict=True):
            weights = [variable.value for variable in model.trainable_variables]
            with tf.GradientTape() as tape:
                logits, statistics = forward(model, x)
                loss = cross_entropy(y, logits)
            if train:
                optimizer.apply(tape.gradient(loss, weights), model.trainable_variables)
            right = tf.argmax(logits, axis=1, output_type=tf.int32) == y
            record += [loss, tf.reduce_mean(tf.cast(right, tf.float32)), *statistics]
        return tf.stack(record)

    def _logits(self, x: Any) -> list[Any]:
        return [model(x, training=False) for model in self.models]


class Worker:
    """Carries out the jobs it is told of, one after the other."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.jobs: queue.Queue[tuple[dict[str, Any], threading.Event]] = queue.Queue()
        self.stops: dict[str, threading.Event] = {}

    def listen(self, lines: Any) -> None:
        """Take orders until `lines` ends, then end the process, whatever it is doing: nobody is left to tell."""
        for line in lines:
            order = wire.load(line)
            if order["do"] == "train":
                stopped = self.stops[order["job"]] = threading.Event()
                self.jobs.put((order, stopped))
            elif order["job"] in self.stops:
                self.stops[order["job"]].set()
        os._exit(0)

    def serve(self) -> None:
        warm_up()
        self.tell({"event": "ready"})
        while True:
            order, stopped = self.jobs.get()
            try:
                self._train(order, stopped)
            except Exception as error:
                self.tell({"event": "error", "job": order["job"], "message": f"{type(error).__name__}: {error}"[:500]})
            finally:
                if self.stops.get(order["job"]) is stopped:
                    del self.stops[order["job"]]
                keras.backend.clear_session()

    def tell(self, message: dict[str, Any]) -> None:
        self.out.write(wire.dump(wire.plain(message)))
        self.out.flush()

    def _train(self, order: dict[str, Any], stopped: threading.Event) -> None:
        job = order["job"]
        plan = plans.make(Settings(**order["settings"]))
        told = {"steps": plan.steps, "epochs": plan.epochs, "record_every": plan.record_every}
        self.tell({"event": "begin", "job": job, **told})
        run = Run(plan, KerasLanes(plan), lambda message: self.tell({"job": job, **message}), stopped)
        self.tell({"event": "end", "job": job, **run.carry_out()})


def warm_up() -> None:
    """Train the smallest network for a moment: what is loaded and compiled once is then behind us."""
    small = Settings(data="xor", layers=1, width=1, epochs=1, batch_size=256, pace="fast")
    Run(plan := plans.make(small), KerasLanes(plan), lambda message: None, threading.Event()).carry_out()
    gc.collect()
    gc.freeze()


def main() -> None:
    """Serve on the real stdout; whatever else prints goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.nice(10)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.get_logger().setLevel("ERROR")
    worker = Worker(out)
    threading.Thread(target=worker.listen, args=(sys.stdin.buffer,), daemon=True).start()
    worker.serve()


if __name__ == "__main__":
    main()
