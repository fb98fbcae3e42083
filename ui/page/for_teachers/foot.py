"""The foot of every page for teachers: curtain, lecture and their keyboard shortcuts, all run by the browser."""

from __future__ import annotations

from lessons.content import read
from ui.components.component import component
from ui.page import view
from ui.page.share import around


def foot(slug: str, scripted: bool) -> None:
    """Draw it for the page `slug`; scripted: whether a Python script reads the page's settings, once per visit.

    For students it only hides what the address asks to hide.
    """
    draw = component("teaching", "teaching/index", ("lib/controls", "teaching/teaching"))
    data = {"slug": slug, "scripted": scripted, "student": view.student(), "texts": read("teaching").live}
    data["around"] = around()
    draw(data=data, key="teaching", width="content")
