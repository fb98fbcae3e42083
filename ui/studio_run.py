"""The run that a session shows: how it comes about, and what the studio's component may ask of it.

The component's asking is answered before the script runs, so that a fork or a rewind can still set the widgets.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import streamlit as st

from training import settings as runs
from training.job import Job
from training.jobs import QueueFullError, engine
from training.settings import CHANGES, KINDS, OVERRIDES, Settings
from ui.live import owner
from ui.scrub import forget, keep, recalled
from ui.studio_look import look, look_at
from ui.studio_settings import SLUG, adopt, link
from ui.words import Words

RUN = f"{SLUG}.run"  # the session's job, as Train made it
WANTED = f"{SLUG}.wanted"  # where the next run leaves an earlier one: (job, step), or None for one from the start
WATCH = f"{SLUG}.watch"  # the job that was over when Train asked for it: it is shown as it went
SEEN = f"{SLUG}.seen"  # the settings of the run that was cleared by Reset
REFUSED = f"{SLUG}.refused"  # why what was asked for cannot be done


def train(settings: Settings, words: Words, origin: tuple[str, int] | None = None) -> None:
    """Ask for the run and show it; say so where the queue is full.

    Who has seen this very run to its end wants to see it happen again; everybody else may share it.
    """
    job, seen = shown_job(), st.session_state.get(SEEN)
    if not settings.changes:
        forget(f"{SLUG}.changes")
    again = settings == seen or bool(job and not job.open and job.settings == settings)
    try:
        st.session_state[RUN] = job = engine().look(engine().submit(settings, owner(), origin=origin, again=again))
        if job and not job.open and step() is None:
            st.session_state[WATCH] = job.id
    except QueueFullError:
        st.warning(words["queue full"])


def begin(look: dict[str, str]) -> None:
    """Ask for the run of the settings just adopted, from the start, and for that look at it; before the widgets."""
    st.session_state[WANTED] = None
    forget(f"{SLUG}.step")
    look_at(look)


def defined(state: Settings) -> Settings:
    """The settings that Train is to train: changes under way belong to the run that they were made in, and are left
    out where the reader has set anything else since.
    """
    if WANTED in st.session_state:  # a fork or a rewind of that run
        return state
    then = shown_job().settings if shown_job() else st.session_state.get(SEEN)
    plain = {"changes": "", "pace": state.pace}
    same = then is None or dataclasses.replace(then, **plain) == dataclasses.replace(state, **plain)
    return state if same else dataclasses.replace(state, changes="")


def address(state: Settings) -> dict[str, str]:
    """What a link must say to open this very run at the step that is looked at; before any, the settings."""
    job, at = shown_job(), step()
    if job and at is None:
        at = job.stand["position"]
    looks = {f"{SLUG}.{name}": str(value) for name, value in look().items()}
    return looks | link(job.settings if job else state, at)


def refused() -> None:
    """Say, once, why what was asked for cannot be done."""
    if REFUSED in st.session_state:
        st.warning(st.session_state.pop(REFUSED).replace("$", r"\$"))


def shown_job() -> Job | None:
    """The job that the session shows."""
    return st.session_state.get(RUN)


def wanted(pressed: bool) -> tuple[bool, tuple[str, int] | None]:
    """Whether a run is to be started now, and where it leaves an earlier one: asked for, or implied by the address."""
    if WANTED in st.session_state:
        return True, st.session_state.pop(WANTED)
    return pressed or (shown_job() is None and step() is not None and SEEN not in st.session_state), None


def step() -> int | None:
    """The step that the address says is looked at."""
    text = recalled(f"{SLUG}.step") or ""
    return min(int(text), runs.MOST_STEPS) if text.isdecimal() and len(text) < 10 else None


def answer() -> None:
    """Do what the component asks; it comes before the script, so the widgets may still be set."""
    for asked in st.session_state[f"{SLUG}.live"].get("asked") or []:
        job = shown_job()
        act = ACTS.get(asked.get("what"))
        if act and (job is None or asked.get("job") in (job.id, None)):
            try:
                act(job, asked)
            except ValueError as error:
                st.session_state[REFUSED] = str(error)


def _fork(job: Job | None, asked: dict[str, Any]) -> None:
    """A third lane that leaves lane `lane` after `step` steps with one setting of its own."""
    if job:
        own = OVERRIDES.read(f"{asked['field']}={asked['value']}")
        _leave(
            job, int(asked["step"]), lane_3="fork", fork_of=int(asked["lane"]), fork_at=int(asked["step"]), own_3=own
        )


def _rewind(job: Job | None, asked: dict[str, Any]) -> None:
    """Again with a third of the rate that was in force: as far as a recorded state before the divergence allows."""
    if job:
        lane, lost = int(asked["lane"]), int(asked["step"])
        at, differs = slower(job.settings, lane, before(job, lost), smaller(job.settings, lane, lost))
        _leave(job, at, **differs)


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


def smaller(run: Settings, lane: int, step: int) -> float:
    """A third of the lane's learning rate in that step, or of that of the fork that has left it already."""
    forks = [other for other in run.lanes if other.fork_of == lane]
    rate = runs.in_force(run, step).of_lane((forks or [run.lanes[lane]])[0]).learning_rate / 3
    return max(float(f"{rate:.3g}"), KINDS["learning_rate"].low)


def before(job: Job, at: int) -> int:
    """The last recorded state of the job before step `at`; 0 where there is none."""
    keyframe = job.training.shelf.nearest(max(0, at - 1))
    return keyframe.step if keyframe else 0


def _leave(job: Job, at: int, **differs: Any) -> None:
    adopt(dataclasses.replace(job.settings, **differs))
    st.session_state[WANTED] = (job.id, at)
    _forget_step(job, {})


def _reset(job: Job | None, asked: dict[str, Any]) -> None:
    if job and job.open:
        engine().stop(job.id)
    st.session_state.pop(RUN, None)
    st.session_state[SEEN] = job.settings if job else None
    _forget_step(job, asked)


def _keep_step(job: Job | None, asked: dict[str, Any]) -> None:
    if asked.get("step") is None:
        _forget_step(job, asked)
    else:
        keep(f"{SLUG}.step", str(int(asked["step"])))


def _forget_step(job: Job | None, asked: dict[str, Any]) -> None:
    forget(f"{SLUG}.step")


def _keep_look(job: Job | None, asked: dict[str, Any]) -> None:
    look_at(asked)


def _keep_changes(job: Job | None, asked: dict[str, Any]) -> None:
    if job:
        keep(f"{SLUG}.changes", job.settings.changes)


def _pace(job: Job | None, asked: dict[str, Any]) -> None:
    if asked.get("value") in ("slow", "fast"):
        st.session_state[f"{SLUG}.pace"] = asked["value"]


ACTS = {
    "fork": _fork,
    "rewind": _rewind,
    "reset": _reset,
    "step": _keep_step,
    "look": _keep_look,
    "changes": _keep_changes,
    "pace": _pace,
}
"""What the component may ask; the rest ("over", "settled") only runs the script again."""
