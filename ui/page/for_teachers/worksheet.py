"""A lesson's worksheet, to be printed or saved as PDF by the browser, and its key."""

from __future__ import annotations

from figures import theme
from lessons.content import read
from lessons.lesson import Lesson
from ui.components.plain import plain
from ui.components.static import PLOTLY_PATH
from ui.components.versions import tables_version
from ui.page.share import around
from ui.page.stage import lesson_data
from ui.state.repair import spelled


def document(lesson: Lesson, key: bool, student: bool) -> str:
    """The sheet as HTML; with `key`, the answers instead of the room for them, which students' links do not have."""
    words, paper = lesson.words, read("worksheet")
    answers = {"answers": words.choices("worksheet.key"), "reaching": reaching(lesson)} if key else {}
    data = {
        **lesson_data(lesson),
        **{"plotly": PLOTLY_PATH, "dark": theme.DARK, "scale": 1.0, "version": tables_version(), "picture": {}},
        **{
            "lead": words["lead"],
            "questions": words.choices("worksheet"),
            "student": student,
            "around": around(),
            **answers,
        },
    }
    data["texts"] = data["texts"] | paper.live
    title = f"{paper['live.key'] if key else paper.title}: {words.title}"
    return plain("stage/worksheet", ("lib/controls", "stage/stage", "stage/worksheet"), title, data)


def reaching(lesson: Lesson) -> dict[str, str]:
    """Settings with which the goal is reached, as an address spells them."""
    return {name: spelled(value) for name, value in lesson.goal.items()}
