"""The app as `make run` serves it, in its own process, while it is measured."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.classroom import machine
from benchmarks.classroom.visitor import Fetching, Scripted, kind_of
from tests.browser.conftest import ROOT, Server, wait_until_healthy
from tests.browser.studio_visit import health
from tests.waiting import until

READY_SECONDS, ENDING_SECONDS = 120, 15


@dataclass(frozen=True)
class App:
    """A running app: its address, its web process, and its kind of students."""

    url: str
    pid: int
    students: type[Scripted] | type[Fetching]

    def reading(self) -> machine.Reading:
        return machine.reading(self.pid)

    def memory(self) -> tuple[float, float]:
        return machine.memory(self.pid)


@contextmanager
def served(folder: Path = ROOT, **environment: str) -> Iterator[App]:
    """Serve the app of a checkout, with its workers ready, on a free port of this machine."""
    with tempfile.TemporaryDirectory() as home:
        server = started(folder, Path(home), environment)
        try:
            wait_until_healthy(server)
            until(lambda: health(server)["ready"] >= health(server)["slots"], READY_SECONDS)
            yield App(server.url, server.process.pid, asyncio.run(kind_of(server.url)))
        finally:
            end(server.process)


def started(folder: Path, home: Path, environment: dict[str, str]) -> Server:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    around = {**os.environ, "HOME": str(home), "PYTHONPATH": str(folder), **environment}
    log_file = home / "server.log"
    with log_file.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env=around)
    return Server(f"http://localhost:{port}", process, log_file)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end(process: subprocess.Popen) -> None:
    """End the process as Ctrl-C does; by force if that takes too long."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
