"""Readers' own tables, kept on disk under the hash of their content."""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import re
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np

from training.spec import storage
from training.spec.reading import proposal, table
from training.spec.reading.choice import CHOICE, ColumnChoice
from training.spec.reading.limits import SHORT, TableError
from training.spec.reading.sheet import Sheet, packed, read, unpacked
from training.spec.reading.table import Table

__all__ = ["Table", "TableError", "folder", "load", "make_room", "read", "sheet", "store"]
KEPT_BYTES = 400_000_000
PROMISED_SECONDS = 24 * 3600
"""A table is not deleted for this long after its last use, because links to it may have been handed out."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""The system's errors for a lack of room; any other error means that the folder cannot be written to."""


def store(sheet: Sheet) -> str:
    """Keep the sheet for the workers; returns its id for `load`. The oldest tables are deleted to make room.

    Raises TableError("no room") where the disk is full, ("read only") where the folder cannot be written to,
    ("crowded") where all kept tables have been used within PROMISED_SECONDS.
    """
    arrays = packed(sheet)
    name = hashlib.sha256(b"".join(array.tobytes() for array in arrays.values())).hexdigest()[:24]
    target = folder() / f"{name}.npz"
    known = target.is_file()
    try:
        with tempfile.TemporaryDirectory(dir=folder()) as place:
            unfinished = Path(place) / target.name
            np.savez_compressed(unfinished, **arrays)
            os.replace(unfinished, target)
    except OSError as error:
        if error.errno in FULL:
            raise TableError("no room") from None
        raise TableError("read only", path=str(target.parent)) from None
    if not make_room(target, PROMISED_SECONDS) and not known:
        target.unlink(missing_ok=True)
        raise TableError("crowded", hours=PROMISED_SECONDS // 3600)
    return name


def load(name: str, columns: str = "") -> Table:
    """The table with this id, with the label and columns in the text (training/spec/reading/choice.py).

    Raises TableError("unknown") where it does not exist (any more), ("unmended") where it cannot be trained on yet.
    """
    _touch(name)
    return _made(name, columns)


def sheet(name: str) -> Sheet:
    """The sheet with this id, which becomes the newest. Raises TableError("unknown") where there is none (any more)."""
    _touch(name)
    return _unpacked(name)


def choice(found: Sheet, columns: str) -> ColumnChoice:
    """The choice in the text, as far as it fits the sheet; the proposal where the text is empty."""
    return proposal.refitted(found, CHOICE.chosen(columns)) if columns else proposal.proposed(found)


def _touch(name: str) -> None:
    """Make it the newest. Raises TableError("unknown") where its file is gone, even if the table is still in memory."""
    path = folder() / f"{name}.npz"
    if not re.fullmatch(r"[0-9a-f]{24}", name) or not path.is_file():
        raise TableError("unknown", id=name[:SHORT])
    with contextlib.suppress(OSError):  # in an operator's folder the file may have another owner
        os.utime(path)


@functools.lru_cache(2)
def _unpacked(name: str) -> Sheet:
    try:
        return unpacked(folder() / f"{name}.npz")
    except (
        OSError,
        EOFError,
        KeyError,
        ValueError,
        TypeError,
        zipfile.BadZipFile,
    ):  # a file of an earlier version, or an incomplete one
        raise TableError("unknown", id=name[:SHORT]) from None


@functools.lru_cache(4)
def _made(name: str, columns: str) -> Table:
    found = _unpacked(name)
    return table.made(found, choice(found, columns))


def folder() -> Path:
    """The folder of the tables: BN_LAB_TABLES, else a folder that only this user can read.

    Raises TableError("folder") where others can read it, ("read only") where it cannot be made.
    """
    try:
        return storage.made("BN_LAB_TABLES", "tables")
    except OSError as error:
        raise TableError("read only" if error.errno else "folder", path=str(error.filename or error)) from None


def make_room(newest: Path, promised: float = 0.0) -> bool:
    """Delete the tables unused for longest until the rest, with the newest, fits into KEPT_BYTES.

    Tables used within the last `promised` seconds stay; returns whether the rest fits.
    """
    total = size = 0
    with contextlib.suppress(FileNotFoundError):  # another process is making room, too
        found = {path: path.stat() for path in folder().glob("*.npz")}
        total = size = found[newest].st_size if newest in found else 0
        for path, kept in sorted(found.items(), key=lambda one: one[1].st_mtime, reverse=True):
            if path == newest:
                continue
            total += kept.st_size
            if total > KEPT_BYTES and time.time() - kept.st_mtime >= promised:
                path.unlink(missing_ok=True)
                total -= kept.st_size
    return total <= max(KEPT_BYTES, size)
