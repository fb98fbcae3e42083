"""Back to before a lane was lost, with a third of its learning rate: where from, what makes it so, what it costs."""

from __future__ import annotations

from typing import Any

from training.settings import CHANGES, KINDS, OVERRIDES, Settings, in_force
from training.shelf import Shelf


def offered(run: Settings, shelf: Shelf, lost: dict[int, int]) -> list[dict[str, Any]]:
    """What a rewind would do for each lane that was lost at a step: {lane, step: where from, rate, replaces, all}.

    replaces: the number of the fork that gives way to it, as the lanes are called, from 1; None where none does. all:
    whether it slows every lane that has no rate of its own.
    """
    told = []
    for lane, step in lost.items():
        rate = smaller(run, lane, step, lost)
        at, differs = slower(run, lane, before(shelf, step), rate)
        replaces = len(run.lanes) if run.lane_3 == "fork" and "lane_3" in differs else None
        told.append({"lane": lane, "step": at, "rate": rate, "replaces": replaces, "all": "changes" in differs})
    return told


def slower(run: Settings, lane: int, at: int, rate: float) -> tuple[int, dict[str, Any]]:
    """What gives the lane that learning rate, from step `at` on where that can be: the step it is from, and the fields.

    A lane leaves as a fork where a third one is free. Else what is its own is rewritten, a fork's from where it left,
    another lane's from the start; or, where it has no rate of its own, the rate of all such lanes changes.
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
    """What a lane has of its own, with that learning rate."""
    return OVERRIDES.spelled(OVERRIDES.values(own) | {"learning_rate": rate})


def smaller(run: Settings, lane: int, step: int, lost: dict[int, int]) -> float:
    """A third of the lane's learning rate in the step where it was lost, or of the rate that was tried for it in vain.

    lost: at which step, of all lanes that were.
    """
    failed = [other for other in tries(run, lane, step) if other in lost]
    rate = min(rate_of(run, one, step) for one in (lane, *failed)) / 3
    return max(float(f"{rate:.3g}"), KINDS["learning_rate"].low)


def rate_of(run: Settings, lane: int, step: int) -> float:
    """The learning rate in force in that lane in that step."""
    return in_force(run, step).of_lane(run.lanes[lane]).learning_rate


def tries(run: Settings, lane: int, step: int) -> list[int]:
    """The lanes that are rewinds of one that was lost in that step: forks from before it, with another rate alone."""
    if set(OVERRIDES.values(run.own_3)) != {"learning_rate"}:
        return []
    return [n for n, one in enumerate(run.lanes) if one.fork_of == lane and one.fork_at <= max(0, step - 1)]


def before(shelf: Shelf, at: int) -> int:
    """The last recorded state before step `at`; 0 where there is none."""
    keyframe = shelf.nearest(max(0, at - 1))
    return keyframe.step if keyframe else 0
