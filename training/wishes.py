"""What a student may ask of a run that is under way: pause, resume, step, step back, go to a step, change, pace."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

from training.crew import FRONT, NORMAL, Crew
from training.job import Training
from training.settings import CHANGES, KINDS, MAY_CHANGE, MOST_STEPS, changed, in_force
from training.wire import plain

ALTERING = ("pause", "step", "step_back", "goto", "change", "pace")
"""What one of several viewers can only ask of a run of their own."""
UNDER_WAY = ("pause", "step", "pace", "resume")
VERBS = (*ALTERING, "resume", "stop")
PACES = ("slow", "fast")


class RefusedError(Exception):
    """The order is a good one, but not now: "over", "not paused" or "replaying"."""


def checked(order: Any, training: Training) -> dict[str, Any]:
    """The order with its defaults. Raises ValueError, saying what is allowed, for anything else.

    Raises RefusedError where the run is at its end and the order makes sense under way only.
    """
    if not isinstance(order, dict) or order.get("do") not in VERBS:
        raise ValueError(f"an order is an object whose do is one of {', '.join(VERBS)}")
    order = {"count": 1, **order}
    for name, least in (("count", 1), ("step", 0)):
        value = order.get(name, least)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST_STEPS:
            raise ValueError(f"{name} must be a whole number from {least} to {MOST_STEPS}")
    if order["do"] == "goto" and "step" not in order:
        raise ValueError("goto needs a step")
    if order["do"] == "pace" and order.get("pace") not in PACES:
        raise ValueError(f"pace must be one of {', '.join(PACES)}")
    if order["do"] == "change":
        order = checked_change(order, training)
    if order["do"] in UNDER_WAY and training.status == "finished":
        raise RefusedError("over")
    return order


def checked_change(order: dict[str, Any], training: Training) -> dict[str, Any]:
    """The order with its value rounded as it will be told, so that the run on screen is the one that its link defines.

    Raises ValueError for a field that may not change, or to such a value, or where nothing would be another than it is.
    """
    name, value = order.get("field"), order.get("value")
    if name not in MAY_CHANGE:
        raise ValueError(f"change needs a field of {', '.join(MAY_CHANGE)}")
    KINDS[name].check(value)
    changed(training.settings, training.at, name, plain(value))
    check_alters(training, name, plain(value))
    return {**order, "value": plain(value)}


def check_alters(training: Training, name: str, value: Any) -> None:
    """Raise ValueError where every lane would go on as it would anyway.

    Changes that are to come do not come after another one, so that then even the same value alters the run.
    """
    now, field = in_force(training.settings, training.at), name.replace("_", " ")
    if any(step > training.at for step, *_ in CHANGES.entries(training.settings.changes)):
        return
    if getattr(now, name) == value:
        raise ValueError(f"The {field} is {value:g} already, so nothing would change.")
    if all(name in lane.overrides for lane in now.lanes):
        raise ValueError(f"Every lane has a {field} of its own, so nothing would change.")


def carry_out(crew: Crew, training: Training, order: dict[str, Any]) -> None:
    """Do what a checked order asks; all but "stop". Raises RefusedError."""
    if order["do"] in ALTERING:
        training.shared = False
    DEEDS[order["do"]](crew, training, order)


def pause(crew: Crew, training: Training, order: dict[str, Any]) -> None:
    """Let it stand where it is and leave its place to others."""
    training.hasty = False
    if training.status == "queued":
        crew.withdraw(training)
        training.pause(training.at, time.monotonic())
    elif training.status == "running" and training.pausing is None:
        training.pausing = time.monotonic()
        crew.tell(training, do="pause")
    elif not training.open:
        raise RefusedError("over")


def resume(crew: Crew, training: Training, order: dict[str, Any]) -> None:
    """Go on before all others; after a worker's death from the last recorded state."""
    if training.status in ("queued", "running"):
        training.hasty = training.pausing is not None or training.until is not None
        return
    turn = NORMAL if training.reason == "time" else FRONT
    training.reopen()
    crew.enqueue(training, turn)


def step(crew: Crew, training: Training, order: dict[str, Any]) -> None:
    """Take some steps and stand still again."""
    seek(crew, training, order["count"])


def step_back(crew: Crew, training: Training, order: dict[str, Any]) -> None:
    """Stand still some steps earlier."""
    seek(crew, training, -order["count"])


def goto(crew: Crew, training: Training, order: dict[str, Any]) -> None:
    """Stand still after so many steps."""
    standing(training)
    seek(crew, training, order["step"] - training.at)


def seek(crew: Crew, training: Training, steps: int) -> None:
    """Take it, paused or over, from the last recorded state to `steps` after (or before) where it stands."""
    standing(training)
    training.until = max(0, training.at + steps)
    crew.enqueue(training, FRONT)


def standing(training: Training) -> None:
    """Paused, if it was over. Raises RefusedError where it is under way."""
    if training.status in ("queued", "running"):
        raise RefusedError("not paused")
    training.reopen()


def change(crew: Crew, training: Training, order: dict[str, Any]) -> None:
    """Another value for a setting, from the next step on."""
    if training.status in ("queued", "running") and training.until is not None:
        raise RefusedError("replaying")
    if training.status != "running":
        training.reopen()
        training.rewrite(training.at, order["field"], order["value"])
        return
    crew.tell(training, do="change", field=order["field"], value=order["value"])


def pace(crew: Crew, training: Training, order: dict[str, Any]) -> None:
    """Slow enough to watch, or as fast as it can."""
    training.settings = dataclasses.replace(training.settings, pace=order["pace"])
    crew.tell(training, do="pace", pace=order["pace"])


DEEDS = {
    "pause": pause,
    "resume": resume,
    "step": step,
    "step_back": step_back,
    "goto": goto,
    "change": change,
    "pace": pace,
}
