"""Caps that protect a class: nobody, by accident or on purpose, can use so much that others cannot go on."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import Runtime

from ui.api.errors import navigates, refusal, refuse

MIB = 2**20
UPLOADS = "/_stcore/upload_file/"
SEAT = "bn_lab_seat"
"""The cookie that names a browser, so that a reload finds its place again and a proxy sends it to one process."""
NO_TEXT = 1003
"""The websocket's code for an unsupported type of data."""


@dataclass(frozen=True)
class Caps:
    """The most that one web process provides. A client is a network address, which a class of 200 may share."""

    open_sessions: int = 500
    """Two tabs for each of 200 students, and some who come late; at 0.25 MB each."""
    sessions_per_client: int = 450
    """Fewer than all, so that others have room: two tabs for each of 200 students at one address, and latecomers."""
    moves_per_second: float = 5.0
    """Messages from a session's browser, each of which runs a script: nobody presses buttons faster for long."""
    burst_moves: int = 30
    """A page that opens, or a control being dragged, sends more at once. Later messages wait; none is lost."""
    streams_per_client: int = 500
    """Trainings watched at the same time: one in each of those tabs. 100 streams take 5 % of a core."""
    upload_bytes_per_session: int = 20 * MIB
    """Four tables of the largest size that Streamlit accepts (server.maxUploadSize); the studio shows one at a time.

    Only uploads can pile up in a session. A single message of its browser is bounded by Streamlit (maxWidgetStateSize,
    maxMessageSize); tables and trainings are shared, in stores with their own bounds (ui/api/tables.py,
    training/server/limits.py); what it is sent is bounded by its requests and streams.
    """
    uploads_per_minute_per_session: int = 10
    """Each is read, row by row, and kept; nobody tries out tables faster. As many may come at once."""
    upload_bytes: int = 400 * MIB
    """The tables of all sessions together: Streamlit keeps them in memory."""
    requests_per_second_per_client: float = 400.0
    """200 students, each with a move every 5 s of two requests, for its table and the next handle's: 80; and room."""
    burst_requests_per_client: int = 6000
    """200 first visits at once with 15 requests each, besides Streamlit's files and our modules; twice that."""
    retry_seconds: float = 15.0
    """The time after which a seat or a stream may be free again."""


class Guard:
    """Refuses requests beyond the caps before anything is computed for them. Pure ASGI: streams pass unbuffered.

    `held` returns the bytes of a session's uploads so far, and those of all sessions.
    """

    def __init__(self, app: ASGIApp, caps: Caps | None = None, held: Callable[[str], tuple[int, int]] | None = None):
        self.app, self.caps, self.held = app, caps or Caps(), held or streamlit_holds
        self.allowance = Allowance(self.caps.burst_requests_per_client, self.caps.requests_per_second_per_client)
        often = self.caps.uploads_per_minute_per_session
        self.uploads = Allowance(often, often / 60)
        self.sessions, self.guests, self.streams, self.arriving = Counter(), Counter(), Counter(), Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        client = scope["client"][0] if scope.get("client") else ""
        if wait := self.allowance.take(client, time.monotonic()):
            response = refusal(scope, 429, "hurried", wait)
        elif scope["type"] == "websocket":
            return await self.sit(client, scope, receive, send)
        elif scope["path"].endswith("/events"):
            return await self.stream(client, scope, receive, send)
        elif scope["method"] == "PUT" and UPLOADS in scope["path"]:
            return await self.upload(scope, receive, send)
        elif navigates(scope) and (full := self.full(client, scope)) and not self.sits(scope):
            response = full
        else:
            return await self.app(scope, receive, send)
        return await refuse(scope, receive, send, response)

    def sits(self, scope: Scope) -> bool:
        """Whether the browser already has a session; a browser without cookies never counts as having one."""
        return (name := seat(scope)) is not None and name in self.sessions

    def full(self, client: str, scope: Scope) -> Response | None:
        """The response that refuses one more session, None where there is room."""
        if self.sessions.total() >= self.caps.open_sessions:
            return refusal(scope, 503, "full", self.caps.retry_seconds, sessions=self.caps.open_sessions)
        if self.guests[client] >= self.caps.sessions_per_client:
            return refusal(scope, 429, "guests", self.caps.retry_seconds, sessions=self.caps.sessions_per_client)
        return None

    async def sit(self, client: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a session, which lasts as long as its websocket; or refuse it where there are too many."""
        if full := self.full(client, scope):
            return await refuse(scope, receive, send, full)
        with counted(self.sessions, seat(scope)), counted(self.guests, client):
            return await self.app(scope, self.paced(receive), send)

    def paced(self, receive: Receive) -> Receive:
        """The session's messages, one after the other; a browser that sends them too fast has to wait.

        A text frame, which none of our pages sends, ends the session: Streamlit would log 8 kB for each of them.
        """
        allowance = Allowance(self.caps.burst_moves, self.caps.moves_per_second)

        async def next_one() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            if message.get("bytes") is None:
                return {"type": "websocket.disconnect", "code": NO_TEXT}
            while wait := allowance.take("", time.monotonic()):
                await asyncio.sleep(wait)
            return message

        return next_one

    async def stream(self, client: str, scope: Scope, receive: Receive, send: Send) -> None:
        if self.streams[client] >= self.caps.streams_per_client:
            response = refusal(scope, 429, "streams", self.caps.retry_seconds, streams=self.caps.streams_per_client)
            return await refuse(scope, receive, send, response)
        with counted(self.streams, client):
            return await self.app(scope, receive, send)

    async def upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Files still being uploaded count as stored, because otherwise ten at once would all find room."""
        session, coming = scope["path"].partition(UPLOADS)[2].partition("/")[0], announced(scope)
        its, all_ = self.held(session)
        room = its + self.arriving[session] + coming <= self.caps.upload_bytes_per_session
        if not room or all_ + self.arriving.total() + coming > self.caps.upload_bytes:
            seconds, most = self.caps.retry_seconds, self.caps.upload_bytes_per_session // MIB
            return await refuse(scope, receive, send, refusal(scope, 413, "upload", seconds, megabytes=most))
        if wait := self.uploads.take(session, time.monotonic()):
            often = self.caps.uploads_per_minute_per_session
            return await refuse(scope, receive, send, refusal(scope, 429, "uploads", wait, uploads=often))
        with counted(self.arriving, session, coming):
            return await self.app(scope, receive, send)


class Allowance:
    """The requests that each client may still make: some per second, saved up to a burst; for the latest clients."""

    def __init__(self, burst: float, per_second: float, remembered: int = 10_000) -> None:
        """remembered: clients, at 0.2 kB each."""
        self.burst, self.per_second, self.remembered = burst, per_second, remembered
        self._left: dict[str, tuple[float, float]] = {}
        """By client, in order of last use: what was left at that time, and the time (s)."""

    def take(self, client: str, now: float) -> float:
        """Take one; returns the seconds until one is available, 0 where one was. `now`: the time in seconds."""
        left, then = self._left.pop(client, (self.burst, now))
        left = min(self.burst, left + (now - then) * self.per_second)
        wait = 0.0 if left >= 1 else (1 - left) / self.per_second
        self._left[client] = (left if wait else left - 1, now)
        if len(self._left) > self.remembered:
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
    """The browser's name in its cookie, None without one."""
    return HTTPConnection(scope).cookies.get(SEAT)


def announced(scope: Scope) -> int:
    """The announced size of the upload in bytes; without one, the largest size that Streamlit accepts."""
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdecimal() else st.get_option("server.maxUploadSize") * MIB


def streamlit_holds(session: str) -> tuple[int, int]:
    """The bytes of the session's uploads in Streamlit's memory, and those of all sessions."""
    files = Runtime.instance().uploaded_file_mgr.file_storage
    sizes = {name: sum(len(file.data) for file in list(kept.values())) for name, kept in list(files.items())}
    return sizes.get(session, 0), sum(sizes.values())
