"""A lesson's worksheet and its key, to be printed or saved as PDF in the browser."""

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
    """The sheet as HTML; with `key`, answers in place of the room for them. Students' links have no keys."""
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
    """Settings that reach the goal, spelled as in an address."""
    return {name: spelled(value) for name, value in lesson.goal.items()}
