"""Workers on the machines of a dask cluster, each an ordinary worker process there (training/host.py).

The operator starts `dask scheduler` with DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=0 (a task whose machine has died
must not wait for it) and, in a checkout of the app on every machine, `dask worker tcp://… --nthreads 1`; the server is
pointed there by BN_LAB_SCHEDULER=tcp://…. One training per dask worker at a time; the queue is the engine's own.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from distributed import Client, Queue

from training.backends import Heard
from training.host import BEAT, PATIENCE, host
from training.parcel import pack_order, unpack_message

log = logging.getLogger(__name__)
LOOK = 0.5
"""Seconds between two looks at which machines there are."""


class Cluster:
    """The dask workers that the scheduler at `address` knows; each is hired at most once at a time."""

    def __init__(self, address: str, command: Sequence[str] | None = None) -> None:
        self.address, self.command = address, command
        self._client: Client | None = None
        self._machines: set[str] = set()
        self._hired: dict[str, Remote] = {}
        self._closed = threading.Event()
        threading.Thread(target=self._watch, name="training cluster", daemon=True).start()

    @property
    def slots(self) -> int:
        return len(self._machines)

    def hire(self, heard: Heard) -> Remote | None:
        """A worker on a machine that has none."""
        self._hired = {machine: remote for machine, remote in self._hired.items() if not remote.over}
        free = sorted(self._machines - self._hired.keys())
        if not free or self._client is None:
            return None
        remote = self._hired[free[0]] = Remote(self._client, free[0], self.command, heard)
        return remote

    def close(self) -> None:
        """Leave the scheduler; the hosts have been closed before."""
        self._closed.set()
        if self._client is not None:
            with contextlib.suppress(Exception):
                self._client.close(timeout=2)

    def _watch(self) -> None:
        while not self._closed.is_set():
            try:
                self._look()
            except Exception as error:
                log.warning("the scheduler at %s does not answer: %s", self.address, error)
                self._lose()
            self._closed.wait(LOOK)

    def _look(self) -> None:
        if self._client is None:
            self._client = Client(self.address, set_as_default=False, timeout=5, name="batch-norm-lab")
        if self._client.status != "running":
            raise ConnectionError(self._client.status)
        self._machines = set(self._client.nthreads())
        for machine, remote in list(self._hired.items()):
            if machine not in self._machines:
                remote.end()

    def _lose(self) -> None:
        """Without a scheduler there are no workers; the next look tries to connect anew."""
        self._machines, client, self._client = set(), self._client, None
        for remote in list(self._hired.values()):
            remote.end()
        if client is not None:
            with contextlib.suppress(Exception):
                client.close(timeout=1)


class Remote:
    """A worker on another machine (backends.Worker). Its files go along with what is said."""

    def __init__(self, client: Client, machine: str, command: Sequence[str] | None, heard: Heard) -> None:
        self.pid, self.over, self._memory = 0, False, 0
        self._client, self._machine, self._command = client, machine, command
        self._heard, self._host = heard, ""
        self._keeps: dict[str, Path] = {}
        self._orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._lock, self._done = threading.Lock(), threading.Event()
        threading.Thread(target=self._work, name=f"worker at {machine}", daemon=True).start()

    def tell(self, order: dict[str, Any]) -> None:
        """Send an order, with the files that it names as they are now."""
        if order["do"] == "train":
            self._keeps = {order["job"]: Path(order["keep"])}
        self._orders.put(pack_order(order))

    def memory(self) -> int:
        """The bytes it took a moment ago."""
        return self._memory

    def kill(self) -> None:
        """End its process there; if that machine does not answer, it is given up."""
        self._orders.put({"do": "kill"})
        timer = threading.Timer(5.0, self.end)
        timer.daemon = True
        timer.start()

    def close(self, seconds: float = 3.0) -> None:
        """Let it end."""
        self._orders.put({"do": "close"})
        self._done.wait(seconds)
        self.end()

    def end(self) -> None:
        """Nothing more is heard of it, and the machine may be hired again."""
        with self._lock:
            if self.over:
                return
            self.over = True
        self._orders.put({"do": "close"})
        self._heard(self, None)

    def _work(self) -> None:
        """Start the task there, pass on orders in a thread of its own, and listen until it is over."""
        name = f"bn-lab-{uuid.uuid4().hex}"
        where = {"workers": [self._machine], "key": name, "pure": False, "retries": 0}
        try:
            orders, told = (Queue(f"{name}-{end}", client=self._client) for end in ("orders", "told"))
            task = self._client.submit(host, name, self._command, **where)
            task.add_done_callback(lambda _: (self._done.set(), self.end()))
            threading.Thread(target=self._send, args=(orders,), name=f"orders to {self._machine}", daemon=True).start()
            self._listen(told)
        except Exception as error:
            log.info("%s is no longer heard: %s", self._machine, error)
        self.end()

    def _send(self, orders: Queue) -> None:
        """Pass on the orders, and a sign of life where there are none, until it is over."""
        try:
            while True:
                orders.put(due := self._due())
                if any(order["do"] == "close" for order in due):
                    return
        except Exception as error:
            log.info("%s no longer takes orders: %s", self._machine, error)
            self.end()

    def _due(self) -> list[dict[str, Any]]:
        try:
            due = [self._orders.get(timeout=5 * BEAT)]
        except queue.Empty:
            return [{"do": "beat"}]
        while not self._orders.empty():
            due.append(self._orders.get())
        return due

    def _listen(self, told: Queue) -> None:
        last = time.monotonic()
        while not self.over and time.monotonic() - last < PATIENCE:
            with contextlib.suppress(TimeoutError):
                news = told.get(timeout=BEAT)
                last = time.monotonic()
                self._hear(news)

    def _hear(self, told: dict[str, Any]) -> None:
        self._host = self._host or told["host"]
        if told["host"] != self._host:
            self.end()  # the task was started a second time: what the first one trained is lost
            return
        self.pid, self._memory = told["pid"], told["memory"]
        for parcel in told["said"]:
            self.end() if parcel is None else self._pass_on(parcel)

    def _pass_on(self, parcel: dict[str, Any]) -> None:
        try:
            self._heard(self, unpack_message(parcel, self._keeps))
        except Exception:
            log.warning("%s said something that is no message: %.200r", self._machine, parcel, exc_info=True)
