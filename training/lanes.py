"""The networks of a run and where they stand: steps, scores, looks inside, states in and out. Imports Keras."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from training import networks
from training.plan import Phase, Plan
from training.program import Program, program
from training.step import LaneStep

PROBE = 256
"""Rows of the fixed probe batch: the first of the training part, which is shuffled."""
SAMPLE = 512
"""Training rows, the first, on which inference mode is scored while a run is under way."""


class KerasLanes:
    """The lanes of a plan, at step `at`."""

    def __init__(self, plan: Plan, watched: bool = True) -> None:
        self.plan, self._watched, self.at = plan, watched, 0
        self._marks: collections.deque[tuple[int, list]] = collections.deque(maxlen=2)
        self._normalization = networks.normalization(plan.x) if plan.settings.inputs == "normalized" else None
        self._x, self._y = tf.constant(self._prepared(plan.x)), tf.constant(plan.y)
        self._parts = {
            "train": (self._x, self._y),
            "sample": (self._x[:SAMPLE], self._y[:SAMPLE]),
            "validation": (tf.constant(self._prepared(plan.x_valid)), tf.constant(plan.y_valid)),
        }
        self._seed = tf.constant(plan.settings.seed)
        self._enter(plan.phase(0))
        self.states = [self._born(number) for number in range(self._phase.lanes)]

    def replan(self, plan: Plan) -> None:
        """Go on by another plan, the same up to this step."""
        self.plan = plan

    def look(self) -> np.ndarray:
        """The record (1, columns) of the coming step, without taking it."""
        self._turn()
        batch = tf.constant(self.plan.batches(self.at, self.at + 1))
        return self._widened(self._program.look(self.states, self._x, self._y, batch, *self._now()).numpy())

    def run(self, end: int) -> np.ndarray:
        """Take the steps up to `end`; their records (steps, columns), NaN where a lane is not born yet."""
        self._marks.append((self.at, self.states))
        return self._run(end)

    def revisit(self, step: int) -> list[dict[str, Any] | None]:
        """inspect() on the step's own batch, by training up to it again from where one of the last two runs began.

        None for every lane where the step lies before these.
        """
        with self.back_at(step) as there:
            return self.inspect(self.plan.batches(step, step + 1)[0]) if there else [None] * len(self.plan.lanes)

    @contextlib.contextmanager
    def back_at(self, step: int) -> Iterator[bool]:
        """Stand at an earlier step for a while; whether it is not before where one of the last two runs began."""
        kept = self.at, self.states
        mark = next((mark for mark in (kept, *reversed(self._marks)) if 0 <= mark[0] <= step), None)
        try:
            if mark:
                self._stand(*mark)
            if mark and self.at < step:
                self._run(step)
            yield mark is not None
        finally:
            self._stand(*kept)

    def _run(self, end: int) -> np.ndarray:
        records = []
        while self.at < end:
            self._turn()
            stop = min(end, self._phase.end, self.plan.span(self.at).end)
            batches = tf.constant(self.plan.batches(self.at, stop))
            self.states, record = self._program.steps(self.states, self._x, self._y, batches, *self._now())
            records.append(self._widened(record.numpy()))
            self.at = stop
        return np.concatenate(records)

    def scores(self, part: str) -> list[tuple[float, float]]:
        """Each lane's loss and accuracy in inference mode on "train", "sample" (SAMPLE rows of it) or "validation"."""
        self._turn()
        scores = self._program.scores(self.states, *self._parts[part]).numpy()
        return [tuple(map(float, pair)) for pair in scores] + [(np.nan, np.nan)] * self._unborn()

    def logits(self, x: np.ndarray) -> list[np.ndarray | None]:
        """Each lane's logits (n, classes) in inference mode; None for a lane that is not born yet."""
        self._turn()
        logits = self._program.logits(self.states, tf.constant(self._prepared(x)))
        return [each.numpy() for each in logits] + [None] * self._unborn()

    def inspect(self, rows: np.ndarray | None = None) -> list[dict[str, Any] | None]:
        """What each lane's coming step would see and do if it saw these rows, by default the probe's; in NumPy.

        See layout() for the parts of gradient, update and weights; None for a lane that is not born yet.
        """
        self._turn()
        rows = np.arange(min(PROBE, len(self.plan.x)), dtype=np.int32) if rows is None else rows
        x, y = tf.gather(self._x, rows), tf.gather(self._y, rows)
        looks = self._program.inspect(self.states, x, y, *self._now())
        looks = tf.nest.map_structure(lambda tensor: tensor.numpy(), looks)
        for look, lane, state in zip(looks, self._program.lanes, self.states, strict=True):
            look["weights"] = state[0].numpy()
            look["running"] = [(mean.numpy(), variance.numpy()) for mean, variance in lane.running(state[1])]
        return looks + [None] * self._unborn()

    def layouts(self) -> list[list[tuple[str, int, int]] | None]:
        """Each lane's (layer.weight, begin, end) in its flat vector of weights: "hidden_0.kernel", "norm_2.gamma"."""
        self._turn()
        return [layout(lane) for lane in self._program.lanes] + [None] * self._unborn()

    def rates(self) -> list[float]:
        """The learning rate of each lane that is born."""
        self._turn()
        return [own.learning_rate for _, own in self._kinds()]

    def state(self) -> dict[str, np.ndarray]:
        """All that the coming steps depend on beside the plan, by name."""
        named: dict[str, np.ndarray] = {"at": np.array(self.at)}
        for lane, (flat, others, slots, iterations) in enumerate(self.states):
            named |= {f"{lane}.weights": flat.numpy(), f"{lane}.iterations": iterations.numpy()}
            named |= {f"{lane}.other.{number}": each.numpy() for number, each in enumerate(others)}
            named |= {f"{lane}.slot.{number}": each.numpy() for number, each in enumerate(slots)}
        return named

    def restore(self, named: dict[str, np.ndarray]) -> None:
        """Stand where state() was taken; bit-equal from there on. Raises KeyError for another plan's state."""
        lanes = sum(name.endswith(".weights") for name in named)
        self._stand(int(named["at"]), [None] * lanes)
        self.states = [self._restored(lane, named) for lane in range(lanes)]
        self._marks.clear()

    def _stand(self, at: int, states: list) -> None:
        """Be at step `at` with these states, of which a lane that is born just then may be missing yet."""
        self.at, self.states = at, states
        self._enter(dataclasses.replace(self.plan.phase(at), lanes=len(states)))

    def _restored(self, lane: int, named: dict[str, np.ndarray]) -> tuple[Any, ...]:
        _, others, slots, _ = self._program.lanes[lane].initial()
        others = [tf.constant(named[f"{lane}.other.{number}"]) for number in range(len(others))]
        slots = [tf.constant(named[f"{lane}.slot.{number}"]) for number in range(len(slots))]
        return tf.constant(named[f"{lane}.weights"]), others, slots, tf.constant(named[f"{lane}.iterations"])

    def _turn(self) -> None:
        """Enter the phase of the coming step, where it is another one: retrace, and let a fork be born."""
        phase = self.plan.phase(self.at)
        if phase == self._phase:
            return
        self._enter(phase)
        lanes = self._program.lanes
        forks = [self._forked(lanes[number], number) for number in range(len(self.states), phase.lanes)]
        self.states = [*self.states, *forks]

    def _forked(self, lane: LaneStep, number: int) -> tuple[Any, ...]:
        """A lane's first state: its origin's, apart from the optimizer's variables where it has another optimizer."""
        origin = self.plan.lanes[number].fork_of
        flat, others, slots, iterations = self.states[origin]
        if lane.settings.optimizer != self._program.lanes[origin].settings.optimizer:
            slots, iterations = lane.fresh_slots(), tf.constant(0)
        return flat, others, slots, iterations

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        features, classes = self.plan.x.shape[1], self.plan.classes
        size = self.plan.span(phase.begin).batch_size
        self._program: Program = program(self._kinds(), features, classes, size, self._watched)
        self._rates = tf.constant([own.learning_rate for _, own in self._kinds()], tf.float32)

    def _kinds(self) -> list[tuple[str, Any]]:
        lanes = self.plan.lanes[: self._phase.lanes]
        return [(lane.kind, self._phase.settings.of_lane(lane)) for lane in lanes]

    def _born(self, number: int) -> tuple[Any, ...]:
        return self._program.lanes[number].initial(self._kinds()[number][1])

    def _now(self) -> tuple[Any, Any, Any]:
        return tf.constant(self.at), self._rates, self._seed

    def _unborn(self) -> int:
        return len(self.plan.lanes) - len(self.states)

    def _widened(self, record: np.ndarray) -> np.ndarray:
        born = 2 * len(self.states)
        return np.insert(record, [born] * (2 * self._unborn()), np.nan, axis=1) if self._unborn() else record

    def _prepared(self, x: np.ndarray) -> np.ndarray:
        return self._normalization(x).numpy() if self._normalization else x


def layout(lane: LaneStep) -> list[tuple[str, int, int]]:
    """(layer.weight, begin, end) of each weight in the lane's flat vector."""
    names = [f"{layer.name}.{weight.name}" for layer in lane.model.layers for weight in layer.trainable_variables]
    ends = np.cumsum(lane.sizes)
    return list(zip(names, (ends - lane.sizes).tolist(), ends.tolist(), strict=True))
