"""States of a run on disk, from which it can go on: one npz file each, within a budget of bytes.

A file holds, per lane, the flat vector of weights, the running statistics, the optimizer's variables and its count of
steps (lanes.KerasLanes.state), the step `at` and the `seconds` trained. Batches and random draws need no keeping: they
follow from the run's definition and the step.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

BUDGET = 64_000_000


class Keyframes:
    """The keyframes of one run in a folder of its own, thinned to `budget` bytes: every other one goes."""

    def __init__(self, folder: str | os.PathLike[str], budget: int = BUDGET) -> None:
        self.folder, self.budget = Path(folder), budget
        self.folder.mkdir(parents=True, exist_ok=True)
        # A run that goes on elsewhere finds what was kept before.
        self.kept = {int(file.stem): file.stat().st_size for file in self.folder.glob("[0-9]*.npz")}

    def save(self, state: dict[str, np.ndarray]) -> dict[str, object]:
        """Keep a state; {step, file, bytes: of all that is kept, gone: the steps whose keyframes made room}."""
        step = int(state["at"])
        file = self.file(step)
        unfinished = file.with_suffix(".part")
        with unfinished.open("wb") as out:
            np.savez(out, **state)
        unfinished.replace(file)  # a worker that dies meanwhile leaves no half file under that name
        self.kept[step] = file.stat().st_size
        gone = self._thin()
        return {"step": step, "file": str(file), "bytes": sum(self.kept.values()), "gone": gone}

    def file(self, step: int) -> Path:
        return self.folder / f"{step:06d}.npz"

    def _thin(self) -> list[int]:
        gone = []
        while sum(self.kept.values()) > self.budget and len(self.kept) > 2:
            for step in sorted(self.kept)[1:-1:2]:
                del self.kept[step]
                self.file(step).unlink(missing_ok=True)
                gone.append(step)
        return gone


def load(file: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """The state in a keyframe. Raises FileNotFoundError, or ValueError where the file is not a keyframe."""
    with np.load(file, allow_pickle=False) as stored:
        state = {name: stored[name] for name in stored.files}
    if "at" not in state:
        raise ValueError(f"{file} is not a keyframe")
    return state
