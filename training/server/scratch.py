"""The server's temporary folder. Each server removes the folders of killed servers when it starts.

A server holds a lock on its folder, which the system releases when the process ends, however it ends.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path

try:
    import fcntl
except ImportError:  # on Windows nothing is locked, and nothing is swept
    fcntl = None

PREFIX = "bn-lab-server-"


class Scratch:
    """A new temporary folder; `remove` deletes it, at the latest when the process ends."""

    def __init__(self) -> None:
        sweep()
        self.folder, lock = made()
        self.remove = weakref.finalize(self, remove, self.folder, lock)


def made() -> tuple[Path, int | None]:
    """A new folder and its lock."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = locked(folder)
        if fcntl is None or (lock is not None and folder.exists()):  # otherwise another server has just swept it
            return folder, lock


def sweep() -> None:
    """Remove this user's folders that no process holds a lock on."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = locked(folder)
        if lock is not None:
            remove(folder, lock)


def remove(folder: Path, lock: int | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if lock is not None:
        os.close(lock)


def locked(folder: Path) -> int | None:
    """The lock on this user's folder, as an open file; None where another process holds it, or it is no such folder."""
    if fcntl is None:
        return None
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if os.fstat(lock).st_uid != os.getuid():
            raise PermissionError(folder)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock
