"""The course of one training run: chunks of steps, orders obeyed between them, stopping, pacing. No Keras here."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from training import plan as plans
from training.keyframes import Keyframes
from training.orders import Orders
from training.plan import Plan
from training.settings import changed
from training.telling import Teller

CHUNK_SECONDS = 0.1
TELL_SECONDS = 0.15
SNAPSHOT_SECONDS, SNAPSHOTS = 0.25, 8
"""A snapshot is due after so long, or after this part of the run, so that a fast one has some to look back at."""
KEYFRAMES, KEYFRAME_SECONDS = 40, 0.5
FIRST_CHUNK = 5
MOST_CHUNK = 1_000


@dataclass(frozen=True)
class Past:
    """What a run knows of itself beside its lanes: at which step each of them diverged."""

    diverged: list[int | None] | None = None

    def named(self) -> dict[str, np.ndarray]:
        """As arrays of a keyframe."""
        steps = [-1 if step is None else step for step in self.diverged or []]
        return {"diverged": np.array(steps, int)}

    @classmethod
    def of(cls, named: dict[str, np.ndarray], lanes: int) -> Past:
        """From a keyframe of a run that may have had fewer lanes."""
        steps = [None if step < 0 else int(step) for step in named["diverged"][:lanes]]
        return cls(steps + [None] * (lanes - len(steps)))


NEW = Past()


class Lanes(Protocol):
    """The networks under training; they stand at step `at`. training/lanes.py says more of each."""

    at: int

    def look(self) -> np.ndarray: ...
    def run(self, end: int) -> np.ndarray: ...
    def scores(self, part: str) -> list[tuple[float, float]]: ...
    def logits(self, x: np.ndarray) -> list[np.ndarray | None]: ...
    def inspect(self) -> list[dict[str, Any] | None]: ...
    def revisit(self, step: int) -> list[dict[str, Any] | None]: ...
    def back_at(self, step: int) -> AbstractContextManager[bool]: ...
    def layouts(self) -> list[Any]: ...
    def rates(self) -> list[float]: ...
    def state(self) -> dict[str, np.ndarray]: ...
    def replan(self, plan: Plan) -> None: ...


class Run:
    """One run under way, from where its lanes stand. `emit` gets the messages, `orders` come from another thread."""

    def __init__(
        self,
        plan: Plan,
        lanes: Lanes,
        emit: Callable[[dict[str, Any]], None],
        orders: Orders | None = None,
        keyframes: Keyframes | None = None,
        until: int | None = None,
        past: Past = NEW,
    ) -> None:
        self.plan, self.lanes, self.emit = plan, lanes, emit
        self.orders, self.keyframes = orders or Orders(), keyframes
        self.pace, self.paused, self.reached = plan.settings.pace, False, False
        self.seconds, self.until = 0.0, until  # the seconds since it was taken up; the history adds them up
        self.teller = Teller(plan, lanes, emit, past.diverged)
        self.chunk, self.rate = FIRST_CHUNK, 0.0
        self._told = self._shown = self._kept = 0.0
        self._kept_at = self._shown_at = lanes.at
        self._keep_pace_from(None)

    @property
    def done(self) -> int:
        return self.lanes.at

    @property
    def over(self) -> bool:
        return self.done >= self.plan.steps or self.reached

    def carry_out(self) -> dict[str, Any] | None:
        """Train to the end or until stopped; the last message. None where it paused and its worker is wanted elsewhere.

        {status: finished or stopped, step, diverged, final: {train, sample, validation: {loss, accuracy}}}.
        """
        self._validate()
        self.teller.first_look(self._progress(), self.seconds)
        self._show()
        while self._obeyed() and not self.over:
            self._take_chunk()
            show = self._snapshot_due()
            if show or time.monotonic() - self._told >= TELL_SECONDS:
                self._tell(show)
        if self.orders.released.is_set() and self.paused:
            return None
        self._tell(show=True, taken=True)
        self._keep()
        status = "finished" if self.over else "stopped"
        return {"status": status, "step": self.done, **self.teller.final()}

    def _obeyed(self) -> bool:
        """Carry out what has been ordered, and wait while paused; whether to go on."""
        while not self.orders.stopped.is_set() and not self.over:
            if self.until == self.done:
                self.until = None
                self._pause()
            order = self.orders.take()
            if order:
                self._obey(order)
            elif not self.paused:
                return True
            elif self.orders.released.is_set():
                return False
            else:
                self.orders.rest()
        return False

    def _obey(self, order: dict[str, Any]) -> None:
        match order["do"]:
            case "pause":
                self._pause()
            case "resume":
                self.paused = False
                self._keep_pace_from(None)
            case "step" if self.paused:
                for _ in range(int(order.get("count", 1))):
                    if not self.over:
                        self._take(self.done + 1)
                self._pause()
            case "change":
                self._change(order["field"], order["value"])
            case "pace":
                self.pace = order["pace"]
                self._keep_pace_from(None)

    def _pause(self) -> None:
        self.paused = True
        self._tell(show=True, taken=True)
        kept = self._keep()
        self.emit({"event": "paused", "step": self.done, "file": kept})

    def _change(self, field: str, value: Any) -> None:
        try:
            plan = plans.make(changed(self.plan.settings, self.done, field, value))
        except ValueError:
            return  # the server has refused it before, to the reader
        self.plan = self.teller.plan = plan
        self.lanes.replan(plan)
        sizes = {"steps": plan.steps, "epochs": plan.epochs}
        self.emit({"event": "changed", "step": self.done, "field": field, "value": value, **sizes})
        self._keep_pace_from(None)

    def _take_chunk(self) -> None:
        begin, before = self.done, time.monotonic()
        self._take(min(begin + self.chunk, self.until or self.plan.steps, self._end(), self._next_validation()))
        if self._pace_from is None:
            # The first chunk may pay for tracing; its speed says nothing.
            self._keep_pace_from(self.done)
            return
        each = max((time.monotonic() - before) / (self.done - begin), self.plan.pause(self.pace))
        self.chunk = int(np.clip(round(CHUNK_SECONDS / max(each, 1e-6)), 1, MOST_CHUNK))
        steps, since = self.done - self._pace_from, time.monotonic() - self._pace_begun
        self.orders.rest(steps * self.plan.pause(self.pace) - since)
        self.rate = steps / (time.monotonic() - self._pace_begun)

    def _end(self) -> int:
        """How far to go at once: the last step is taken alone, so that to look back at it none is trained again."""
        return self.plan.steps - 1 if self.done < self.plan.steps - 1 else self.plan.steps

    def _snapshot_due(self) -> bool:
        far = self.done - self._shown_at >= self.plan.steps / SNAPSHOTS and self._end() < self.plan.steps
        return far or time.monotonic() - self._shown >= SNAPSHOT_SECONDS

    def _take(self, end: int) -> None:
        """Train up to step `end`, at most the next validation; note, validate and keep what is due."""
        begin, before = self.done, time.monotonic()
        record = self.lanes.run(end)
        after = self.seconds + time.monotonic() - before
        self.teller.note(begin, record, self.seconds, after)
        self.seconds = after
        if end in self._validations:
            self._validate()
        if self.keyframes and self._keyframe_due():
            self._keep()

    def _keyframe_due(self) -> bool:
        far = self.done - self._kept_at >= self.plan.steps / KEYFRAMES
        return far and time.monotonic() - self._kept >= KEYFRAME_SECONDS

    def _keep_pace_from(self, step: int | None) -> None:
        self._pace_from, self._pace_begun = step, time.monotonic()
        self._validations = set(self.plan.validation_steps())
        self.chunk = FIRST_CHUNK if step is None else self.chunk

    def _next_validation(self) -> int:
        return min((step for step in self._validations if step > self.done), default=self.plan.steps)

    def _validate(self) -> None:
        scores = self.teller.validate()
        target = self.plan.settings.target_accuracy
        # Not where a run happens to be taken up again: it must end where it would have without.
        if self.plan.settings.stop_at == "accuracy" and self.done in self._validations:
            self.reached = all(accuracy >= target for _, accuracy in scores)

    def _tell(self, show: bool, taken: bool = False) -> None:
        self.teller.tell(self._progress())
        self._told = time.monotonic()
        if show:
            self._show(taken)

    def _show(self, taken: bool = False) -> None:
        self.teller.snapshot(taken)
        self._shown, self._shown_at = time.monotonic(), self.done

    def _keep(self) -> str | None:
        """Save a keyframe, where there is a place for it; its file."""
        if self.keyframes is None:
            return None
        past = Past(self.teller.diverged)
        kept = self.keyframes.save({**self.lanes.state(), **past.named()})
        self._kept, self._kept_at = time.monotonic(), self.done
        self.emit({"event": "keyframe", **kept})
        return kept["file"]

    def _progress(self) -> dict[str, Any]:
        left = (self.plan.steps - self.done) / self.rate if self.rate else None
        return {"step": self.done, "epoch": self.plan.epoch(self.done), "rate": self.rate, "left": left}
