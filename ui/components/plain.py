"""Pages without Streamlit: one of our modules fills an empty document. They need no session on the server."""

from __future__ import annotations

import functools
import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ui.components import static
from ui.components.component import address, modules


def plain(entry: str, styles: Sequence[str], title: str, data: Mapping[str, Any]) -> str:
    """The document that the module `entry` fills, with `data` inside; styles as component() takes them.

    Its address must be directly below the app's root, because its own addresses are relative to that.
    """
    sheets = "".join(f'<link rel="stylesheet" href="{address(f"{style}.css")}">' for style in ("lib/plain", *styles))
    early = "".join(f'<link rel="modulepreload" href="{address(module)}">' for module in modules(f"{entry}.js"))
    letters = f'@font-face {{ font-family: "Source Sans"; src: url("static/media/{font()}"); font-weight: 200 900; }}'
    given = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{letters}</style>{sheets}{early}"
        f'<script type="application/json" id="given">{given}</script>'
        f'<script type="module" src="{address(f"{entry}.js")}"></script></head><body></body></html>'
    )


@functools.cache
def font() -> str:
    """The file of the font that comes with Streamlit."""
    return next((static.BUNDLE / "static" / "media").glob("SourceSans*Upright*.woff2")).name
