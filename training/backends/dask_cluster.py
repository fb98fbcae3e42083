"""Workers on the machines of a dask cluster, each an ordinary worker process there (training/backends/dask_host.py).

The operator starts `dask scheduler` with DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=0 (a task whose machine has died
must not wait for it) and, in the app's folder on every machine, `python -m dask worker tcp://… --nthreads 1 --no-nanny`
(without `python -m` it does not find the app); the server is pointed there by BN_LAB_SCHEDULER=tcp://…. One training
per dask worker at a time; the queue is the engine's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
import uuid
from collections.abc import Sequence
from pathlib import Path

from distributed import Client, Future, Queue

from training.backends.base import Receive
from training.backends.dask_host import BEAT_SECONDS, SILENCE_SECONDS, Control, Report, host
from training.backends.file_transfer import FileTransfer, pack_order, unpack_event
from training.backends.outbox import MOST_WAITING
from training.backends.plain_pickles import refuse_code
from training.messages import Order, Train

log = logging.getLogger(__name__)
CHECK_SECONDS = 0.5
"""Seconds between two checks of which machines there are."""
LEAVE_SECONDS = 2.0
"""Closing the cluster waits at most this long for it, then leaves it anyway."""


class Cluster:
    """The dask workers that the scheduler at `address` knows; each is hired at most once at a time."""

    def __init__(self, address: str, command: Sequence[str] | None = None) -> None:
        refuse_code()
        self.address, self.command = address, command
        self._client: Client | None = None
        self._machines: set[str] = set()
        self._hired: dict[str, Remote] = {}
        self._loop, self._closing = asyncio.new_event_loop(), asyncio.Event()
        self._watching = threading.Thread(target=self._run, name="training cluster", daemon=True)
        self._watching.start()

    @property
    def slots(self) -> int:
        return len(self._machines)

    def hire(self, receive: Receive) -> Remote | None:
        """A worker on a machine that has none yet."""
        self._hired = {machine: remote for machine, remote in self._hired.items() if not remote.over}
        free = sorted(self._machines - self._hired.keys())
        if not free or self._client is None:
            return None
        remote = self._hired[free[0]] = Remote(self._client, free[0], self.command, receive)
        return remote

    def close(self) -> None:
        """Disconnect from the scheduler; the hosts have been closed before."""
        with contextlib.suppress(RuntimeError):  # left already
            self._loop.call_soon_threadsafe(self._closing.set)
        self._watching.join(LEAVE_SECONDS)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._watch())

    async def _watch(self) -> None:
        while not self._closing.is_set():
            try:
                await self._update()
            except Exception as error:
                log.warning("the scheduler at %s does not answer: %s", self.address, error)
                await self._disconnect()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), CHECK_SECONDS)
        await self._disconnect()

    async def _update(self) -> None:
        if self._client is None:
            self._client = await connected(self.address)
        if self._client.status != "running":
            raise ConnectionError(self._client.status)
        self._machines = set(await self._client.nthreads())
        for machine, remote in list(self._hired.items()):
            if machine not in self._machines:
                remote.end()

    async def _disconnect(self) -> None:
        """Forget the client; there are no workers then, and the next update tries to connect again."""
        self._machines, client, self._client = set(), self._client, None
        for remote in list(self._hired.values()):
            remote.end()
        if client is not None:
            with contextlib.suppress(Exception):
                await client.close(timeout=1)


async def connected(address: str) -> Client:
    """A client of the scheduler at that address, in this thread's event loop. Raises dask's error where none answers.

    A client that does not connect is closed here. A blocking Client would leave a thread behind; and a client that is
    garbage-collected before it is closed may wait forever: its __del__ takes a lock that the thread may hold already.
    """
    client = Client(address, asynchronous=True, set_as_default=False, timeout=5, name="batch-norm-lab")
    try:
        return await client
    except BaseException:
        with contextlib.suppress(Exception):
            await client.close(timeout=1)
        raise


class Remote:
    """A worker on another machine (base.Worker). The files named in a message are sent along with it."""

    def __init__(self, client: Client, machine: str, command: Sequence[str] | None, receive: Receive) -> None:
        self.pid, self.over, self._memory, self._deaf = 0, False, 0, False
        self._client, self._machine, self._command = client, machine, command
        self._receive, self._host = receive, ""
        self._folders: dict[str, Path] = {}
        self._orders: queue.SimpleQueue[FileTransfer | Control] = queue.SimpleQueue()
        self._lock, self._done = threading.Lock(), threading.Event()
        threading.Thread(target=self._work, name=f"worker at {machine}", daemon=True).start()

    def send(self, order: Order) -> None:
        """Send an order, with the present content of the files that it names."""
        if isinstance(order, Train) and order.keep:
            self._folders = {order.job: Path(order.keep)}
        if self._orders.qsize() < MOST_WAITING:
            self._orders.put(pack_order(order))
        elif not self._deaf:
            self._deaf = True
            log.warning("%s takes no orders and is given up", self._machine)
            self.kill()

    def memory(self) -> int:
        """The bytes of memory that its machine last reported."""
        return self._memory

    def kill(self) -> None:
        """End its process; a machine that does not answer is given up."""
        self._orders.put("kill")
        timer = threading.Timer(5.0, self.end)
        timer.daemon = True
        timer.start()

    def close(self, seconds: float = 3.0) -> None:
        """Let it end."""
        self._orders.put("close")
        self._done.wait(seconds)
        self.end()

    def end(self) -> None:
        """Ignore whatever it still sends; its machine may be hired again."""
        with self._lock:
            if self.over:
                return
            self.over = True
        self._orders.put("close")
        self._receive(self, None)

    def _work(self) -> None:
        """Start the task on the machine, send orders in another thread, and receive events until it is over."""
        name = f"bn-lab-{uuid.uuid4().hex}"
        where = {"workers": [self._machine], "key": name, "pure": False, "retries": 0}
        try:
            orders, reports = (Queue(f"{name}-{end}", client=self._client) for end in ("orders", "reports"))
            task = self._client.submit(host, name, self._command, **where)
            task.add_done_callback(self._finished)
            name = f"orders to {self._machine}"
            threading.Thread(target=self._pass_on_orders, args=(orders,), name=name, daemon=True).start()
            self._receive_reports(reports)
        except Exception as error:
            log.info("%s can no longer be reached: %s", self._machine, error)
        self.end()

    def _finished(self, task: Future) -> None:
        if task.status == "error":
            log.warning(
                "%s could not run a worker; its own log says why. Was it started in the app's folder?", self._machine
            )
        self._done.set()
        self.end()

    def _pass_on_orders(self, orders: Queue) -> None:
        """Pass on the orders, or a sign of life when there are none, until it is over."""
        try:
            while True:
                orders.put(due := self._due())
                if "close" in due:
                    return
        except Exception as error:
            log.info("%s no longer takes orders: %s", self._machine, error)
            self.end()

    def _due(self) -> list[FileTransfer | Control]:
        try:
            due = [self._orders.get(timeout=5 * BEAT_SECONDS)]
        except queue.Empty:
            return ["beat"]
        while not self._orders.empty():
            due.append(self._orders.get())
        return due

    def _receive_reports(self, reports: Queue) -> None:
        """Take in the reports, one at least every BEAT_SECONDS. Raises dask's error when none come any more."""
        while not self.over:
            self._take_in(reports.get(timeout=SILENCE_SECONDS))

    def _take_in(self, report: Report) -> None:
        self._host = self._host or report["host"]
        if report["host"] != self._host:
            self.end()  # the task was started again: what it had trained before is lost
            return
        self.pid, self._memory = report["pid"], report["memory"]
        for transfer in report["events"]:
            self.end() if transfer is None else self._pass_on_event(transfer)

    def _pass_on_event(self, transfer: FileTransfer) -> None:
        try:
            self._receive(self, unpack_event(transfer, self._folders))
        except Exception:
            log.warning("%s sent what is no message: %.200r", self._machine, transfer, exc_info=True)
