"""A lane's network as a Keras file, written from the last checkpoint by a separate process (worker/models.py)."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import threading
from pathlib import Path

from training.server.checkpoints import Checkpoint
from training.server.run import Job

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "training.worker.models")
PATIENCE = 120.0
"""The most seconds for writing, including Keras's start."""
_one_at_a_time = threading.Lock()


class NoModelError(Exception):
    """There is no model file: nothing is recorded yet, the lane does not train yet, or writing failed."""


def recorded(job: Job) -> Checkpoint | None:
    """The last recorded state of the job's history."""
    return job.run.checkpoints.nearest(job.history.step)


def written(job: Job, lane: int) -> bytes:
    """The .keras file of the lane (from 0) in its last recorded state. Raises NoModelError.

    The first call takes some seconds, because Keras must start; it writes all lanes, beside the checkpoint, and they
    are deleted with the run.
    """
    checkpoint = recorded(job)
    if checkpoint is None:
        raise NoModelError("nothing has been recorded yet")
    folder = job.run.checkpoints.folder / f"models-{checkpoint.step}"
    with _one_at_a_time:
        try:
            if not folder.is_dir():
                _write(job, checkpoint, folder)
        except OSError as error:  # the disk is full, or the state has just been deleted to make room
            raise NoModelError(error.strerror or str(error)) from None
        file = folder / f"{lane}.keras"
        if not file.is_file():
            raise NoModelError(f"lane {lane + 1} does not train yet at step {checkpoint.step}")
        return file.read_bytes()


def _write(job: Job, checkpoint: Checkpoint, folder: Path) -> None:
    unfinished = folder.with_suffix(".part")
    unfinished.mkdir(exist_ok=True)
    settings = dataclasses.asdict(job.settings)
    order = json.dumps({"settings": settings, "file": str(checkpoint.file), "folder": str(unfinished)})
    try:
        done = subprocess.run(
            COMMAND, input=order, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise NoModelError(f"writing it took more than {PATIENCE:g} seconds") from None
    if done.returncode:
        raise NoModelError(done.stderr.strip().rpartition("\n")[2][:300])
    unfinished.rename(folder)
