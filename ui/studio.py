"""The studio's component: a training to watch, pause, scrub and fork; and what Python does when the reader asks.

The browser listens to the run's event stream and gives its orders itself (ui/server.py). Python hears of what makes
another run (a fork, a rewind), of what belongs into the address, and of pauses and the end.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from bn_core.experiments.settings import Choice, Number
from figures import theme
from training import settings as runs
from training.job import Job
from training.jobs import QueueFullError, engine
from training.plan import Plan
from training.settings import BORN_WITH, KINDS, MAY_CHANGE, MAY_DIFFER, OVERRIDES, Settings
from ui import view
from ui.live import owner
from ui.scrub import COMPONENTS, keep, recalled
from ui.server import PLOTLY_PATH
from ui.studio_figures import Shown
from ui.studio_settings import SLUG, adopt
from ui.words import Words

RUN = f"{SLUG}.run"  # the session's job, as Train made it
WANTED = f"{SLUG}.wanted"  # where the next run leaves an earlier one: (job, step), or None for one from the start
SCRIPTS = ("plot", "studio/numbers", "studio/course", "studio/fill", "studio/export", "studio/charts", "studio/legend",
           "studio/transport", "studio/panels", "studio/mistakes", "studio/slow", "studio/alerts", "studio/saying",
           "studio/stream", "studio/views", "studio/studio", "studio/mount")  # fmt: skip
VIEWS = ("layer", "border", "mistakes", "gradients", "slow", "sweep", "home")


def train(settings: Settings, words: Words, origin: tuple[str, int] | None = None) -> None:
    """Ask for the run and show it; say so where the queue is full."""
    try:
        st.session_state[RUN] = engine().look(
            engine().submit(settings, owner(), **({"origin": origin} if origin else {}))
        )
    except QueueFullError:
        st.warning(words["queue full"])


def shown_job() -> Job | None:
    """The job that the session shows."""
    return st.session_state.get(RUN)


def wanted(pressed: bool) -> tuple[bool, tuple[str, int] | None]:
    """Whether a run is to be started now, and where it leaves an earlier one: asked for, or implied by the address."""
    if WANTED in st.session_state:
        return True, st.session_state.pop(WANTED)
    return pressed or (shown_job() is None and step() is not None and not st.session_state.get(f"{RUN}.reset")), None


def step() -> int | None:
    """The step that the address says is looked at."""
    text = recalled(f"{SLUG}.step") or ""
    return min(int(text), runs.MOST_STEPS) if text.isdecimal() and len(text) < 10 else None


def open_view(views: Sequence[str]) -> str:
    """The view that the address names, else the first."""
    named = recalled(f"{SLUG}.view")
    return named if named in views else views[0]


def studio(
    shown: Sequence[Shown],
    lanes: Sequence[dict[str, Any]],
    job: Job | None,
    state: Settings,
    words: Words,
    *,
    plan: Plan,
    views: Sequence[str],
    running: bool,
    note: str,
    told: str,
    findings: Sequence[dict[str, Any]],
) -> None:
    """Draw the studio for `job`, or empty for the run that `state` would be; see assets/components/studio/studio.js.

    running: whether the job was open when `told` was written. The words' sections "live.…" are what it says itself.
    """
    run = job.settings if job else state
    _component()(
        data={
            "plotly": PLOTLY_PATH,
            "dark": theme.DARK,
            "ink": theme.INK,
            "scale": view.scale(),
            "figures": [one.packed() for one in shown],
            "lanes": list(lanes),
            "layers": run.layers,
            "layer": 0,
            "run": {name: getattr(run, name) for name in (*MAY_DIFFER, "batch_size", "pace")},
            "changes": run.changes,
            "ables": {"change": ables(words, MAY_CHANGE), "fork": forkable(words, run)},
            "views": [{"name": name, "label": words[f"tab.{name}"]} for name in views],
            "view": open_view(views),
            "digits": digits(plan),
            "job": job.id if job else None,
            "open": running,
            "step": step(),
            "note": note,
            "told": told,
            "findings": list(findings),
            "texts": {
                heading.removeprefix("live."): text
                for heading, text in words.sections.items()
                if heading.startswith("live.")
            },
        },
        key=f"{SLUG}.live",
        on_asked_change=_answer,
    )


def ables(words: Words, names: Sequence[str]) -> list[dict[str, Any]]:
    """Fields that may be set under way: their names, labels and what they may hold."""
    return [{"name": name, "label": words[f"label.{name}"], **allowed(KINDS[name])} for name in names]


def allowed(kind: Choice | Number) -> dict[str, Any]:
    return {"options": list(kind.options)} if isinstance(kind, Choice) else dataclasses.asdict(kind)


def forkable(words: Words, run: Settings) -> list[dict[str, Any]]:
    """What a fork may have of its own; nothing where the third lane is taken."""
    free = run.lane_3 in ("off", "fork")
    return ables(words, [name for name in MAY_DIFFER if name not in BORN_WITH]) if free else []


def digits(plan: Plan) -> dict[str, Any] | None:
    """The validation images, a byte per pixel from 0 to 16, where the data are the digits."""
    if plan.settings.data != "digits":
        return None
    pixels = np.rint(16 * np.asarray(plan.x_valid).reshape(len(plan.x_valid), -1)).astype(np.uint8)
    return {"pixels": base64.b64encode(pixels.tobytes()).decode(), "side": int(pixels.shape[1] ** 0.5)}


def _answer() -> None:
    """Do what the component asks; it comes before the script, so the widgets may still be set."""
    for asked in st.session_state[f"{SLUG}.live"].get("asked") or []:
        job = shown_job()
        act = ACTS.get(asked.get("what"))
        if act and (job is None or asked.get("job") in (job.id, None)):
            act(job, asked)


def _fork(job: Job | None, asked: dict[str, Any]) -> None:
    """A third lane that leaves lane `lane` after `step` steps with one setting of its own."""
    if job:
        own = OVERRIDES.read(f"{asked['field']}={asked['value']}")
        _leave(
            job, int(asked["step"]), lane_3="fork", fork_of=int(asked["lane"]), fork_at=int(asked["step"]), own_3=own
        )


def _rewind(job: Job | None, asked: dict[str, Any]) -> None:
    """From the last recorded state before the divergence, with a third of the rate: a fork where a lane is free."""
    if job is None:
        return
    lane, at = int(asked["lane"]), before(job, int(asked["step"]))
    rate = smaller(job.settings, lane)
    if lane < 2 and job.settings.lane_3 in ("off", "fork"):
        own = OVERRIDES.read(f"learning_rate={rate:g}")
        _leave(job, at, lane_3="fork", fork_of=lane + 1, fork_at=at, own_3=own)
    else:
        slower = runs.changed(job.settings, at, "learning_rate", rate)
        _leave(job, at, changes=slower.changes)


def smaller(run: Settings, lane: int) -> float:
    """A third of the lane's learning rate, or of that of the fork that has left it already."""
    forks = [other for other in run.lanes if other.fork_of == lane]
    rate = run.of_lane((forks or [run.lanes[lane]])[0]).learning_rate / 3
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
    st.session_state[f"{RUN}.reset"] = True
    _forget_step(job, asked)


def _keep_step(job: Job | None, asked: dict[str, Any]) -> None:
    if asked.get("step") is None:
        _forget_step(job, asked)
    else:
        keep(f"{SLUG}.step", str(int(asked["step"])))


def _forget_step(job: Job | None, asked: dict[str, Any]) -> None:
    st.session_state.pop(f"kept.{SLUG}.step", None)
    st.query_params.pop(f"{SLUG}.step", None)


def _keep_view(job: Job | None, asked: dict[str, Any]) -> None:
    if asked.get("value") in VIEWS:
        keep(f"{SLUG}.view", asked["value"])


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
    "view": _keep_view,
    "changes": _keep_changes,
    "pace": _pace,
}
"""What the component may ask; the rest ("over", "settled") only runs the script again."""


@functools.cache
def _component() -> Any:
    return st.components.v2.component(
        "bn_lab_studio",
        html='<div class="bnl-studio"></div>\n',
        css="".join(
            (COMPONENTS / f"{name}.css").read_text(encoding="utf-8") for name in ("scrub", "live", "studio/studio")
        ),
        js="".join((COMPONENTS / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS),
        isolate_styles=False,
    )
