"""The run that a session shows on a page: how it comes about, where in it the reader is, whether its end was seen.

The component's requests are answered before the script runs, so that a fork or a rewind can still set the widgets.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lessons.content import Content
from training.server.engine import QueueFullError, engine
from training.server.run import Job
from training.spec import settings as runs
from training.spec.settings import Settings
from ui.state.url_state import forget, keep, recalled
from ui.studio.view_state import look_at

Origin = tuple[str, int] | None
"""The job and the step of it that a run goes on from; None for one from the start."""


@st.cache_resource(scope="session", show_spinner=False, on_release=lambda owner: engine().abandon(owner))
def owner() -> str:
    """Who this browser tab is to the training engine; once the tab is closed its training is soon stopped."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class RunSession:
    """The run on the page `slug`; its names in the session and in the address begin with that."""

    slug: str

    def key(self, name: str) -> str:
        return f"{self.slug}.{name}"

    @property
    def job(self) -> Job | None:
        """The job that the session shows, as Train made it."""
        return st.session_state.get(self.key("run"))

    @property
    def cleared(self) -> Settings | None:
        """The settings of the run that Reset cleared."""
        return st.session_state.get(self.key("cleared"))

    @property
    def step(self) -> int | None:
        """The step that the address says is looked at."""
        text = recalled(self.key("step")) or ""
        return min(int(text), runs.MOST_STEPS) if text.isdecimal() and len(text) < 10 else None

    @property
    def begins(self) -> tuple[int, bool]:
        """From which step the player shows the run, and whether it plays: it rests where the address says."""
        if self.step is not None:
            return self.step, False
        run, step = st.session_state.get(self.key("goes on"), ("", 0))
        return (step if self.job and self.job.id == run else 0), True

    @property
    def ended(self) -> bool:
        """Whether the run is over and its reader has seen its end, so that it may be spoken of."""
        return bool(self.job and not self.job.open and st.session_state.get(self.key("ended")) == self.job.id)

    def train(self, settings: Settings, words: Content, origin: Origin = None) -> None:
        """Ask for the run and show it; say so where the queue is full."""
        left = st.session_state.pop(self.key("left"), None)
        try:
            client = st.context.ip_address or ""
            job = engine().job(engine().submit(settings, owner(), origin=origin, client=client))
        except QueueFullError:
            st.warning(words["queue full"])
            return
        self._take_place(job, left)
        if origin:
            st.session_state[self.key("goes on")] = job.id, origin[1]

    @property
    def before(self) -> tuple[Settings, int | None] | None:
        """The settings of the run that was shown before the present one, and the step that was looked at."""
        return st.session_state.get(self.key("before"))

    def _set_aside(self, name: str, step: int | None = None) -> None:
        """Note the run that is shown under that name; step: where in it the reader is, if the address does not say."""
        if self.job:
            st.session_state[self.key(name)] = self.job.settings, step if self.step is None else self.step

    def _take_place(self, job: Job, left: tuple[Settings, int | None] | None) -> None:
        """Show the job in the place of what was left for it; one and the same run takes nobody's place."""
        st.session_state[self.key("run")] = job
        if left and left[0] != job.settings:
            st.session_state[self.key("before")] = left
        elif self.before and self.before[0] == job.settings:
            del st.session_state[self.key("before")]

    def undo(self, adopt: Callable[[Settings], None]) -> None:
        """Show the run before again, at its step; what is shown now becomes the run before."""
        if self.before:
            settings, step = self.before
            adopt(settings)
            self.want()
            self.keep_step(None, {"step": step})

    def want(self, origin: Origin = None) -> None:
        """Ask for the run of the settings just adopted; before the widgets."""
        self._set_aside("left", origin and origin[1])
        st.session_state[self.key("wanted")] = origin
        forget(self.key("step"))

    @property
    def adopted(self) -> bool:
        """Whether a run was asked for whose settings the widgets have just taken over."""
        return self.key("wanted") in st.session_state

    def press(self) -> None:
        """Note that Train was pressed: another request may cut the script short before it trains."""
        self._set_aside("left")
        st.session_state[self.key("pressed")] = True

    def wanted(self) -> tuple[bool, Origin]:
        """Whether a run is to be started now, and what it goes on from: asked for, or implied by the address."""
        if self.key("pressed") in st.session_state and not self.adopted:
            forget(self.key("step"))  # who presses Train wants to see it from the start
        pressed = st.session_state.pop(self.key("pressed"), False)  # last: the script may be cut short above
        if self.adopted:
            return True, st.session_state.pop(self.key("wanted"))
        return pressed or (
            self.job is None and self.step is not None and self.key("cleared") not in st.session_state
        ), None

    def answer(self, handlers: Mapping[str, Callable[[Job, dict[str, Any]], None]]) -> None:
        """Do what the component requests of the run that is shown; handlers: what the page can do besides."""
        common = {"reset": self.reset, "step": self.keep_step, "end": self.end, "look": self.keep_look}
        handlers = common | dict(handlers)
        for request in filter(self.is_new, st.session_state[self.key("live")].get("asked") or []):
            job, handle = self.job, handlers.get(request.get("what"))
            if handle and (request["what"] == "look" or request.get("job") == (job and job.id)):
                try:
                    handle(job, request)
                except ValueError as error:
                    st.session_state[self.key("refused")] = str(error)

    @property
    def received(self) -> dict[str, Any]:
        """The number of the last request, and the component that sent it; it repeats later ones until they are here."""
        return st.session_state.get(self.key("received"), {"from": "", "n": 0})

    def is_new(self, request: dict[str, Any]) -> bool:
        """Whether the request has not been received before; from now on it has."""
        last, this = self.received, {"from": request.get("from"), "n": request.get("n", 0)}
        if this["from"] and this["from"] == last["from"] and this["n"] <= last["n"]:
            return False
        st.session_state[self.key("received")] = this
        return True

    def refused(self) -> None:
        """Say, once, why what was requested cannot be done."""
        if self.key("refused") in st.session_state:
            st.warning(st.session_state.pop(self.key("refused")).replace("$", r"\$"))

    def leave(self) -> None:
        """Show no run any more, nor remember it: whether it can be trained again is up to the caller."""
        job = st.session_state.pop(self.key("run"), None)
        st.session_state.pop(self.key("pressed"), None)
        st.session_state[self.key("cleared")] = job.settings if job else None
        forget(self.key("step"))

    def clear(self) -> None:
        """End the run, where it is still trained, and show none any more."""
        if self.job and self.job.open:
            engine().stop(self.job.id)
        self._set_aside("before")
        self.leave()

    def reset(self, job: Job | None, request: dict[str, Any]) -> None:
        self.clear()

    def keep_step(self, job: Job | None, request: dict[str, Any]) -> None:
        if request.get("step") is None:
            forget(self.key("step"))
        else:
            keep(self.key("step"), str(int(request["step"])))

    def end(self, job: Job | None, request: dict[str, Any]) -> None:
        """The reader has come to the end."""
        self.keep_step(job, request)
        st.session_state[self.key("ended")] = job.id if job else None

    def keep_look(self, job: Job | None, request: dict[str, Any]) -> None:
        look_at(request, self.slug)
