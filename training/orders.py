"""What a run is told while it trains: from the thread that listens to the thread that trains."""

from __future__ import annotations

import queue
import threading
import time
from typing import Any

Order = dict[str, Any]


class Orders:
    """An inbox. `stop` and `release` are seen at once, also by one who waits; the others are taken in turn.

    Orders: {"do": "stop" | "pause" | "resume" | "release"}, {"do": "step", "count"}, {"do": "pace", "pace"},
    {"do": "change", "field", "value"}. A paused run that is told to release gives its worker to another one.
    """

    def __init__(self) -> None:
        self._waiting: queue.Queue[Order] = queue.Queue()
        self._news = threading.Event()
        self.stopped = threading.Event()
        self.released = threading.Event()

    def put(self, order: Order) -> None:
        if order["do"] == "stop":
            self.stopped.set()
        elif order["do"] == "release":
            self.released.set()
        else:
            self._waiting.put(order)
        self._news.set()

    def take(self) -> Order | None:
        """The next order, None where there is none."""
        try:
            return self._waiting.get_nowait()
        except queue.Empty:
            return None

    def rest(self, seconds: float | None = None) -> None:
        """Wait until there is news, or for so long."""
        end = None if seconds is None else time.monotonic() + seconds
        while self._waiting.empty() and not self.stopped.is_set():
            left = None if end is None else end - time.monotonic()
            if (left is not None and left <= 0) or (end is None and self.released.is_set()):
                return
            self._news.clear()
            if self._waiting.empty() and not self.stopped.is_set():
                self._news.wait(left)
