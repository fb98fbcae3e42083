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
from training.rewind import before, slower, smaller
from training.settings import OVERRIDES, Settings
from ui.live import owner
from ui.scrub import forget, keep, recalled
from ui.studio_look import look, look_at
from ui.studio_settings import SLUG, adopt, link, place
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
    if pressed:
        forget(f"{SLUG}.step")  # who presses Train wants to see it from the start
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
        rate = smaller(job.settings, lane, lost, job.lost)
        at, differs = slower(job.settings, lane, before(job.training.shelf, lost), rate)
        _leave(job, at, **differs)


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
        place("pace", asked["value"])


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
