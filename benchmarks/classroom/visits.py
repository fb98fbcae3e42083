"""Bytes over the wire when a browser opens a lesson for the first time, and when it comes back."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import BrowserContext, sync_playwright

from benchmarks.classroom.visitor import GUESS
from tests.browser.conftest import FLAGS, wait_until_idle
from tests.browser.find import executable

READY = ".bnl-stage[data-ready=true]"


def visits(url: str, lessons: Sequence[str]) -> Iterator[tuple[str, int]]:
    """By lesson, the bytes of the first visit and of the second with the same browser; nothing without a browser."""
    with sync_playwright() as playwright:
        path = executable(playwright)
        if path is None:
            return
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        wire = Wire(urlsplit(url).port)
        for lesson in lessons:
            context, page = browser.new_context(), f"/{lesson}?{urlencode({f'{lesson}.guess': GUESS})}"
            for name in ("first", "second"):
                yield f"{lesson}: {name} visit", taken(context, wire, page)
            context.close()
        browser.close()
        wire.close()


def taken(context: BrowserContext, wire: Wire, path: str) -> int:
    """The bytes to the browser until the page is drawn and idle; cached files cost nothing."""
    page, before = context.new_page(), wire.bytes
    page.goto(f"{wire.url}{path}")
    page.wait_for_selector(READY)
    wait_until_idle(page)
    page.close()
    return wire.bytes - before


class Wire:
    """A port of this machine that leads to the app, and counts what comes back, websockets as they are compressed."""

    def __init__(self, port: int) -> None:
        self._port, self.bytes = port, 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://localhost:{self._door.getsockname()[1]}"
        self._side_by_side(self._accept)

    def close(self) -> None:
        self._door.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                browser, _ = self._door.accept()
                app = socket.create_connection(("127.0.0.1", self._port))
                self._side_by_side(self._pass, browser, app, 0)
                self._side_by_side(self._pass, app, browser, 1)

    def _pass(self, source: socket.socket, target: socket.socket, counted: int) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(2**16):
                self.bytes += counted * len(part)
                target.sendall(part)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _side_by_side(self, function: Callable[..., None], *given: Any) -> None:
        threading.Thread(target=function, args=given, daemon=True).start()
