"""A training worker on another machine: a task on a dask worker starts the usual process there and passes on what is
said to it and by it, through two queues of the scheduler (training/cluster.py has their other ends)."""

from __future__ import annotations

import queue
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from distributed import Queue, get_client

from training.parcel import pack_message, unpack_order
from training.process import COMMAND, Process

BEAT = 1.0
"""Seconds between two signs of life to the server."""
PATIENCE = 30.0
"""Seconds without a word from the server after which it counts as gone."""


def host(name: str, command: Sequence[str] | None = None) -> None:
    """Let a worker process run on this machine until it ends, or the server wants it to, or is gone."""
    client = get_client()
    ends = [Queue(f"{name}-{end}", client=client) for end in ("orders", "told")]
    with tempfile.TemporaryDirectory(prefix="bn-lab-host-") as folder:
        Host(*ends, command or COMMAND, Path(folder)).serve()


class Host:
    """The process and the two threads around it: this one hears the server, another one tells it."""

    def __init__(self, orders: Queue, told: Queue, command: Sequence[str], folder: Path) -> None:
        self.orders, self.told, self.folder = orders, told, folder
        self.id = uuid.uuid4().hex
        self.said: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self.ended = threading.Event()
        self.process = Process(command, lambda _, message: self.said.put(message))
        threading.Thread(target=self.pass_on, name="told", daemon=True).start()

    def serve(self) -> None:
        """Carry out the server's orders until there is nothing more to do here."""
        heard = time.monotonic()
        try:
            while not self.ended.is_set() and time.monotonic() - heard < PATIENCE:
                try:
                    orders = self.orders.get(timeout=BEAT)
                except TimeoutError:
                    continue
                heard = time.monotonic()
                for order in orders:
                    self.obey(order)
        finally:
            self.process.close()

    def obey(self, order: dict[str, Any]) -> None:
        if order["do"] == "close":
            self.ended.set()
        elif order["do"] == "kill":
            self.process.kill()
        elif order["do"] != "beat":
            self.process.tell(unpack_order(order, self.folder))

    def pass_on(self) -> None:
        """Tell the server what the process says, and every now and then that it lives."""
        sent: set[str] = set()
        while not self.ended.is_set():
            said = self.gathered()
            packed = [message and pack_message(message, sent) for message in said]
            if None in said:
                self.ended.set()
            self.told.put({"host": self.id, "pid": self.process.pid, "memory": self.process.memory(), "said": packed})

    def gathered(self) -> list[dict[str, Any] | None]:
        """All that has been said meanwhile, after at most one beat."""
        try:
            said = [self.said.get(timeout=BEAT)]
        except queue.Empty:
            return []
        while not self.said.empty():
            said.append(self.said.get())
        return said
