"""What has been made, kept while there is room: bytes are made once for all who ask for the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache

from lessons.making import Made

CACHE_BYTES = 64 * 2**20
MOST_WAITING = 400
SHARE = 0.75
"""The part of what may be under way that one address may have begun.

It is no share for each student: a class sits behind one address, and whoever means harm leaves out a cookie that names
a student. It leaves room for others elsewhere; what goes beyond it, the class itself would wait for half a minute.
"""


class BusyError(Exception):
    """As many tables are being made as may be."""


@dataclass
class UnderWay:
    """Something that is being made, for the client that asked first, and how many wait for it."""

    task: asyncio.Task[Made]
    client: str
    waiting: int = 0


class TableCache:
    """Bytes by what they are of: made once, however many ask at a time; those unused for longest are dropped first."""

    def __init__(self, room: int = CACHE_BYTES, most: int = MOST_WAITING) -> None:
        self.most = most
        self.stored: LRUCache[Hashable, Made] = LRUCache(room, getsizeof=lambda made: len(made[1]))
        self._under_way: dict[Hashable, UnderWay] = {}

    async def get(self, key: Hashable, make: Callable[[], Any], client: str = "") -> Made:
        """What is stored under `key`, or what the coroutine of `make` returns.

        Raises BusyError where too much waits, for all or for this client.
        """
        if key in self.stored:
            return self.stored[key]
        if key not in self._under_way:
            its = sum(work.client == client for work in self._under_way.values())
            if len(self._under_way) >= self.most or its >= max(1, SHARE * self.most):
                raise BusyError
            self._under_way[key] = UnderWay(asyncio.create_task(self._made(key, make)), client)
        return await self._waited(key, self._under_way[key])

    async def _waited(self, key: Hashable, work: UnderWay) -> Made:
        """Wait for what is being made. A client that leaves does not end the work; the last one that leaves does."""
        work.waiting += 1
        try:
            return await asyncio.shield(work.task)
        finally:
            work.waiting -= 1
            if not work.waiting:
                work.task.cancel()
                if self._under_way.get(key) is work:
                    del self._under_way[key]

    async def _made(self, key: Hashable, make: Callable[[], Any]) -> Made:
        made = await make()
        if len(made[1]) <= self.stored.maxsize:
            self.stored[key] = made
        return made
