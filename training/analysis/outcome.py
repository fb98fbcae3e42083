"""The outcome of a run: which lanes did better, which were faster, and which are not ready for inference yet."""

from __future__ import annotations

import math
from dataclasses import dataclass

from training.analysis import diagnosis
from training.messages import Check
from training.server.run import Job

MARGIN = 0.02
"""Validation accuracies closer together than this count as even."""

HIGHEST_TENTH = 9
"""The goal of a race is nine tenths at most, so that no lane needs to get everything right."""
MUCH_SOONER = 2
"""Even lanes are ranked by speed where one took at least this many times as long as another."""


def guesses(accuracy: list[float | None], chance: float) -> bool:
    """Whether no remaining lane is clearly better than guessing; None is a lane that diverged.

    chance: the share of the largest class in the validation data, here and below.
    """
    return all(share is None or diagnosis.guesses(share, chance) for share in accuracy)


def ranked(accuracy: list[float | None], chance: float) -> tuple[str, list[int]]:
    """A word for the outcome of any number of lanes by their validation accuracies, and the numbers of the best lanes.

    "lost": all diverged; "neither": all guess; "alone": only one has not diverged; "best": one is clearly best; "even":
    all that have not diverged are even; "ahead": several are even and clearly better than the rest. None: a lane
    diverged.
    """
    left = {lane: share for lane, share in enumerate(accuracy) if share is not None}
    leaders = sorted(ahead(left))
    if not left or guesses(accuracy, chance):
        return "neither" if left else "lost", leaders
    if len(left) == 1:
        return "alone", leaders
    return "best" if len(leaders) == 1 else "even" if len(leaders) == len(left) else "ahead", leaders


def unready(job: Job) -> dict[int, dict[str, float]]:
    """The lanes of a finished job that have learned but whose running statistics are not ready for inference.

    By lane: the accuracy in "training" mode on its last batches, the accuracy in "inference" mode on the same data, and
    the "step" at which it was measured.
    """
    return job.history.cached("unready", lambda: find_unready(job))


def find_unready(job: Job) -> dict[int, dict[str, float]]:
    """unready() without the cache: it goes through the whole history."""
    chance, found = job.facts["chance"]["train"], {}
    for lane, keeps in enumerate(job.settings.normalized):
        for one in diagnosis.lag(job.points, lane, job.end) if keeps else ():
            if one.key == "lag" and not diagnosis.guesses(one.facts["training"], chance):
                found[lane] = one.facts
    return found


def verdict(job: Job) -> tuple[str, dict[str, float | None]]:
    """The word for which network did better in a finished job, and the numbers for a sentence about it; empty where the
    job has no scores.

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
    """The word of the verdict on two lanes, without and with batch norm."""
    lost = [name for name, wrong in zip(("without", "with"), mistakes, strict=True) if wrong is None]
    if lost:
        return f"{lost[0]} diverged" if len(lost) == 1 else "both diverged"
    if guesses(accuracy, chance):
        return "neither"
    return fewer(*mistakes)


def fewer(without: int, with_: int) -> str:
    """Which of two counts of mistakes on the same examples is clearly smaller: "with", "without", or "even".

    Clearly: by at least twice the std that their difference would have if each mistake were either lane's at random.
    """
    if abs(without - with_) < 2 * math.sqrt(without + with_) or without == with_:
        return "even"
    return "with" if with_ < without else "without"


@dataclass(frozen=True)
class Race:
    """share: a validation accuracy that all lanes reached; steps: for each lane, after how many steps it reached it."""

    share: float
    steps: dict[int, int]


def race(job: Job, chance: float) -> Race | None:
    """How many steps each lane of a finished job took to an accuracy that all of them reached.

    Even lanes are compared at the full percent below all their final accuracies, if one took at least twice as long as
    another; else all lanes at the highest full tenth that all reached, nine at most. Lanes that diverged are left out.
    None where there is nothing to compare: fewer than two lanes, only guessing, all equally fast, or a fork, which
    starts with what another lane has learned.
    """
    if any(one.fork_of is not None for one in job.settings.lanes):
        return None
    return job.history.cached("race", lambda: run_race(job, chance))


def run_race(job: Job, chance: float) -> Race | None:
    """race() without the cache: it goes through the whole history."""
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
    """The race to the full percent below all final accuracies; None where no lane took twice as long as another."""
    found = first_to(checks, lanes, min(int(100 * final[lane]) for lane in lanes) / 100)
    return found if max(found.steps.values()) >= MUCH_SOONER * min(found.steps.values()) else None


def first_to(checks: list[Check], lanes: list[int], share: float) -> Race:
    """For each lane, the number of steps after which it first had that accuracy."""

    def first(lane: int) -> int:
        return next(check["step"] for check in checks if (check["accuracy"][lane] or 0.0) >= share)

    return Race(share, {lane: first(lane) for lane in lanes})


def ahead(shares: dict[int, float]) -> list[int]:
    """The lanes, best first, up to the first gap of at least MARGIN; each is clearly better than all other lanes."""
    order = sorted(shares, key=lambda lane: -shares[lane])
    gaps = [place for place in range(1, len(order)) if shares[order[place - 1]] - shares[order[place]] >= MARGIN]
    return order[: gaps[0]] if gaps else order
