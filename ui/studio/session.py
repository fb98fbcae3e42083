"""The run that a session shows on a page: how it starts, the reader's place in it, and whether its end was seen.

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
"""The job, and the step in it, from which a run goes on; None for a run from the start."""


@st.cache_resource(scope="session", show_spinner=False, on_release=lambda owner: engine().abandon(owner))
def owner() -> str:
    """The engine's name for this browser tab; once the tab is closed, its training is soon stopped."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class RunSession:
    """The run on the page `slug`; its keys in the session and in the address begin with the slug."""

    slug: str

    def key(self, name: str) -> str:
        return f"{self.slug}.{name}"

    @property
    def job(self) -> Job | None:
        """The job on screen, as Train made it."""
        return st.session_state.get(self.key("run"))

    @property
    def cleared(self) -> Settings | None:
        """The settings of the run that Reset cleared."""
        return st.session_state.get(self.key("cleared"))

    @property
    def step(self) -> int | None:
        """The step in the address."""
        text = recalled(self.key("step")) or ""
        return min(int(text), runs.MOST_STEPS) if text.isdecimal() and len(text) < 10 else None

    @property
    def begins(self) -> tuple[int, bool]:
        """The step at which the player starts, and whether it plays: it rests where the address names a step."""
        if self.step is not None:
            return self.step, False
        run, step = st.session_state.get(self.key("goes on"), ("", 0))
        return (step if self.job and self.job.id == run else 0), True

    @property
    def ended(self) -> bool:
        """Whether the run is over and its end was seen, so that the outcome may be told."""
        return bool(self.job and not self.job.open and st.session_state.get(self.key("ended")) == self.job.id)

    def train(self, settings: Settings, words: Content, origin: Origin = None) -> None:
        """Ask for the run and show it, or tell the reader that the queue is full.

        Another request may end the script at any access to the session: only then is this one forgotten.
        """
        left = st.session_state.get(self.key("left"))
        try:
            client = st.context.ip_address or ""
            job = engine().job(engine().submit(settings, owner(), origin=origin, client=client))
        except QueueFullError:
            st.warning(words["queue full"])
        else:
            self._take_place(job, left)
            if origin:
                st.session_state[self.key("goes on")] = job.id, origin[1]
        for name in ("left", "pressed", "wanted"):
            st.session_state.pop(self.key(name), None)

    @property
    def before(self) -> tuple[Settings, int | None] | None:
        """The settings of the previous run on screen, and the reader's step in it."""
        return st.session_state.get(self.key("before"))

    def _set_aside(self, name: str, step: int | None = None) -> None:
        """Store the run on screen under that name; step: the reader's step, if the address names none."""
        if self.job:
            st.session_state[self.key(name)] = self.job.settings, step if self.step is None else self.step

    def _take_place(self, job: Job, left: tuple[Settings, int | None] | None) -> None:
        """Show the job in place of the run in `left`, which becomes the previous one unless it is the same run."""
        st.session_state[self.key("run")] = job
        if left and left[0] != job.settings:
            st.session_state[self.key("before")] = left
        elif self.before and self.before[0] == job.settings:
            del st.session_state[self.key("before")]

    def undo(self, adopt: Callable[[Settings], None]) -> None:
        """Show the previous run again, at its step; the present run becomes the previous one."""
        if self.before:
            settings, step = self.before
            adopt(settings)
            self.want()
            self.keep_step(None, {"step": step})

    def want(self, origin: Origin = None) -> None:
        """Ask for a run of the settings just set; before the widgets are drawn."""
        self._set_aside("left", origin and origin[1])
        st.session_state[self.key("wanted")] = origin
        forget(self.key("step"))

    @property
    def adopted(self) -> bool:
        """Whether a run was asked for whose settings have just been put into the widgets."""
        return self.key("wanted") in st.session_state

    def press(self) -> None:
        """Note that Train was pressed: another request may interrupt the script before it trains."""
        self._set_aside("left")
        st.session_state[self.key("pressed")] = True

    def wanted(self) -> tuple[bool, Origin]:
        """Whether a run is to start now, and what it goes on from: on request, or because the address names a step."""
        if self.adopted:
            return True, st.session_state[self.key("wanted")]
        pressed = self.key("pressed") in st.session_state
        if pressed:
            forget(self.key("step"))  # a run started with Train is shown from its start
        return pressed or (
            self.job is None and self.step is not None and self.key("cleared") not in st.session_state
        ), None

    def answer(self, handlers: Mapping[str, Callable[[Job, dict[str, Any]], None]]) -> None:
        """Carry out the component's requests about the run on screen; handlers: further requests of the page."""
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
        """The last request's number, and its component's id; the component repeats later requests until they arrive."""
        return st.session_state.get(self.key("received"), {"from": "", "n": 0})

    def is_new(self, request: dict[str, Any]) -> bool:
        """Whether the request has not been received before; it counts as received from now on."""
        last, this = self.received, {"from": request.get("from"), "n": request.get("n", 0)}
        if this["from"] and this["from"] == last["from"] and this["n"] <= last["n"]:
            return False
        st.session_state[self.key("received")] = this
        return True

    def refused(self) -> None:
        """Tell the reader, once, why a request could not be carried out."""
        if self.key("refused") in st.session_state:
            st.warning(st.session_state.pop(self.key("refused")).replace("$", r"\$"))

    def leave(self) -> None:
        """Show no run any more, and forget it; the caller decides whether it can be trained again."""
        job = st.session_state.pop(self.key("run"), None)
        st.session_state.pop(self.key("pressed"), None)
        st.session_state[self.key("cleared")] = job.settings if job else None
        forget(self.key("step"))

    def clear(self) -> None:
        """Stop the run, if it is still training, and show no run any more."""
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
        """Note that the reader has seen the end."""
        self.keep_step(job, request)
        st.session_state[self.key("ended")] = job.id if job else None

    def keep_look(self, job: Job | None, request: dict[str, Any]) -> None:
        look_at(request, self.slug)
