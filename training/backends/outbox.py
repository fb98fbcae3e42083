"""What is to be written to a worker's pipe, by a thread of its own: a pipe that nobody empties blocks its writer."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import BinaryIO

MOST_WAITING = 64
"""Orders that may wait. A worker that reads has at most a handful before it; one that does not is of no use."""


class Outbox:
    """Lines for a pipe. Whoever puts one need not wait until it is read."""

    def __init__(self, pipe: BinaryIO, name: str, most: int = MOST_WAITING) -> None:
        self._pipe = pipe
        self._lines: queue.Queue[bytes | None] = queue.Queue(most)
        threading.Thread(target=self._write, name=name, daemon=True).start()

    def put(self, line: bytes | None) -> bool:
        """Queue a line, or None to close the pipe after the lines before; returns whether there was room."""
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            return False
        return True

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # nobody reads any more: the worker's end is reported anyway
            while (line := self._lines.get()) is not None:
                self._pipe.write(line)
                self._pipe.flush()
        with contextlib.suppress(OSError, ValueError):
            self._pipe.close()
