"""The tables' routes with makers in the test's own process, which can be made to wait and to fail."""

import asyncio
import json
from urllib.parse import urlencode

from starlette.applications import Starlette

from tests.ui.requests import get, run
from ui.api import tables
from ui.api.table_cache import TableCache

LIGHT = {"depth": "2", "width": "8", "batch_size": "4"}
"""A net that takes no time."""


class Here:
    """A maker in this process, which remembers what was requested and can be made to wait or to fail."""

    def __init__(self):
        self.requested = []
        self.gate = None
        self.failures = []

    async def make(self, function, *given):
        self.requested.append((function, *given))
        if self.gate:
            await self.gate.wait()
        if self.failures:
            raise self.failures.pop()
        return function(*given)


class Bench:
    """The routes, their makers and their cache, all anew."""

    def __init__(self, monkeypatch, slow_most=60, **cache):
        self.quick, self.slow, self.cache = Here(), Here(), TableCache(**cache)
        self.slow_cache, self.keras, self.keras_cache = TableCache(most=slow_most), Here(), TableCache()
        for name in ("quick", "slow", "keras", "cache", "slow_cache", "keras_cache"):
            monkeypatch.setattr(tables, name, getattr(self, name))
        self.app = Starlette(routes=tables.routes(""))

    @property
    def requested(self):
        return [*self.quick.requested, *self.slow.requested]

    def get(self, address, **headers):
        return run(get(self.app, address, **headers))

    async def waiting(self, number):
        """Return once so many wait for what is being made, and its makers have been called."""
        while sum(work.waiting for cache in (self.cache, self.slow_cache) for work in under_way(cache)) != number:
            await asyncio.sleep(0)
        await asyncio.sleep(0)


def under_way(cache):
    return cache._under_way.values()


def body(answer):
    """What a JSON answer holds."""
    return json.loads(answer.content)


def address(slug, kind="tables", **query):
    return f"/api/{kind}/{slug}?{urlencode(query)}"
