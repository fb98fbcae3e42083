"""How long a student, a worker or a run may take, and how much may wait or be kept: every limit of the server."""

from __future__ import annotations

import os
from dataclasses import dataclass

GRACE = "BN_LAB_GRACE_SECONDS"
"""Environment variable: how long a training goes on that nobody follows any more."""


@dataclass(frozen=True)
class Limits:
    """Times are in seconds (…_s), sizes in bytes; the rest are counts."""

    lease_s: float = 60.0
    """A run that nobody has followed for so long is stopped: a lost connection or a lid that is shut has a minute."""
    grace_s: float = 60.0
    """The same once its viewer's session is over: a browser that is started again comes as another one."""
    run_timeout_s: float = 300.0
    """A whole training."""
    stop_timeout_s: float = 3.0
    """A worker that was ordered to stop, until it does."""
    silence_timeout_s: float = 120.0
    """A worker that trains, between two messages: it is nice, and on a busy machine traces a deep net for a minute."""
    start_timeout_s: float = 300.0
    """A worker, from its start until it is ready: it is nice, and on a busy machine takes minutes to import Keras."""
    unmanned_timeout_s: float = 90.0
    """How long no worker may start before the runs that wait for one are failed."""
    retention_s: float = 600.0
    """A job that is over is remembered for so long where no session holds it."""
    usual_step_s: float = 0.0005
    """A step's estimated length, until one is measured."""
    estimate_s: float = 0.5
    """How long an estimate of the waits stands."""
    tick_s: float = 0.1
    """Between two looks at all of this."""
    most_queued: int = 300
    """Runs of students that may wait."""
    most_queued_per_client: int = 220
    """The same of one network address: a whole class may sit behind it, and some places are for others."""
    most_queued_batch: int = 1000
    """Runs of batches that may wait."""
    worker_memory_bytes: int = 2 * 2**30
    """A worker that takes more is killed; its run is tried once more, by a fresh one."""
    recycled_bytes: int = 1200 * 2**20
    """A worker that takes more after a run is replaced by a fresh one: it keeps what it has traced."""
    history_bytes: int = 128 * 2**20
    """Histories kept of runs that are over."""
    states_bytes: int = 2**30
    """Recorded states kept of runs that are over, on disk; of a run see training/server/checkpoints.py."""


def from_environment() -> Limits:
    """The limits, with the grace that the operator asks for. Raises ValueError where that is no whole number."""
    grace = os.environ.get(GRACE, "")
    if not grace:
        return Limits()
    if not (grace.isascii() and grace.isdecimal()):
        raise ValueError(f"{GRACE} must be a whole number of seconds; got {grace!r}")
    return Limits(lease_s=float(grace), grace_s=float(grace))


class QueueFullError(Exception):
    """As many trainings wait as the queue holds."""
