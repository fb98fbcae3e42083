"""The outcome of a training run: which lanes did better, which were faster, which are not ready for inference yet."""

from __future__ import annotations

import math
from dataclasses import dataclass

from training.analysis import diagnosis
from training.messages import Check
from training.server.run import Job

MARGIN = 0.02
"""Validation accuracies closer than this count as even."""

HIGHEST_TENTH = 9
"""The goal of a race is at most nine tenths, so that no lane need get everything right."""
MUCH_SOONER = 2
"""Lanes that came out even are told apart where one took at least so many times as long as another."""


def guesses(accuracy: list[float | None], chance: float) -> bool:
    """Whether no lane that has not diverged is clearly better than guessing.

    chance: the share of the largest class in the validation data, here and below.
    """
    return all(share is None or diagnosis.guesses(share, chance) for share in accuracy)


def ranked(accuracy: list[float | None], chance: float) -> tuple[str, list[int]]:
    """A word for how any number of lanes did, by validation accuracies, and the numbers of those that did best.

    "lost" (all diverged), "neither" (all guess), "alone" (the only one left), "best", "even" (all that are left) or
    "ahead" (several are even, and clearly better than the rest). None is a lane that diverged.
    """
    left = {lane: share for lane, share in enumerate(accuracy) if share is not None}
    leaders = sorted(ahead(left))
    if not left or guesses(accuracy, chance):
        return "neither" if left else "lost", leaders
    if len(left) == 1:
        return "alone", leaders
    return "best" if len(leaders) == 1 else "even" if len(leaders) == len(left) else "ahead", leaders


def unready(job: Job) -> dict[int, dict[str, float]]:
    """The lanes of a job that is over that have learned, but whose running statistics are not ready for inference.

    By lane the accuracies, in "training" mode on its last batches and in "inference" mode on the same data, and the
    "step" of that.
    """
    return job.history.cached("unready", lambda: find_unready(job))


def find_unready(job: Job) -> dict[int, dict[str, float]]:
    """unready(), not cached: it goes through the whole history."""
    chance, found = job.facts["chance"]["train"], {}
    for lane, keeps in enumerate(job.settings.normalized):
        for one in diagnosis.lag(job.points, lane, job.end) if keeps else ():
            if one.key == "lag" and not diagnosis.guesses(one.facts["training"], chance):
                found[lane] = one.facts
    return found


def verdict(job: Job) -> tuple[str, dict[str, float | None]]:
    """Which network did better in a job that is over, in a word, and the numbers for a sentence about it; empty where
    the job has no scores.

    "with" or "without" (batch norm was better: see fewer), "even", "neither" (both guess), "with diverged", "without
    diverged" or "both diverged". accuracy_… and mistakes_… (without, with): on the validation data, "examples" many;
    None for a lane that diverged.
    """
    if not job.end:
        return "", {}
    accuracy, examples = job.end.final["validation"]["accuracy"], job.facts["examples"]["validation"]
    mistakes = [None if share is None else round((1 - share) * examples) for share in accuracy]
    pairs = zip(("without", "with"), accuracy, mistakes, strict=True)
    facts = {"examples": examples}
    for name, share, wrong in pairs:
        facts |= {f"accuracy_{name}": share, f"mistakes_{name}": wrong}
    return named(accuracy, mistakes, job.facts["chance"]["validation"]), facts


def named(accuracy: list[float | None], mistakes: list[int | None], chance: float) -> str:
    """The word of a verdict on two lanes, without and with batch norm."""
    lost = [name for name, wrong in zip(("without", "with"), mistakes, strict=True) if wrong is None]
    if lost:
        return f"{lost[0]} diverged" if len(lost) == 1 else "both diverged"
    if guesses(accuracy, chance):
        return "neither"
    return fewer(*mistakes)


def fewer(without: int, with_: int) -> str:
    """Which of two numbers of mistakes on the same examples is clearly smaller: "with", "without", or "even".

    Clearly: by twice the deviation that their difference would have if each mistake fell to either at random.
    """
    if abs(without - with_) < 2 * math.sqrt(without + with_) or without == with_:
        return "even"
    return "with" if with_ < without else "without"


@dataclass(frozen=True)
class Race:
    """share: an accuracy on the validation data that all lanes reached; steps: by lane, after how many steps."""

    share: float
    steps: dict[int, int]


def race(job: Job, chance: float) -> Race | None:
    """How soon each lane of a job that is over was as good as all of them came to be.

    Where they came out even, to the full percent below all their final accuracies, if one took at least twice as long
    as another; else to the highest full tenth that all reached, at most nine. Lanes that diverged do not take part.
    None where there is nothing to compare: fewer than two lanes, no better than guessing, or all equally soon; and
    where there is a fork, which begins with what another lane has learned.
    """
    if any(one.fork_of is not None for one in job.settings.lanes):
        return None
    return job.history.cached("race", lambda: run_race(job, chance))


def run_race(job: Job, chance: float) -> Race | None:
    """race(), not cached: it goes through the whole history."""
    scores = job.end.final["validation"]
    final = scores["accuracy"]
    checks = [check for message in job.points for check in message.validation]
    checks.append({"step": job.end.step, **scores})
    lanes = [n for n, lost in enumerate(job.end.diverged) if lost is None]
    apart = parted(checks, lanes, final) if ranked(final, chance)[0] == "even" else None
    best = [max(check["accuracy"][lane] or 0.0 for check in checks) for lane in lanes]
    found = apart or first_to(checks, lanes, min([HIGHEST_TENTH, *(int(10 * one) for one in best)]) / 10)
    equal = len(set(found.steps.values())) < 2
    return None if equal or diagnosis.guesses(found.share, chance) else found


def parted(checks: list[Check], lanes: list[int], final: list[float | None]) -> Race | None:
    """The race to where all lanes came out, down to the full percent; None where none was twice as long as another."""
    found = first_to(checks, lanes, min(int(100 * final[lane]) for lane in lanes) / 100)
    return found if max(found.steps.values()) >= MUCH_SOONER * min(found.steps.values()) else None


def first_to(checks: list[Check], lanes: list[int], share: float) -> Race:
    """After how many steps each lane first had that accuracy."""

    def first(lane: int) -> int:
        return next(check["step"] for check in checks if (check["accuracy"][lane] or 0.0) >= share)

    return Race(share, {lane: first(lane) for lane in lanes})


def ahead(shares: dict[int, float]) -> list[int]:
    """The lanes, best first, up to the first gap of at least MARGIN: all others are clearly worse than each of them."""
    order = sorted(shares, key=lambda lane: -shares[lane])
    gaps = [place for place in range(1, len(order)) if shares[order[place - 1]] - shares[order[place]] >= MARGIN]
    return order[: gaps[0]] if gaps else order
