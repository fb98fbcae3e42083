"""What stands at the foot of every page for who teaches: curtain, lecture and their keys, all the browser's own."""

from __future__ import annotations

from lessons.content import read
from ui.components.component import component
from ui.page import view
from ui.page.share import around


def foot(slug: str, scripted: bool) -> None:
    """Draw it for the page of that slug; scripted: whether a script reads the page's settings, but once.

    For students it only hides what the address says.
    """
    draw = component("teaching", "teaching/index", ("lib/controls", "teaching/teaching"))
    data = {"slug": slug, "scripted": scripted, "student": view.student(), "texts": read("teaching").live}
    data["around"] = around()
    draw(data=data, key="teaching", width="content")
