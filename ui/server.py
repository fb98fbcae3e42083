"""What the web process serves besides pages: health, plotly.js, trainings' events and orders; its start and end."""

from __future__ import annotations

import functools
import gc
import gzip
import importlib.metadata
import importlib.resources
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from training import jobs
from ui.events import end_streams_on_signal, events
from ui.lessons import warm
from ui.orders import orders

PLOTLY_PATH = f"vendor/plotly.min.js?v={importlib.metadata.version('plotly')}"
"""Where the browser finds plotly.js, relative to the app's root; a new version is a new address."""


def routes() -> list[Route]:
    """The app's own routes, under the base path that Streamlit is configured to serve."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    root = f"/{base}" if base else ""
    return [
        Route(f"{root}/api/health", health),
        Route(f"{root}/api/jobs/{{job}}/events", events),
        Route(f"{root}/api/jobs/{{job}}/orders", orders, methods=["POST"]),
        Route(f"{root}/vendor/plotly.min.js", plotly_js),
    ]


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Warm the workers and the imports before the first visitor, and close the workers at the end."""
    warm()
    compressed_plotly()
    end_streams_on_signal()
    # What is loaded now stays; without this Streamlit's collection after every run walks it all: 40 instead of 6 ms.
    gc.collect()
    gc.freeze()
    trainer = jobs.engine()  # last, because a worker that warms up wants the processor for seconds
    try:
        yield
    finally:
        trainer.close()


async def health(_request: Request) -> Response:
    """Whether the app is up, its version, and how the training workers are doing."""
    answer = {"status": "ok", "version": version(), **jobs.engine().health()}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


async def plotly_js(request: Request) -> Response:
    """plotly.js as the plotly wheel ships it; kept for ever by the browser where the address names the version."""
    forever = "v" in request.query_params
    fields = {
        "Cache-Control": "public, max-age=31536000, immutable" if forever else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(compressed_plotly()), media_type="text/javascript", headers=fields)
    return Response(compressed_plotly(), media_type="text/javascript", headers={**fields, "Content-Encoding": "gzip"})


@functools.cache
def compressed_plotly() -> bytes:
    """The plotly.js of the installed wheel, compressed (4.8 to 1.5 MB): no CDN, works offline."""
    script = importlib.resources.files("plotly") / "package_data" / "plotly.min.js"
    return gzip.compress(script.read_bytes(), compresslevel=6)


@functools.cache
def version() -> str:
    """The app's version, from pyproject.toml."""
    project = Path(__file__).resolve().parents[1] / "pyproject.toml"
    return tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]
