"""What went wrong in a run, found in what it told: in words' keys and facts, for a page to say and to point at."""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from training.history import History

EARLY_STEPS = 100
"""Before this a lane has not had time to learn, and nothing is said."""
RECENT = 30
"""Recorded training batches that count as "now"."""
CHANCE_MARGIN = 0.1
"""By how much more than chance a lane must get right to have learned; half of what is left where that is less."""
DEAD_SHARE = 0.5
LAG = 0.15
TELLING = ("lag", "dead", "plateau")
"""The keys, the most telling first: dead units explain why a lane guesses, not the other way round."""


@dataclass(frozen=True)
class Finding:
    """key: "plateau", "dead" or "lag"; lane: its number; facts: what the sentence names, with layers counted from 0."""

    key: str
    lane: int
    facts: dict[str, Any] = field(default_factory=dict)


_known: weakref.WeakKeyDictionary[History, tuple[int, list[dict[str, Any]]]] = weakref.WeakKeyDictionary()


def told(history: History, chance: float, running: Sequence[bool]) -> list[dict[str, Any]]:
    """The most telling finding of each lane by what a run has told so far, as plain values; reckoned once per news."""
    if _known.get(history, (-1,))[0] != history.n:
        last = history.snapshots[-1].said(-1) if history.snapshots else None  # the numbers, without any layer's arrays
        found = most_telling(diagnose([one.said for one in history.points], last, chance, running))
        _known[history] = history.n, [dataclasses.asdict(one) for one in found]
    return _known[history][1]


def most_telling(findings: Sequence[Finding]) -> list[Finding]:
    """Of each lane's findings the one that says most, by lane."""
    first: dict[int, Finding] = {}
    for one in sorted(findings, key=lambda one: (one.lane, TELLING.index(one.key))):
        first.setdefault(one.lane, one)
    return list(first.values())


def diagnose(points: Sequence[dict], snapshot: dict | None, chance: float, running: Sequence[bool]) -> list[Finding]:
    """The findings of all lanes. points: "points" messages; snapshot: the last; running: keeps statistics.

    chance: the share of the largest class in the training data.
    """
    if not points or points[-1]["step"] < EARLY_STEPS:
        return []
    found = []
    for lane, (keeps, lost) in enumerate(zip(running, points[-1]["diverged"], strict=False)):
        if lost is not None:
            continue
        found += [*plateau(points, lane, chance), *dead(snapshot, lane), *(lag(points, lane) if keeps else [])]
    return found


def guesses(accuracy: float, chance: float) -> bool:
    """Whether so many right are not clearly more than `chance`, what always naming the largest class would get."""
    return accuracy < chance + min(CHANCE_MARGIN, (1 - chance) / 2)


def plateau(points: Sequence[dict], lane: int, chance: float) -> Iterator[Finding]:
    """A lane that gets no more training examples right than guessing would."""
    accuracy = recent(points, lane)
    if accuracy is not None and guesses(accuracy, chance):
        yield Finding("plateau", lane, {"accuracy": accuracy, "chance": chance, "step": points[-1]["step"]})


def dead(snapshot: dict | None, lane: int) -> Iterator[Finding]:
    """The layer with the largest share of dead units, where that is at least half."""
    lanes = snapshot["lanes"][lane : lane + 1] if snapshot else []  # a snapshot may be older than a fork
    shares = [layer.get("dead") or 0.0 for one in lanes for layer in one["layers"]]
    if shares and max(shares) >= DEAD_SHARE:
        yield Finding("dead", lane, {"layer": int(np.argmax(shares)), "share": max(shares), "step": snapshot["step"]})


def lag(points: Sequence[dict], lane: int) -> Iterator[Finding]:
    """A lane that knows its batches, but not the same data through its running statistics."""
    last = next((point["inference"][-1] for point in reversed(points) if point.get("inference")), None)
    training, inference = recent(points, lane), last["accuracy"][lane] if last else None
    if training is not None and inference is not None and training - inference > LAG:
        yield Finding("lag", lane, {"training": training, "inference": inference, "step": last["step"]})


def recent(points: Sequence[dict], lane: int) -> float | None:
    """The mean accuracy of a lane's last recorded training batches; None where there is none."""
    told: list[float] = []
    for point in reversed(points):
        told = [value for value in point["accuracy"][lane] if value is not None] + told
        if len(told) >= RECENT:
            break
    return float(np.mean(told[-RECENT:])) if told else None
