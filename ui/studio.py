"""The studio's component: a training to watch, pause, scrub and fork.

The browser listens to the run's event stream and gives its orders itself (ui/server.py). Python hears of what makes
another run, of what belongs into the address, and of pauses and the end (ui/studio_run.py).
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from bn_core.experiments.settings import Choice, Number
from figures import theme
from training.job import Job
from training.plan import Plan, watched
from training.settings import BORN_WITH, KINDS, MAY_CHANGE, MAY_DIFFER, Settings
from ui import view
from ui.component import component
from ui.server import PLOTLY_PATH
from ui.studio_look import look
from ui.studio_run import WATCH, answer, step
from ui.studio_settings import SLUG
from ui.words import Words

SCRIPTS = ("plot", "studio/numbers", "studio/course", "studio/fill", "studio/export", "studio/charts", "studio/legend",
           "studio/transport", "studio/panels", "studio/mistakes", "studio/slow", "studio/alerts", "studio/saying",
           "studio/stream", "studio/asks", "studio/replay", "studio/views", "studio/desk", "studio/studio",
           "studio/mount")  # fmt: skip
STYLES = ("scrub", "live", "studio/studio", "studio/views")


def open_view(views: Sequence[str]) -> str:
    """The view that the address names, else the first."""
    named = look().get("view")
    return named if named in views else views[0]


def studio(
    figures: list[dict[str, Any]],
    lanes: Sequence[dict[str, Any]],
    job: Job | None,
    words: Words,
    *,
    plan: Plan,
    views: Sequence[str],
    running: bool,
    told: str,
) -> None:
    """Draw the studio with its `figures` for `job`, or empty for the run of `plan` that would be.

    See assets/components/studio/studio.js. running: whether the job was open when `told` was written. The words'
    sections "live.…" are what it says itself.
    """
    component("studio", SCRIPTS, STYLES)(
        data={
            "plotly": PLOTLY_PATH,
            "dark": theme.DARK,
            "ink": theme.INK,
            "scale": view.scale(),
            "figures": figures,
            "lanes": list(lanes),
            **of_run(words, plan),
            "views": [{"name": name, "label": words[f"tab.{name}"]} for name in views],
            "look": look() | {"view": open_view(views)},
            "job": job.id if job else None,
            "open": running,
            "watch": job is not None and st.session_state.pop(WATCH, None) == job.id,
            "step": step(),
            "told": told,
            "texts": {
                heading.removeprefix("live."): text
                for heading, text in words.sections.items()
                if heading.startswith("live.")
            },
        },
        key=f"{SLUG}.live",
        on_asked_change=answer,
    )


def of_run(words: Words, plan: Plan) -> dict[str, Any]:
    """What the browser must know of the run that is shown, and what of it may be set under way."""
    run = plan.settings
    return {
        "layers": max(run.depths),
        "run": {name: getattr(run, name) for name in (*MAY_DIFFER, "batch_size", "pace")},
        "changes": run.changes,
        "watched": watched(plan.steps),
        "ables": {"change": ables(words, MAY_CHANGE), "fork": forkable(words, run)},
        "digits": digits(plan),
    }


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
