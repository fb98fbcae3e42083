"""A training worker on another machine: a task on a dask worker starts the usual worker process, passes orders to it
and its events back, through two queues of the scheduler (training/backends/dask_cluster.py has the other ends)."""

from __future__ import annotations

import queue
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypedDict

from distributed import Queue, get_client

from training.backends.file_transfer import FileTransfer, pack_event, unpack_order
from training.backends.process import COMMAND, Process
from training.messages import Event

BEAT_SECONDS = 1.0
"""Seconds between two signs of life sent to the server."""
SILENCE_SECONDS = 30.0
"""After this many seconds without a message, the host assumes that the server is gone."""
Control = Literal["beat", "kill", "close"]
"""Messages from the server besides orders: a sign of life; kill the process; end."""


class Report(TypedDict):
    """A message from a host to the server, at least one every BEAT_SECONDS."""

    host: str
    """A random name made when the task starts; a new name means that the task has been started again."""
    pid: int
    memory: int
    """Bytes of memory that the process uses."""
    events: list[FileTransfer | None]
    """The worker's events since the last report; None once it has ended."""


def host(name: str, command: Sequence[str] | None = None) -> None:
    """Run a worker process on this machine until it ends, the server asks for its end, or the server is gone."""
    client = get_client()
    ends = [Queue(f"{name}-{end}", client=client) for end in ("orders", "reports")]
    with tempfile.TemporaryDirectory(prefix="bn-lab-host-") as folder:
        Host(*ends, command or COMMAND, Path(folder)).serve()


class Host:
    """The worker process and two threads around it: this one takes the server's orders, the other reports to it."""

    def __init__(self, orders: Queue, reports: Queue, command: Sequence[str], folder: Path) -> None:
        self.orders, self.reports, self.folder = orders, reports, folder
        self.id = uuid.uuid4().hex
        self.events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self.ended = threading.Event()
        self.process = Process(command, lambda _, event: self.events.put(event))
        threading.Thread(target=self.report, name="reports", daemon=True).start()

    def serve(self) -> None:
        """Carry out the server's orders until there is nothing left to do here."""
        last = time.monotonic()
        try:
            while not self.ended.is_set() and time.monotonic() - last < SILENCE_SECONDS:
                try:
                    orders = self.orders.get(timeout=BEAT_SECONDS)
                except TimeoutError:
                    continue
                last = time.monotonic()
                for order in orders:
                    self.obey(order)
        finally:
            self.process.close()

    def obey(self, order: FileTransfer | Control) -> None:
        if order == "close":
            self.ended.set()
        elif order == "kill":
            self.process.kill()
        elif order != "beat":
            self.process.send(unpack_order(order, self.folder))

    def report(self) -> None:
        """Send the server the process's events, and regularly a sign of life."""
        sent: set[str] = set()
        while not self.ended.is_set():
            events = self.new_events()
            packed = [event and pack_event(event, sent) for event in events]
            if None in events:
                self.ended.set()
            self.reports.put(
                {"host": self.id, "pid": self.process.pid, "memory": self.process.memory(), "events": packed}
            )

    def new_events(self) -> list[Event | None]:
        """The new events, after waiting at most one beat for them."""
        try:
            events = [self.events.get(timeout=BEAT_SECONDS)]
        except queue.Empty:
            return []
        while not self.events.empty():
            events.append(self.events.get())
        return events
