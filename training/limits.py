"""How long a student, a worker or a run may take, and how much may wait or be kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Seconds, unless said otherwise.

    lease: a run nobody has polled for so long is stopped; grace: the same once its viewer has left; stop: what a worker
    may take to obey; silence: … to say something while it trains; run: … for a whole training; start: … to get ready;
    keep: how long a finished job is remembered that no session holds; usual: a training's guessed length; queue,
    batch: how many runs may wait, of students and of batches; memory: bytes that a worker may take; remembered: bytes
    of history kept of runs that are over.
    """

    lease: float = 20.0
    grace: float = 5.0
    stop: float = 3.0
    silence: float = 30.0
    run: float = 300.0
    start: float = 90.0
    keep: float = 600.0
    usual: float = 25.0
    tick: float = 0.1
    queue: int = 200
    batch: int = 1000
    memory: int = 2 * 2**30
    remembered: int = 256 * 2**20


class QueueFullError(Exception):
    """As many trainings wait as the queue holds."""
