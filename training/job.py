"""A run that is trained for one student or for many who asked for the same, and what one of them sees of it."""

from __future__ import annotations

import dataclasses
import time
import uuid
import weakref
from dataclasses import dataclass, field
from typing import Any

from training import diagnosis, rewind
from training.history import MOST_SNAPSHOTS, History
from training.plan import watched
from training.settings import CHANGES, MOST_STEPS, Settings, changed
from training.shelf import Shelf

OPEN = ("queued", "running", "paused")
"""The statuses of a run that is not over; the others are finished, stopped and failed."""


@dataclass(eq=False)
class Training:
    """status: queued, running, paused, finished, stopped or failed; reason: why it was stopped or failed, in a word.

    batch: whether it waits until no student does. at: the steps done where it stands; until: where it is to pause by
    itself. shared: whether others may join. ran: seconds of training before `started`. Times are of the engine's clock,
    in seconds.
    """

    settings: Settings
    shelf: Shelf
    batch: bool = False
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    status: str = "queued"
    reason: str = ""
    detail: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    history: History = field(default_factory=History)
    end: dict[str, Any] | None = None
    at: int = 0
    until: int | None = None
    shared: bool = True
    turn: tuple[int, int] = (0, 0)
    started: float = 0.0
    heard: float = 0.0
    ended: float = 0.0
    ran: float = 0.0
    stopping: tuple[str, float] | None = None
    pausing: float | None = None
    unheard: int = 0
    """How many workers have taken it up of which nothing has been heard yet."""
    hasty: bool = False
    """Whether it is to go on as soon as it has paused."""
    viewers: weakref.WeakSet[Job] = field(default_factory=weakref.WeakSet)

    @property
    def open(self) -> bool:
        return self.status in OPEN

    @property
    def joinable(self) -> bool:
        """Whether another student who asks for the same may have this run."""
        return self.status == "finished" or (self.shared and not self.stopping and self.status in ("queued", "running"))

    def others(self, than: Job) -> list[Job]:
        """Who else sees it."""
        return [job for job in self.viewers if job is not than and job.owner and not job.left]

    def watched(self, now: float) -> bool:
        return any(not job.left and now - job.seen <= job.lease for job in self.viewers)

    def start(self, token: str, now: float) -> dict[str, Any]:
        """The order that trains it from its last recorded state; the worker's messages will name `token`."""
        self.run(now)
        step = self.at if self.until is None else min(self.at, self.until)
        state = self.shelf.nearest(step)
        return {
            "do": "train",
            "job": token,
            "settings": dataclasses.asdict(self.settings),
            "start": {"step": step, "file": str(state.file) if state else None} if step else None,
            "keep": str(self.shelf.attempt()),
            "until": self.until,
        }

    def run(self, now: float) -> None:
        """A worker takes it up."""
        self.status, self.started, self.heard = "running", now, now
        self.unheard += 1

    def hear(self, message: dict[str, Any], now: float) -> None:
        """Take in what the worker says of it."""
        said = {name: value for name, value in message.items() if name not in ("event", "job")}
        event, self.heard, self.unheard = message["event"], now, 0
        if event in ("points", "snapshot", "diverged"):
            self.history.take(event, said)
            self.at = said["step"] if event == "points" else self.at
        elif event == "begin":
            self.history.take_up()
            self.facts = said | {"most_snapshots": MOST_SNAPSHOTS, "keyframe_bytes": self.shelf.budget}
        elif event == "changed":
            self._change(said)
        elif event == "keyframe":
            self.shelf.add(said["step"], said["file"])
        elif event == "paused":
            self.shelf.add(said["step"], said["file"])
            self.pause(said["step"], now)
        elif event == "end":
            self.end = said | {"diverged": self.history.lost(said["diverged"])}
            self.close(said["status"], self.stopping[0] if self.stopping else "", now)
        elif event == "error":
            self.detail = said["message"]
            self.close("failed", "error", now)

    def _change(self, said: dict[str, Any]) -> None:
        self.facts = {**self.facts, **{name: said.pop(name) for name in ("steps", "epochs") if name in said}}
        entry = (said["step"], said["field"], said["value"])
        if entry not in CHANGES.entries(self.settings.changes):
            self.rewrite(*entry)
        self.history.take("changed", said)

    def rewrite(self, step: int, name: str, value: Any) -> None:
        """From `step` on it is another run, with `value` in the field `name`. Raises ValueError for a bad one."""
        before = [entry for entry in CHANGES.entries(self.settings.changes) if entry[0] <= step]
        same = dataclasses.replace(self.settings, changes=CHANGES.spelled(before))
        self.settings = changed(same, step, name, value)
        self.history = self.history.until(step, name)
        self.history.take("changed", {"step": step, "field": name, "value": value})
        self.shelf.drop_after(step)

    def pause(self, step: int, now: float) -> None:
        """It stands after `step` steps; no worker is needed until it goes on."""
        self._rest(now)
        self.status, self.at, self.until, self.pausing = "paused", step, None, None

    def close(self, status: str, reason: str, now: float) -> None:
        """It is over; the first verdict stands."""
        if self.open:
            self._rest(now)
            self.status, self.reason, self.ended = status, reason if status != "finished" else "", now
            self.until, self.pausing, self.hasty = None, None, False

    def reopen(self) -> None:
        """Paused where its history ends, if it was over."""
        if not self.open:
            self.status, self.reason, self.detail, self.end = "paused", "", "", None
            self.at, self.stopping, self.ended, self.ran = self.history.step, None, 0.0, 0.0

    def _rest(self, now: float) -> None:
        if self.status == "running":
            self.ran += now - self.started

    def left(self, usual: float) -> float:
        """Seconds of training until it is over, as its worker last estimated; before it could, as long as it is to be
        watched, or, at full speed, the `usual` time."""
        left = self.history.points[-1].said.get("left") if self.history.points else None
        if left is not None:
            return left
        return watched(self._steps) if self.settings.pace == "slow" else usual

    @property
    def _steps(self) -> int:
        """How many steps it takes, before its worker has said so: those asked for, or more than can be counted here."""
        asked = self.settings.steps if self.settings.stop_at == "steps" else MOST_STEPS
        return self.facts.get("steps", asked)

    def copy(self, shelf: Shelf, step: int) -> Training:
        """The same run, paused after `step` steps, for one student alone."""
        shelf.inherit(self.shelf, step)
        past = {"history": self.history.until(step), "facts": self.facts, "turn": self.turn}
        return Training(self.settings, shelf, status="paused", at=step, shared=False, **past)


@dataclass(eq=False)
class Job:
    """What one student asked for. left: why, when and after which history the student left a run that others see."""

    owner: str
    training: Training
    lease: float
    batch: bool = False
    seen: float = field(default_factory=time.monotonic)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    left: tuple[str, float, History] | None = None

    def __post_init__(self) -> None:
        self.training.viewers.add(self)

    def leave(self, reason: str, now: float) -> None:
        """Let the others go on alone."""
        self.left = (reason, now, self.history.copy())

    def move(self, training: Training) -> None:
        """See another run from now on."""
        self.training.viewers.discard(self)
        self.training = training
        training.viewers.add(self)

    @property
    def status(self) -> str:
        return "stopped" if self.left else self.training.status

    @property
    def reason(self) -> str:
        return self.left[0] if self.left else self.training.reason

    @property
    def ended(self) -> float:
        return self.left[1] if self.left else self.training.ended

    @property
    def history(self) -> History:
        return self.left[2] if self.left else self.training.history

    @property
    def open(self) -> bool:
        return self.status in OPEN

    @property
    def settings(self) -> Settings:
        return self.training.settings

    @property
    def facts(self) -> dict[str, Any]:
        return self.training.facts

    @property
    def end(self) -> dict[str, Any] | None:
        """The worker's last message, with the final scores; None while there is none."""
        return None if self.left else self.training.end

    @property
    def told(self) -> list[dict[str, Any]]:
        """The points messages in order."""
        return [told.said for told in self.history.points]

    @property
    def stand(self) -> dict[str, Any]:
        """How it stands, in short: what an order is answered with."""
        position = self.history.step if self.left else self.training.at
        return {"status": self.status, "position": position, "changes": self.settings.changes}

    def news(self, since: int) -> dict[str, Any]:
        """How it stands; `since` is the number of the last message that is known already."""
        training, history = self.training, self.history
        findings = self._findings()
        return {
            **training.facts,
            "n": history.n,
            "since": since,
            **self.stand,
            "reason": self.reason,
            "detail": training.detail,
            "until": training.until,
            "viewers": len([job for job in training.viewers if job.owner and not job.left]),
            "recorded": {"keyframes": len(training.shelf.keyframes), "bytes": training.shelf.bytes},
            "grid": history.grid if history.n > since or since == 0 else None,
            "findings": findings,
            "rewinds": rewind.offered(self.settings, training.shelf, self.lost),
            "end": self.end,
        }

    @property
    def lost(self) -> dict[int, int]:
        """The lanes that diverged or died so far, and at which step."""
        return gone(self.history, self._findings())

    def _findings(self) -> list[dict[str, Any]]:
        chance = self.facts.get("chance", {}).get("train", 0.0)
        return diagnosis.told(self.history, chance, self.settings.normalized, self.end)


def gone(history: History, findings: list[dict[str, Any]]) -> dict[int, int]:
    """The lanes that diverged or died, and at which step."""
    dead = {found["lane"]: found["facts"]["step"] for found in findings if found["key"] == "dead"}
    marks = [mark.said for mark in history.marks if mark.said["event"] == "diverged"]
    return dead | {said["lane"]: said["step"] for said in marks}
