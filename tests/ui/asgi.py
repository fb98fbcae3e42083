"""Asks an ASGI app without a server: `ask(app, path)` gives what a client would get."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass

from starlette.datastructures import Headers


@dataclass
class Answer:
    status: int
    headers: Headers
    body: bytes

    @property
    def content(self) -> bytes:
        """The body as it was before it was compressed."""
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body


def scope(path: str, method: str = "GET", client: str = "10.0.0.1", kind: str = "http", **headers: str) -> dict:
    """An ASGI scope; `headers` in Python's spelling, accept_encoding for Accept-Encoding."""
    path, _, query = path.partition("?")
    named = {"accept_encoding": "gzip, br", **headers}
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items()]
    where = {"path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": ""}
    return {"type": kind, "method": method, "headers": fields, "client": (client, 1), "scheme": "http", **where}


def ask(app, path: str, method: str = "GET", **headers: str) -> Answer:
    """The app's whole answer to one request without a body."""
    told = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        told.append(message)

    asyncio.run(app(scope(path, method, **headers), receive, send))
    return Answer(told[0]["status"], Headers(raw=told[0]["headers"]), b"".join(m.get("body", b"") for m in told[1:]))
