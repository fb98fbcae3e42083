"""Rewinds to before a lane diverged or died, with a third of its learning rate: the step and the new settings."""

from __future__ import annotations

from typing import Any, TypedDict

from training.analysis import diagnosis
from training.server.checkpoints import Checkpoints
from training.server.run import Job
from training.spec.settings import CHANGES, KINDS, OVERRIDES, Settings, in_force


class Offer(TypedDict):
    """What the rewind of a lane would do."""

    lane: int
    step: int
    """The step at which it starts."""
    rate: float
    replaces: int | None
    """The number, from 1, of the fork that it replaces; None where it replaces no fork."""
    all: bool
    """Whether it changes the rate of all lanes without a rate of their own."""


def offers(job: Job) -> list[Offer]:
    """A rewind for each lane of the job that has diverged or died so far."""
    return offered(job.settings, job.run.checkpoints, diagnosis.lost_lanes(job))


def offered(run: Settings, checkpoints: Checkpoints, lost: dict[int, int]) -> list[Offer]:
    """A rewind for each lane in `lost`, which says at which step it diverged or died."""
    found: list[Offer] = []
    for lane, step in lost.items():
        if run.lanes[lane].fork_of is not None and step <= run.lanes[lane].fork_at:
            continue  # it diverged right after the fork: no rate helps
        rate = smaller(run, lane, step, lost)
        at, differs = slower(run, lane, before(run, checkpoints, step), rate)
        replaces = len(run.lanes) if run.lane_3 == "fork" and "lane_3" in differs else None
        found.append({"lane": lane, "step": at, "rate": rate, "replaces": replaces, "all": "changes" in differs})
    return found


def slower(run: Settings, lane: int, at: int, rate: float) -> tuple[int, dict[str, Any]]:
    """The step from which the lane gets that learning rate, `at` if possible, and the settings that give it.

    Where lane 3 is free, it becomes a fork of the lane. Otherwise the lane's overrides change: from fork_at on for a
    fork, from the start for another lane. Where its overrides hold no rate, the rate of all lanes without one changes.
    """
    one, own = run.lanes[lane], f"own_{run.numbers[lane]}"
    if one.fork_of is not None:
        return one.fork_at, {own: with_rate(getattr(run, own), rate)}
    if run.lane_3 in ("off", "fork"):
        return at, {"lane_3": "fork", "fork_of": lane + 1, "fork_at": at, "own_3": with_rate("", rate)}
    if "learning_rate" in one.overrides:
        return 0, {own: with_rate(getattr(run, own), rate)}
    kept = [entry for entry in CHANGES.entries(run.changes) if entry[0] < at or entry[1] != "learning_rate"]
    return at, {"changes": CHANGES.spelled([*kept, (at, "learning_rate", rate)])}


def with_rate(own: str, rate: float) -> str:
    """A lane's overrides with that learning rate."""
    return OVERRIDES.spelled(OVERRIDES.values(own) | {"learning_rate": rate})


def smaller(run: Settings, lane: int, step: int, lost: dict[int, int]) -> float:
    """A third of the lane's learning rate at the step where it was lost, or of the lowest rate that a rewind tried.

    lost: the step at which each lost lane diverged or died.
    """
    failed = [other for other in tries(run, lane, step) if other in lost]
    rate = min(rate_of(run, one, step) for one in (lane, *failed)) / 3
    return max(float(f"{rate:.3g}"), KINDS["learning_rate"].low)


def rate_of(run: Settings, lane: int, step: int) -> float:
    """The learning rate of that lane at that step."""
    return in_force(run, step).of_lane(run.lanes[lane]).learning_rate


def tries(run: Settings, lane: int, step: int) -> list[int]:
    """The earlier rewinds of a lane lost at that step: forks from before it that differ only in the learning rate."""
    if set(OVERRIDES.values(run.own_3)) != {"learning_rate"}:
        return []
    return [n for n, one in enumerate(run.lanes) if one.fork_of == lane and one.fork_at <= max(0, step - 1)]


def before(run: Settings, checkpoints: Checkpoints, at: int) -> int:
    """The last recorded state before step `at`, or the last change of the learning rate if that is later; else 0."""
    checkpoint = checkpoints.nearest(max(0, at - 1))
    rates = [step for step, name, _ in CHANGES.entries(run.changes) if name == "learning_rate" and step < at]
    return max([checkpoint.step if checkpoint else 0, *rates])
