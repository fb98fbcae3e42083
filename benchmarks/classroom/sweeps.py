"""Sweeps in the studio beside a class, followed and drawn as by a browser."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.classroom import load, report
from benchmarks.classroom.crowd import Group, Measured
from benchmarks.classroom.served import App
from benchmarks.classroom.visitor import Visitor
from benchmarks.classroom.wire import Connection

BUTTON, MAPS = "studio.sweep.go", "studio.sweep.maps"
SWEEPS = 5
RERUN = "page run anew"
PATIENCE = 60.0
"""Seconds after which an answer is given up."""


class Sweeper(Visitor):
    """A session with a running sweep. Whenever more cells are done, a part of its page is drawn anew."""

    def __init__(self, server: str, seed: int) -> None:
        super().__init__(server, "studio", f"studio.view=sweep&studio.seed={seed}")
        self._port, self._part = urlsplit(server).port, ""

    def take(self, message: ForwardMsg) -> None:
        super().take(message)
        self._part = message.delta.fragment_id or self._part

    def request(self) -> bytes:
        message = BackMsg.FromString(super().request())
        message.rerun_script.fragment_id = self._part if self.shown.get(MAPS, {}).get("events") else ""
        return message.SerializeToString()

    async def begin(self) -> None:
        """Open the studio and start the sweep."""
        await self.come()
        await self.press(BUTTON)

    async def follow(self) -> None:
        """Follow the sweep to its end."""
        async for line in Connection(self._port).lines(f"/{self.shown[MAPS]['events']}"):
            if line.startswith(b"data: ") and json.loads(line[6:])["going"]:
                await self.ask()


@asynccontextmanager
async def sweeping(server: str, count: int) -> AsyncIterator[None]:
    """Run `count` different sweeps until the block ends."""
    sweepers = [Sweeper(server, seed) for seed in range(1, count + 1)]
    await asyncio.gather(*(one.begin() for one in sweepers))
    following = [asyncio.create_task(one.follow()) for one in sweepers]
    try:
        yield
        if over := [task for task in following if task.done()]:
            print(
                f"      {len(over)} of {count} sweeps were over before the end: {[task.exception() for task in over]}"
            )
    finally:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        await asyncio.gather(*(one.leave() for one in sweepers))


async def beside(group: Group, count: int, opening: float, seconds: float) -> None:
    """A class that moves, and someone in the studio, with and without sweeps. opening: seconds for all to come."""
    await group.open(count, opening)
    await moving(group, seconds, "no sweep")
    async with sweeping(group.app.url, SWEEPS):
        await moving(group, seconds, f"{SWEEPS} sweeps")
    await group.leave()


async def moving(group: Group, seconds: float, while_: str) -> None:
    report.show(f"{len(group.present)} students, {while_}", group.app, await group.move(seconds))
    report.show(f"one in the studio, {while_}", group.app, await reruns(group.app, seconds))


async def reruns(app: App, seconds: float) -> Measured:
    """Someone else in the studio, whose page runs once a second."""
    other, before = Visitor(app.url, "studio", ""), app.reading()
    await other.come()
    start, outcomes = time.perf_counter(), []
    while (due := time.perf_counter()) < start + seconds:
        outcomes.append(await load.made(RERUN, other.ask, due, due + PATIENCE))
        await load.reach(due + 1)
    await other.leave()
    return Measured(outcomes, app.reading().since(before))
