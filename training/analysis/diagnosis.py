"""What went wrong in a run, found in its history: keys and facts, from which a page makes sentences."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from training.messages import End, Points
from training.server.run import Job

EARLY_STEPS = 100
"""Before this step a lane has had no time to learn, so there are no findings while it trains."""
RECENT = 30
"""How many recorded training batches count as "now"."""
CHANCE_MARGIN = 0.1
"""How far above chance an accuracy must be to count as learned; half of what is left to 1 where that is less."""
DEAD_SHARE = 0.5
LAG = 0.15
LAG_TIMES, LAG_LEAST = 4, 0.2
"""Lag: the inference-mode loss is at least this many times the training-mode loss, and this many nats above it."""
RANKING = ("lag", "dead", "lag.loss", "plateau")
"""The keys, starting with the one that explains most: dead units are why a lane guesses, not the other way round."""


DeadUnits = tuple[int, Sequence[Sequence[float]]]
"""A step, and the share of dead units at that step, by lane and layer."""


@dataclass(frozen=True)
class Finding:
    """key: one of RANKING; lane: its number; facts: what the sentence names, with layers counted from 0."""

    key: str
    lane: int
    facts: dict[str, Any] = field(default_factory=dict)


def findings(job: Job) -> list[dict[str, Any]]:
    """The first finding of each lane in the order of RANKING, as plain values; recomputed only after news."""
    history, end = job.history, job.end

    def compute() -> list[dict[str, Any]]:
        flat = [(one.step, one.dead) for one in sorted(history.snapshots, key=lambda one: one.step)]
        points, chance = job.points, job.facts["chance"]["train"]
        found = first_of_each_lane(diagnose(points, flat, chance, job.settings.normalized, end))
        return [dataclasses.asdict(one) for one in found]

    return history.cached("findings at the end" if end else "findings", compute)


def mishaps(job: Job) -> list[dict[str, Any]]:
    """Problems around the run, as findings: its states are not recorded, and since which step."""
    failed = job.run.unrecorded
    return [dataclasses.asdict(Finding("unrecorded", 0, {"step": failed.step}))] if failed else []


def lost_lanes(job: Job) -> dict[int, int]:
    """The lanes that have diverged or died so far, and the step of each."""
    dead = {found["lane"]: found["facts"]["step"] for found in findings(job) if found["key"] == "dead"}
    return dead | {mark.message.lane: mark.step for mark in job.history.marks}


def first_of_each_lane(findings: Sequence[Finding]) -> list[Finding]:
    """The first finding of each lane in the order of RANKING, sorted by lane."""
    first: dict[int, Finding] = {}
    for one in sorted(findings, key=lambda one: (one.lane, RANKING.index(one.key))):
        first.setdefault(one.lane, one)
    return list(first.values())


def diagnose(
    points: Sequence[Points],
    flat: Sequence[DeadUnits],
    chance: float,
    running: Sequence[bool],
    end: End | None = None,
) -> list[Finding]:
    """The findings of all lanes. flat: SnapshotEntry.dead by step; running: for each lane, whether it keeps statistics.

    chance: the share of the largest class in the training data. end: the last event, for a run that is over; lag can
    then be found even in a short run, while the other findings need more steps.
    """
    early = not points or points[-1].step < EARLY_STEPS
    if not points or (early and end is None):
        return []
    found = []
    for lane, (keeps, lost) in enumerate(zip(running, points[-1].diverged, strict=False)):
        if lost is not None:
            continue
        found += lag(points, lane, end) if keeps else []
        found += [] if early else [*plateau(points, lane, chance), *dead(flat, lane)]
    return found


def guesses(accuracy: float, chance: float) -> bool:
    """Whether the accuracy is hardly above `chance`, the accuracy of always predicting the largest class."""
    return accuracy < enough(chance)


def enough(chance: float) -> float:
    """The accuracy from which on a lane has learned."""
    return chance + min(CHANCE_MARGIN, (1 - chance) / 2)


def plateau(points: Sequence[Points], lane: int, chance: float) -> Iterator[Finding]:
    """A finding where a lane's training accuracy is no better than guessing."""
    accuracy = recent(points, lane)
    if accuracy is not None and guesses(accuracy, chance):
        yield Finding("plateau", lane, {"accuracy": accuracy, "chance": chance, "step": points[-1].step})


def dead(flat: Sequence[DeadUnits], lane: int) -> Iterator[Finding]:
    """A finding for the layer with most dead units, if at least half are dead, and the step that shows it first."""
    shares = [(step, lanes[lane]) for step, lanes in flat if any(lanes[lane : lane + 1])]  # a fork has none before it
    if not shares or max(shares[-1][1]) < DEAD_SHARE:
        return
    layer, share = int(np.argmax(shares[-1][1])), max(shares[-1][1])
    lasting = itertools.takewhile(lambda one: one[1][layer] >= DEAD_SHARE, reversed(shares))
    yield Finding("dead", lane, {"layer": layer, "share": share, "step": list(lasting)[-1][0]})


def lag(points: Sequence[Points], lane: int, end: End | None = None) -> Iterator[Finding]:
    """A finding where a lane does well on its batches, but badly in inference mode on the same data.

    "lag.loss" where, at the end, its accuracy is the same in inference mode but its loss far larger.
    """
    last = next((message.inference[-1] for message in reversed(points) if message.inference), None)
    if end and "sample" in end.final:
        last = {"step": end.step, **end.final["sample"]}
    training, inference = recent(points, lane), last["accuracy"][lane] if last else None
    if training is None or inference is None:
        return
    facts = {"training": training, "inference": inference, "step": last["step"]}
    losses = {"training_loss": recent(points, lane, "loss"), "inference_loss": last["loss"][lane]}
    if training - inference > LAG:
        yield Finding("lag", lane, facts)
    elif end and None not in losses.values() and lags(**losses):
        yield Finding("lag.loss", lane, facts | losses)


def lags(training_loss: float, inference_loss: float) -> bool:
    """Whether the inference-mode loss is so much larger that the running statistics must be far from the batches'."""
    return inference_loss >= max(LAG_LEAST, LAG_TIMES * training_loss)


def recent(points: Sequence[Points], lane: int, what: str = "accuracy") -> float | None:
    """The mean accuracy, or loss, of a lane over its last RECENT training batches; None where there are none."""
    values: list[float] = []
    for message in reversed(points):
        values = [value for value in getattr(message, what)[lane] if value is not None] + values
        if len(values) >= RECENT:
            break
    return float(np.mean(values[-RECENT:])) if values else None
