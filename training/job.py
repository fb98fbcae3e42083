"""A training a student asked for: where it stands, what it has told so far, how long it is kept."""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass, field
from typing import Any

from training.settings import Settings

OPEN = ("queued", "running")
"""The statuses of a job that is not over; the others are finished, stopped and failed."""


@dataclass
class Job:
    """status: queued, running, finished, stopped or failed; `reason` says in a word why it was stopped or failed.

    told: the worker's "points" messages in order, without the decision grids, of which only the last is kept. Times are
    of the engine's clock, in seconds.
    """

    settings: Settings
    owner: str
    seen: float
    lease: float
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    status: str = "queued"
    reason: str = ""
    detail: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    grid: list[str] | None = None
    end: dict[str, Any] | None = None
    started: float = 0.0
    heard: float = 0.0
    ended: float = 0.0
    stopping: tuple[str, float] | None = None

    @property
    def open(self) -> bool:
        return self.status in OPEN

    def start(self, now: float) -> dict[str, Any]:
        """The order that starts it."""
        self.status, self.started, self.heard = "running", now, now
        return {"do": "train", "job": self.id, "settings": dataclasses.asdict(self.settings)}

    def hear(self, message: dict[str, Any], now: float) -> None:
        """Take in what the worker says of it."""
        self.heard = now
        event = message.pop("event")
        del message["job"]
        if event == "begin":
            self.facts = message
        elif event == "points":
            self.grid = message.pop("grid")
            self.told.append(message)
        elif event == "end":
            self.end = message
            self.close(message["status"], self.stopping[0] if self.stopping else "", now)
        elif event == "error":
            self.detail = message["message"]
            self.close("failed", "error", now)

    def close(self, status: str, reason: str, now: float) -> None:
        """It is over; the first verdict stands."""
        if self.open:
            self.status, self.reason, self.ended = status, reason if status != "finished" else "", now

    def left(self, otherwise: float) -> float:
        """Seconds until it is over, as its worker last estimated, or `otherwise` where it could not yet."""
        left = self.told[-1]["left"] if self.told else None
        return otherwise if left is None else left

    def news(self, since: int) -> dict[str, Any]:
        """What happened after the first `since` points messages."""
        fresh = len(self.told) > since or since == 0
        return {
            "n": len(self.told),
            "since": since,
            "status": self.status,
            "reason": self.reason,
            "points": self.told[since:],
            "grid": self.grid if fresh else None,
            "end": self.end,
            **self.facts,
        }
