"""What the engine needs of workers and of where they come from, and which of the two kinds the environment chooses."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Protocol

Heard = Callable[["Worker", "dict[str, Any] | None"], None]


class Worker(Protocol):
    """Someone who trains. None of these waits for it."""

    pid: int

    def tell(self, order: dict[str, Any]) -> None:
        """Send an order; one that it cannot take any more is dropped, because its end is reported anyway."""

    def memory(self) -> int:
        """The bytes it takes, 0 where that is not known."""

    def kill(self) -> None:
        """End it, whatever it is doing."""

    def close(self) -> None:
        """Let it end (this may wait a moment)."""


class Backend(Protocol):
    """Where workers come from."""

    @property
    def slots(self) -> int:
        """How many workers there can be at present."""

    def hire(self, heard: Heard) -> Worker | None:
        """One more worker, whose messages go to `heard`, and None to it once it has ended; None where there is none."""

    def close(self) -> None:
        """Nobody is hired any more."""


def chosen() -> Backend:
    """Worker processes here, or those of the dask cluster whose scheduler is at BN_LAB_SCHEDULER (tcp://host:8786).

    Raises RuntimeError where that is asked for and dask is not installed.
    """
    address = os.environ.get("BN_LAB_SCHEDULER")
    if not address:
        from training.local import Local

        return Local(slots())
    try:
        from training.cluster import Cluster
    except ImportError as error:
        raise RuntimeError("BN_LAB_SCHEDULER needs dask: pip install -r requirements-cluster.txt") from error
    return Cluster(address)


def slots() -> int:
    """How many may train at once: BN_LAB_SLOTS, by default one fewer than there are cores, at least one."""
    asked = os.environ.get("BN_LAB_SLOTS", "")
    return max(1, int(asked)) if asked.isdigit() else max(1, (os.cpu_count() or 2) - 1)
