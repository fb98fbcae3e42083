"""The course of one training run: chunks of steps, what is told while they run, stopping and pacing. No Keras here."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from threading import Event
from typing import Any, Protocol

import numpy as np

from training.plan import LANES, Plan, score

CHUNK_SECONDS = 0.1
TELL_SECONDS = 0.15
FIRST_CHUNK = 5
STATISTICS = ("batch_mean", "batch_var", "running_mean", "running_var")


class Lanes(Protocol):
    """The networks under training.

    A record has one row per step: loss and accuracy of each lane on that step's batch before the step changed the
    weights, then, per batch-norm layer, that batch's mean and variance of the layer's first unit and its running mean
    and variance after the step.
    """

    def look(self) -> np.ndarray:
        """The record (1, columns) of the first step, without taking it."""

    def run(self, begin: int, end: int) -> np.ndarray:
        """Take the steps begin … end−1; their record (end − begin, columns)."""

    def infer(self, x: np.ndarray) -> list[np.ndarray]:
        """The logits (n, classes) of each lane in inference mode."""


class Run:
    """One run under way. `emit` gets the messages; a set `stopped` ends the run after the present chunk."""

    def __init__(self, plan: Plan, lanes: Lanes, emit: Callable[[dict[str, Any]], None], stopped: Event) -> None:
        self.plan, self.lanes, self.emit, self.stopped = plan, lanes, emit, stopped
        self.done = 0
        self.diverged: list[int | None] = [None] * len(LANES)
        self.validations = set(plan.validation_steps())
        self.rate = 0.0
        self.begun, self.first = 0.0, 0
        self.chunk = FIRST_CHUNK
        self.records: list[tuple[np.ndarray, np.ndarray]] = []
        self.validated: list[dict[str, Any]] = []

    def carry_out(self) -> dict[str, Any]:
        """Train to the end or until stopped; the last message: the status and the final losses and accuracies."""
        self._validate()
        self._tell(np.array([0]), self.lanes.look())
        told = time.monotonic()
        while self.done < self.plan.steps and not self.stopped.is_set():
            self._take_chunk()
            if time.monotonic() - told >= TELL_SECONDS:
                told = time.monotonic()
                self._tell_records()
        self._tell_records()
        status, final = "finished" if self.done == self.plan.steps else "stopped", self._final()
        return {"status": status, "step": self.done, "diverged": self.diverged, "final": final}

    def _take_chunk(self) -> None:
        begin, before = self.done, time.monotonic()
        end = min(begin + self.chunk, self.plan.steps, self._next_validation())
        record = self.lanes.run(begin, end)
        seconds = time.monotonic() - before
        self._note_divergence(record)
        steps = np.arange(begin, end)
        kept = steps % self.plan.record_every == 0
        self.records.append((steps[kept], record[kept]))
        self.done = end
        if end in self.validations:
            self._validate()
        if begin == 0:
            # The first chunk pays for the tracing; its speed says nothing.
            self.begun, self.first = time.monotonic(), end
            return
        self.chunk = max(1, round(CHUNK_SECONDS / max(seconds / (end - begin), self.plan.pause)))
        self._keep_pace()
        self.rate = (end - self.first) / (time.monotonic() - self.begun)

    def _keep_pace(self) -> None:
        ahead = (self.done - self.first) * self.plan.pause - (time.monotonic() - self.begun)
        if ahead > 0:
            self.stopped.wait(ahead)

    def _next_validation(self) -> int:
        every = self.plan.steps_per_epoch * self.plan.validate_every
        return (self.done // every + 1) * every

    def _note_divergence(self, record: np.ndarray) -> None:
        for lane in range(len(LANES)):
            lost = np.flatnonzero(~np.isfinite(record[:, 2 * lane]))
            if self.diverged[lane] is None and len(lost):
                self.diverged[lane] = self.done + int(lost[0])

    def _validate(self) -> None:
        scores = [score(logits, self.plan.y_valid) for logits in self.lanes.infer(self.plan.x_valid)]
        self.validated.append({"step": self.done, **self._by_lane(scores)})

    def _by_lane(self, scores: list[tuple[float, float]]) -> dict[str, list[float | None]]:
        lost = [at is not None or not np.isfinite(loss) for at, (loss, _) in zip(self.diverged, scores, strict=True)]
        kept = [(None, None) if gone else pair for gone, pair in zip(lost, scores, strict=True)]
        return {"loss": [loss for loss, _ in kept], "accuracy": [accuracy for _, accuracy in kept]}

    def _tell_records(self) -> None:
        if self.records:
            steps, record = (np.concatenate(parts) for parts in zip(*self.records, strict=True))
            self._tell(steps, record)
            self.records = []

    def _tell(self, steps: np.ndarray, record: np.ndarray) -> None:
        lanes = len(LANES)
        layers = record[:, 2 * lanes :].reshape(len(record), -1, len(STATISTICS))
        self.emit(
            {
                "event": "points",
                **self._progress(),
                "at": steps,
                "loss": record[:, 0 : 2 * lanes : 2].T,
                "accuracy": np.where(np.isfinite(record[:, 0 : 2 * lanes : 2]), record[:, 1 : 2 * lanes : 2], np.nan).T,
                "layers": [dict(zip(STATISTICS, layer.T, strict=True)) for layer in layers.transpose(1, 0, 2)],
                "validation": self.validated,
                "diverged": self.diverged,
                "grid": self._grid(),
            }
        )
        self.validated = []

    def _progress(self) -> dict[str, Any]:
        left = (self.plan.steps - self.done) / self.rate if self.rate else None
        return {"step": self.done, "epoch": self.done // self.plan.steps_per_epoch, "rate": self.rate, "left": left}

    def _grid(self) -> list[str] | None:
        if self.plan.grid is None:
            return None
        return [share_of_class_1(logits) for logits in self.lanes.infer(self.plan.grid)]

    def _final(self) -> dict[str, Any]:
        """The last scores of each part; they mark a lane that the last step threw, since no record follows."""
        parts = {"train": (self.plan.x, self.plan.y), "validation": (self.plan.x_valid, self.plan.y_valid)}
        scores = {name: [score(logits, y) for logits in self.lanes.infer(x)] for name, (x, y) in parts.items()}
        for lane in range(len(LANES)):
            finite = all(np.isfinite(part[lane][0]) for part in scores.values())
            if self.diverged[lane] is None and not finite:
                self.diverged[lane] = self.done
        return {name: self._by_lane(part) for name, part in scores.items()}


def share_of_class_1(logits: np.ndarray) -> str:
    """The probability of class 1 from logits (n, 2), as n bytes 0 … 255 in base64; 128 where it is not a number."""
    with np.errstate(over="ignore", invalid="ignore"):
        share = 1 / (1 + np.exp(logits[:, 0].astype(np.float64) - logits[:, 1]))
    return base64.b64encode(np.nan_to_num(share * 255, nan=128).round().astype(np.uint8).tobytes()).decode()
