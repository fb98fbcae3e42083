"""The work of the table makers' processes (ui/api/tables.py): from a lesson's settings to compressed bytes."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import signal
import threading
import time
from typing import Any

import segno

from lessons import packing
from lessons.catalog import LESSONS
from lessons.code import keras_code, marked, notebook

Made = tuple[str, bytes]
"""A tag that is unique to the body, and the gzip-compressed body."""
WATCH_SECONDS = 5.0


def begin(niceness: int, parent: int) -> None:
    """Prepare a new process: it is nicer than the web process, ignores Ctrl-C, and ends when its parent ends.

    parent: the parent's process id, as the parent knows it. Found out here, it would be another process's if the parent
    has been killed already.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(niceness)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def table(slug: str, settings: Any, along: str | None) -> Made:
    """The table of a lesson along a control, with the control's handle; or (None) one state, with all handles.

    A control that the state does not have (such as the outlier's, without an outlier) has no handle.
    """
    lesson = LESSONS[slug]
    if not along:
        return sent(packing.table(*lesson.picture(settings)))
    own = [packing.plain(handle) for handle in lesson.handles(settings) if handle.name == along]
    return sent(packing.table(lesson.table(settings, along), None, handle=own[0] if own else None))


def figures(slug: str, settings: Any) -> Made:
    """The lesson's empty figures for settings of this shape."""
    return sent(packing.figures(LESSONS[slug].blanks(settings)))


def code(slug: str, settings: Any) -> Made:
    """The lesson's take-home script for this state: as text, as HTML with marked tokens, and as a notebook."""
    script = keras_code(slug, settings)
    return sent(packing.text({"text": script, "html": marked(script), "notebook": notebook(script)}))


def qr(link: str) -> Made:
    """The QR code of a link as an SVG, dark on white in any theme. Raises segno.DataOverflowError unless it fits."""
    buffer = io.BytesIO()
    segno.make(link, error="m").save(buffer, kind="svg", scale=6, border=3, light="white")
    return sent(buffer.getvalue())


def sent(body: bytes) -> Made:
    return hashlib.sha256(body).hexdigest()[:20], gzip.compress(body, compresslevel=6, mtime=0)


def _end_with(parent: int) -> None:
    """End this process soon after its parent ends, even if the parent is killed."""
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(0)
