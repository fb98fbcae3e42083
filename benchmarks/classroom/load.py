"""An open loop: moves that are due whether or not the server is ready, and their outcomes.

A move that could not begin, because the one before it was still unanswered, still waits from the time it was due; a
move without an answer at the end counts with its wait so far.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from websockets.exceptions import WebSocketException

EVERY = 5.0
"""Seconds between two moves of a student."""
UNANSWERED = "unanswered"


class FailedError(Exception):
    """The app answered, but with an error."""


class Cost(NamedTuple):
    """The cost of a move: bytes to the browser, requests (with runs of the script), whether it was requested first."""

    bytes: int = 0
    requests: int = 0
    new: bool = False
    seconds: float | None = None
    """The time at which the answer counts, if that is before all of it has arrived."""


class Outcome(NamedTuple):
    """A move: its kind, the seconds from its due time to its answer, its cost, and what went wrong (if anything)."""

    kind: str
    seconds: float
    cost: Cost = Cost()
    fault: str = ""


class Summary(NamedTuple):
    """Counts of moves, and of those without a request; percentiles of the others' milliseconds from due time to answer;
    mean and largest bytes of these; counts of those that nobody had requested before, that failed, and without an
    answer."""

    count: int
    free: int
    p50: float
    p95: float
    p99: float
    mean_bytes: float
    most_bytes: int
    new: int
    failed: int
    unanswered: int


def dues(start: float, seconds: float, rng: random.Random, every: float = EVERY) -> list[float]:
    """The times at which a student's moves are due: from a random start, `every` so many seconds, ± a tenth."""
    phase = start + rng.uniform(0, every)
    times = [phase + number * every + rng.uniform(-0.1, 0.1) * every for number in range(int(seconds // every) + 1)]
    return [due for due in sorted(times) if start <= due < start + seconds]


def spaced(start: float, count: int, seconds: float) -> list[float]:
    """`count` moments, evenly over so many seconds."""
    return [start + number * seconds / count for number in range(count)]


async def reach(due: float) -> None:
    """Wait until that time."""
    await asyncio.sleep(max(0.0, due - time.perf_counter()))


async def made(kind: str, act: Callable[[], Awaitable[Cost]], due: float, end: float) -> Outcome:
    """Make a move that is due; at `end` its answer is given up."""
    left = end - time.perf_counter()
    if left <= 0:
        return Outcome(kind, end - due, fault=UNANSWERED)
    try:
        cost = await asyncio.wait_for(act(), left)
    except TimeoutError:
        return Outcome(kind, end - due, fault=UNANSWERED)
    except (OSError, EOFError, WebSocketException, FailedError) as error:
        return Outcome(kind, time.perf_counter() - due, fault=f"{type(error).__name__}: {error}"[:200])
    answered = time.perf_counter() if cost.seconds is None else cost.seconds
    return Outcome(kind, answered - due, cost)


def percentiles(seconds: Sequence[float]) -> tuple[float, float, float]:
    """The 50th, 95th and 99th percentile in milliseconds; NaN for no values."""
    if not len(seconds):
        return (float("nan"),) * 3
    return tuple(float(1000 * value) for value in np.percentile(seconds, [50, 95, 99]))


def summary(outcomes: Iterable[Outcome]) -> Summary:
    outcomes = list(outcomes)
    requesting = [outcome for outcome in outcomes if outcome.cost.requests or outcome.fault]
    sizes = [outcome.cost.bytes for outcome in requesting if not outcome.fault]
    unanswered = sum(outcome.fault == UNANSWERED for outcome in requesting)
    return Summary(
        len(outcomes),
        len(outcomes) - len(requesting),
        *percentiles([outcome.seconds for outcome in requesting]),
        mean_bytes=sum(sizes) / max(1, len(sizes)),
        most_bytes=max(sizes, default=0),
        new=sum(outcome.cost.new for outcome in requesting),
        failed=sum(bool(outcome.fault) for outcome in requesting) - unanswered,
        unanswered=unanswered,
    )


def faults(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How often each fault occurred."""
    counts: dict[str, int] = {}
    for outcome in outcomes:
        if outcome.fault:
            counts[outcome.fault] = counts.get(outcome.fault, 0) + 1
    return counts
