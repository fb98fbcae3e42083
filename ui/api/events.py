"""News of trainings and sweeps as server-sent events, so that no page has to poll; snapshots of a layer on demand."""

from __future__ import annotations

import asyncio
import gzip
import signal
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from training.analysis.diagnosis import findings, mishaps
from training.analysis.rewind import offers
from training.server.engine import engine
from training.server.entries import text
from training.server.news import News
from training.sweeps.sweep import sweeps
from ui.components.static import gzips

PER_SECOND = 5
SIGN_OF_LIFE = 2.0
"""After this many seconds without news a comment is sent, so that closed tabs are noticed."""
OVER = ("finished", "stopped", "failed")
MOST_LAYERS = 100
SWEEP_SECONDS = 1.0
"""Seconds between two checks of a sweep; the cells finished in between are one event."""
closing = threading.Event()
FAREWELL_SECONDS = 5


async def events(request: Request) -> Response:
    """The job's news as they come; after a lost connection, from where it ended. 404 where the job is unknown.

    With ?layer=L (from 0), snapshots with the arrays of that layer; without it, no snapshots. With &since=N, only
    messages after number N; after a lost connection the browser sends that number itself.
    """
    job, layer = request.path_params["job"], request.query_params.get("layer")
    if layer is not None and number(layer, MOST_LAYERS) is None:
        return JSONResponse({"error": f"layer must be a whole number below {MOST_LAYERS}"}, status_code=400)
    layer, since = layer and number(layer, MOST_LAYERS), known(request)
    try:
        first = news_of(job, since, layer)
    except KeyError:
        return JSONResponse({"error": "unknown job"}, status_code=404)
    return pushed(stream(job, first, layer))


def pushed(parts: AsyncIterator[str]) -> Response:
    """A response that sends the events as they come; no proxy may hold them back."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(parts, media_type="text/event-stream", headers=headers)


async def snapshots(request: Request) -> Response:
    """The job's snapshots so far with the arrays of ?layer=L, for a page that only changes the layer.

    200 {"snapshots": […]}; 400: no layer; 404: no such job.
    """
    layer = number(request.query_params.get("layer", ""), MOST_LAYERS)
    if layer is None:
        return JSONResponse({"error": f"layer must be a whole number below {MOST_LAYERS}"}, status_code=400)
    return await run_in_threadpool(whole, request.path_params["job"], layer, gzips(request))


def whole(job: str, layer: int, gzipped: bool) -> Response:
    try:
        body = engine().snapshots(job, layer).encode()
    except KeyError:
        return JSONResponse({"error": "unknown job"}, status_code=404)
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if gzipped:
        headers, body = headers | {"Content-Encoding": "gzip"}, gzip.compress(body, compresslevel=1, mtime=0)
    return Response(body, media_type="application/json", headers=headers)


def known(request: Request) -> int:
    """The number of the last message that the browser has; 0 where it sends no number."""
    texts = request.headers.get("last-event-id", ""), request.query_params.get("since", "")
    return next((found for text in texts if (found := number(text, 10**9)) is not None), 0)


def news_of(job: str, since: int, layer: int | None) -> tuple[News, str]:
    """Engine.follow, with the findings about lanes and run, and the rewinds. Raises KeyError for an unknown job."""
    news, messages = engine().follow(job, since, layer)
    known = engine().job(job)
    return news | (
        {"findings": [*findings(known), *mishaps(known)], "rewinds": offers(known)} if known else {}
    ), messages


async def stream(job: str, first: tuple[News, str], layer: int | None) -> AsyncIterator[str]:
    """An event whenever there are news, until the job is over and no look is missing, or the server closes.

    The last event then says so, since workers end with the server, and the browser would only find it gone.
    """
    (news, messages), last, sent = first, None, time.monotonic()
    while not closing.is_set():
        if state(news) != last:
            yield event(news, messages)
            last, sent = state(news), time.monotonic()
        elif time.monotonic() - sent > SIGN_OF_LIFE:
            yield ":\n\n"
            sent = time.monotonic()
        if news["status"] in OVER and not news["looks"]:
            return
        await asyncio.sleep(1 / PER_SECOND)
        try:
            news, messages = news_of(job, news["n"], layer)
        except KeyError:
            return
    if news["status"] not in OVER:
        yield event({**news, "status": "stopped", "reason": "closing", "looks": []}, messages)


async def progress(request: Request) -> Response:
    """{"finished": number of finished cells, "going": whether more will follow}, at each change, until the sweep ends.

    The sweep goes on while somebody listens. 404 where it is unknown.
    """
    sweep = request.path_params["sweep"]
    if sweep not in sweeps:
        return JSONResponse({"error": "unknown sweep"}, status_code=404)
    return pushed(progress_of(sweep))


async def progress_of(name: str) -> AsyncIterator[str]:
    """The events, with comments in between so that closed tabs are noticed."""
    last, sent = None, time.monotonic()
    while not closing.is_set() and (sweep := sweeps.get(name)):
        await run_in_threadpool(sweep.advance)
        now = {"finished": sweep.finished, "going": sweep.going}
        del sweep  # so that a sweep ends with its session
        if now != last:
            yield f"data: {text(now)}\n\n"
            last, sent = now, time.monotonic()
        elif time.monotonic() - sent > SIGN_OF_LIFE:
            yield ":\n\n"
            sent = time.monotonic()
        if not now["going"]:
            return
        await asyncio.sleep(SWEEP_SECONDS)


def state(news: News) -> dict[str, object]:
    """The part of the news that is sent again only when it changes."""
    return {name: value for name, value in news.items() if name not in ("since", "viewers")}


def event(news: News, messages: str) -> str:
    """The event as text; the messages are JSON already, made once for all browsers."""
    return f"id: {news['n']}\ndata: {text(news)[:-1]},{messages}}}\n\n"


def number(word: str, below: int) -> int | None:
    """The whole number below `below` that `word` spells in plain digits, else None."""
    plain = word.isascii() and word.isdecimal() and len(word) < 10
    return int(word) if plain and int(word) < below else None


def end_streams_on_signal() -> None:
    """End the streams when the server is asked to stop, because it waits for open connections first: for those of
    browsers that have stopped reading, no longer than some seconds.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    server = getattr(signal.getsignal(signal.SIGINT), "__self__", None)
    if isinstance(server, uvicorn.Server):
        server.config.timeout_graceful_shutdown = FAREWELL_SECONDS
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        earlier = signal.getsignal(signal_number)

        def handle(signum: int, frame: Any, earlier: Any = earlier) -> None:
            closing.set()
            if callable(earlier):
                earlier(signum, frame)

        signal.signal(signal_number, handle)
