"""States of a run on disk, from which it can go on: one npz file each.

A file holds, per lane, the flat vector of weights, the running statistics, the optimizer's variables and its count of
steps (lanes.KerasLanes.state), the step `at`, and where lanes `diverged`. Batches and random draws need no keeping:
they follow from the run's definition and the step.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np


class Keyframes:
    """Where a worker writes the keyframes of one run; which of them stay is for training/shelf.py to say."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def save(self, state: dict[str, np.ndarray]) -> dict[str, object]:
        """Write a state; {step, file}."""
        step = int(state["at"])
        file = self.folder / f"{step:06d}.npz"
        unfinished = file.with_suffix(".part")
        with unfinished.open("wb") as out:
            np.savez(out, **state)
        unfinished.replace(file)  # a worker that dies meanwhile leaves no half file under that name
        return {"step": step, "file": str(file)}


def load(file: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """The state in a keyframe. Raises FileNotFoundError, or ValueError where the file is not a keyframe."""
    with np.load(file, allow_pickle=False) as stored:
        state = {name: stored[name] for name in stored.files}
    if "at" not in state:
        raise ValueError(f"{file} is not a keyframe")
    return state
