"""A lesson's worksheet and its key, to be printed or saved as PDF in the browser."""

from __future__ import annotations

from typing import Any

from figures import theme
from lessons.content import Content, read
from lessons.lesson import Lesson
from ui.components.plain import plain
from ui.components.static import PLOTLY_PATH
from ui.components.versions import tables_version
from ui.page.share import network_address
from ui.page.stage import lesson_data
from ui.state.repair import spelled


def document(lesson: Lesson, key: bool, student: bool) -> str:
    """The sheet of a lesson with a stage as HTML; with `key`, its answers in place of the room for them."""
    drawn = {"plotly": PLOTLY_PATH, "dark": theme.DARK, "scale": 1.0, "version": tables_version(), "picture": {}}
    return sheet(lesson.words, lesson_data(lesson) | drawn, {"reaching": reaching(lesson)} if key else None, student)


def sheet(words: Content, data: dict[str, Any], answers: dict[str, Any] | None, student: bool) -> str:
    """A sheet as HTML. answers: what only the key says; None on the sheet itself. Students' links have no keys."""
    paper, key = read("worksheet"), answers is not None
    data |= {
        "lead": words["lead"],
        "questions": words.choices("worksheet"),
        "student": student,
        "network": network_address(),
    }
    if key:
        data |= {"answers": words.choices("worksheet.key"), **answers}
    data["texts"] = data.get("texts", {}) | paper.live
    title = f"{paper['live.key'] if key else paper.title}: {words.title}"
    return plain(
        "stage/worksheet",
        ("lib/controls", "lib/blocks", "stage/stage", "stage/network", "stage/ask", "stage/worksheet"),
        title,
        data,
    )


def reaching(lesson: Lesson) -> dict[str, str]:
    """Settings that reach the goal, spelled as in an address."""
    return {name: spelled(value) for name, value in lesson.goal.items()}
