"""Ten claims about batch norm: each with its words, the measured numbers, and the lesson that shows it."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass

from lessons.claims import measure
from lessons.content import read


@dataclass(frozen=True)
class Claim:
    """A claim (section "claim.<number>"), its verdict, and the lesson, at a preset if named, that shows it."""

    number: int
    verdict: str
    shown: str
    preset: str = ""

    @property
    def text(self) -> str:
        return read("claims")[f"claim.{self.number}"]

    @property
    def judged(self) -> str:
        """The verdict in the reader's words."""
        return read("claims")[self.verdict]

    @property
    def evidence(self) -> str:
        """The evidence: section "evidence.<number>" with its numbers filled in."""
        return read("claims").say(f"evidence.{self.number}", **stored()[str(self.number)])


@functools.cache
def stored() -> dict[str, measure.Facts]:
    """The numbers measured by lessons/claims/measure.py, by claim."""
    return json.loads(measure.FILE.read_text(encoding="utf-8"))


CLAIMS = (
    Claim(1, "no", "covariate_shift"),
    Claim(2, "if", "training"),
    Claim(3, "if", "input_scaling"),
    Claim(4, "if", "four_steps"),
    Claim(5, "no", "momentum"),
    Claim(6, "no", "activations"),
    Claim(7, "no", "gamma_beta", "training"),
    Claim(8, "if", "training"),
    Claim(9, "no", "covariate_shift", "changed"),
    Claim(10, "if", "regularisation"),
)


def measured() -> str:
    """How the numbers were measured."""
    return read("claims").say("measured", seeds=len(measure.SEEDS), steps=measure.STEPS)


def sheet() -> str:
    """The whole page as one Markdown text."""
    words = read("claims")
    parts = [f"## {one.number}. {one.text}\n\n{one.judged}. {one.evidence}" for one in CLAIMS]
    return "\n\n".join([f"# {words.title}", words["lead"], *parts, measured()]) + "\n"
