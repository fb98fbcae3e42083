"""The news of a job that a browser is sent; assets/components/studio reads its keys."""

from __future__ import annotations

from typing import Any, TypedDict

from training.spec.plan import Facts


class JobState(TypedDict):
    """The state of a job in short; also the answer to a command from the page."""

    status: str
    """One of queued, running, finished, stopped and failed."""
    position: int
    """The steps computed so far."""
    changes: str
    """Settings.changes."""


class Recorded(TypedDict):
    """The checkpoints that are kept for a run."""

    checkpoints: int
    bytes: int


class Place(TypedDict, total=False):
    """The place of a waiting run in the queue."""

    place: int
    """The place, where 1 is the next."""
    wait: float
    """The approximate wait in seconds."""


class RunFacts(Facts, total=False):
    """Facts about a run, known from its settings or once a worker has begun."""

    most_snapshots: int
    checkpoint_bytes: int
    """The most snapshots, and bytes of checkpoints, that are kept."""
    start: int
    """The step at which its last worker began."""


class News(RunFacts, JobState, Place, total=False):
    """The state of a job in full."""

    n: int
    """The number of the last message; to be sent as the next `since`."""
    since: int
    """The number of the last message that the browser has."""
    reason: str
    """Why it was stopped or failed, as one word."""
    detail: str
    """The worker's error message where it failed."""
    viewers: int
    recorded: Recorded
    end: dict[str, Any] | None
    """messages.End, with the final scores; None until the run ends."""
    looks: list[int]
    """The steps of looks that are not done yet."""
    findings: list[dict[str, Any]]
    """analysis.diagnosis.Finding, the first for each lane in the order of RANKING."""
    rewinds: list[dict[str, Any]]
    """analysis.rewind.Offer, for each lane that diverged or died."""
