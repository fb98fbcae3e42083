"""What went wrong in a run, found in what it told: in words' keys and facts, for a page to say and to point at."""

from __future__ import annotations

import dataclasses
import itertools
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from training.history import History, Snapshot

EARLY_STEPS = 100
"""Before this a lane has not had time to learn, and nothing is said while it trains."""
RECENT = 30
"""Recorded training batches that count as "now"."""
CHANCE_MARGIN = 0.1
"""By how much more than chance a lane must get right to have learned; half of what is left where that is less."""
DEAD_SHARE = 0.5
LAG = 0.15
LAG_TIMES, LAG_LEAST = 4, 0.2
"""From how many times the training-mode loss, and how many nats, an inference-mode loss tells of such statistics."""
TELLING = ("lag", "dead", "lag.loss", "plateau")
"""The keys, the most telling first: dead units explain why a lane guesses, not the other way round."""


Flat = tuple[int, list[list[float]]]
"""A step, and the share of dead units by lane and layer then."""


@dataclass(frozen=True)
class Finding:
    """key: one of TELLING; lane: its number; facts: what the sentence names, with layers counted from 0."""

    key: str
    lane: int
    facts: dict[str, Any] = field(default_factory=dict)


_known: weakref.WeakKeyDictionary[History, tuple[Any, list[dict[str, Any]]]] = weakref.WeakKeyDictionary()
_shares: weakref.WeakKeyDictionary[Snapshot, list[list[float]]] = weakref.WeakKeyDictionary()


def told(
    history: History, chance: float, running: Sequence[bool], end: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The most telling finding of each lane by what a run has told so far, as plain values; reckoned once per news.

    end: the run's last message, where it is over.
    """
    news = history.n, end is not None
    if _known.get(history, (None,))[0] != news:
        flat = [(one.step, dead_shares(one)) for one in history.snapshots]
        found = most_telling(diagnose([one.said for one in history.points], flat, chance, running, end))
        _known[history] = news, [dataclasses.asdict(one) for one in found]
    return _known[history][1]


def dead_shares(snapshot: Snapshot) -> list[list[float]]:
    """The share of dead units per layer of each lane, read once from a snapshot's text; 0 where none can be told."""
    if snapshot not in _shares:
        lanes = snapshot.said(-1)["lanes"]  # the numbers, without any layer's arrays
        _shares[snapshot] = [[layer.get("dead") or 0.0 for layer in lane["layers"]] for lane in lanes]
    return _shares[snapshot]


def most_telling(findings: Sequence[Finding]) -> list[Finding]:
    """Of each lane's findings the one that says most, by lane."""
    first: dict[int, Finding] = {}
    for one in sorted(findings, key=lambda one: (one.lane, TELLING.index(one.key))):
        first.setdefault(one.lane, one)
    return list(first.values())


def diagnose(
    points: Sequence[dict], flat: Sequence[Flat], chance: float, running: Sequence[bool], end: dict | None = None
) -> list[Finding]:
    """The findings of all lanes. points: "points" messages; flat: dead_shares() by step; running: keeps statistics.

    chance: the share of the largest class in the training data. A short run that is over, with `end` as its last
    message, may have running statistics that lag; the rest takes time.
    """
    early = not points or points[-1]["step"] < EARLY_STEPS
    if not points or (early and end is None):
        return []
    found = []
    for lane, (keeps, lost) in enumerate(zip(running, points[-1]["diverged"], strict=False)):
        if lost is not None:
            continue
        found += lag(points, lane, end) if keeps else []
        found += [] if early else [*plateau(points, lane, chance), *dead(flat, lane)]
    return found


def guesses(accuracy: float, chance: float) -> bool:
    """Whether so many right are not clearly more than `chance`, what always naming the largest class would get."""
    return accuracy < enough(chance)


def enough(chance: float) -> float:
    """The share right from which on a lane has learned more than guessing."""
    return chance + min(CHANCE_MARGIN, (1 - chance) / 2)


def plateau(points: Sequence[dict], lane: int, chance: float) -> Iterator[Finding]:
    """A lane that gets no more training examples right than guessing would."""
    accuracy = recent(points, lane)
    if accuracy is not None and guesses(accuracy, chance):
        yield Finding("plateau", lane, {"accuracy": accuracy, "chance": chance, "step": points[-1]["step"]})


def dead(flat: Sequence[Flat], lane: int) -> Iterator[Finding]:
    """The layer with the largest share of dead units, where that is at least half, and the step that first shows it."""
    own = [(step, lanes[lane]) for step, lanes in flat if any(lanes[lane : lane + 1])]  # since it was born
    if not own or max(own[-1][1]) < DEAD_SHARE:
        return
    layer, share = int(np.argmax(own[-1][1])), max(own[-1][1])
    lasting = itertools.takewhile(lambda one: one[1][layer] >= DEAD_SHARE, reversed(own))
    yield Finding("dead", lane, {"layer": layer, "share": share, "step": list(lasting)[-1][0]})


def lag(points: Sequence[dict], lane: int, end: dict | None = None) -> Iterator[Finding]:
    """A lane that knows its batches, but not the same data through its running statistics.

    Or, of a run that is over, gets them right but with far less certainty, as its losses tell: "lag.loss".
    """
    last = next((point["inference"][-1] for point in reversed(points) if point.get("inference")), None)
    if end and (end.get("final") or {}).get("sample"):
        last = {"step": end["step"], **end["final"]["sample"]}
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
    """Whether a loss is so much larger through the running statistics that these must be far from the batches'."""
    return inference_loss >= max(LAG_LEAST, LAG_TIMES * training_loss)


def recent(points: Sequence[dict], lane: int, what: str = "accuracy") -> float | None:
    """The mean of what a lane's last recorded training batches gave, accuracy or loss; None where there is none."""
    told: list[float] = []
    for point in reversed(points):
        told = [value for value in point[what][lane] if value is not None] + told
        if len(told) >= RECENT:
            break
    return float(np.mean(told[-RECENT:])) if told else None
