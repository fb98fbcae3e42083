"""What the web process serves besides pages: its health, plotly.js and the training events; and its start and end."""

from __future__ import annotations

import asyncio
import functools
import gc
import gzip
import importlib.metadata
import importlib.resources
import json
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from ui.lessons import warm

PLOTLY_PATH = f"vendor/plotly.min.js?v={importlib.metadata.version('plotly')}"
"""Where the browser finds plotly.js, relative to the app's root; a new version is a new address."""
EVENTS_PER_SECOND = 5


def routes() -> list[Route]:
    """The app's own routes, under the base path that Streamlit is configured to serve."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    root = f"/{base}" if base else ""
    return [
        Route(f"{root}/api/health", health),
        Route(f"{root}/api/jobs/{{job}}/events", events),
        Route(f"{root}/vendor/plotly.min.js", plotly_js),
    ]


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Warm the workers and the imports before the first visitor, and close the workers at the end."""
    trainer = engine()
    warm()
    compressed_plotly()
    # What is loaded now stays; without this Streamlit's collection after every run walks it all: 40 instead of 6 ms.
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        if trainer is not None:
            trainer.close()


async def health(_request: Request) -> Response:
    """Whether the app is up, its version, and how the training workers are doing."""
    trainer = engine()
    return JSONResponse(
        {"status": "ok", "version": version(), **(trainer.health() if trainer else {})},
        headers={"Cache-Control": "no-store"},
    )


async def events(request: Request) -> Response:
    """A training's events as they come (server-sent events). 404 where the job is unknown."""
    job = request.path_params["job"]
    trainer = engine()
    try:
        first = trainer.poll(job, 0)
    except (AttributeError, KeyError):
        return JSONResponse({"error": "unknown job"}, status_code=404)
    return StreamingResponse(
        stream(trainer, job, first),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def stream(trainer: Any, job: str, news: dict) -> AsyncIterator[str]:
    """The job's news, each as one event, until it has ended."""
    while True:
        yield f"data: {json.dumps(news)}\n\n"
        if news["status"] not in ("queued", "running"):
            return
        await asyncio.sleep(1 / EVENTS_PER_SECOND)
        news = trainer.poll(job, news["n"])


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


def engine() -> Any:
    """The one training engine of this process; None while there is no training."""
    try:
        from training import jobs
    except ImportError:
        return None
    return jobs.engine()
