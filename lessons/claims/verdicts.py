"""Ten claims about batch norm: what each says, what was measured about it, and where the reader can see it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from lessons.claims import measure
from lessons.content import read


@dataclass(frozen=True)
class Claim:
    """A claim (section "claim.<number>" of the words), its verdict and the lesson that shows it.

    measure: the numbers in section "told.<number>".
    """

    number: int
    verdict: str
    shown: str
    measure: Callable[[], measure.Facts]

    @property
    def text(self) -> str:
        return read("claims")[f"claim.{self.number}"]

    @property
    def judged(self) -> str:
        """The verdict as the reader sees it."""
        return read("claims")[self.verdict]

    @property
    def told(self) -> str:
        """What was measured, in words."""
        return filled(self)


@functools.cache
def filled(claim: Claim) -> str:
    """Section "told.<number>" with its numbers, measured once."""
    return read("claims").say(f"told.{claim.number}", **claim.measure())


CLAIMS = (
    Claim(1, "no", "covariate_shift", measure.shift),
    Claim(2, "if", "training", measure.speed),
    Claim(3, "if", "input_scaling", measure.conditioning),
    Claim(4, "if", "four_steps", measure.moments),
    Claim(5, "no", "momentum", measure.momentum),
    Claim(6, "no", "activations", measure.order),
    Claim(7, "no", "gamma_beta", measure.learned),
    Claim(8, "if", "training", measure.rates),
    Claim(9, "no", "activations", measure.passed_on),
    Claim(10, "if", "regularisation", measure.noise),
)


def measured() -> str:
    """How the numbers came about."""
    return read("claims").say("measured", seeds=len(measure.SEEDS), steps=measure.STEPS)


def sheet() -> str:
    """All of it as one text, in Markdown."""
    words = read("claims")
    parts = [f"## {one.number}. {one.text}\n\n{one.judged}. {one.told}" for one in CLAIMS]
    return "\n\n".join([f"# {words.title}", words["lead"], *parts, measured()]) + "\n"
