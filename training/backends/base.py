"""What the engine needs of a worker, and of a back end: the place where workers come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from training.messages import Event, Order

Receive = Callable[["Worker", Event | None], None]
"""Is given what a worker sends, from a thread of the worker's own, and None once it has ended."""


class Worker(Protocol):
    """A process that trains. No method waits for it, but close."""

    pid: int

    def send(self, order: Order) -> None:
        """Send an order. One that it can no longer read is dropped, because its end is reported anyway.

        A worker that leaves too many unread is killed.
        """

    def memory(self) -> int:
        """The bytes it takes, 0 where that is not known."""

    def kill(self) -> None:
        """End it, whatever it is doing."""

    def close(self) -> None:
        """Let it end; this may wait a moment."""


class Backend(Protocol):
    """Where workers come from."""

    @property
    def slots(self) -> int:
        """How many workers there can be at present."""

    def hire(self, receive: Receive) -> Worker | None:
        """One more worker, whose events go to `receive`; None where there is no room for one."""

    def close(self) -> None:
        """No worker is hired any more."""
