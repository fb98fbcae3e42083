"""A training's news as server-sent events: pushed to the chart, so that no page has to poll."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from training import jobs

PER_SECOND = 5
OVER = ("finished", "stopped", "failed")
closing = threading.Event()


async def events(request: Request) -> Response:
    """The job's news as they come; after a lost connection from where it broke off. 404 where the job is unknown."""
    job, last = request.path_params["job"], request.headers.get("last-event-id", "")
    try:
        first = jobs.engine().poll(job, int(last) if last.isdecimal() and len(last) < 10 else 0)
    except KeyError:
        return JSONResponse({"error": "unknown job"}, status_code=404)
    return StreamingResponse(
        stream(job, first),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def stream(job: str, news: dict[str, Any]) -> AsyncIterator[str]:
    """Each poll of the job as one event, until the job is over or the server closes."""
    while not closing.is_set():
        yield f"id: {news['n']}\ndata: {json.dumps(news)}\n\n"
        if news["status"] in OVER:
            return
        await asyncio.sleep(1 / PER_SECOND)
        news = jobs.engine().poll(job, news["n"])


def end_streams_on_signal() -> None:
    """Let the streams end when the server is told to stop, because it waits for open connections first."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        earlier = signal.getsignal(number)

        def handle(signum: int, frame: Any, earlier: Any = earlier) -> None:
            closing.set()
            if callable(earlier):
                earlier(signum, frame)

        signal.signal(number, handle)
