"""The answers to requests that cannot be served now: a page for readers, JSON for scripts, and when to try again."""

from __future__ import annotations

import html
import math

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from lessons.content import read

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="{seconds}">
<title>{title}</title>
<style>
  :root {{ color-scheme: light dark; font: 18px/1.5 system-ui, sans-serif; }}
  main {{ max-width: 34em; margin: 20vh auto 0; padding: 0 1em; }}
</style>
<main><h1>{title}</h1><p>{text}</p></main>
</html>
"""
"""It reloads itself, so that a reader need not press reload."""


def navigates(scope: Scope) -> bool:
    """Whether the request is a reader's for a page, rather than a script's for data."""
    return scope.get("method") == "GET" and "text/html" in Headers(scope=scope).get("accept", "")


def refusal(scope: Scope, status: int, reason: str, seconds: float, **values: object) -> Response:
    """The answer for a reason (its words: common.md, refused.<reason>); `seconds`: when it makes sense to try again."""
    words, wait = read("common"), max(1, math.ceil(seconds))
    text = words.say(f"refused.{reason}", seconds=wait, **values)
    headers = {"Retry-After": str(wait), "Cache-Control": "no-store"}
    if navigates(scope):
        filled = PAGE.format(title=html.escape(words["refused"]), text=html.escape(text), seconds=wait)
        return HTMLResponse(filled, status, headers)
    return JSONResponse({"error": text, "retry_after_seconds": wait}, status, headers)


async def refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    """Send the answer; for a websocket, in place of its handshake."""
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).send_denial_response(response)
    else:
        await response(scope, receive, send)
