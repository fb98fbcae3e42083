"""All limits of the server: how long a student, a worker or a run may take, and how much may wait or be kept."""

from __future__ import annotations

import os
from dataclasses import dataclass

GRACE = "BN_LAB_GRACE_SECONDS"
"""Environment variable: how long a training that nobody follows goes on, in seconds."""


@dataclass(frozen=True)
class Limits:
    """Times in seconds (…_s), sizes in bytes, and counts."""

    lease_s: float = 60.0
    """A run that nobody has followed for this long is stopped: time to reconnect, or to open a closed lid."""
    grace_s: float = 60.0
    """The same after the viewer's session has ended, as when a browser is started again and gets a new session."""
    run_timeout_s: float = 300.0
    """The longest that a worker may spend on a run or a look; a retry begins at 0 again."""
    stop_timeout_s: float = 3.0
    """How long a worker may take to stop after the order to stop."""
    silence_timeout_s: float = 120.0
    """The longest silence of a training worker: with low priority, tracing a deep net may take a minute."""
    start_timeout_s: float = 300.0
    """How long a worker may take to start: with low priority, importing Keras may take minutes on a busy machine."""
    unmanned_timeout_s: float = 90.0
    """After this long without any worker that starts, the runs that wait for one fail."""
    retention_s: float = 600.0
    """How long a finished job is remembered if no session holds it."""
    usual_step_s: float = 0.0005
    """The estimated duration of a step until one has been measured."""
    estimate_s: float = 0.5
    """How long an estimate of the waits is used before it is computed again."""
    tick_s: float = 0.1
    """The time between two checks of all this."""
    most_queued: int = 300
    """The most runs of students that may wait."""
    most_queued_per_client: int = 220
    """The same for one network address: a whole class may share one, but some places stay free for others."""
    most_queued_batch: int = 1000
    """The most runs of batches that may wait."""
    worker_memory_bytes: int = 2 * 2**30
    """A worker that uses more is killed; its run is tried once more by a new worker."""
    recycled_bytes: int = 1200 * 2**20
    """A worker that uses more after a run is replaced by a new one: workers keep all that they have traced."""
    history_bytes: int = 128 * 2**20
    """The most bytes of histories kept for finished runs."""
    states_bytes: int = 2**30
    """The most bytes of states on disk for finished runs; for a single run see training/server/checkpoints.py."""


def from_environment() -> Limits:
    """The limits, with the operator's grace time. Raises ValueError where that is not a whole number."""
    grace = os.environ.get(GRACE, "")
    if not grace:
        return Limits()
    if not (grace.isascii() and grace.isdecimal()):
        raise ValueError(f"{GRACE} must be a whole number of seconds; got {grace!r}")
    return Limits(lease_s=float(grace), grace_s=float(grace))


class QueueFullError(Exception):
    """The queue holds as many trainings as it may."""
