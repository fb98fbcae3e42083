"""What a training run came to: the numbers of its last record, and which lane did better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from training import diagnosis
from training.job import Job

MARGIN = 0.02
"""Validation accuracies closer than this count as even."""

HIGHEST_TENTH = 9
"""In a race no lane need get everything right."""
MUCH_SOONER = 2
"""How many times as long another lane took, where lanes that came out even are worth telling apart."""

Pair = tuple[float | None, float | None]


@dataclass(frozen=True)
class Outcome:
    """Final losses (nats) and accuracies in inference mode, without and with batch norm; None where a lane diverged.

    diverged: the step at which a lane's loss stopped being a number. verdict, a word of the lesson's sentences:
    "both diverged", "without diverged", "with diverged", "neither" (both guess), "with" or "without" (better), "even".
    """

    step: int
    stopped: bool
    diverged: tuple[int | None, int | None]
    train_loss: Pair
    train_accuracy: Pair
    loss: Pair
    accuracy: Pair
    verdict: str
    guessing: bool
    """Whether even the better lane is about as good as guessing."""

    def facts(self) -> dict[str, Any]:
        """The numbers that a sentence may name, each lane's under its own name."""
        named = {"step": self.step}
        for name in ("diverged", "train_loss", "train_accuracy", "loss", "accuracy"):
            named[f"{name}_without"], named[f"{name}_with"] = getattr(self, name)
        return named


def outcome(job: Job, chance: float) -> Outcome | None:
    """The outcome of a job, None while (or if ever) there is none: open, failed, or stopped before it began.

    chance: the share of the largest class in the validation data, here and below.
    """
    if job.end is None:
        return None
    train, validation = job.end["final"]["train"], job.end["final"]["validation"]
    return Outcome(
        step=job.end["step"],
        stopped=job.end["status"] == "stopped",
        diverged=tuple(job.end["diverged"]),
        train_loss=tuple(train["loss"]),
        train_accuracy=tuple(train["accuracy"]),
        loss=tuple(validation["loss"]),
        accuracy=tuple(validation["accuracy"]),
        verdict=verdict(validation["accuracy"], chance),
        guessing=guesses(validation["accuracy"], chance),
    )


def verdict(accuracy: list[float | None], chance: float) -> str:
    """Which lane did better, by validation accuracies (without, with); None is a lane that diverged."""
    without, with_ = accuracy
    if without is None or with_ is None:
        return "both diverged" if without is with_ else "without diverged" if without is None else "with diverged"
    if guesses(accuracy, chance):
        return "neither"
    if abs(with_ - without) < MARGIN:
        return "even"
    return "with" if with_ > without else "without"


def guesses(accuracy: list[float | None], chance: float) -> bool:
    """Whether no lane that is left is right clearly more often than guessing would be."""
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
    """The lanes of a job that is over that have learned, but not yet in inference mode, whose running statistics lag.

    By lane the shares right, "training" of its last batches and "inference" of the same data, and the "step" of that.
    """
    chance, found = job.facts["chance"]["train"], {}
    for lane, keeps in enumerate(job.settings.normalized):
        for one in diagnosis.lag(job.told, lane, job.end) if keeps else ():
            if one.key == "lag" and not diagnosis.guesses(one.facts["training"], chance):
                found[lane] = one.facts
    return found


@dataclass(frozen=True)
class Race:
    """share: of the validation examples, what all lanes got right at some time; steps: by lane, after how many it first
    did."""

    share: float
    steps: dict[int, int]


Checks = list[dict[str, Any]]
"""What was told of the validation data, by step: {"step", "accuracy": of each lane}."""


def race(job: Job, chance: float) -> Race | None:
    """How soon each lane of a job that is over was as good as all of them came to be.

    Where they came out even, to the full percent that all kept, if one took at least twice as long as another to it;
    else to the highest full tenth that all reached, up to nine. Without lanes that diverged. None where there is
    nothing to compare: fewer than two lanes, no better than guessing, or all equally soon; and where there is a fork,
    which begins with what another lane has learned.
    """
    if any(one.fork_of is not None for one in job.settings.lanes):
        return None
    final = job.end["final"]["validation"]["accuracy"]
    checks = [check for told in job.told for check in told.get("validation", [])]
    checks.append({"step": job.end["step"], "accuracy": final})
    lanes = [n for n, lost in enumerate(job.end["diverged"]) if lost is None]
    apart = parted(checks, lanes, final) if ranked(final, chance)[0] == "even" else None
    best = [max(check["accuracy"][lane] or 0.0 for check in checks) for lane in lanes]
    found = apart or first_to(checks, lanes, min([HIGHEST_TENTH, *(int(10 * one) for one in best)]) / 10)
    equal = len(set(found.steps.values())) < 2
    return None if equal or diagnosis.guesses(found.share, chance) else found


def parted(checks: Checks, lanes: list[int], final: list[float | None]) -> Race | None:
    """The race to where all lanes came out, down to the full percent; None where none was twice as long as another."""
    found = first_to(checks, lanes, min(int(100 * final[lane]) for lane in lanes) / 100)
    return found if max(found.steps.values()) >= MUCH_SOONER * min(found.steps.values()) else None


def first_to(checks: Checks, lanes: list[int], share: float) -> Race:
    """After how many steps each lane first got that share right."""
    return Race(
        share, {lane: next(c["step"] for c in checks if (c["accuracy"][lane] or 0.0) >= share) for lane in lanes}
    )


def ahead(shares: dict[int, float]) -> list[int]:
    """The lanes down to the first gap of at least MARGIN, so that none that is left out is even with one of them."""
    order = sorted(shares, key=lambda lane: -shares[lane])
    gaps = [place for place in range(1, len(order)) if shares[order[place - 1]] - shares[order[place]] >= MARGIN]
    return order[: gaps[0]] if gaps else order
