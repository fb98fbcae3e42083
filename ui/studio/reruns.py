"""The component's requests that make another run: a change, a fork, a rewind."""

from __future__ import annotations

import dataclasses
from typing import Any

from lessons.fields import defaults
from training.analysis import diagnosis
from training.analysis.rewind import before, slower, smaller
from training.server.run import Job
from training.spec.settings import CHANGES, OVERRIDES, Settings, changed
from ui.state.url_state import forget
from ui.state.widgets import place
from ui.studio.session import RunSession
from ui.studio.settings import SLUG, adopt, link
from ui.studio.view_state import look, look_at

SESSION = RunSession(SLUG)


def begin(looks: dict[str, str]) -> None:
    """Ask for a run of the settings just set, from the start, to be seen with these `looks`; before the widgets."""
    SESSION.want()
    look_at(looks)


def defined(state: Settings) -> Settings:
    """The settings that Train would train. Changes during training belong to the run in which they were made; they are
    left out where the reader has set anything else since.
    """
    if SESSION.adopted:  # a change, a fork or a rewind of that run
        return state
    then = SESSION.job.settings if SESSION.job else SESSION.cleared
    same = then is None or dataclasses.replace(then, changes="") == dataclasses.replace(state, changes="")
    if not same:
        forget(f"{SLUG}.changes")
    return state if same else dataclasses.replace(state, changes="")


def address(state: Settings) -> dict[str, str]:
    """The query of a link to the run on screen at its present step, or, without a run, to the settings."""
    job, at = SESSION.job, SESSION.step
    looks = {f"{SLUG}.{name}": str(value) for name, value in look().items()}
    return looks | link(job.settings if job else state, (at or 0) if job else at)


def answer() -> None:
    """Carry out the component's requests; called before the script, so that the widgets can still be set."""
    SESSION.answer({"change": _change, "fork": _fork, "rewind": _rewind, "undo": _undo, "reset": _reset})


def _change(job: Job | None, request: dict[str, Any]) -> None:
    """Train again with another value from a step on; later changes are dropped, as they belong to the old future."""
    if job:
        at = int(request["step"])
        kept = [entry for entry in CHANGES.entries(job.settings.changes) if entry[0] <= at]
        past = dataclasses.replace(job.settings, changes=CHANGES.spelled(kept))
        _leave(job, at, changes=changed(past, at, request["field"], request["value"]).changes)


def _fork(job: Job | None, request: dict[str, Any]) -> None:
    """Add a third lane that leaves lane `lane` after `step` steps, with one setting overridden."""
    if job:
        override = OVERRIDES.read(f"{request['field']}={request['value']}")
        _leave(
            job,
            int(request["step"]),
            lane_3="fork",
            fork_of=int(request["lane"]),
            fork_at=int(request["step"]),
            own_3=override,
        )


def _rewind(job: Job | None, request: dict[str, Any]) -> None:
    """Train again with a third of the rate, from a recorded state before the divergence."""
    if job:
        lane, lost = int(request["lane"]), int(request["step"])
        rate = smaller(job.settings, lane, lost, diagnosis.lost_lanes(job))
        at, differs = slower(job.settings, lane, before(job.settings, job.run.checkpoints, lost), rate)
        _leave(job, at, **differs)


def _undo(job: Job | None, request: dict[str, Any]) -> None:
    SESSION.undo(adopt)


def _reset(job: Job | None, request: dict[str, Any]) -> None:
    """Show no run, and remove its fork, which would have nothing to leave from."""
    SESSION.clear()
    if job and job.settings.lane_3 == "fork":
        for name in ("lane_3", "fork_of", "fork_at", "own_3"):
            place(Settings, f"{SLUG}.{name}", defaults(Settings)[name])


def _leave(job: Job, at: int, **differs: Any) -> None:
    adopt(dataclasses.replace(job.settings, **differs))
    SESSION.want((job.id, at))
