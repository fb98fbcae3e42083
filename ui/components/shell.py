"""The empty page that Streamlit's scripts fill, and before them the scripts of ours that must have run by then."""

from __future__ import annotations

import functools
import re

from starlette.requests import Request
from starlette.responses import Response

from ui.components import component, static

FIRST = ("lib/address.js", "lib/focus.js")
"""What must be there before Streamlit writes its first address, and whatever page it draws."""


def shell(request: Request) -> Response:
    """The page's answer, the same everywhere: asked for anew, sent only if it has changed."""
    return static.answer(request, *packed(), "text/html", "no-cache")


@functools.cache
def packed() -> tuple[bytes, str]:
    return static.compressed(html().encode())


def html() -> str:
    """Streamlit's page with those scripts at its beginning, and without what leads to its interface for programs."""
    whole = static.INDEX.read_text(encoding="utf-8")
    whole = re.sub(r'<link rel="service-desc"[^>]*>\s*', "", whole)  # not served: ui/api/hosts.py
    whole = re.sub(r"(<noscript>\s*<p>.*?</p>).*?(</noscript>)", r"\1\2", whole, flags=re.DOTALL)
    head, opening, rest = whole.partition("<head>")
    scripts = "".join(f'<script src="./{component.address(script)}"></script>' for script in FIRST)
    return f"{head}{opening}{scripts}{rest}"
