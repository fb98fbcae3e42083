"""A lesson's page: the question, the stage that fills the first screen, what lies deeper in tabs, the next lesson.

The stage and the panels that follow its state are the browser's (assets/components/stage): once the page is open, no
move runs a script.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import streamlit as st

from figures import theme
from lessons.content import Content, read
from lessons.fields import Choice, Flag, Kind, Number, defaults, kinds
from lessons.lesson import Lesson
from ui.components.component import component
from ui.components.static import PLOTLY_PATH
from ui.components.versions import tables_version
from ui.page import chart_menu, menu, view
from ui.page.lesson import depth, opening
from ui.state.repair import spelled

STYLES = ("lib/controls", "lib/menu", "stage/stage")
FINEST = 0.01
"""The step of a slider for a real number."""
TEXTS = (
    "missing",
    "trouble",
    "again",
    "skip",
    "predict first",
    "you said",
    "ask again",
    "veiled",
    "goal",
    "reached",
    "show me",
    "setup",
    "close",
    "grip",
)
"""Sections of the common words that the stage shows."""


def show(lesson: Lesson) -> None:
    """The whole page of a lesson."""
    words, following = lesson.words, menu.following(lesson.slug)
    with st.container(key="lesson", gap=None):
        opening(words, menu.place(lesson.slug))
        component("stage", "stage/index", STYLES)(
            data={**lesson_data(lesson), **view_data()}, key=f"{lesson.slug}.stage"
        )
    with st.container(key="depth"):
        tabs(lesson, words)
        st.page_link(following.file, label=read("common").say("next", question=following.question))


def picture(lesson: Lesson, figures: Sequence[int], *, key: str, carrying: Sequence[str], **settings: Any) -> None:
    """Some of the lesson's figures with these settings, and those controls alone; the address stays as it is."""
    chosen = {name: spelled(value) for name, value in settings.items()}
    part = {"figures": list(figures), "carrying": list(carrying), "picture": chosen}
    component("stage", "stage/index", STYLES)(data={**lesson_data(lesson), **view_data(), **part}, key=key)


def tabs(lesson: Lesson, words: Content) -> None:
    """What lies deeper; its script, check and link follow the stage in the browser."""
    common, file = read("common"), f"{lesson.slug}.py"
    code = {"download": common.say("download", file=file), **shared("copy", "copied", "trouble", "again")}
    link = shared("share", "embed", "copy", "copied", "qr too long") | {"qr": common["qr.predict"]}
    depth(
        words,
        lesson.engine,
        lesson.slug,
        keras=lambda: panel(lesson, "code", texts=code, file=file),
        link=lambda: panel(lesson, "share", texts=link, title=words.title),
    )


def panel(lesson: Lesson, kind: str, **data: Any) -> None:
    """A part of the page that follows the stage's state: "code" or "share"."""
    draw = component("panel-part", "stage/panels", ("lib/controls", "stage/panels"))
    draw(data={"slug": lesson.slug, "kind": kind, **data}, key=f"{lesson.slug}.{kind}")


def view_data() -> dict[str, Any]:
    """How the page is looked at, and what draws it."""
    return {"plotly": PLOTLY_PATH, "dark": theme.DARK, "scale": view.scale(), "version": tables_version()}


@functools.cache
def lesson_data(lesson: Lesson) -> dict[str, Any]:
    """What the browser must know of a lesson before it knows the settings."""
    words = lesson.words
    return {
        "slug": lesson.slug,
        "title": words.title,
        "fields": [field(lesson.settings, name, words) for name in kinds(lesson.settings)],
        "rows": [list(names) for names in lesson.rows],
        "more": list(lesson.more),
        "shape": list(lesson.shape),
        "slow": lesson.slow,
        "rooms": [tile.room for tile in lesson.tiles],
        "carrying": list(lesson.carrying or lesson.dragged),
        "ask": {"question": words.prose("predict"), "choices": words.choices("predict")},
        "goal": words["check"],
        "presets": [preset(lesson, name) for name in lesson.presets],
        "texts": shared(*TEXTS)
        | chart_menu.texts()
        | {"more": words.sections.get("label.more", ""), "wrong": words.sections.get("wrong", "")},
    }


def preset(lesson: Lesson, name: str) -> dict[str, Any]:
    """A state worth seeing, as the browser goes there: its name, what it sets, what to look at."""
    words, settings = lesson.words, {field: spelled(value) for field, value in lesson.presets[name].items()}
    return {"label": words[f"preset.{name}"], "look": words[f"look.{name}"], "settings": settings}


def field(settings_type: type, name: str, words: Content) -> dict[str, Any]:
    """A field of the settings as the browser draws it: what it may hold, its default as an address spells it."""
    kind, default = kinds(settings_type)[name], spelled(defaults(settings_type)[name])
    label = words.say(f"label.{name}", described=kind.described()) if f"label.{name}" in words.sections else ""
    return {"name": name, "default": default, "label": label, **allowed(kind)}


def allowed(kind: Kind) -> dict[str, Any]:
    if isinstance(kind, Choice):
        return {"kind": "choice", "options": list(kind.options)}
    if isinstance(kind, Number):
        return {"kind": "number", "low": kind.low, "high": kind.high, "step": 1 if kind.whole else FINEST}
    return {"kind": "flag" if isinstance(kind, Flag) else "numbers"}


def shared(*names: str) -> dict[str, str]:
    """Sections of the words that every lesson shares, by name."""
    return {name: read("common")[name] for name in names}
