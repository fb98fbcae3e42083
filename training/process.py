"""A worker process seen from the server: started, spoken to, listened to, ended."""

from __future__ import annotations

import collections
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from training import wire

ROOT = Path(__file__).resolve().parents[1]
COMMAND = (sys.executable, "-m", "training.worker")
log = logging.getLogger(__name__)


class Process:
    """A running worker. `heard(process, message)` is called from a thread of its own, with None once it has ended.

    It stays in the server's own process session, where its niceness counts, and ends when the server does, because its
    stdin closes then.
    """

    def __init__(self, command: Sequence[str], heard: Callable[[Process, dict[str, Any] | None], None]) -> None:
        self._heard = heard
        self._last_words: collections.deque[str] = collections.deque(maxlen=20)
        self._popen = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        for target in (self._listen, self._overhear):
            threading.Thread(target=target, name=f"worker {self.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def tell(self, message: dict[str, Any]) -> None:
        """Send an order; one that a dead worker cannot take is dropped, because its end is reported anyway."""
        try:
            self._popen.stdin.write(wire.dump(message))
            self._popen.stdin.flush()
        except (OSError, ValueError):
            log.info("worker %s no longer takes orders", self.pid)

    def kill(self) -> None:
        self._popen.kill()

    def memory(self) -> int:
        """The bytes of its memory that are in use, 0 where the system does not say (or it has ended)."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def close(self, seconds: float = 2.0) -> None:
        """Let it end by closing its stdin; kill it where that takes longer."""
        try:
            self._popen.stdin.close()
            self._popen.wait(seconds)
        except (OSError, subprocess.TimeoutExpired):
            self._popen.kill()
            self._popen.wait()

    def _listen(self) -> None:
        try:
            for line in self._popen.stdout:
                self._hear(line)
        finally:
            code = self._popen.wait()
            said = "\n".join(self._last_words) or "none"
            log.info("worker %s ended with %s; its last words: %s", self.pid, code, said)
            self._heard(self, None)

    def _hear(self, line: bytes) -> None:
        try:
            self._heard(self, wire.load(line))
        except Exception:
            log.warning("worker %s said something that is no message: %r", self.pid, line[:200], exc_info=True)

    def _overhear(self) -> None:
        for line in self._popen.stderr:
            self._last_words.append(line.decode(errors="replace").rstrip()[:500])
