"""HTTP as a browser speaks it to one host: a persistent connection, opened again if the server closes it.

Bytes are counted as they arrive, with headers and compression, and are not decompressed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

from benchmarks.classroom.load import FailedError

ACCEPTED = "gzip, br"
CONNECT_SECONDS = 30


class Answer(NamedTuple):
    """headers: by lower-case name; bytes: all bytes over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes
    bytes: int


class Connection:
    """One connection to 127.0.0.1, one request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> Answer:
        return await self.request(f"GET {path}")

    async def request(self, line: str, body: bytes = b"") -> Answer:
        """The response to "METHOD path"; a body is sent as JSON. Raises OSError or EOFError where there is none."""
        try:
            try:
                return await self._answer(line, body, kept=True)
            except (OSError, EOFError):
                self.close()
                return await self._answer(line, body, kept=False)
        except BaseException:
            self.close()
            raise

    async def lines(self, path: str) -> AsyncIterator[bytes]:
        """The lines of an event stream as they arrive, uncompressed, until the server or the caller ends it."""
        try:
            reader = await self._send(f"GET {path}", b"", accepted="identity")
            status, headers, _ = await head(reader)
            if status != 200:
                raise FailedError(f"{status} for {path}")
            rest = b""
            async for chunk in chunks(reader, headers):
                *whole, rest = (rest + chunk).split(b"\n")
                for one in whole:
                    yield one
        finally:
            self.close()

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def _answer(self, line: str, body: bytes, kept: bool) -> Answer:
        if not kept or (self._streams and self._streams[0].at_eof()):
            self.close()
        reader = await self._send(line, body)
        status, headers, taken = await head(reader)
        body = b"".join([chunk async for chunk in chunks(reader, headers)])
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body, taken + len(body))

    async def _send(self, line: str, body: bytes, accepted: str = ACCEPTED) -> asyncio.StreamReader:
        if self._streams is None:
            opening = asyncio.open_connection("127.0.0.1", self._port)
            self._streams = await asyncio.wait_for(opening, CONNECT_SECONDS)
        reader, writer = self._streams
        fields = [f"{line} HTTP/1.1", f"Host: localhost:{self._port}", f"Accept-Encoding: {accepted}"]
        fields += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
        writer.write("\r\n".join([*fields, "", ""]).encode() + body)
        await writer.drain()
        return reader


async def head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], int]:
    """The status and headers of a response, and their bytes."""
    text = await reader.readuntil(b"\r\n\r\n")
    first, *fields = text.decode("latin-1").rstrip().split("\r\n")
    pairs = (field.partition(":") for field in fields)
    return int(first.split(" ", 2)[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}, len(text)


async def chunks(reader: asyncio.StreamReader, headers: dict[str, str]) -> AsyncIterator[bytes]:
    """The body, in the server's chunks."""
    if headers.get("transfer-encoding", "").lower() != "chunked":
        yield await reader.readexactly(int(headers.get("content-length", 0)))
        return
    size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
    while size:
        yield (await reader.readexactly(size + 2))[:-2]
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
    await reader.readuntil(b"\r\n")
