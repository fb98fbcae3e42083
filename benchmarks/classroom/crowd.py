"""The actions of a class: open a lesson, move, leave; each function performs one and returns what came of it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks.classroom import load, moves
from benchmarks.classroom.load import Cost, Outcome
from benchmarks.classroom.machine import Reading
from benchmarks.classroom.moves import Move, Walk
from benchmarks.classroom.served import App
from benchmarks.classroom.visitor import HAND_SECONDS, Visitor

DRAIN_SECONDS = 20
"""How long after the last move is due its answer still counts."""
OPENING_SECONDS = 90
REST_SECONDS = 1.0
"""The rest after the last answer, so that work which the app puts off is measured too."""


class Measured(NamedTuple):
    """The outcomes of some moves, and the processes' use of resources from the first move to a rest after the last."""

    outcomes: list[Outcome]
    took: Reading

    @property
    def answered(self) -> int:
        return max(1, sum(not outcome.fault for outcome in self.outcomes))

    @property
    def web(self) -> float:
        """Processor milliseconds of the web process per answered move."""
        return 1000 * self.took.web / self.answered

    @property
    def children(self) -> float:
        """Processor milliseconds of the processes below the web process per answered move."""
        return 1000 * self.took.children / self.answered


@dataclass
class Group:
    """The students of a class, each on a lesson with a walk through it. requested: all requests of the class so far."""

    app: App
    lessons: Sequence[str]
    states: str
    requested: set[str] = field(default_factory=set)
    present: list[tuple[Visitor, Walk]] = field(default_factory=list)

    def student(self, number: int) -> tuple[Visitor, Walk]:
        lesson = self.lessons[number % len(self.lessons)]
        return self.app.students(self.app.url, lesson, self.requested), moves.walk(lesson, self.states, number)

    async def open(self, count: int, seconds: float) -> Measured:
        """Let `count` students come, evenly over so many seconds."""
        coming = [self.student(number) for number in range(count)]
        before, start = self.app.reading(), time.perf_counter()
        end = start + seconds + OPENING_SECONDS
        dues = load.spaced(start, count, seconds)
        outcomes = await asyncio.gather(
            *(self._come(visitor, due, end) for (visitor, _), due in zip(coming, dues, strict=True))
        )
        self.present = [one for one, outcome in zip(coming, outcomes, strict=True) if not outcome.fault]
        return Measured(list(outcomes), await self._rested(before))

    async def move(self, seconds: float) -> Measured:
        """Let all students move every five seconds for so long."""
        before, start = self.app.reading(), time.perf_counter() + 0.5
        end = start + seconds + DRAIN_SECONDS
        days = [
            day(visitor, walk, load.dues(start, seconds, random.Random(number)), end)
            for number, (visitor, walk) in enumerate(self.present)
        ]
        outcomes = [outcome for one in await asyncio.gather(*days) for outcome in one]
        await self._settled()
        return Measured(outcomes, await self._rested(before))

    async def leave(self) -> None:
        await asyncio.gather(*(visitor.leave() for visitor, _ in self.present))
        self.present = []

    async def _come(self, visitor: Visitor, due: float, end: float) -> Outcome:
        await load.reach(due)
        return await load.made(moves.OPENING, visitor.come, due, end)

    async def _settled(self) -> None:
        """Wait for answers that were given up; students without an answer leave."""
        outcomes = await asyncio.gather(*(visitor.settle() for visitor, _ in self.present), return_exceptions=True)
        gone = [one for one, error in zip(self.present, outcomes, strict=True) if error]
        self.present = [one for one, error in zip(self.present, outcomes, strict=True) if not error]
        await asyncio.gather(*(visitor.leave() for visitor, _ in gone))

    async def _rested(self, before: Reading) -> Reading:
        await asyncio.sleep(REST_SECONDS)
        return self.app.reading().since(before)


async def day(visitor: Visitor, walk: Walk, dues: Sequence[float], end: float) -> list[Outcome]:
    """A student's moves, each as soon as it is due and the previous one has been answered."""
    outcomes = []
    for due, move in zip(dues, walk, strict=False):
        await load.reach(due - HAND_SECONDS)
        visitor.near(move)
        await load.reach(due)
        outcomes.append(await load.made(move.kind, lambda move=move: visitor.move(move), due, end))
    return outcomes


async def alone(app: App, visitor: Visitor, wanted: Sequence[Move], pause: float, seconds: float) -> Measured:
    """Let one student on an idle app make these moves one after the other, as many as the seconds allow."""
    before, start, outcomes = app.reading(), time.perf_counter(), []
    for move in wanted:
        if time.perf_counter() - start > seconds:
            break
        visitor.jump(move.before)
        visitor.near(move)
        await asyncio.sleep(HAND_SECONDS)
        now = time.perf_counter()
        outcomes.append(await load.made(move.kind, lambda move=move: visitor.move(move), now, now + 60))
        await asyncio.sleep(pause)
    await asyncio.sleep(REST_SECONDS)
    return Measured(outcomes, app.reading().since(before))


async def visits(app: App, lessons: Sequence[str], count: int, seconds: float, at_once: int = 4) -> list[Outcome]:
    """Let `count` sessions come, make two moves and leave, a few at a time, as many as the seconds allow."""
    requested: set[str] = set()
    end = time.perf_counter() + seconds
    numbers = iter(range(count))

    async def seat() -> list[Outcome]:
        outcomes = []
        for number in numbers:
            if time.perf_counter() > end:
                break
            outcomes.append(await visit(app, lessons[number % len(lessons)], number, requested))
        return outcomes

    return [outcome for one in await asyncio.gather(*(seat() for _ in range(at_once))) for outcome in one]


async def visit(app: App, lesson: str, number: int, requested: set[str], pause: float = 0.0, count: int = 2) -> Outcome:
    """One session, from start to end."""
    visitor, walk = app.students(app.url, lesson, requested), moves.walk(lesson, "spread", number)

    async def stay() -> Cost:
        await visitor.come()
        for move, _ in zip(walk, range(count), strict=False):
            await asyncio.sleep(pause)
            await visitor.move(move)
        return Cost(requests=1)

    now = time.perf_counter()
    try:
        return await load.made("visit", stay, now, now + 60 + count * pause)
    finally:
        await visitor.leave()
