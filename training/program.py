"""The traced functions of lanes that train side by side: a loop of steps, and looks at them. Imports TensorFlow.

Everything that differs between runs of the same structure (data, seed, learning rate, weights) is an argument, so that
a program once traced serves them all: the next run of a structure that the worker has seen begins at once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from training.settings import Settings
from training.step import LaneStep, accuracy, cross_entropy, unhidden

Kinds = tuple[tuple[str, Settings], ...]
KEPT = 8
"""Programs that a worker keeps: 10 MB each for two lanes of four layers, 65 MB for three of ten."""
SHAPES = (
    *("network", "layers", "width", "use_bias", "activation", "optimizer", "momentum", "epsilon", "dropout"),
    "weight_decay",
)
"""The settings that a lane's graph depends on."""
EXECUTOR = "SINGLE_THREADED_EXECUTOR"
"""TensorFlow's way to carry out in order and as it is what was traced: a step takes a fifth less than in the usual way,
and every number is rounded as in Keras's eager mode."""


def program(
    kinds: Sequence[tuple[str, Settings]], features: int, classes: int, size: int, watched: bool = True
) -> Program:
    """The program of lanes of these kinds and own settings on batches of that size; one for each structure."""
    return _program(tuple((kind, structure(own)) for kind, own in kinds), features, classes, size, watched)


def structure(settings: Settings) -> Settings:
    """The settings with all that the graph does not depend on at its default."""
    shapes = {name: getattr(settings, name) for name in SHAPES}
    return Settings(**shapes, data="digits", lane_1="none", lane_2="off")


@functools.lru_cache(KEPT)
def _program(kinds: Kinds, features: int, classes: int, size: int, watched: bool) -> Program:
    return Program([LaneStep(own, kind, features, classes) for kind, own in kinds], size, watched)


class Program:
    """Lanes traced together; they see the same batches, whose size is fixed because that spares a step 6 %.

    A record of a step is, per lane, loss and accuracy on its batch before it changed the weights, then, where
    `watched`, for each batch norm of the first lane that has any: the batch's mean and variance of the first unit, and
    its running mean and variance after the step. states: one per lane (training/step.py); rates: one per lane.
    """

    def __init__(self, lanes: list[LaneStep], size: int, watched: bool) -> None:
        self.lanes = lanes
        self.watched = next((number for number, lane in enumerate(lanes) if lane.norms and watched), None)
        rows = tf.TensorSpec([None, lanes[0].model.input_shape[1]], tf.float32), tf.TensorSpec([None], tf.int32)
        states = [tf.nest.map_structure(tf.TensorSpec.from_tensor, lane.initial()) for lane in lanes]
        number, rates = tf.TensorSpec([], tf.int32), tf.TensorSpec([len(lanes)], tf.float32)
        batches = tf.TensorSpec([None, size], tf.int32)
        self.steps = Traced(self._steps, states, *rows, batches, number, rates, number)
        self.inspect = Traced(self._inspect, states, *rows, number, rates, number)
        self.scores = Traced(self._scores, states, *rows)
        self.logits = Traced(self._logits, states, rows[0])

    def look(self, states: list, x: Any, y: Any, batch: Any, at: Any, rates: Any, seed: Any) -> Any:
        """The record (1, columns) of a step on these rows (1, batch size) that is not taken.

        Eager while the steps are not traced yet, because tracing would delay the first point.
        """
        if self.steps.known:
            return self.steps(states, x, y, batch, at, rates, seed)[1]
        return self._step(states, tf.gather(x, batch[0]), tf.gather(y, batch[0]), at, rates, seed)[1][None]

    def _steps(self, states: list, x: Any, y: Any, batches: Any, first: Any, rates: Any, seed: Any) -> tuple[list, Any]:
        """Take the steps `first` … on these rows (steps, batch size); the states after them and the records."""
        count, rates = tf.shape(batches)[0], tf.unstack(rates)

        def take(number: Any, states: list, records: Any) -> tuple[Any, list, Any]:
            rows = tf.gather(batches, number)
            states, record = self._step(states, tf.gather(x, rows), tf.gather(y, rows), first + number, rates, seed)
            return number + 1, states, records.write(number, record)

        records = tf.TensorArray(tf.float32, size=count)
        going = (tf.constant(0), states, records)
        _, states, records = tf.while_loop(lambda number, *_: number < count, take, going, parallel_iterations=1)
        return states, records.stack()

    def _step(self, states: list, x: Any, y: Any, at: Any, rates: Any, seed: Any) -> tuple[list, Any]:
        after, record, statistics = [], [], []
        for number, (lane, state) in enumerate(zip(self.lanes, states, strict=True)):
            state, loss, logits = lane.learn(state, x, y, at, rates[number], seed)
            after.append(state)
            record += [loss, accuracy(y, logits)]
            if number == self.watched:
                statistics = [first_of_each(lane.statistics(state[1]))]
        return after, tf.concat([tf.stack(record), *statistics], 0)

    def _inspect(self, states: list, x: Any, y: Any, at: Any, rates: Any, seed: Any) -> list[dict[str, Any]]:
        """See LaneStep.inspect."""
        each = zip(self.lanes, states, strict=True)
        return [lane.inspect(state, x, y, at, rates[n], seed) for n, (lane, state) in enumerate(each)]

    def _scores(self, states: list, x: Any, y: Any) -> Any:
        """Loss and accuracy of each lane in inference mode: (lanes, 2); the loss NaN where its state is not finite."""
        each = zip(self._logits(states, x), states, strict=True)
        whole = [(logits, tf.concat([state[0], *state[1]], 0)) for logits, state in each]
        return tf.stack([[unhidden(cross_entropy(y, logits), values), accuracy(y, logits)] for logits, values in whole])

    def _logits(self, states: list, x: Any) -> list[Any]:
        """Each lane's logits (n, classes) in inference mode."""
        zero = tf.constant(0)
        return [lane.forward(state, x, zero, zero, False)[0] for lane, state in zip(self.lanes, states, strict=True)]


class Traced:
    """A function as a TensorFlow graph for arguments of this signature, traced at the first call."""

    def __init__(self, function: Callable, *signature: Any) -> None:
        self._function, self._graph = tf.function(function, signature, autograph=False), None

    @property
    def known(self) -> bool:
        """Whether it has been traced."""
        return self._graph is not None

    def __call__(self, *given: Any) -> Any:
        with tf.experimental.function_executor_type(EXECUTOR):
            # A concrete function is called in two thirds of the time.
            self._graph = self._graph or self._function.get_concrete_function()
            return self._graph(*given)


def first_of_each(vectors: list[Any]) -> Any:
    """The first number of each vector, as a vector."""
    ends = np.cumsum([int(vector.shape[0]) for vector in vectors], dtype=np.int32)
    return tf.gather(tf.concat(vectors, 0), np.append(np.int32(0), ends[:-1]))
