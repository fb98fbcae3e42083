"""A lane's network as a Keras file, written from a run's last recorded state by a process of its own (save.py)."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path

from training.job import Job
from training.process import ROOT
from training.shelf import Keyframe

COMMAND = (sys.executable, "-m", "training.save")
PATIENCE = 120.0
"""Seconds that writing may take, Keras's start included."""
_one_at_a_time = threading.Lock()


class NoModelError(Exception):
    """There is no such file: nothing has been recorded yet, the lane is not born yet, or it could not be written."""


def recorded(job: Job) -> Keyframe | None:
    """The last recorded state of what the job shows."""
    return job.training.shelf.nearest(job.history.step)


def written(job: Job, lane: int) -> bytes:
    """The .keras file of the lane (from 0) in its last recorded state. Raises NoModelError.

    Takes some seconds the first time, because Keras must start; all lanes are written then, beside the keyframe, and go
    when the run is forgotten.
    """
    keyframe = recorded(job)
    if keyframe is None:
        raise NoModelError("nothing has been recorded yet")
    folder = job.training.shelf.folder / f"models-{_name(job, keyframe)}"
    with _one_at_a_time:
        if not folder.is_dir():
            _write(job, keyframe, folder)
        file = folder / f"{lane}.keras"
        if not file.is_file():
            raise NoModelError(f"lane {lane + 1} does not train yet at step {keyframe.step}")
        return file.read_bytes()


def _name(job: Job, keyframe: Keyframe) -> str:
    """Another one where the run was taken back and came to this step by another way."""
    told = f"{job.settings} {keyframe.file} {keyframe.file.stat().st_mtime_ns}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _write(job: Job, keyframe: Keyframe, folder: Path) -> None:
    unfinished = folder.with_suffix(".part")
    unfinished.mkdir(exist_ok=True)
    settings = dataclasses.asdict(job.settings)
    order = json.dumps({"settings": settings, "file": str(keyframe.file), "folder": str(unfinished)})
    try:
        done = subprocess.run(
            COMMAND, input=order, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise NoModelError(f"writing it took more than {PATIENCE:g} seconds") from None
    if done.returncode:
        raise NoModelError(done.stderr.strip().rpartition("\n")[2][:300])
    unfinished.rename(folder)
