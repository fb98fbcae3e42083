"""A process, `python -m training.worker.models`, that writes a checkpoint as Keras files, one per lane. Imports Keras.

It reads {"settings", "file": the checkpoint, "folder"} as JSON from stdin, writes <folder>/<lane>.keras (lanes from 0)
and ends. The files need nothing from this project: input normalization is part of the model, batch norm is Keras's own
layer (as noisy batch norm is in inference), and loss and optimizer are as training left them.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np

from training.spec import plan
from training.spec.plan import Plan
from training.spec.settings import Settings
from training.worker import networks
from training.worker.checkpoints import load
from training.worker.layers import BatchNorm
from training.worker.step import LaneStep


def model(plan: Plan, kept: dict[str, np.ndarray], number: int) -> keras.Sequential:
    """A lane's network in the state `kept` (KerasLanes.state), compiled, from raw inputs to logits."""
    phase, lane = plan.phase(int(kept["at"])), plan.lanes[number]
    step = LaneStep(phase.settings.of_lane(lane), lane.kind, plan.x.shape[1], plan.classes)
    flat = kept[f"{number}.weights"]
    for variable, value in zip(step.weights, step.parts(flat), strict=True):
        variable.assign(value)
    for place, variable in enumerate(step.others):
        variable.assign(kept[f"{number}.other.{place}"])
    first = [networks.normalization(plan.x)] if plan.settings.inputs == "normalized" else []
    plain = [(layer, keras_layer(layer)) for layer in step.model.layers]
    whole = keras.Sequential([keras.Input((plan.x.shape[1],)), *first, *(layer for _, layer in plain)])
    for layer, own in plain:
        own.set_weights(layer.get_weights())
    compile_as_trained(whole, step, kept, number)
    return whole


def keras_layer(layer: keras.layers.Layer) -> keras.layers.Layer:
    """The layer as one of Keras's own, so that loading it needs nothing from this project."""
    if not isinstance(layer, BatchNorm):
        return layer
    return keras.layers.BatchNormalization.from_config(keras.layers.BatchNormalization.get_config(layer))


def compile_as_trained(whole: keras.Sequential, step: LaneStep, kept: dict[str, np.ndarray], number: int) -> None:
    """Give it the loss and the optimizer, including the optimizer's variables."""
    optimizer = networks.optimizer(step.settings)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    whole.compile(optimizer, loss, metrics=["accuracy"])
    optimizer.build(whole.trainable_variables)
    optimizer.iterations.assign(kept[f"{number}.iterations"])
    slots = [step.parts(kept[f"{number}.slot.{place}"]) for place in range(len(step.optimizer.variables) - 2)]
    remembered = [value for of_weight in zip(*slots, strict=True) for value in of_weight]
    for variable, value in zip(optimizer.variables[2:], remembered, strict=True):
        variable.assign(value)


def main() -> None:
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)
    order = json.load(sys.stdin)
    run, kept = plan.make(Settings(**order["settings"])), load(order["file"])
    for number in range(len(run.lanes)):
        if f"{number}.weights" in kept:
            model(run, kept, number).save(Path(order["folder"]) / f"{number}.keras")


if __name__ == "__main__":
    main()
