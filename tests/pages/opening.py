"""Opens lessons' pages in a state, and reads what their components are sent."""

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from lessons.content import read
from tests.waiting import DEADLINE

PAGES = Path(__file__).resolve().parents[2] / "pages"
FRAME = PAGES.parent / "ui" / "main.py"
SKIP = read("common")["skip"]


def opened(slug: str, guess: str | None = SKIP, **settings: Any) -> AppTest:
    """The page of that slug in its frame, with the prediction made, unless `guess` is None, and settings in the URL."""
    (file,) = PAGES.glob(f"[0-9]*_{slug}.py")
    page = AppTest.from_file(str(FRAME), default_timeout=DEADLINE)
    page.switch_page(f"../pages/{file.name}")
    if guess:
        page.query_params[f"{slug}.guess"] = guess
    for field, value in settings.items():
        page.query_params[f"{slug}.{field}"] = str(value)
    return page.run()


def components(page: AppTest) -> list[dict[str, Any]]:
    """What the page's components are sent, in their order."""
    return [json.loads(one.proto.json) for one in page.get("bidi_component")]
