"""The empty page that Streamlit's scripts fill, with those of our scripts that must run before them."""

from __future__ import annotations

import functools
import re

from starlette.requests import Request
from starlette.responses import Response

from ui.components import component, static

FIRST = ("lib/address.js", "lib/focus.js")
"""Scripts that must run before Streamlit writes its first address, whatever page it draws."""


def shell(request: Request) -> Response:
    """The response with the page, the same for all; browsers always check whether it has changed."""
    return static.answer(request, *packed(), "text/html", "no-cache")


@functools.cache
def packed() -> tuple[bytes, str]:
    return static.compressed(html().encode())


def html() -> str:
    """Streamlit's page with these scripts at its beginning, and without the link to its interface for programs."""
    whole = static.INDEX.read_text(encoding="utf-8")
    whole = re.sub(r'<link rel="service-desc"[^>]*>\s*', "", whole)  # not served: ui/api/hosts.py
    whole = re.sub(r"(<noscript>\s*<p>.*?</p>).*?(</noscript>)", r"\1\2", whole, flags=re.DOTALL)
    head, opening, rest = whole.partition("<head>")
    scripts = "".join(f'<script src="./{component.address(script)}"></script>' for script in FIRST)
    return f"{head}{opening}{scripts}{rest}"
