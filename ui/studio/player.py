"""The training component: a run to play, pause and scrub, and in the studio to change and to fork.

The browser receives the run's event stream and plays it itself. Python is only told of requests for another run, of
values for the address, and when the end was seen (ui/studio/session.py).
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from figures import theme
from lessons.content import Content, read
from lessons.fields import Choice, Number
from training.shipped import recorded
from training.spec.blocks import inputs
from training.spec.plan import Plan
from training.spec.settings import BORN_WITH, KINDS, MAY_CHANGE, MAY_DIFFER, Settings
from ui.components.component import component
from ui.components.static import PLOTLY_PATH
from ui.page import chart_menu, view
from ui.state.url_state import keep, unaddressed
from ui.studio import narration
from ui.studio.figures import figures
from ui.studio.session import RunSession
from ui.studio.view_state import look

STYLES = (
    *("lib/controls", "lib/menu", "lib/blocks"),
    *("studio/studio", "studio/transport", "studio/views", "studio/network", "studio/low"),
)


def open_view(views: Sequence[str], slug: str = "studio") -> str:
    """The view in the address, else the first."""
    named = look(slug).get("view")
    return named if named in views else views[0]


def studio(
    words: Content,
    session: RunSession,
    plan: Plan,
    *,
    views: Sequence[str],
    answer: Callable[[], None],
    stale: bool,
    few: bool = False,
    asking: bool = False,
    outcome: str = "",
    progress: Mapping[str, Any] | None = None,
) -> None:
    """Draw the component for the run on screen, or empty for a run of `plan`.

    See assets/components/studio/studio.js; its words are the sections "live.…". answer: called when it sends requests.
    stale: whether the settings have changed since that run, so that a link must not open at a step of another run.
    few: without what the training lesson does not need. asking: whether the reader is still to predict, before which
    nothing can be trained. outcome: the run's outcome, for readers who have seen its end. progress: what the
    browser stores about the reader (assets/components/lib/progress.js).
    """
    if stale:
        unaddressed(session.key("step"))
    elif session.job and session.step is not None:
        keep(session.key("step"), str(session.step))
    of_page = {"few": few, "asking": asking, "stale": stale, "outcome": outcome, "progress": progress}
    of_page |= {"views": named_views(words, views), "look": looked_at(views, session.slug)}
    of_page |= {"limit": recorded.EPOCHS_BEFORE_GUESS * plan.steps_per_epoch if asking else None}
    component("studio", "studio/index", STYLES)(
        data={**drawing(words), **of_page, **of_session(words, session, plan, few), **of_run(words, plan, few)},
        key=session.key("live"),
        on_asked_change=answer,
    )


def drawing(words: Content) -> dict[str, Any]:
    """What the component needs to draw, and its words."""
    return {
        "plotly": PLOTLY_PATH,
        "dark": theme.DARK,
        "ink": theme.INK,
        "scale": view.scale(),
        "texts": words.live | read("network").live | chart_menu.words(),
    }


def named_views(words: Content, views: Sequence[str]) -> list[dict[str, str]]:
    return [{"name": name, "label": words[f"tab.{name}"]} for name in views]


def looked_at(views: Sequence[str], slug: str) -> dict[str, Any]:
    return look(slug) | {"view": open_view(views, slug)}


def of_session(words: Content, session: RunSession, plan: Plan, few: bool) -> dict[str, Any]:
    """The run on screen and the step where it starts, its figures, and whether its end was seen."""
    job, lanes = session.job, narration.lanes(words, plan.settings)
    step, plays = session.begins
    return {
        "slug": session.slug,
        "job": job.id if job else None,
        "recorded": None if job or plan.settings != recorded.SHOWN[session.slug] else recorded.address(session.slug),
        "step": step,
        "plays": plays,
        "ended": session.ended,
        "before": bool(session.before),
        "received": session.received,
        "figures": figures(words, plan.settings, plan, lanes, few=few),
        "lanes": narration.packed(lanes, plan.settings),
    }


def of_run(words: Content, plan: Plan, few: bool) -> dict[str, Any]:
    """What the browser must know of the run on screen, including the fields that can be changed at a step."""
    run = plan.settings
    return {
        "layers": max(run.depths),
        "inputs": inputs(plan),
        "classes": plan.classes,
        "run": {name: getattr(run, name) for name in (*MAY_DIFFER, "batch_size")},
        "editable": {
            "change": [] if few else editable(words, MAY_CHANGE),
            "fork": [] if few else forkable(words, run),
        },
        "digits": None if few else digits(plan),
    }


def editable(words: Content, names: Sequence[str]) -> list[dict[str, Any]]:
    """Fields that can be changed during a run: their names, labels and allowed values."""
    return [{"name": name, "label": words[f"label.{name}"], **allowed(KINDS[name])} for name in names]


def allowed(kind: Choice | Number) -> dict[str, Any]:
    return {"options": list(kind.options)} if isinstance(kind, Choice) else dataclasses.asdict(kind)


def forkable(words: Content, run: Settings) -> list[dict[str, Any]]:
    """The fields that a fork can have of its own; empty where the third lane is not free."""
    free = run.lane_3 in ("off", "fork")
    return editable(words, [name for name in MAY_DIFFER if name not in BORN_WITH]) if free else []


def digits(plan: Plan) -> dict[str, Any] | None:
    """The validation images, one byte per pixel from 0 to 16, if the data are the digits."""
    if plan.settings.data != "digits":
        return None
    pixels = np.rint(16 * np.asarray(plan.x_valid).reshape(len(plan.x_valid), -1)).astype(np.uint8)
    return {"pixels": base64.b64encode(pixels.tobytes()).decode(), "side": int(pixels.shape[1] ** 0.5)}
