"""Files that browsers cache: Streamlit's scripts and styles, and plotly.js, each compressed only once."""

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
"""The address of plotly.js, relative to the app's root; it changes with the file's content."""
FOREVER = "public, max-age=31536000, immutable"
KINDS = {".js": "text/javascript", ".css": "text/css"}
"""Types of files to compress; the formats of Streamlit's fonts and images are compressed already."""


class Bundle:
    """Answers requests for Streamlit's scripts and styles, and for `more` files by path, with compressed files; the app
    answers the rest. Pure ASGI.

    Streamlit sends them uncompressed, because it would have to compress them for every visitor. Here each is compressed
    at the first request (15 ms for the largest that a page loads) and kept: at most 7 MB for all of them. Only gzip:
    brotli would save another 90 kB of the 1.2 MB of a first visit's scripts, but would be one more dependency.
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
    """Whether the request is for the whole file, and accepts gzip."""
    return request.method in ("GET", "HEAD") and gzips(request) and "range" not in request.headers


def gzips(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


async def plotly_js(request: Request) -> Response:
    """plotly.js; browsers cache it forever where the address names the version."""
    return kept(request, PLOTLY, FOREVER if "v" in request.query_params else "no-cache")


@functools.cache
def mark() -> str:
    """The app's logo as SVG, read once, so that running a page needs no file of its own."""
    return MARK.read_text(encoding="utf-8")


def kept(request: Request, file: Path, how_long: str) -> Response:
    """The response with the file."""
    return answer(request, *packed(file), kind(file), how_long)


def answer(request: Request, body: bytes, tag: str, media: str, how_long: str) -> Response:
    """A response with the compressed body, decompressed for browsers that need it; 304 if the browser has it."""
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
    """The compressed file and the tag of its content. For the app's own files only, since each result is kept."""
    return compressed(file.read_bytes())


def compressed(content: bytes) -> tuple[bytes, str]:
    """The content compressed, and a tag that is unique to it."""
    return gzip.compress(content, compresslevel=6, mtime=0), hashlib.sha256(content).hexdigest()[:20]


def warm() -> None:
    """Compress the files that every first visit loads (0.1 s)."""
    mark()
    packed(PLOTLY)
    for name in re.findall(r'"\./(static/[^"]+\.(?:js|css))"', INDEX.read_text(encoding="utf-8")):
        packed(BUNDLE / name)
