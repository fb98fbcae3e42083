"""A worker process as the server sees it: start it, send it orders, receive its events, end it."""

from __future__ import annotations

import collections
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from training.backends.base import Receive
from training.backends.outbox import Outbox
from training.messages import Order, read, write

ROOT = Path(__file__).resolve().parents[2]
LAST_WORDS_SECONDS = 1.0
"""Seconds to wait for a worker's last output; a process that it started may hold its stderr open."""
COMMAND = (sys.executable, "-m", "training.worker")
log = logging.getLogger(__name__)


class Process:
    """A running worker, whose events go to `receive`.

    It stays in the server's process session, since niceness counts only within a session, and it ends when the server
    ends, because its stdin closes then.
    """

    def __init__(self, command: Sequence[str], receive: Receive) -> None:
        self._receive, self._deaf, self._ending = receive, False, False
        self._errors: collections.deque[str] = collections.deque(maxlen=20)
        self._popen = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self._outbox = Outbox(self._popen.stdin, f"orders to worker {self.pid}")
        name = f"worker {self.pid}"
        self._reading_errors = threading.Thread(target=self._read_errors, name=name, daemon=True)
        self._reading_errors.start()
        threading.Thread(target=self._read_events, name=name, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def send(self, order: Order) -> None:
        """Send an order; the worker is killed if so many are unread that there is no room for this one."""
        if self._deaf or self._outbox.put(write(order)):
            return
        self._deaf = True
        log.warning("worker %s reads no orders and is killed", self.pid)
        self.kill()

    def kill(self) -> None:
        self._ending = True
        self._popen.kill()

    def memory(self) -> int:
        """The bytes of memory that it uses, 0 where the system does not say, or it has ended."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def close(self, seconds: float = 2.0) -> None:
        """Let it end by closing its stdin; kill it if that takes too long."""
        self._ending = True
        try:
            if not self._outbox.put(None):
                self.kill()
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            self._popen.wait()

    def _read_events(self) -> None:
        try:
            for line in self._popen.stdout:
                self._read(line)
        finally:
            self._popen.wait()
            self._outbox.put(None)
            self._reading_errors.join(LAST_WORDS_SECONDS)
            self._log_end()
            self._receive(self, None)

    def _log_end(self) -> None:
        """Log how it ended; as a warning if nobody had asked for its end, as when TensorFlow is missing."""
        level, last = logging.INFO if self._ending else logging.WARNING, "\n".join(self._errors) or "none"
        log.log(level, "worker %s ended with %s; its last words: %s", self.pid, self._popen.returncode, last)

    def _read(self, line: bytes) -> None:
        try:
            self._receive(self, read(line))
        except Exception:
            log.warning("worker %s sent what is no message: %r", self.pid, line[:200], exc_info=True)

    def _read_errors(self) -> None:
        for line in self._popen.stderr:
            self._errors.append(line.decode(errors="replace").rstrip()[:500])
