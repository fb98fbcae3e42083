"""Contract: the app ends when it is asked to, even if a browser has fallen asleep while it was reading.

`serving` fails where it does not.
"""

import socket
from urllib.parse import urlsplit

from tests.browser.conftest import serving
from ui.components.static import PLOTLY_PATH


def test_a_browser_that_has_stopped_reading_keeps_no_server_from_ending(tmp_path):
    with socket.socket() as browser, serving(tmp_path, BN_LAB_SLOTS="1") as running:
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        browser.connect(("127.0.0.1", urlsplit(running.url).port))
        ask = f"GET /{PLOTLY_PATH.lstrip('/')} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        browser.sendall(8 * ask.encode())  # more than the system's buffers hold
        assert browser.recv(12) == b"HTTP/1.1 200"
