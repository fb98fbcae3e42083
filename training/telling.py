"""What a run tells: its records as points, validations, snapshots, who left the numbers where. No Keras here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from training import instruments
from training.plan import Plan

STATISTICS = ("batch_mean", "batch_var", "running_mean", "running_var")
Scores = list[tuple[float, float]]


class Teller:
    """Gathers what the lanes' records say until it is told."""

    def __init__(
        self, plan: Plan, lanes: Any, emit: Callable[[dict[str, Any]], None], diverged: list[int | None] | None = None
    ) -> None:
        self.plan, self.lanes, self.emit = plan, lanes, emit
        self.diverged = diverged or [None] * len(plan.lanes)
        self._records: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._validated: list[dict[str, Any]] = []
        self._inferred: list[dict[str, Any]] = []

    def first_look(self, progress: dict[str, Any], seconds: float) -> None:
        """Tell of the coming step before it is taken; the records will tell of it again."""
        self._records = [(np.array([self.lanes.at]), np.array([seconds]), self.lanes.look())]
        self.tell(progress)

    def note(self, begin: int, record: np.ndarray, before: float, after: float) -> None:
        """Take in the records of the steps from `begin` on, trained between two times in seconds."""
        self._note_divergence(begin, record)
        steps = np.arange(begin, begin + len(record))
        seconds = before + (after - before) * np.arange(1, len(record) + 1) / len(record)
        kept = steps % self.plan.record_every == 0
        self._records.append((steps[kept], seconds[kept], record[kept]))

    def validate(self) -> Scores:
        """Score both parts in inference mode; those of the validation part."""
        scores = {part: self.lanes.scores(part) for part in ("validation", "sample")}
        for part, told in (("validation", self._validated), ("sample", self._inferred)):
            told.append({"step": self.lanes.at, **self._by_lane(scores[part])})
        return scores["validation"]

    def tell(self, progress: dict[str, Any]) -> None:
        """Emit what has been gathered since the last time as a "points" message; nothing where there is nothing."""
        if not self._records and not self._validated:
            return
        columns = 2 * len(self.plan.lanes)
        records = self._records or [(np.empty(0, int), np.empty(0), np.empty((0, columns)))]
        steps, seconds, record = (np.concatenate(parts) for parts in zip(*records, strict=True))
        loss, accuracy = record[:, 0:columns:2], record[:, 1:columns:2]
        watched = (record.shape[1] - columns) // len(STATISTICS)
        layers = record[:, columns:].reshape(len(record), watched, len(STATISTICS))
        self.emit(
            {
                "event": "points",
                **progress,
                "at": steps,
                "seconds": seconds,
                "loss": loss.T,
                "accuracy": np.where(np.isfinite(loss), accuracy, np.nan).T,
                "layers": [dict(zip(STATISTICS, layer.T, strict=True)) for layer in layers.transpose(1, 0, 2)],
                "inference": self._inferred,
                "validation": self._validated,
                "diverged": self.diverged,
                "grid": self._grid(),
            }
        )
        self._records, self._validated, self._inferred = [], [], []

    def snapshot(self, taken: bool = False) -> None:
        """Emit what the instruments show now; with `taken` also one unit in the step that led here."""
        looks, layouts, rates = self.lanes.inspect(), self.lanes.layouts(), self.lanes.rates()
        grids = self._grid() or [None] * len(looks)
        wrong = self._mistakes(len(looks))
        back = self.lanes.revisit(self.lanes.at - 1) if taken and any(looks) and self.lanes.at else [None] * len(looks)
        shown = []
        for lane, (look, layout) in enumerate(zip(looks, layouts, strict=True)):
            own = self.plan.settings.of_lane(self.plan.lanes[lane])
            layers = instruments.layers(look, layout, own.activation, rates[lane]) if look else []
            if look and back[lane]:
                for layer, one in zip(layers, instruments.taken(back[lane], layout, own.epsilon), strict=True):
                    layer["taken"] = one
            shown.append({"layers": layers, "grid": grids[lane], **wrong[lane]})
        self.emit({"event": "snapshot", "step": self.lanes.at, "lanes": shown})

    def final(self) -> dict[str, Any]:
        """The last scores of each whole part and of the sample, at which the curve over it ends.

        They mark a lane that the last step threw, since no record follows.
        """
        scores = {part: self.lanes.scores(part) for part in ("train", "sample", "validation")}
        for lane in range(len(self.diverged)):
            born = self.plan.lanes[lane].fork_at < max(self.lanes.at, 1)
            finite = all(np.isfinite(part[lane][0]) for part in scores.values())
            if self.diverged[lane] is None and born and not finite:
                self.diverged[lane] = self.lanes.at
                self._blame(lane, self.lanes.at)
        return {"diverged": self.diverged, "final": {part: self._by_lane(pairs) for part, pairs in scores.items()}}

    def _note_divergence(self, begin: int, record: np.ndarray) -> None:
        for lane, step in enumerate(lost(self.plan, begin, record)):
            if self.diverged[lane] is None and step is not None:
                self.diverged[lane] = step
                self._blame(lane, step)

    def _blame(self, lane: int, step: int) -> None:
        """Emit what left the finite numbers first: at `step`, where the loss did, or in the step that led there."""
        norms, found, blamed = [], None, step
        for at in (step - 1, step):
            look, layout = self.lanes.revisit(at)[lane], self.lanes.layouts()[lane]
            if look is None or found:
                continue
            found, blamed = instruments.first_beyond(look, layout), at
            now = instruments.gradient_norms(look, layout)
            norms = now if not norms or np.isfinite(now).all() else norms
        found = found or {"where": "loss", "layer": self.plan.settings.depths[lane]}
        rate = self.plan.phase(blamed).settings.of_lane(self.plan.lanes[lane]).learning_rate
        told = {"step": step, "learning_rate": rate, "gradient_norms": norms}
        self.emit({"event": "diverged", "lane": lane, **found, **told})
        with self.lanes.back_at(step - 1) as there:
            if there:
                self.snapshot()  # the last sight of it

    def _by_lane(self, scores: Scores) -> dict[str, list[float | None]]:
        lost = [at is not None or not np.isfinite(loss) for at, (loss, _) in zip(self.diverged, scores, strict=True)]
        kept = [(None, None) if gone else pair for gone, pair in zip(lost, scores, strict=True)]
        return {"loss": [loss for loss, _ in kept], "accuracy": [accuracy for _, accuracy in kept]}

    def _grid(self) -> list[str | None] | None:
        grid = self.plan.grid
        if grid is None:
            return None
        return [None if logits is None else instruments.decision(logits) for logits in self.lanes.logits(grid)]

    def _mistakes(self, lanes: int) -> list[dict[str, Any]]:
        if self.plan.settings.data != "digits":
            return [{} for _ in range(lanes)]
        logits = self.lanes.logits(self.plan.x_valid)
        return [{} if each is None else instruments.mistakes(each, self.plan.y_valid) for each in logits]


def lost(plan: Plan, begin: int, record: np.ndarray) -> list[int | None]:
    """The first step of the records, those from `begin` on, at which each lane's loss is not finite; None for none."""
    found: list[int | None] = []
    for number, lane in enumerate(plan.lanes):
        steps = begin + np.flatnonzero(~np.isfinite(record[:, 2 * number]))
        steps = steps[steps >= lane.fork_at]  # before, it was not born
        found.append(int(steps[0]) if len(steps) else None)
    return found
