"""Files that a browser keeps: Streamlit's bundle and plotly.js, each compressed once."""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

BUNDLE = Path(st.__file__).parent / "static"
INDEX = BUNDLE / "index.html"
PLOTLY = Path(__file__).resolve().parents[2] / "assets" / "vendor" / "plotly.min.js"
MARK = PLOTLY.parents[1] / "images" / "mark.svg"
PLOTLY_PATH = f"vendor/plotly.min.js?v={hashlib.sha256(PLOTLY.read_bytes()).hexdigest()[:12]}"
"""Where the browser finds plotly.js, relative to the app's root; another file is another address."""
FOREVER = "public, max-age=31536000, immutable"
KINDS = {".js": "text/javascript", ".css": "text/css"}
"""What is worth compressing; Streamlit's fonts and images are compressed by their own formats."""


class Bundle:
    """Answers for Streamlit's scripts and styles, and for `more` files by path, compressed; whatever else is asked for
    goes on to the app. Pure ASGI.

    Streamlit sends them as they are, because it would have to compress them anew for every visitor. Here each is
    compressed when it is first asked for (15 ms for the largest that a page loads) and kept: at most 7 MB for them all.
    gzip only: brotli would save another 90 kB of the 1.2 MB of a first visit's scripts, and be one more dependency.
    """

    def __init__(self, app: ASGIApp, root: str = "", more: dict[str, Path] | None = None) -> None:
        self.app = app
        found = (file for file in (BUNDLE / "static").rglob("*") if file.suffix in KINDS)
        self.files = {f"{root}/{file.relative_to(BUNDLE).as_posix()}": file for file in found} | (more or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        file = self.files.get(scope["path"]) if scope["type"] == "http" else None
        if file is None or not plain(request := Request(scope)):
            await self.app(scope, receive, send)
        else:
            await kept(request, file, FOREVER)(scope, receive, send)


def plain(request: Request) -> bool:
    """Whether the request wants the whole file, compressed."""
    return request.method in ("GET", "HEAD") and gzips(request) and "range" not in request.headers


def gzips(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


async def plotly_js(request: Request) -> Response:
    """plotly.js; kept for ever by the browser where the address names the version."""
    return kept(request, PLOTLY, FOREVER if "v" in request.query_params else "no-cache")


@functools.cache
def mark() -> str:
    """The app's mark as SVG, read once: a run of a page must not need a file of its own."""
    return MARK.read_text(encoding="utf-8")


def kept(request: Request, file: Path, how_long: str) -> Response:
    """The file's answer."""
    return answer(request, *packed(file), kind(file), how_long)


def answer(request: Request, body: bytes, tag: str, media: str, how_long: str) -> Response:
    """A compressed body for who can read it, else as it was; 304 without a body for who has it already."""
    coding = "gzip" if gzips(request) else "identity"
    headers = {"Cache-Control": how_long, "Vary": "Accept-Encoding", "ETag": f'"{tag}-{coding}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if coding == "identity":
        return Response(gzip.decompress(body), media_type=media, headers=headers)
    return Response(body, media_type=media, headers={**headers, "Content-Encoding": "gzip"})


def kind(file: Path) -> str:
    return KINDS[file.suffix]


@functools.cache
def packed(file: Path) -> tuple[bytes, str]:
    """The file as it is sent, compressed, and the tag of its content. Only for files of the app: each is kept."""
    return compressed(file.read_bytes())


def compressed(content: bytes) -> tuple[bytes, str]:
    """The content compressed, and a tag that no other content has."""
    return gzip.compress(content, compresslevel=6, mtime=0), hashlib.sha256(content).hexdigest()[:20]


def warm() -> None:
    """Compress what every first visit loads (0.1 s)."""
    mark()
    packed(PLOTLY)
    for name in re.findall(r'"\./(static/[^"]+\.(?:js|css))"', INDEX.read_text(encoding="utf-8")):
        packed(BUNDLE / name)
