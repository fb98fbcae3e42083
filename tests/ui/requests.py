"""Requests to an ASGI app that overlap, and browsers that hang up; for one request at a time asgi.ask is enough."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp

from tests.ui.asgi import Answer, scope
from tests.waiting import DEADLINE

HOST = "lab.example"


async def get(app: ASGIApp, address: str, gone: asyncio.Event | None = None, **headers: str) -> Answer:
    """The app's answer to a GET by a browser that hangs up as soon as `gone` is set."""
    told: list[dict[str, Any]] = []
    coming = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if coming:
            return coming.pop()
        await (gone or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    await app(scope(address, **{"host": HOST, **headers}), receive, send)
    body = b"".join(message.get("body", b"") for message in told[1:])
    return Answer(told[0]["status"], Headers(raw=told[0]["headers"]), body)


def run(doing: Coroutine) -> Any:
    """What the coroutine returns, from a thread of its own: Playwright keeps an event loop in the main one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asyncio.wait_for(doing, DEADLINE)).result()
