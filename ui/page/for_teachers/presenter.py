"""The presenter's window: the notes of the lecture in this browser, and controls for the window that the class sees."""

from __future__ import annotations

from lessons.content import read
from ui.components.plain import plain
from ui.page.for_teachers.spelling import spelling


def document() -> str:
    words = read("presenter")
    texts = read("teaching").live | words.live
    styles = ("lib/controls", "presenter/presenter")
    return plain("presenter/index", styles, words.title, {"texts": texts, "spelling": spelling()})
