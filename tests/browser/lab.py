"""The app with two more pages, for test_shell.py: one with every kind of setting, and one that fails."""

import sys
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from ui import lessons, server  # noqa: E402
from ui.security import headers  # noqa: E402
from ui.shield import handle  # noqa: E402


@dataclass(frozen=True)
class Extra(lessons.Lesson):
    """A lesson whose page is a file of the tests."""

    file: str = ""

    @property
    def page(self) -> Path:
        return ROOT / "tests" / self.file

    @property
    def question(self) -> str:
        return self.label


EXTRA = (
    Extra("98", "lab", "Every kind of setting", "tests.ui.query_settings", file="ui/query_page.py"),
    Extra("99", "failing", "A page that fails", "tests.ui.query_settings", file="browser/failing_page.py"),
)
lessons.LESSONS = (*lessons.LESSONS, *EXTRA)
server.warm = lambda: None  # there are no figures to these
app = st.App(
    ROOT / "ui" / "frame.py",
    routes=server.routes(),
    middleware=headers(),
    lifespan=server.lifespan,
    on_script_error=handle,
)
