"""The networks of a run at one step: training, scoring, inspecting, and saving their state. Imports Keras."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from training.spec.plan import Phase, Plan
from training.worker import networks
from training.worker.probes.film import PLAIN, Film, Inspection, mapped, stops
from training.worker.program import PROBE, Program, program
from training.worker.reporter import SCORED, Pairs
from training.worker.step import LaneStep

MOST_BYTES = 64 * 2**20
"""The most memory for inspections that have not been sent yet."""
SAMPLE = 512
"""The number of training rows, from the first, that are scored in inference mode during a run."""


Shots = tuple[list[int], list[Film | None]]
"""The steps after which inspections were made, and what was seen, by lane."""


class KerasLanes:
    """The lanes of a plan, at step `at`."""

    def __init__(self, plan: Plan, watched: bool = True) -> None:
        self.plan, self._watched, self.at = plan, watched, 0
        self._marks: collections.deque[tuple[int, list, list]] = collections.deque(maxlen=2)
        self._normalization = networks.normalization(plan.x) if plan.settings.inputs == "normalized" else None
        self._x, self._y = tf.constant(self._prepared(plan.x)), tf.constant(plan.y)
        self._parts = {
            "train": (self._x, self._y),
            "sample": (self._x[:SAMPLE], self._y[:SAMPLE]),
            "validation": (tf.constant(self._prepared(plan.x_valid)), tf.constant(plan.y_valid)),
        }
        self._probe = np.arange(min(PROBE, len(plan.x)), dtype=np.int32)
        self._judged = tf.constant(self._prepared(plan.judged))
        self._seed = tf.constant(plan.settings.seed)
        self._enter(plan.phase(0))
        self.states = [self._initial(number) for number in range(self._phase.lanes)]
        self._before = unknown(self.states)

    @property
    def known(self) -> bool:
        """Whether the next steps have been traced already."""
        return self._program.film.known

    def look(self) -> np.ndarray:
        """The record (1, columns) of the next step, without taking it.

        Computed eagerly while the steps are not traced yet, because tracing would delay the first point.
        """
        self._enter_phase()
        batch = tf.constant(self.plan.batches(self.at, self.at + 1))
        if self.known:
            return self._widened(self._film(batch, [])[2].numpy())
        return self._widened(self._program.look(self.states, self._x, self._y, batch, *self._now()).numpy())

    def run(self, end: int) -> np.ndarray:
        """Take the steps up to `end`; returns their records (steps, columns), NaN where a lane does not train yet."""
        return self.film(end, [])[0]

    def film(
        self, end: int, shots: Sequence[int], checks: Sequence[int] = ()
    ) -> tuple[np.ndarray, list[Shots], list[tuple[int, dict[str, Pairs]]]]:
        """Take the steps up to `end`; returns records, films, and scores with their steps.

        shots, checks: the steps to inspect, and to score SCORED, after; in order, from the present step to `end`.
        """
        self._marks.append((self.at, self.states, self._before))
        return self._take(end, list(shots), list(checks))

    def revisit(self, step: int) -> list[Inspection | None]:
        """inspect() on that step's own batch, after training up to it again from where one of the last two runs began.

        None for every lane where the step is before those.
        """
        with self.back_at(step) as there:
            return self.inspect(self.plan.batches(step, step + 1)[0]) if there else [None] * len(self.plan.lanes)

    @contextlib.contextmanager
    def back_at(self, step: int) -> Iterator[bool]:
        """Go back to an earlier step for a while; yields False where that is before the last two runs began."""
        kept = self.at, self.states, self._before
        marks = (kept, *reversed(self._marks)) if step <= self.at else ()
        mark = next((mark for mark in marks if 0 <= mark[0] <= step), None)
        try:
            if mark:
                self._stand(*mark)
            if mark and self.at < step:
                self._take(step, [], [])
            yield mark is not None
        finally:
            self._stand(*kept)

    def _take(self, end: int, shots: list[int], checks: list[int]) -> tuple[np.ndarray, list, list]:
        records, seen, scored = [], [], []
        while self.at < end:
            self._enter_phase()
            begin, edge = self.at, min(self._phase.end, self.plan.span(self.at).end)
            # A look at the end of a phase belongs to the next phase, since a fork may join there.
            due = [step for step in shots if step <= end and step < edge][: self._most()]
            shots, stop = shots[len(due) :], due[-1] if len(due) == self._most() else min(end, edge)
            checked = [step for step in checks if step <= stop and step < edge]
            checks = checks[len(checked) :]
            batches = self.plan.batches(begin, stop) if stop > begin else np.empty((0, self._size), np.int32)
            looks = ([step - begin for step in steps] for steps in (due, checked))
            self.states, self._before, record, scores, *rolls = self._film(tf.constant(batches), *looks)
            seen += [(due, self._films(rolls, self._probe))] if due else []
            scored += [(step, self._by_part(each, *SCORED)) for step, each in zip(checked, scores.numpy(), strict=True)]
            records += [self._widened(record.numpy())] if stop > begin else []
            self.at = stop
        seen += [([step], self._film_here()) for step in shots]
        return np.concatenate(records), seen, scored + [(step, self.scores(*SCORED)) for step in checks]

    def _most(self) -> int:
        """How many inspections fit into memory at a time; one at first, until their size is known."""
        each = self._program.inspection_bytes
        return max(1, MOST_BYTES // each) if each else 1

    def _film(
        self, batches: Any, shots: Sequence[int], checks: Sequence[int] = (), probe: np.ndarray | None = None
    ) -> tuple:
        """Program._film; for rows other than the probe's without the logits of `judged`."""
        at, rates, seed = self._now()
        rows, judged = (self._probe, self._judged) if probe is None else (probe, self._judged[:0])
        looks = tf.constant(stops(shots, checks)), tf.constant(rows), judged
        parts = [each for part in SCORED for each in self._parts[part]]
        return self._program.film(self.states, self._before, self._x, self._y, batches, at, rates, seed, *looks, *parts)

    def _films(self, rolls: list, rows: np.ndarray) -> list[Film | None]:
        """The film of each lane; None for a fork that does not train yet."""
        lanes = zip(self._program.films(*rolls, len(rows)), self._kinds, self._program.lanes, strict=True)
        films = [film | {"rate": own.learning_rate, "layout": lane.layout} for film, (_, own), lane in lanes]
        return films + [None] * self._missing()

    def _film_here(self, rows: np.ndarray | None = None) -> list[Film | None]:
        """A film with one inspection, of the next step on these rows, by default the probe's."""
        self._enter_phase()
        batches = tf.constant(np.empty((0, self._size), np.int32))
        return self._films(self._film(batches, [0], probe=rows)[4:], self._probe if rows is None else rows)

    def scores(self, one: str, other: str) -> dict[str, Pairs]:
        """The scores, by part, on two of "train", "sample" (SAMPLE rows), "validation"."""
        self._enter_phase()
        return self._by_part(
            self._program.scores(self.states, *self._parts[one], *self._parts[other]).numpy(), one, other
        )

    def _by_part(self, scores: np.ndarray, *parts: str) -> dict[str, Pairs]:
        missing = [(np.nan, np.nan)] * self._missing()
        return {part: [*map(tuple, lanes), *missing] for part, lanes in zip(parts, scores.tolist(), strict=True)}

    def inspect(self, rows: np.ndarray | None = None) -> list[Inspection | None]:
        """What each lane's next step would see and do with these rows, by default the probe's.

        None for a fork that does not train yet.
        """
        return [film and only(film) for film in self._film_here(rows)]

    def state(self) -> dict[str, np.ndarray]:
        """All that the next steps depend on besides the plan, by name."""
        named: dict[str, np.ndarray] = {"at": np.array(self.at)}
        for lane, (flat, others, slots, iterations) in enumerate(self.states):
            named |= {f"{lane}.weights": flat.numpy(), f"{lane}.iterations": iterations.numpy()}
            named |= {f"{lane}.other.{number}": each.numpy() for number, each in enumerate(others)}
            named |= {f"{lane}.slot.{number}": each.numpy() for number, each in enumerate(slots)}
        return named

    def restore(self, named: dict[str, np.ndarray]) -> None:
        """Return to where state() was called; bit-equal from there on. Raises KeyError for another plan's state."""
        lanes = sum(name.endswith(".weights") for name in named)
        self._stand(int(named["at"]), [None] * lanes, [])
        self.states = [self._restored(lane, named) for lane in range(lanes)]
        self._before = unknown(self.states)
        self._marks.clear()

    def _stand(self, at: int, states: list, before: list) -> None:
        """Go to step `at` with these states; the state of a fork that starts at this step may be missing."""
        self.at, self.states, self._before = at, states, before
        self._enter(dataclasses.replace(self.plan.phase(at), lanes=len(states)))

    def _restored(self, lane: int, named: dict[str, np.ndarray]) -> tuple[Any, ...]:
        _, others, slots, _ = self._program.lanes[lane].initial()
        others = [tf.constant(named[f"{lane}.other.{number}"]) for number in range(len(others))]
        slots = [tf.constant(named[f"{lane}.slot.{number}"]) for number in range(len(slots))]
        return tf.constant(named[f"{lane}.weights"]), others, slots, tf.constant(named[f"{lane}.iterations"])

    def _enter_phase(self) -> None:
        """Enter the next step's phase, if it is a new one: trace its program, and make the forks that start there."""
        phase = self.plan.phase(self.at)
        if phase == self._phase:
            return
        self._enter(phase)
        lanes = self._program.lanes
        forks = [self._forked(lanes[number], number) for number in range(len(self.states), phase.lanes)]
        self.states, self._before = [*self.states, *forks], [*self._before, *unknown(forks)]

    def _forked(self, lane: LaneStep, number: int) -> tuple[Any, ...]:
        """A fork's first state: its origin's state, with new optimizer variables if it has another optimizer."""
        origin = self.plan.lanes[number].fork_of
        flat, others, slots, iterations = self.states[origin]
        if lane.settings.optimizer != self._program.lanes[origin].settings.optimizer:
            slots, iterations = lane.fresh_slots(), tf.constant(0)
        return flat, others, slots, iterations

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self._kinds = [(lane.kind, phase.settings.of_lane(lane)) for lane in self.plan.lanes[: phase.lanes]]
        features, classes = self.plan.x.shape[1], self.plan.classes
        self._size = self.plan.span(phase.begin).batch_size
        self._program: Program = program(self._kinds, features, classes, self._size, self._watched)
        self._rates = tf.constant([own.learning_rate for _, own in self._kinds], tf.float32)

    def _initial(self, number: int) -> tuple[Any, ...]:
        return self._program.lanes[number].initial(self._kinds[number][1])

    def _now(self) -> tuple[Any, Any, Any]:
        return tf.constant(self.at), self._rates, self._seed

    def _missing(self) -> int:
        return len(self.plan.lanes) - len(self.states)

    def _widened(self, record: np.ndarray) -> np.ndarray:
        columns = 2 * len(self.states)
        return np.insert(record, [columns] * (2 * self._missing()), np.nan, axis=1) if self._missing() else record

    def _prepared(self, x: np.ndarray) -> np.ndarray:
        return self._normalization(x).numpy() if self._normalization else x


def unknown(states: list) -> list[Any]:
    """The weights before the last step of lanes that have taken none: NaN."""
    return [tf.fill(tf.shape(state[0]), np.float32(np.nan)) for state in states]


def only(film: Film) -> Inspection:
    """The single inspection of a film."""
    return {name: value if name in PLAIN else mapped(lambda each: each[0], value) for name, value in film.items()}
