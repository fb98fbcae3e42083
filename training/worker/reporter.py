"""The reports of a run: records as points, scores, snapshots, and where a lane diverged. No Keras here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.messages import Check, Diverged, JobEvent, LaneInsides, Points, Scores, Snapshot
from training.spec.plan import Plan
from training.spec.settings import Settings
from training.worker.probes import divergence, predictions
from training.worker.probes.encoding import plain
from training.worker.probes.film import Film, alike, as_film, bytes_of, joined
from training.worker.probes.layers import layers
from training.worker.probes.unit_step import step_taken

TOGETHER, TOGETHER_BYTES = 16, 16 * 2**20
"""The most inspections sent at once: NumPy takes little longer for sixteen than for one."""
STATISTICS = ("batch_mean", "batch_var", "running_mean", "running_var")
Pairs = Sequence[tuple[float, float]]
"""Loss and accuracy in inference mode, by lane."""
SCORED = ("validation", "sample")
"""The parts of the data that are scored on the way."""
Emit = Callable[[JobEvent], None]


@dataclass(frozen=True)
class Progress:
    """The progress of a run; see messages.Points."""

    step: int
    epoch: int
    rate: float | None
    left: float | None


class Reporter:
    """Collects the records of the lanes until they are sent."""

    def __init__(self, plan: Plan, lanes: Any, emit: Emit, diverged: list[int | None] | None = None) -> None:
        self.plan, self.lanes, self.emit = plan, lanes, emit
        self.diverged = diverged or [None] * len(plan.lanes)
        self._records: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._validation: list[Check] = []
        self._inference: list[Check] = []
        self._seen: list[tuple[Sequence[int], list[Film | None]]] = []
        self._settings = [plan.settings.of_lane(lane) for lane in plan.lanes]

    def report_coming_step(self, progress: Progress, seconds: float) -> None:
        """Send the record of the next step before it is taken; it is recorded again when it is taken."""
        self._records = [(np.array([self.lanes.at]), np.array([seconds]), self.lanes.look())]
        self.report_points(progress)

    def record(self, begin: int, record: np.ndarray, before: float, after: float) -> None:
        """Add the records of the steps from `begin` on, trained between two times in seconds."""
        self._find_divergence(begin, record)
        steps = np.arange(begin, begin + len(record))
        seconds = before + (after - before) * np.arange(1, len(record) + 1) / len(record)
        kept = steps % self.plan.record_every == 0
        self._records.append((steps[kept], seconds[kept], record[kept]))

    def report_scores(self, step: int, scores: dict[str, Pairs]) -> None:
        """Add the scores of SCORED after that many steps."""
        for part, checks in zip(SCORED, (self._validation, self._inference), strict=True):
            checks.append({"step": step, **self._by_lane(scores[part], step)})

    def report_points(self, progress: Progress) -> None:
        """Send all that was collected since the last time, if anything."""
        self._send_films()
        if not self._records and not self._validation:
            return
        columns = 2 * len(self.plan.lanes)
        records = self._records or [(np.empty(0, int), np.empty(0), np.empty((0, columns)))]
        steps, seconds, record = (np.concatenate(parts) for parts in zip(*records, strict=True))
        loss, accuracy = record[:, 0:columns:2], record[:, 1:columns:2]
        watched = (record.shape[1] - columns) // len(STATISTICS)
        statistics = record[:, columns:].reshape(len(record), watched, len(STATISTICS)).transpose(1, 0, 2)
        measured = {
            **vars(progress),
            "at": steps,
            "seconds": seconds,
            "loss": loss.T,
            "accuracy": np.where(np.isfinite(loss), accuracy, np.nan).T,
            "layers": [dict(zip(STATISTICS, layer.T, strict=True)) for layer in statistics],
            "inference": self._inference,
            "validation": self._validation,
            "diverged": self.diverged,
        }
        self.emit(Points(**plain(measured)))
        self._records, self._validation, self._inference = [], [], []

    def snapshot(self, with_step: bool = False) -> None:
        """Send a snapshot of the present state; with_step: with one unit's numbers in the step that led here."""
        self._send_films()
        looks = self.lanes.inspect()
        back = self.lanes.revisit(self.lanes.at - 1) if with_step and any(looks) and self.lanes.at else []
        shown = self._insides(1, [look and as_film(look) for look in looks])[0]
        for settings, lane, before in zip(self._settings, shown, back, strict=False):
            if lane["layers"] and before:
                for layer, unit in zip(lane["layers"], step_taken(before, settings.epsilon), strict=True):
                    layer["taken"] = plain(unit)
        self.emit(Snapshot(self.lanes.at, shown))

    def report_films(self, steps: Sequence[int], films: list[Film | None]) -> None:
        """Add the lanes' films, with one inspection for each of these steps; sent as snapshots with the next points."""
        if self._seen and not all(map(alike, self._seen[-1][1], films)):
            self._send_films()
        self._seen.append((steps, films))
        held = sum(bytes_of(film) for _, lanes in self._seen for film in lanes if film)
        if sum(len(steps) for steps, _ in self._seen) >= TOGETHER or held >= TOGETHER_BYTES:
            self._send_films()

    def _send_films(self) -> None:
        if not self._seen:
            return
        steps = [step for steps, _ in self._seen for step in steps]
        films = [joined(parts) if parts[0] else None for parts in zip(*(films for _, films in self._seen), strict=True)]
        self._seen = []
        for step, shown in zip(steps, self._insides(len(steps), films), strict=True):
            self.emit(Snapshot(step, shown))

    def _insides(self, count: int, films: list[Film | None]) -> list[list[LaneInsides]]:
        """The contents of a snapshot for each of `count` inspections, by lane."""
        after = [lane.kind == "after" for lane in self.plan.lanes]
        lanes = [
            zip(self._layers(film, *lane), self._predictions(film["judged"]), strict=True)
            if film
            else [([], {})] * count
            for film, *lane in zip(films, self._settings, after, strict=False)
        ]
        return [
            [{"layers": entries, "grid": None, **predicted} for entries, predicted in inspection]
            for inspection in zip(*lanes, strict=True)
        ]

    @staticmethod
    def _layers(film: Film, settings: Settings, after: bool) -> list[list[dict[str, Any]]]:
        """The snapshot's contents for a lane's layers; after: whether its batch norm is after the activation."""
        return layers(film, settings.activation, settings.optimizer, settings.epsilon if after else None)

    def final(self) -> dict[str, Scores]:
        """The scores of the training data, the validation data and the sample.

        Also marks a lane that diverged in the last step, after which there is no record.
        """
        scores = self.lanes.scores("train", "sample") | self.lanes.scores("sample", "validation")
        for lane in range(len(self.diverged)):
            trains = self.plan.lanes[lane].fork_at < max(self.lanes.at, 1)
            finite = all(np.isfinite(part[lane][0]) for part in scores.values())
            if self.diverged[lane] is None and trains and not finite:
                self._mark_diverged(lane, self.lanes.at)
        return plain({part: self._by_lane(pairs, self.lanes.at + 1) for part, pairs in scores.items()})

    def _find_divergence(self, begin: int, record: np.ndarray) -> None:
        for lane, step in enumerate(first_divergence(self.plan, begin, record)):
            if self.diverged[lane] is None and step is not None:
                self._mark_diverged(lane, step)

    def _mark_diverged(self, lane: int, step: int) -> None:
        """Send what was first not finite: in `step`, whose loss was not, or in the step before it."""
        self._send_films()
        self.diverged[lane] = step
        norms, found, cause = [], None, step
        for at in (step - 1, step):
            look = self.lanes.revisit(at)[lane]
            if look is None or found:
                continue
            found, cause = divergence.first_beyond(look), at
            now = divergence.gradient_norms(look)
            norms = now if not norms or np.isfinite(now).all() else norms
        where, layer = found or ("loss", self.plan.settings.depths[lane])
        rate = self.plan.phase(cause).settings.of_lane(self.plan.lanes[lane]).learning_rate
        self.emit(Diverged(lane, where, layer, step, *plain([rate, norms])))
        for at in range(step - 1, step + 2):  # from the last finite state on
            with self.lanes.back_at(at) as there:
                if there:
                    self.snapshot()

    def _by_lane(self, scores: Pairs, step: int) -> Scores:
        """The scores after that many steps, None for a lane that had diverged by then."""
        before = [at is not None and at < step for at in self.diverged]
        lost = [gone or not np.isfinite(loss) for gone, (loss, _) in zip(before, scores, strict=True)]
        kept = [(None, None) if gone else pair for gone, pair in zip(lost, scores, strict=True)]
        return {"loss": [loss for loss, _ in kept], "accuracy": [accuracy for _, accuracy in kept]}

    def _predictions(self, logits: np.ndarray) -> list[dict[str, Any]]:
        """A lane's predictions for the plan's `judged` rows, by inspection."""
        if self.plan.settings.data == "digits":
            return predictions.mistakes(logits, self.plan.y_valid)
        return [{"grid": predictions.decision(each)} if len(each) else {} for each in logits]


def first_divergence(plan: Plan, begin: int, record: np.ndarray) -> list[int | None]:
    """For each lane, the first recorded step (from `begin` on) with a loss that is not finite; None without any."""
    found: list[int | None] = []
    for number, lane in enumerate(plan.lanes):
        steps = begin + np.flatnonzero(~np.isfinite(record[:, 2 * number]))
        steps = steps[steps >= lane.fork_at]  # a fork has no numbers before it
        found.append(int(steps[0]) if len(steps) else None)
    return found
