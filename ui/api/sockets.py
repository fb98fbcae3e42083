"""The server's sockets: small answers go out at once, and where there are no more, the log stays readable."""

from __future__ import annotations

import gc
import logging
import socket
import time


def send_at_once() -> int:
    """Switch Nagle's algorithm off for the listening sockets, from which connections inherit it; returns their number.

    asyncio does so itself, but not for a socket like Streamlit's, made with protocol 0. With it the body of an answer
    waits for the browser's word that the head has come: 40 ms.
    """
    listening = [each for each in gc.get_objects() if isinstance(each, socket.socket) and listens(each)]
    for each in listening:
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return len(listening)


def listens(each: socket.socket) -> bool:
    """Whether it is an open TCP socket that takes connections."""
    if each.fileno() < 0 or each.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    try:
        return bool(each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False


class Seldom(logging.Filter):
    """Lets each message through once in so many seconds, and then says how many like it there were."""

    def __init__(self, seconds: float = 10.0) -> None:
        super().__init__()
        self.seconds = seconds
        self._last: dict[object, tuple[float, int]] = {}
        """By message: when one was let through, and how many have come since."""

    def filter(self, record: logging.LogRecord) -> bool:
        what, now = record.msg, time.monotonic()
        then, since = self._last.get(what, (-self.seconds, 0))
        if now - then < self.seconds:
            self._last[what] = then, since + 1
            return False
        if len(self._last) > MOST_MESSAGES:
            self._last.clear()
        self._last[what] = now, 0
        if since:
            record.msg = f"{record.msg} ({since} more like it since the last one)"
        return True


MOST_MESSAGES = 100


FLOODING = ("asyncio", "streamlit.web.server.starlette.starlette_websocket", "streamlit.runtime.app_session")
"""Who logs a trace for each try to accept a connection without file descriptors, two thousand in a second; and for each
message of a browser that is none."""


def log_floods_seldom() -> None:
    """Let nobody fill the log."""
    for name in FLOODING:
        logging.getLogger(name).addFilter(Seldom())
