"""What the engine needs of a worker, and of a back end, which provides workers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from training.messages import Event, Order

Receive = Callable[["Worker", Event | None], None]
"""Called with each event that a worker sends, in a thread of the worker's own, and with None once it has ended."""


class Worker(Protocol):
    """A process that trains. Only `close` may wait for it."""

    pid: int

    def send(self, order: Order) -> None:
        """Send an order; dropped if the worker can no longer read it, since its end is reported anyway.

        A worker that leaves too many orders unread is killed.
        """

    def memory(self) -> int:
        """The bytes of memory that it uses, 0 where that is not known."""

    def kill(self) -> None:
        """End it at once, whatever it is doing."""

    def close(self) -> None:
        """Let it end; this may take a moment."""


class Backend(Protocol):
    """A source of workers."""

    @property
    def slots(self) -> int:
        """How many workers there can be at the moment."""

    def hire(self, receive: Receive) -> Worker | None:
        """A new worker whose events go to `receive`; None where there is no room for one."""

    def close(self) -> None:
        """Called when no more workers will be hired."""
