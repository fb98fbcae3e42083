"""The server's sockets: small answers go out at once, and a lack of file descriptors does not fill the log."""

from __future__ import annotations

import gc
import logging
import socket
import time


def send_at_once() -> int:
    """Switch Nagle's algorithm off for the listening sockets, whose connections inherit this; returns their number.

    asyncio does so itself, but not for a socket like Streamlit's, made with protocol 0. With the algorithm on, an
    answer's body waits 40 ms, until the browser confirms that it has the head.
    """
    listening = [each for each in gc.get_objects() if isinstance(each, socket.socket) and listens(each)]
    for each in listening:
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return len(listening)


def listens(each: socket.socket) -> bool:
    """Whether it is an open TCP socket that accepts connections."""
    if each.fileno() < 0 or each.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    try:
        return bool(each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False


class Seldom(logging.Filter):
    """Passes each message once per period, and then says how many similar ones were left out."""

    def __init__(self, seconds: float = 10.0) -> None:
        super().__init__()
        self.seconds = seconds
        self._last: dict[object, tuple[float, int]] = {}
        """By message: the time when it was last passed, and the number of similar ones since."""

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
"""Loggers that write a traceback for every failed attempt to accept a connection without file descriptors, two thousand
per second, or for every invalid message of a browser."""


def log_floods_seldom() -> None:
    """Limit these loggers, so that nobody can fill the log."""
    for name in FLOODING:
        logging.getLogger(name).addFilter(Seldom())
