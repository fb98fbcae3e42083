"""Folders for files that outlive the server: the operator's, or else one that only this user can read."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def made(variable: str, name: str) -> Path:
    """The folder in the environment variable `variable`, else this user's folder `name` among the temporary ones.

    Raises PermissionError, with the path, where the latter is another user's or can be read by others.
    """
    if given := os.environ.get(variable):
        Path(given).mkdir(mode=0o700, parents=True, exist_ok=True)
        return Path(given)
    user = os.getuid() if hasattr(os, "getuid") else "user"
    path = Path(tempfile.gettempdir()) / f"bn-lab-{name}-{user}"
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    if not private(path):
        raise PermissionError(str(path))
    return path


def private(path: Path) -> bool:
    """Whether it is this user's own folder, no link, and closed to others (always true on Windows)."""
    if not hasattr(os, "getuid"):
        return True
    found = path.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
