"""The recorded states of a run, as files in a directory of its own that goes when the run is forgotten."""

from __future__ import annotations

import bisect
import os
import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path

BUDGET = 64 * 2**20
"""Bytes of states kept of a run; where there would be more, every other one is dropped."""


@dataclass(frozen=True)
class Keyframe:
    """The state after `step` steps."""

    step: int
    file: Path
    bytes: int


class Shelf:
    """Keyframes by step. Two runs that share a past share its files (as hard links), and either may go first."""

    def __init__(self, root: Path, budget: int = BUDGET) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=root))
        self.budget = budget
        self.keyframes: list[Keyframe] = []
        self._attempts = 0
        self.remove = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    @property
    def bytes(self) -> int:
        return sum(keyframe.bytes for keyframe in self.keyframes)

    def attempt(self) -> Path:
        """A new directory for the files of one worker: another one's files, maybe shared, are never written again."""
        self._attempts += 1
        folder = self.folder / str(self._attempts)
        folder.mkdir(parents=True)
        return folder

    def add(self, step: int, file: str | Path) -> None:
        """Keep the state in `file`; a file that is not there, or not within the shelf's directory, is ignored.

        Where that state is kept already, the second file goes.
        """
        file = Path(file)
        if not file.is_file() or self.folder not in file.parents:
            return
        if same := [keyframe for keyframe in self.keyframes if keyframe.step == step and keyframe.file.is_file()]:
            if same[0].file != file:
                file.unlink()
            return
        bisect.insort(self.keyframes, Keyframe(step, file, file.stat().st_size), key=lambda one: one.step)
        while self.bytes > self.budget and len(self.keyframes) > 2:
            self._thin()

    def nearest(self, step: int) -> Keyframe | None:
        """The last state at or before `step` whose file is still there."""
        fit = [keyframe for keyframe in self.keyframes if keyframe.step <= step and keyframe.file.is_file()]
        return fit[-1] if fit else None

    def drop_after(self, step: int) -> None:
        """Forget the states after `step`."""
        kept = [keyframe for keyframe in self.keyframes if keyframe.step <= step]
        for keyframe in self.keyframes[len(kept) :]:
            keyframe.file.unlink(missing_ok=True)
        self.keyframes = kept

    def inherit(self, other: Shelf, step: int) -> None:
        """Take over the states of another run up to `step`."""
        folder = self.attempt()
        for keyframe in other.keyframes:
            if keyframe.step <= step and keyframe.file.is_file():
                self.add(keyframe.step, linked(keyframe.file, folder / f"{keyframe.step}{keyframe.file.suffix}"))

    def _thin(self) -> None:
        """Drop every other state, but neither the first nor the last."""
        going = self.keyframes[1:-1:2]
        for keyframe in going:
            keyframe.file.unlink(missing_ok=True)
        self.keyframes = [keyframe for keyframe in self.keyframes if keyframe not in going]


def linked(file: Path, to: Path) -> Path:
    """The same file under a second name; a copy where the file system cannot."""
    try:
        os.link(file, to)
    except OSError:
        shutil.copyfile(file, to)
    return to
