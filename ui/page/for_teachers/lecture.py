"""The page of lectures: those that ship with the app, and the one stored in the reader's browser."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import streamlit as st

from lessons.content import read
from ui.components.component import component
from ui.page.for_teachers.spelling import spelling

FILES = Path(__file__).resolve().parents[3] / "assets" / "lectures"


def show() -> None:
    words = read("lecture")
    st.title(words.title, anchor=False)
    st.markdown(words["lead"])
    draw = component("lecture", "lecture/index", ("lib/controls", "lecture/lecture"))
    draw(data={"texts": words.live, "shipped": shipped(), "spelling": spelling()}, key="lecture.list")
    st.markdown(words["how"])


@functools.cache
def shipped() -> list[dict[str, Any]]:
    """The lectures that ship with the app, as stored in their files."""
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(FILES.glob("*.json"))]
