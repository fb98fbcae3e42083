"""The live component: figures that a training fills while it runs, its progress, and what became of it.

The browser listens to the job's event stream itself (ui/server.py); Python runs again only when the training is over.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import streamlit as st

from figures import theme
from figures.moving import Moving
from training.job import Job
from training.jobs import engine
from ui import view
from ui.component import component
from ui.server import PLOTLY_PATH
from ui.words import Words


@st.cache_resource(scope="session", show_spinner=False, on_release=lambda owner: engine().abandon(owner))
def owner() -> str:
    """Who this browser tab is to the training engine; once the tab is closed its training is soon stopped."""
    return uuid.uuid4().hex


def live(
    figures: Sequence[Moving],
    job: Job | None,
    words: Words,
    *,
    running: bool,
    layers: int,
    note: str,
    told: str,
    key: str,
) -> None:
    """Draw the figures and let `job` fill them; None leaves them empty, with the words' invitation.

    figures: their traces' `meta` name the series that fill them (figures/training.py). running: whether the job was
    open when `told` was written; Python then runs again once the browser hears of the end. layers: how many batch-norm
    layers there are to choose from. note: what to say above the curves, as that they belong to earlier settings.
    told: the outcome in a sentence, said once the training is over. The words' sections "live.…" are what the
    component itself says.
    """
    component("live", ("plot", "live"), ("scrub", "live"))(
        data={
            "plotly": PLOTLY_PATH,
            "dark": theme.DARK,
            "scale": view.scale(),
            "figures": [{"spec": one.figure.to_json(), "alt": one.alt, "width": one.width} for one in figures],
            "job": job.id if job else None,
            "open": running,
            "layers": layers,
            "note": note,
            "told": told,
            "texts": {
                heading.removeprefix("live."): text
                for heading, text in words.sections.items()
                if heading.startswith("live.")
            },
        },
        key=key,
        on_over_change=lambda: None,
    )
