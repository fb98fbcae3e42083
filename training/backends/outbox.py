"""Writes a worker's orders to its pipe in a thread, because a full pipe blocks the thread that writes to it."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import BinaryIO

MOST_WAITING = 64
"""How many orders may wait. A worker that reads has a handful at most; one that does not read is of no use."""


class Outbox:
    """A queue of lines for a pipe; adding a line does not wait until it is read."""

    def __init__(self, pipe: BinaryIO, name: str, most: int = MOST_WAITING) -> None:
        self._pipe = pipe
        self._lines: queue.Queue[bytes | None] = queue.Queue(most)
        threading.Thread(target=self._write, name=name, daemon=True).start()

    def put(self, line: bytes | None) -> bool:
        """Add a line, or None to close the pipe after the lines before it; returns whether there was room."""
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            return False
        return True

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # the reader is gone: the worker's end is reported anyway
            while (line := self._lines.get()) is not None:
                self._pipe.write(line)
                self._pipe.flush()
        with contextlib.suppress(OSError, ValueError):
            self._pipe.close()
