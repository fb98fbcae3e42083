"""What a browser is sent about a job: its keys are read by assets/components/studio."""

from __future__ import annotations

from typing import Any, TypedDict

from training.spec.plan import Facts


class JobState(TypedDict):
    """How a job stands, in short: also the answer to a command from the page."""

    status: str
    """queued, running, finished, stopped or failed."""
    position: int
    """The steps computed so far."""
    changes: str
    """Settings.changes."""


class Recorded(TypedDict):
    """The checkpoints kept of a run."""

    checkpoints: int
    bytes: int


class Place(TypedDict, total=False):
    """Where a run that waits stands in the queue."""

    place: int
    """1 is the next."""
    wait: float
    """Seconds, roughly."""


class RunFacts(Facts, total=False):
    """What is known of a run from its settings, and once a worker has begun."""

    most_snapshots: int
    checkpoint_bytes: int
    """How many snapshots, and bytes of checkpoints, are kept at most."""
    start: int
    """The step at which its last worker began."""


class News(RunFacts, JobState, Place, total=False):
    """How a job stands, in full."""

    n: int
    """The number of the last message: the next `since`."""
    since: int
    """The number of the last message that the browser has already."""
    reason: str
    """Why it was stopped or failed, in a word."""
    detail: str
    """The worker's own words where it failed."""
    viewers: int
    recorded: Recorded
    end: dict[str, Any] | None
    """messages.End, with the final scores; None while there is none."""
    looks: list[int]
    """The steps of looks that are still to come."""
    findings: list[dict[str, Any]]
    """analysis.diagnosis.Finding, the first of each lane by diagnosis.RANKING."""
    rewinds: list[dict[str, Any]]
    """analysis.rewind.Offer, of each lane that diverged or died."""
