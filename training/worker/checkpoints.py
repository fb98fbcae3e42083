"""States of a run on disk from which it can be resumed, one npz file each.

A file holds, for each lane, the flat vector of weights, the running statistics, the optimizer's variables and its step
count (lanes.KerasLanes.state); the step `at`; and where lanes `diverged`. Batches and random draws are not saved:
they follow from the settings and the step.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np


class CheckpointWriter:
    """Writes the checkpoints of one run; training/server/checkpoints.py decides which of them are kept."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    def save(self, state: dict[str, np.ndarray]) -> Path:
        """Write a state; returns its file. Raises OSError, and leaves no file, where the disk is full or read-only."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{int(state['at']):06d}.npz"
        unfinished = file.with_suffix(".part")
        try:
            with unfinished.open("wb") as out:
                np.savez(out, **state)
            unfinished.replace(file)  # so that a worker that dies leaves no incomplete file under that name
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        return file


def load(file: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """The state in a checkpoint. Raises FileNotFoundError, or ValueError where the file is no checkpoint."""
    with np.load(file, allow_pickle=False) as stored:
        state = {name: stored[name] for name in stored.files}
    if "at" not in state:
        raise ValueError(f"{file} is not a checkpoint")
    return state
