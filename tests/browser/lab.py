"""The app with two more pages, for test_shell.py: one with every kind of setting, and one that fails."""

import sys
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from starlette.routing import Route

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.ui.query_settings import Settings  # noqa: E402
from ui.api import routes as server  # noqa: E402
from ui.api.security import headers  # noqa: E402
from ui.page import menu  # noqa: E402
from ui.page.error_page import handle  # noqa: E402


@dataclass(frozen=True)
class Extra(menu.Page):
    """A page that is a file of the tests."""

    chapter: str = ""
    number: int = 0
    slug: str = ""
    label: str = ""
    checked: bool = False
    settings: type = Settings

    @property
    def question(self) -> str:
        return self.label


EXTRA = (
    Extra(ROOT / "tests" / "ui" / "query_page.py", "Of the tests", 98, "lab", "Every kind of setting", checked=True),
    Extra(ROOT / "tests" / "browser" / "failing_page.py", "Of the tests", 99, "failing", "A page that fails"),
)
menu.LESSONS = (*menu.LESSONS, *EXTRA)
server.warm = lambda: None  # there are no figures to these
app = st.App(
    ROOT / "ui" / "main.py",
    routes=[*(Route(f"/{page.slug}", server.page) for page in EXTRA), *server.routes()],
    middleware=headers(),
    lifespan=server.lifespan,
    on_script_error=handle,
)
