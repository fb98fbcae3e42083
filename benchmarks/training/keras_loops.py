"""Keras's own loops, timed in a separate process: `train_on_batch` and `fit`, printed as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from benchmarks.training.timing import SETTINGS, Rates, best, timed
from training.spec import plan as plans
from training.worker import networks


def keras_speeds() -> dict[str, Rates]:
    """Steps per second of wall clock and of processor time, by name."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    plan = plans.make(SETTINGS)
    models = {"no batch norm": compiled(plan, "none"), "batch norm": compiled(plan, "before")}
    table = {f"train_on_batch, {name}": best(one_by_one(model, plan)) for name, model in models.items()}
    return table | {f"model.fit, {name}": best(fitted(model, plan)) for name, model in models.items()}


def compiled(plan: plans.Plan, kind: str):
    """The network of a lane, compiled for Keras's own loops with the metric that our curves show."""
    model = networks.network(plan.settings, kind, plan.x.shape[1], plan.classes)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(networks.optimizer(plan.settings), loss, metrics=["accuracy"], jit_compile=False)
    return model


def one_by_one(model, plan: plans.Plan) -> Callable[[], Rates]:
    model.train_on_batch(plan.x[:64], plan.y[:64])
    batches = plan.batches(0, 100)
    return lambda: timed(100, lambda: [model.train_on_batch(plan.x[rows], plan.y[rows]) for rows in batches])


def fitted(model, plan: plans.Plan) -> Callable[[], Rates]:
    """A function that times epochs with as many steps as ours."""
    rows = np.concatenate(plan.batches(0, plan.steps_per_epoch))

    def fit() -> None:
        model.fit(plan.x[rows], plan.y[rows], batch_size=plan.settings.batch_size, epochs=5, verbose=0)

    fit()
    return lambda: timed(5 * plan.steps_per_epoch, fit)


if __name__ == "__main__":
    print(json.dumps(keras_speeds()))
