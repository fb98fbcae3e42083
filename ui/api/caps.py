"""Caps that protect a class: nobody, by accident or on purpose, takes so much that the others cannot go on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime

from ui.api.errors import navigates, refusal, refuse

MIB = 2**20
UPLOADS = "/_stcore/upload_file/"
SEAT = "bn_lab_seat"
"""The cookie that names a browser: a reload finds its place again, and a proxy keeps the browser at one process."""


@dataclass(frozen=True)
class Caps:
    """What one web process gives at most. A client is an address, and a whole class of 200 may sit behind one."""

    open_sessions: int = 500
    """Two tabs for each of 200 students, and some who come late; at 0.25 MB each."""
    streams_per_client: int = 500
    """Trainings watched at once: one in each of those tabs. 100 streams take 5 % of a core."""
    upload_bytes_per_session: int = 20 * MIB
    """Four tables of the size that Streamlit takes (server.maxUploadSize): the studio shows one at a time.

    Uploads are all that a session can pile up. What its browser says at once is bounded by Streamlit
    (maxWidgetStateSize, maxMessageSize); tables and trainings are everyone's, each in a store with its own bound
    (ui/api/tables.py, training/server/limits.py); what it is sent is bounded by its requests and streams.
    """
    upload_bytes: int = 400 * MIB
    """All tables of all sessions: Streamlit keeps them in memory."""
    requests_per_second_per_client: float = 400.0
    """200 students with a move per 5 s, each of its table and one asked for when the hand comes near: 80; and room."""
    burst_requests_per_client: int = 6000
    """200 first visits at once, of 15 requests besides Streamlit's files and our modules (not counted); twice."""
    clients_remembered: int = 10_000
    """The addresses whose requests are counted, the latest; 0.2 kB each."""
    retry_seconds: float = 15.0
    """After which a seat or a stream may have become free."""


class Guard:
    """Refuses what goes beyond the caps, before anything is computed for it. Pure ASGI: streams pass unbuffered.

    `held` tells the bytes that a session's uploads take already, and those of all sessions.
    """

    def __init__(self, app: ASGIApp, caps: Caps | None = None, held: Callable[[str], tuple[int, int]] | None = None):
        self.app, self.caps, self.held = app, caps or Caps(), held or streamlit_holds
        self.allowance = Allowance(self.caps)
        self.sessions, self.streams, self.arriving = Counter(), Counter(), Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        client = scope["client"][0] if scope.get("client") else ""
        if wait := self.allowance.take(client, time.monotonic()):
            response = refusal(scope, 429, "hurried", wait)
        elif scope["type"] == "websocket":
            return await self.sit(scope, receive, send)
        elif scope["path"].endswith("/events"):
            return await self.stream(client, scope, receive, send)
        elif scope["method"] == "PUT" and UPLOADS in scope["path"]:
            return await self.upload(scope, receive, send)
        elif navigates(scope) and self.is_full and not self.sits(scope):
            response = self.full(scope)
        else:
            return await self.app(scope, receive, send)
        return await refuse(scope, receive, send, response)

    @property
    def is_full(self) -> bool:
        return self.sessions.total() >= self.caps.open_sessions

    def sits(self, scope: Scope) -> bool:
        """Whether the browser has a session already; one that takes no cookies has none."""
        return (name := seat(scope)) is not None and name in self.sessions

    def full(self, scope: Scope) -> Response:
        return refusal(scope, 503, "full", self.caps.retry_seconds, sessions=self.caps.open_sessions)

    async def sit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A session lasts as long as its websocket; while a page is loaded anew, until the new page is there."""
        if self.is_full:
            return await refuse(scope, receive, send, self.full(scope))
        with counted(self.sessions, seat(scope)):
            return await self.app(scope, receive, send)

    async def stream(self, client: str, scope: Scope, receive: Receive, send: Send) -> None:
        if self.streams[client] >= self.caps.streams_per_client:
            response = refusal(scope, 429, "streams", self.caps.retry_seconds, streams=self.caps.streams_per_client)
            return await refuse(scope, receive, send, response)
        with counted(self.streams, client):
            return await self.app(scope, receive, send)

    async def upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A file that is on its way counts as if it were there, or ten at once would all find room."""
        session, coming = scope["path"].partition(UPLOADS)[2].partition("/")[0], announced(scope)
        its, all_ = self.held(session)
        room = its + self.arriving[session] + coming <= self.caps.upload_bytes_per_session
        if not room or all_ + self.arriving.total() + coming > self.caps.upload_bytes:
            seconds, most = self.caps.retry_seconds, self.caps.upload_bytes_per_session // MIB
            return await refuse(scope, receive, send, refusal(scope, 413, "upload", seconds, megabytes=most))
        with counted(self.arriving, session, coming):
            return await self.app(scope, receive, send)


class Allowance:
    """How many requests each client may still make: some per second, saved up to a burst."""

    def __init__(self, caps: Caps) -> None:
        self.caps = caps
        self._left: dict[str, tuple[float, float]] = {}
        """By client, the longest unseen first: what was left, and when (s)."""

    def take(self, client: str, now: float) -> float:
        """Take one; the seconds until there is one, 0 where there was. `now`: seconds of a clock."""
        burst, per_second = self.caps.burst_requests_per_client, self.caps.requests_per_second_per_client
        left, then = self._left.pop(client, (burst, now))
        left = min(burst, left + (now - then) * per_second)
        wait = 0.0 if left >= 1 else (1 - left) / per_second
        self._left[client] = (left if wait else left - 1, now)
        if len(self._left) > self.caps.clients_remembered:
            del self._left[next(iter(self._left))]
        return wait


@contextmanager
def counted(counts: Counter, key: str, amount: int = 1) -> Iterator[None]:
    """Count the key as long as the block lasts; a count of zero takes no memory."""
    counts[key] += amount
    try:
        yield
    finally:
        counts[key] -= amount
        if not counts[key]:
            del counts[key]


def seat(scope: Scope) -> str | None:
    """The browser's name, None where it has none."""
    return HTTPConnection(scope).cookies.get(SEAT)


def announced(scope: Scope) -> int:
    """The bytes of the file to come; where that is not said, the most that Streamlit takes."""
    said = Headers(scope=scope).get("content-length", "")
    return int(said) if said.isascii() and said.isdecimal() else st.get_option("server.maxUploadSize") * MIB


def streamlit_holds(session: str) -> tuple[int, int]:
    """The bytes of the session's uploads that Streamlit keeps, and of all sessions' uploads."""
    files = Runtime.instance().uploaded_file_mgr.file_storage
    sizes = {name: sum(len(file.data) for file in list(kept.values())) for name, kept in list(files.items())}
    return sizes.get(session, 0), sum(sizes.values())
