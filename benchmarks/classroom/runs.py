"""Trainings as students watch them: press Train on a page, follow the event stream, check its estimates."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from benchmarks.classroom.load import FailedError
from benchmarks.classroom.visitor import GUESS, Visitor
from benchmarks.classroom.wire import Connection
from lessons.content import read

LONG = {"layers": 6, "width": 128, "batch_size": 256, "lane_3": "after", "stop_at": "steps", "steps": 20_000}
"""A long run of the studio; `pace` is for earlier apps, which trained slowly by default."""

WAITING, OVER = "queued", ("finished", "stopped", "failed")
STARTING_SECONDS = 60
CLOSE = 5.0, 0.25
"""A reported wait is right within so many seconds, or such a share of it."""


class StatusReport(NamedTuple):
    """What an event reported, and when."""

    at: float
    status: str
    place: int | None
    wait: float | None


class WatchedRun:
    """A student's training. reports: the reports in its event stream."""

    def __init__(self, server: str, page: str, **settings: Any) -> None:
        query = urlencode({f"{page}.{name}": value for name, value in settings.items()})
        self.visitor = Visitor(server, page, query)
        self.reports: list[StatusReport] = []
        self._button = read(page)["train"]
        self._port = urlsplit(server).port
        self._job = ""

    async def press(self) -> None:
        """Press Train. Raises FailedError where no job comes of it."""
        known = set(jobs(self.visitor.shown))
        if self._button not in self.visitor.ids:
            raise FailedError(f"no button {self._button!r} on the page")
        await self.visitor.press(self._button)
        fresh = [job for job in jobs(self.visitor.shown) if job not in known]
        if not fresh:
            raise FailedError("no training came of pressing Train")
        self._job = fresh[0]

    async def watch(self) -> None:
        """Follow the stream until the run is over."""
        async for line in Connection(self._port).lines(f"/api/jobs/{self._job}/events?layer=0"):
            if line.startswith(b"data: "):
                news = json.loads(line[6:])
                self.reports.append(
                    StatusReport(time.perf_counter(), news["status"], news.get("place"), news.get("wait"))
                )
                if news["status"] in OVER:
                    return

    async def stop(self) -> None:
        if self._job and self.status not in OVER:
            await Connection(self._port).request(
                f"POST /api/jobs/{self._job}/orders", json.dumps({"do": "stop"}).encode()
            )

    @property
    def status(self) -> str:
        return self.reports[-1].status if self.reports else ""

    @property
    def begun(self) -> float | None:
        """When it stopped waiting; None before that."""
        return next((report.at for report in self.reports if report.status != WAITING), None)

    @property
    def done(self) -> float | None:
        """When it was finished; None before that."""
        return self.reports[-1].at if self.status == "finished" else None


def jobs(shown: Any, depth: int = 4) -> Iterator[str]:
    """The ids of the jobs among a page's component data."""
    if isinstance(shown, dict) and depth:
        if isinstance(shown.get("job"), str):
            yield shown["job"]
        for inside in shown.values():
            yield from jobs(inside, depth - 1)


async def watched(run: WatchedRun) -> None:
    """Press Train and listen until the end."""
    await run.press()
    await run.watch()


async def together(runs: Sequence[WatchedRun], seconds: float) -> list[str]:
    """Press Train on all pages at once and wait until all runs are over, at most so long; returns what went wrong."""
    tasks = [asyncio.create_task(watched(run)) for run in runs]
    done, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return [f"{type(error).__name__}: {error}" for task in done if (error := task.exception())]


async def opened(runs: Sequence[WatchedRun], at_once: int = 4) -> None:
    """Open the pages of the runs, a few at a time."""
    gate = asyncio.Semaphore(at_once)

    async def come(run: WatchedRun) -> None:
        async with gate:
            await run.visitor.come()

    await asyncio.gather(*(come(run) for run in runs))


async def left(runs: Sequence[WatchedRun]) -> None:
    """Stop runs that are not over, and leave the pages."""
    with suppress(OSError, EOFError):
        await asyncio.gather(*(run.stop() for run in runs))
    await asyncio.gather(*(run.visitor.leave() for run in runs))


def lesson_runs(server: str, seeds: Sequence[int], **settings: Any) -> list[WatchedRun]:
    """Runs of the training lesson with its defaults and different seeds."""
    return [WatchedRun(server, "training", guess=GUESS, seed=seed, **settings) for seed in seeds]


@asynccontextmanager
async def training(server: str) -> AsyncIterator[None]:
    """Train one run after the other at full speed, until the block ends."""
    under_way = asyncio.Event()
    task = asyncio.create_task(one_after_another(server, under_way))
    try:
        starting = asyncio.create_task(under_way.wait())
        await asyncio.wait([starting, task], timeout=STARTING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not under_way.is_set():
            starting.cancel()
            raise FailedError(f"no training began: {task.exception() if task.done() else 'it took too long'}")
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def one_after_another(server: str, under_way: asyncio.Event, most: int = 1000) -> None:
    for seed in range(1, most + 1):
        run = WatchedRun(server, "studio", **LONG, pace="fast", seed=seed)
        listening = asyncio.create_task(asyncio.sleep(0))
        try:
            await run.visitor.come()
            await run.press()
            listening = asyncio.create_task(run.watch())
            while not listening.done():
                if run.status == "running":
                    under_way.set()
                await asyncio.wait([listening], timeout=0.2)
            await listening
        finally:
            listening.cancel()
            await left([run])


class Truth(NamedTuple):
    """How right queued runs' reports were: how many reports, the shares of right places and right waits, and the median
    error of a wait, as a share of the wait."""

    reports: int
    places: float
    waits: float
    off: float


def truth(runs: Sequence[WatchedRun], now: float) -> Truth:
    """Compare the reports with what happened. A run that has not begun waits at least until `now`; its place is
    unknown, and its reported wait is only judged if it has passed already."""
    begun = sorted(run.begun for run in runs if run.begun)
    waiting = [(run, one) for run in runs for one in run.reports if one.status == WAITING]
    places = [
        abs(one.place - 1 - sum(one.at < other < run.begun for other in begun)) <= 1
        for run, one in waiting
        if run.begun and one.place is not None
    ]
    waits = [
        (one.wait, (run.begun or now) - one.at)
        for run, one in waiting
        if one.wait is not None and (run.begun or one.wait < now - one.at)
    ]
    right = [abs(reported - true) <= max(CLOSE[0], CLOSE[1] * true) for reported, true in waits]
    off = statistics.median([abs(reported - true) / max(true, 1.0) for reported, true in waits] or [float("nan")])
    return Truth(len(waiting), share(places), share(right), off)


def share(right: Sequence[bool]) -> float:
    return sum(right) / len(right) if right else float("nan")
