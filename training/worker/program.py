"""Traced functions of lanes that train side by side: a loop of steps, and inspections. Imports TensorFlow.

Everything that differs between runs of the same structure (data, seed, learning rate, weights) is an argument, so that
a program, once traced, serves them all: the next run of the same structure begins at once.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from training.spec.settings import Settings
from training.worker.probes.film import Film
from training.worker.probes.unit_step import FEW
from training.worker.step import LaneStep, accuracy, checked_loss, cross_entropy
from training.worker.tracing import Graft, Traced

Kinds = tuple[tuple[str, Settings], ...]
PROBE = 256
"""The number of rows in the fixed probe batch: the first rows of the shuffled training data."""
KEPT = 8
"""How many programs a worker keeps: 10 MB each for two lanes of four layers, 65 MB for three of ten."""
LANES = 24
"""How many traced lanes it keeps, for programs that may use them later."""
SHAPES = (
    *("network", "layers", "width", "use_bias", "activation", "optimizer", "momentum", "epsilon", "dropout"),
    "weight_decay",
)
"""The settings on which the graph of a lane depends."""


def program(
    kinds: Sequence[tuple[str, Settings]], features: int, classes: int, size: int, watched: bool = True
) -> Program:
    """The program for lanes of these kinds and settings, on batches of that size; one for each structure."""
    return _program(tuple((kind, structure(own)) for kind, own in kinds), features, classes, size, watched)


def structure(settings: Settings) -> Settings:
    """The settings with all fields at their defaults that the graph does not depend on."""
    shapes = {name: getattr(settings, name) for name in SHAPES}
    return Settings(**shapes, data="digits", lane_1="none", lane_2="off")


@functools.lru_cache(KEPT)
def _program(kinds: Kinds, features: int, classes: int, size: int, watched: bool) -> Program:
    return Program([lane(own, kind, features, classes) for kind, own in kinds], size, watched)


@functools.lru_cache(LANES)
def lane(own: Settings, kind: str, features: int, classes: int) -> TracedLane:
    """The lane of that kind and structure; shared by all programs."""
    return TracedLane(LaneStep(own, kind, features, classes))


class TracedLane:
    """A lane's functions, each traced once for all programs: when a fork joins, the other lanes need no new tracing."""

    def __init__(self, step: LaneStep) -> None:
        self.step, self._learning = step, {}
        self.state = tf.nest.map_structure(tf.TensorSpec.from_tensor, step.initial())
        self.inspect = self._graft(step.inspect, None)
        self.logits = Graft(self._logits, self.state, tf.TensorSpec([None, step.model.input_shape[1]], tf.float32))

    def learning(self, size: int) -> Graft:
        """Its training step on batches of that size."""
        if size not in self._learning:
            self._learning[size] = self._graft(self._learn, size)
        return self._learning[size]

    def _graft(self, function: Callable, size: int | None) -> Graft:
        """A traced function of a state, `size` rows, the step's number, its learning rate and the seed."""
        rows = tf.TensorSpec([size, self.step.model.input_shape[1]], tf.float32), tf.TensorSpec([size], tf.int32)
        number, rate = tf.TensorSpec([], tf.int32), tf.TensorSpec([], tf.float32)
        return Graft(function, self.state, *rows, number, rate, number)

    def _learn(self, *given: Any) -> tuple[tuple, Any, Any, list[Any]]:
        """LaneStep.learn, with the statistics after the step."""
        state, loss, logits = self.step.learn(*given)
        return state, loss, logits, self.step.statistics(state[1])

    def _logits(self, state: tuple, x: Any) -> Any:
        """The logits (n, classes) in inference mode."""
        zero = tf.constant(0)
        return self.step.forward(state, x, zero, zero, False)[0]


class Program:
    """Lanes traced together; they see the same batches. A fixed batch size makes a step 6 % faster.

    A record of a step is, per lane, loss and accuracy on its batch before it changed the weights, then, where
    `watched`, for each batch norm of the first lane that has any: the batch's mean and variance of the first unit, and
    its running mean and variance after the step. states: one per lane (training/worker/step.py); rates: one per lane.
    """

    def __init__(self, traced: list[TracedLane], size: int, watched: bool) -> None:
        self._traced, self._learn = traced, [each.learning(size) for each in traced]
        self.lanes = [each.step for each in traced]
        lanes, states = self.lanes, [each.state for each in traced]
        self.watched = next((number for number, lane in enumerate(lanes) if lane.norms and watched), None)
        rows = tf.TensorSpec([None, lanes[0].model.input_shape[1]], tf.float32), tf.TensorSpec([None], tf.int32)
        number, rates = tf.TensorSpec([], tf.int32), tf.TensorSpec([len(lanes)], tf.float32)
        batches, stops = tf.TensorSpec([None, size], tf.int32), tf.TensorSpec([None, 3], tf.int32)
        self._shapes: list[tuple[Any, list[tuple[str, tuple[int | None, ...]]]]] = []
        self.inspection_bytes: int | None = None
        """The size of an inspection of all lanes on PROBE rows; known once the film is traced."""
        grafts = [*self._learn, *(graft for each in traced for graft in (each.inspect, each.logits))]
        weights = [state[0] for state in states]
        given = states, weights, *rows, batches, number, rates, number, stops, rows[1], rows[0], *rows, *rows
        self.film = Traced(self._film, grafts, *given)
        self.scores = Traced(self._scores, [each.logits for each in traced], states, *rows, *rows)

    def look(self, states: list, x: Any, y: Any, batch: Any, at: Any, rates: Any, seed: Any) -> Any:
        """The record (1, columns) of a step on these rows (1, batch size), untraced and without taking the step."""
        return self._step(states, tf.gather(x, batch[0]), tf.gather(y, batch[0]), at, rates, seed)[1][None]

    def films(self, views: list[Any], judged: list[Any], rows: int) -> list[Film]:
        """The films of the lanes in NumPy, with inspections on that many rows; rate and layout are still missing."""
        lanes = zip(self._shapes, views, judged, strict=True)  # np.asarray: no copies
        return [unpacked(shapes, np.asarray(seen), rows) | {"judged": np.asarray(each)} for shapes, seen, each in lanes]

    def _film(
        self, states: list, before: list, x: Any, y: Any, batches: Any, first: Any, rates: Any, seed: Any,
        stops: Any, probe: Any, judged: Any, *parts: Any,
    ) -> tuple[list, list, Any, Any, list, list]:  # fmt: skip
        """Take the steps from `first` on, with these batches (steps, batch size), and look after those of `stops`.

        before: each lane's weights before the last step so far. stops: (after how many steps, which inspection, which
        score) each, −1 for none. Returns the states after the steps, each lane's weights before the last one, the
        records, the scores on `parts`, and for each lane the inspections on the rows `probe`, packed, and the logits of
        `judged` in inference mode.
        """
        count, rates = tf.shape(batches)[0], tf.unstack(rates)
        probed = tf.gather(x, probe), tf.gather(y, probe)

        def take(number: Any, states: list, _: list, records: Any) -> tuple[Any, list, list, Any]:
            rows, before = tf.gather(batches, number), [state[0] for state in states]
            states, record = self._step(states, tf.gather(x, rows), tf.gather(y, rows), first + number, rates, seed)
            return number + 1, states, before, records.write(number, record)

        def until(end: Any, going: tuple) -> tuple:
            return tf.while_loop(lambda number, *_: number < end, take, going, parallel_iterations=1)

        def stop(k: Any, going: tuple, views: list, answers: list, scores: Any) -> tuple:
            at, look, score = tf.unstack(stops[k])
            number, states, before, _ = going = until(at, going)
            seen, given = (views, answers), (states, before, *probed, judged, first + number, rates, seed)
            views, answers = tf.cond(look >= 0, lambda: self._shot(look, *seen, *given), lambda: seen)
            scores = tf.cond(score >= 0, lambda: scores.write(score, self._scores(states, *parts)), lambda: scores)
            return k + 1, going, views, answers, scores

        looks, scored = tf.unstack(tf.math.count_nonzero(stops[:, 1:] >= 0, 0, dtype=tf.int32))
        records, scores = tf.TensorArray(tf.float32, size=count), tf.TensorArray(tf.float32, size=scored)
        rolls = [[tf.TensorArray(tf.float32, size=looks) for _ in states] for _ in range(2)]
        going = tf.constant(0), (tf.constant(0), states, before, records), *rolls, scores
        _, going, *rolls, scores = tf.while_loop(
            lambda k, *_: k < tf.shape(stops)[0], stop, going, parallel_iterations=1
        )
        _, states, before, records = until(count, going)
        return states, before, *map(stacked, (records, scores)), *([*map(stacked, roll)] for roll in rolls)

    def _shot(
        self, k: Any, views: list, answers: list, states: list, before: list, x: Any, y: Any, judged: Any,
        at: Any, rates: list, seed: Any,
    ) -> tuple[list, list]:  # fmt: skip
        """The rolls of inspections and logits with a look at these states as number k."""
        lanes = zip(self._traced, states, before, rates, strict=True)
        seen = [
            lane.inspect(state, x, y, at, rate, seed) | {"moved": state[0] - old} for lane, state, old, rate in lanes
        ]
        self._note_shapes(seen)
        views = [roll.write(k, packed(each)) for roll, each in zip(views, seen, strict=True)]
        return views, [roll.write(k, each) for roll, each in zip(answers, self._logits(states, judged), strict=True)]

    def _note_shapes(self, seen: list[dict[str, Any]]) -> None:
        self._shapes = [shaped(each) for each in seen]
        sides = [shape for _, shapes in self._shapes for _, shape in shapes]
        self.inspection_bytes = sum(4 * math.prod(PROBE if side is None else side for side in shape) for shape in sides)

    def _step(self, states: list, x: Any, y: Any, at: Any, rates: Any, seed: Any) -> tuple[list, Any]:
        after, record, statistics = [], [], []
        for number, (learn, state) in enumerate(zip(self._learn, states, strict=True)):
            state, loss, logits, seen = learn(state, x, y, at, rates[number], seed)
            after.append(state)
            record += [loss, accuracy(y, logits)]
            if number == self.watched:
                statistics = [first_of_each(seen)]
        return after, tf.concat([tf.stack(record), *statistics], 0)

    def _scores(self, states: list, x: Any, y: Any, other_x: Any, other_y: Any) -> Any:
        """Loss and accuracy of each lane in inference mode on two parts of the data: (parts, lanes, 2).

        The loss is NaN where a lane's state is not finite.
        """
        whole = [tf.concat([state[0], *state[1]], 0) for state in states]
        scores = []
        for rows, labels in ((x, y), (other_x, other_y)):
            for logits, values in zip(self._logits(states, rows), whole, strict=True):
                scores.append([checked_loss(cross_entropy(labels, logits), values), accuracy(labels, logits)])
        return tf.reshape(tf.stack(scores), [2, len(states), 2])

    def _logits(self, states: list, x: Any) -> list[Any]:
        """Each lane's logits (n, classes) in inference mode."""
        return [each.logits(state, x) for each, state in zip(self._traced, states, strict=True)]


def first_of_each(vectors: list[Any]) -> Any:
    """The first number of each vector, as a vector."""
    ends = np.cumsum([int(vector.shape[0]) for vector in vectors], dtype=np.int32)
    return tf.gather(tf.concat(vectors, 0), np.append(np.int32(0), ends[:-1]))


def packed(inspection: dict[str, Any]) -> Any:
    """All numbers of an inspection in one vector."""
    return tf.concat([tf.reshape(each, [-1]) for each in tf.nest.flatten(inspection)], 0)


def shaped(inspection: dict[str, Any]) -> tuple[Any, list[tuple[str, tuple[int | None, ...]]]]:
    """The structure of an inspection, and the name and shape of each of its tensors."""
    shapes = [(name, tuple(each.shape)) for name in sorted(inspection) for each in tf.nest.flatten(inspection[name])]
    return tf.nest.map_structure(lambda _: None, inspection), shapes


def unpacked(shapes: tuple[Any, list], numbers: np.ndarray, rows: int) -> Film:
    """The film of packed inspections (inspections, numbers) on that many rows."""
    begin, parts = 0, []
    for name, shape in shapes[1]:
        count = min(FEW, rows) if name in ("normed", "besides") else rows
        sides = [count if side is None else side for side in shape]
        end = begin + math.prod(sides)
        parts.append(numbers[:, begin:end].reshape(-1, *sides))
        begin = end
    return filled(shapes[0], iter(parts))


def filled(structure: Any, parts: Iterator[np.ndarray]) -> Any:
    """The structure with its parts in the order of tf.nest.flatten, but ten times as fast as TensorFlow's function."""
    if isinstance(structure, dict):
        return {name: filled(structure[name], parts) for name in sorted(structure)}
    return [filled(each, parts) for each in structure] if isinstance(structure, (list, tuple)) else next(parts)


def stacked(roll: Any) -> Any:
    """The contents of a TensorArray as one tensor; an empty one does not know its shape."""
    return tf.cond(roll.size() > 0, roll.stack, lambda: tf.zeros([0, 0]))
