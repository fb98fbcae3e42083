"""Contract: connections to a listening socket made as Streamlit makes its own send small answers at once."""

import asyncio
import logging
import resource
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from ui.api.sockets import FLOODING, Seldom, log_floods_seldom, send_at_once


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_connection_inherits_it(family):
    host = "127.0.0.1" if family == socket.AF_INET else "::1"
    with socket.socket(family) as server:
        server.bind((host, 0))
        server.listen()
        assert send_at_once() >= 1
        with socket.create_connection(server.getsockname()[:2]), server.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_other_sockets_are_left_alone():
    with socket.socket() as bound, socket.socket(socket.AF_UNIX) as unix:
        bound.bind(("127.0.0.1", 0))
        send_at_once()
        assert bound.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0
        assert unix.fileno() >= 0


@pytest.fixture
def filtered():
    before = {name: list(logging.getLogger(name).filters) for name in FLOODING}
    log_floods_seldom()
    yield
    for name, filters in before.items():
        logging.getLogger(name).filters[:] = filters


async def starved() -> None:
    """Accept a connection when no file descriptor is left."""
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, backlog=500)
    coming = socket.socket()
    coming.setblocking(False)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (coming.fileno() + 1, hard))
        coming.connect_ex(server.sockets[0].getsockname())
        await asyncio.sleep(0.2)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        coming.close()
        server.close()


def test_out_of_file_descriptors_the_log_has_a_line_and_no_flood(filtered, caplog):
    with ThreadPoolExecutor(1) as thread:  # Playwright keeps an event loop of its own in the main thread
        thread.submit(asyncio.run, starved()).result()
    lines = [record for record in caplog.records if "out of system resource" in record.getMessage()]
    assert len(lines) == 1


def test_a_browser_that_sends_what_is_no_message_again_and_again_fills_no_log(filtered):
    """For the logger where Streamlit's socket logs that."""
    from streamlit.web.server.starlette import starlette_websocket

    told = []
    handler = logging.Handler()
    handler.emit = told.append
    starlette_websocket._LOGGER.addHandler(handler)
    for _ in range(50):
        starlette_websocket._LOGGER.warning("Error deserializing back message")
    starlette_websocket._LOGGER.removeHandler(handler)
    assert len(told) == 1


def test_what_was_left_out_is_counted_and_other_messages_pass(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("ui.api.sockets.time.monotonic", lambda: now[0])
    seldom, told = Seldom(10.0), []
    for message, at in [("a", 0), ("a", 1), ("b", 2), ("a", 9.9), ("a", 10), ("a", 20)]:
        now[0] = 100.0 + at
        record = logging.makeLogRecord({"msg": message})
        if seldom.filter(record):
            told.append(record.getMessage())
    assert told == ["a", "b", "a (2 more like it since the last one)", "a"]
