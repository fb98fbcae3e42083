"""A cache of made bytes: each is made once for all who ask for it, and kept while there is room."""

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
"""The share of the work under way that one address may have started.

Not a share for each student: a class shares one address, and an attacker would just leave out a student's cookie. It
leaves room for other addresses; what exceeds it, the class itself would wait for half a minute.
"""


class BusyError(Exception):
    """As many tables are being made as may be."""


@dataclass
class UnderWay:
    """Work under way: the client that asked first, and how many are waiting for it."""

    task: asyncio.Task[Made]
    client: str
    waiting: int = 0


class TableCache:
    """Bytes by key: made once, however many ask at the same time; the least recently used are dropped first."""

    def __init__(self, room: int = CACHE_BYTES, most: int = MOST_WAITING) -> None:
        self.most = most
        self.stored: LRUCache[Hashable, Made] = LRUCache(room, getsizeof=lambda made: len(made[1]))
        self._under_way: dict[Hashable, UnderWay] = {}

    async def get(self, key: Hashable, make: Callable[[], Any], client: str = "") -> Made:
        """The bytes stored under `key`, or else the result of the coroutine that `make` returns.

        Raises BusyError where too many are waiting, in all or for this client.
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
        """Wait for work under way. A client that leaves does not end the work; the last one that leaves does."""
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
