"""A lesson's page: the question, the stage that fills the first screen, tabs with more depth, and the next lesson.

The stage, and the script and the link that follow its state, run in the browser (assets/components/stage, share): once
the page is open, no move runs a Python script.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from figures import theme
from lessons.catalog import LESSONS
from lessons.content import Content, read
from lessons.fields import Choice, Flag, Kind, Number, defaults, kinds
from lessons.lesson import Lesson
from ui.components.component import component
from ui.components.static import PLOTLY_PATH
from ui.components.versions import tables_version
from ui.page import chart_menu, menu, view
from ui.page import share as sharing
from ui.page.lesson import depth, opening
from ui.state.repair import spelled

PARTS = ("stage/stage", "stage/network", "stage/ask", "stage/fields", "stage/narrow")
STYLES = ("lib/controls", "lib/menu", "lib/code", "lib/blocks", *PARTS)
FINEST = 0.01
"""The step of a slider for a real number."""
TEXTS = (
    "missing",
    "trouble",
    "again",
    "skip",
    "predict first",
    "you said",
    "said.right",
    "said.wrong",
    "ask again",
    "veiled",
    "goal",
    "reached",
    "further",
    "show me",
    "setup",
    "close",
    "waiting",
    "grip",
    "review",
    "review.right",
    "review.wrong",
    "review.back",
    "drag",
    "draw",
    "sort",
    "commit",
    "mark",
    "mark of",
    "gap.number",
    "gap.ratio",
    "gap.curve",
    "order.right",
    "order.wrong",
)
"""Sections of the common words that the stage shows."""


def show(lesson: Lesson) -> None:
    """Draw the whole page of a lesson."""
    words, following = lesson.words, menu.following(lesson.slug)
    with st.container(key="lesson", gap=None):
        opening(words, "" if st.context.is_embedded else menu.place(lesson.slug))
        component("stage", "stage/index", STYLES)(
            data={**lesson_data(lesson), **view_data()}, key=f"{lesson.slug}.stage"
        )
    with st.container(key="depth"):
        tabs(lesson, words)
        trust = shared("trust", "trust.asked", "trust.result", "trouble")
        component("trust-part", "stage/trust", ("lib/controls", "stage/trust"))(
            data={"slug": lesson.slug, "texts": trust}, key=f"{lesson.slug}.trust"
        )
        st.page_link(following.file, label=read("common").say("next", question=following.question))


def picture(
    lesson: Lesson,
    figures: Sequence[int],
    *,
    key: str,
    carrying: Sequence[str],
    leads: Mapping[str, str],
    **settings: Any,
) -> None:
    """Draw some of the lesson's figures with these settings and controls; the address does not change.

    leads: by kind of block in a network's picture, the slug of the lesson to which it leads.
    """
    chosen = {name: spelled(value) for name, value in settings.items()}
    lessons = {kind: {"slug": slug, "question": read(slug).title} for kind, slug in leads.items()}
    part = {"figures": list(figures), "carrying": list(carrying), "picture": chosen, "leads": lessons}
    component("stage", "stage/index", STYLES)(data={**lesson_data(lesson), **view_data(), **part}, key=key)


def tabs(lesson: Lesson, words: Content) -> None:
    """Draw the tabs below; their script and link follow the stage in the browser."""
    depth(
        words,
        lesson.engine,
        lesson.slug,
        keras=lambda: script(lesson),
        link=lambda: sharing.share(words, lesson.slug, controls(lesson)),
    )


def script(lesson: Lesson) -> None:
    """Draw the script for the stage's state, to read and to take home."""
    common, files = read("common"), {"file": f"{lesson.slug}.py", "notebook": f"{lesson.slug}.ipynb"}
    saves = {
        name: common.say("download", file=file)
        for name, file in zip(("download", "notebook"), files.values(), strict=True)
    }
    draw = component("code-panel", "stage/code", ("lib/controls", "lib/code", "stage/code"))
    texts = saves | shared("copy", "copied", "trouble", "again")
    draw(data={"slug": lesson.slug, "texts": texts, **files}, key=f"{lesson.slug}.code")


def controls(lesson: Lesson) -> dict[str, str]:
    """The label of each control at the default settings, by name."""
    known = dataclasses.asdict(lesson.settings())
    dragged = {each.name: lesson.words.say(each.heading.format(**known), **known) for each in lesson.controls}
    fields = [name for row in (*lesson.rows, lesson.more) for name in row]
    return dragged | {name: field(lesson.settings, name, lesson.words)["label"] for name in fields}


def view_data() -> dict[str, Any]:
    """The view in which the page is shown, and what draws its figures."""
    return {
        "plotly": PLOTLY_PATH,
        "dark": theme.DARK,
        "scale": view.scale(),
        "version": tables_version(),
        "network": sharing.network_address(),
    }


@functools.cache
def lesson_data(lesson: Lesson) -> dict[str, Any]:
    """What the browser must know about a lesson before it knows the settings."""
    words = lesson.words
    return {
        "slug": lesson.slug,
        "title": words.title,
        "fields": [field(lesson.settings, name, words) for name in kinds(lesson.settings)],
        "rows": [list(names) for names in lesson.rows],
        "more": list(lesson.more),
        "shape": list(lesson.shape),
        "slow": lesson.slow,
        "folds": list(lesson.folds),
        "rooms": [tile.room for tile in lesson.tiles],
        "carrying": list(lesson.carrying or lesson.dragged),
        "ask": prediction(lesson),
        "goal": words["check"],
        "further": [
            {"goal": words[f"check.{name}"], **preset(lesson, name)}
            for name in lesson.further
            if name in lesson.presets
        ],
        **around(lesson),
        "presets": [preset(lesson, name) for name in lesson.presets],
        "texts": shared(*TEXTS)
        | chart_menu.words()
        | read("network").live
        | {"more": words.sections.get("label.more", ""), "wrong": words.sections.get("wrong", "")},
    }


def prediction(lesson: Lesson) -> dict[str, Any]:
    """The prediction: its question, and its choices or how else it is made."""
    how = dataclasses.asdict(lesson.guess) if lesson.guess else {"kind": "choice"}
    words, at = lesson.words, {name: spelled(value) for name, value in lesson.asked_at.items()}
    return {"question": words.prose("predict"), "choices": words.choices("predict"), "at": at, **how}


def around(lesson: Lesson | None = None) -> dict[str, Any]:
    """What every lesson has around its figures: questions about other lessons, and the glossary."""
    return {
        "reviews": [review(other) for other in LESSONS.values() if other is not lesson],
        "glossary": glossary(),
    }


def frame(slug: str, *, asking: bool) -> None:
    """Draw that on a page without a stage. asking: whether the reader has not predicted yet."""
    texts = shared("review", "review.right", "review.wrong", "review.back", "trouble")
    data = {**around(), "texts": texts, "version": tables_version(), "asking": asking}
    component("frame", "stage/frame", STYLES)(data=data, key=f"{slug}.frame")


def review(lesson: Lesson) -> dict[str, Any]:
    """The question that other lessons ask about this one."""
    words = lesson.words
    asks = {"question": words.prose("review"), "choices": words.choices("review")}
    return {"slug": lesson.slug, "menu": words["menu"], **asks}


def glossary() -> list[dict[str, Any]]:
    """The glossary: how each term may be written, and its meaning."""
    words = read("glossary")
    terms = [heading.removeprefix("term.") for heading in words.sections if heading != "lead"]
    return [{"forms": forms.split(", "), "meaning": words[f"term.{forms}"]} for forms in terms]


def preset(lesson: Lesson, name: str) -> dict[str, Any]:
    """A state worth seeing, for the browser: its name, its settings, and what to look at."""
    words, settings = lesson.words, {field: spelled(value) for field, value in lesson.presets[name].items()}
    return {"label": words[f"preset.{name}"], "look": words[f"look.{name}"], "settings": settings}


def field(settings_type: type, name: str, words: Content) -> dict[str, Any]:
    """A field of the settings, for the browser to draw: its kind, range and default, spelled as in an address."""
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
    """Sections of the words that all lessons share, by name."""
    return {name: read("common")[name] for name in names}
