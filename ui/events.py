"""A training's news as server-sent events: pushed to the chart, so that no page has to poll."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from training import jobs
from training.history import text
from ui.words import read

PER_SECOND = 5
SIGN_OF_LIFE = 2.0
"""Seconds after which a comment is sent where there is nothing to tell, so that a closed tab is noticed."""
OVER = ("finished", "stopped", "failed")
MOST_LAYERS = 100
closing = threading.Event()


async def events(request: Request) -> Response:
    """The job's news as they come; after a lost connection from where it broke off. 404 where the job is unknown.

    With ?layer=L (from 0) also its snapshots, with the arrays of that layer; without, none.
    """
    job, layer = request.path_params["job"], request.query_params.get("layer")
    if layer is not None and number(layer, MOST_LAYERS) is None:
        return JSONResponse({"error": f"layer must be a whole number below {MOST_LAYERS}"}, status_code=400)
    layer, since = layer and number(layer, MOST_LAYERS), number(request.headers.get("last-event-id", ""), 10**9) or 0
    try:
        first = jobs.engine().push(job, since, layer)
    except KeyError:
        return JSONResponse({"error": "unknown job"}, status_code=404)
    return StreamingResponse(
        stream(job, first, layer),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def stream(job: str, first: tuple[dict[str, Any], str], layer: int | None) -> AsyncIterator[str]:
    """An event whenever there is something new, until the job is over or the server closes."""
    (news, told), known, sent = first, None, time.monotonic()
    while not closing.is_set():
        if standing(news) != known:
            yield event(news, told)
            known, sent = standing(news), time.monotonic()
        elif time.monotonic() - sent > SIGN_OF_LIFE:
            yield ":\n\n"
            sent = time.monotonic()
        if news["status"] in OVER:
            return
        await asyncio.sleep(1 / PER_SECOND)
        try:
            news, told = jobs.engine().push(job, news["n"], layer)
        except KeyError:
            return


def standing(news: dict[str, Any]) -> dict[str, Any]:
    """What of the news makes them worth telling."""
    return {name: value for name, value in news.items() if name not in ("since", "grid", "viewers")}


def event(news: dict[str, Any], told: str) -> str:
    """The event: what was told comes as JSON already, made once for all who listen."""
    return f"id: {news['n']}\ndata: {text(worded(news))[:-1]},{told}}}\n\n"


def worded(news: dict[str, Any]) -> dict[str, Any]:
    """The news, with what each way back would cost other lanes in the words that its button ends with."""
    return {**news, "rewinds": [{**one, "cost": cost(one)} for one in news["rewinds"]]} if "rewinds" in news else news


def cost(offer: dict[str, Any]) -> str:
    """What a rewind (training/rewind.py) does to other lanes; nothing where it leaves them alone."""
    named = [name for name in ("replaces", "all") if offer[name]]
    return "".join(read("05_studio").say(f"rewind.{name}", **offer) for name in named)


def number(word: str, below: int) -> int | None:
    """The whole number that `word` spells in plain digits; None where it is none below `below`."""
    plain = word.isascii() and word.isdecimal() and len(word) < 10
    return int(word) if plain and int(word) < below else None


def end_streams_on_signal() -> None:
    """Let the streams end when the server is told to stop, because it waits for open connections first."""
    if threading.current_thread() is not threading.main_thread():
        return
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        earlier = signal.getsignal(signal_number)

        def handle(signum: int, frame: Any, earlier: Any = earlier) -> None:
            closing.set()
            if callable(earlier):
                earlier(signum, frame)

        signal.signal(signal_number, handle)
