"""Where workers come from: processes on this machine (local) or on a dask cluster. One file for each back end."""

from __future__ import annotations

import os

from training.backends.base import Backend
from training.backends.local import Local


def from_environment() -> Backend:
    """Worker processes here, or those of the dask cluster whose scheduler is at BN_LAB_SCHEDULER (tcp://host:8786).

    Raises RuntimeError where that is asked for and dask is not installed.
    """
    address = os.environ.get("BN_LAB_SCHEDULER")
    if not address:
        return Local(slots())
    try:
        from training.backends.dask_cluster import Cluster
    except ImportError as error:
        raise RuntimeError("BN_LAB_SCHEDULER needs dask: pip install -r requirements-cluster.txt") from error
    return Cluster(address)


def slots() -> int:
    """How many runs may train at once: BN_LAB_SLOTS; by default one fewer than the machine's cores, at least one."""
    asked = os.environ.get("BN_LAB_SLOTS", "")
    return max(1, int(asked)) if asked.isdigit() else max(1, (os.cpu_count() or 2) - 1)
