"""Processes that make tables, so that no page's thread has to."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from loky import ProcessPoolExecutor

from lessons import making


class Maker:
    """A process that makes tables, one after the other; a new one replaces it if it dies."""

    def __init__(self, niceness: int) -> None:
        self.niceness = niceness
        self._pool: ProcessPoolExecutor | None = None

    async def make(self, function: Callable[..., making.Made], *given: Any) -> making.Made:
        """The function's result, computed in the process. Raises as the function does."""
        pool = self._running()
        try:
            return await asyncio.wrap_future(pool.submit(function, *given))
        except BrokenProcessPool:  # the process was killed, perhaps for lack of memory: try again
            if self._pool is pool:
                self.close()
            return await asyncio.wrap_future(self._running().submit(function, *given))

    def close(self) -> None:
        if self._pool:
            self._pool.shutdown(wait=False, kill_workers=True)
        self._pool = None

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            one_thread, given = {"OPENBLAS_NUM_THREADS": "1"}, (self.niceness, os.getpid())
            self._pool = ProcessPoolExecutor(1, initializer=making.begin, initargs=given, env=one_thread)
        return self._pool
