"""The tools of every page: its link, and for teachers the curtain, the lecture and their keys; run by the browser."""

from __future__ import annotations

from lessons.content import read
from ui.components.component import component
from ui.page import view
from ui.page.share import network_address


def tools(slug: str, scripted: bool) -> None:
    """Draw them for the page `slug`; scripted: whether a Python script reads the page's settings, once per visit.

    Students get the link, and what the address asks to hide is hidden.
    """
    draw = component("teaching", "teaching/index", ("lib/controls", "teaching/teaching"))
    texts = read("teaching").live | {name: read("common")[name] for name in ("copy", "copied")}
    data = {"slug": slug, "scripted": scripted, "student": view.student(), "texts": texts}
    data["network"] = network_address()
    draw(data=data, key="teaching", width="content")
