"""The recorded states of a run, as files in its own directory, which is deleted with the run."""

from __future__ import annotations

import bisect
import contextlib
import os
import shutil
import uuid
import weakref
from dataclasses import dataclass
from pathlib import Path

BUDGET = 64 * 2**20
"""The most bytes of states kept for a run; when there would be more, every other state is dropped."""


@dataclass(frozen=True)
class Checkpoint:
    """The state after `step` steps."""

    step: int
    file: Path
    bytes: int


class Checkpoints:
    """A run's checkpoints by step. Runs with the same beginning share files as hard links, so either can be deleted."""

    def __init__(self, root: Path, budget: int = BUDGET) -> None:
        self.folder = root / f"run-{uuid.uuid4().hex}"
        with contextlib.suppress(OSError):  # the disk is full: no state is kept then
            self.folder.mkdir(mode=0o700)
        self.budget = budget
        self.kept: list[Checkpoint] = []
        self._attempts = 0
        self.remove = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    @property
    def bytes(self) -> int:
        return sum(checkpoint.bytes for checkpoint in self.kept)

    def attempt(self) -> Path:
        """A new directory for the files of one worker, so that a worker never overwrites a file that runs share.

        Where there is no room for it, the worker will notice and report it.
        """
        self._attempts += 1
        folder = self.folder / str(self._attempts)
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True)
        return folder

    def add(self, step: int, file: str | Path) -> None:
        """Keep the state in `file`; a file that does not exist, or is outside the run's directory, is ignored.

        Where a state of that step is kept already, the new file is deleted.
        """
        file = Path(file)
        if not file.is_file() or self.folder not in file.parents:
            return
        if same := [checkpoint for checkpoint in self.kept if checkpoint.step == step and checkpoint.file.is_file()]:
            if same[0].file != file:
                file.unlink()
            return
        bisect.insort(self.kept, Checkpoint(step, file, file.stat().st_size), key=lambda one: one.step)
        while self.bytes > self.budget and len(self.kept) > 2:
            self._thin()

    def nearest(self, step: int) -> Checkpoint | None:
        """The last state at or before `step` whose file still exists."""
        fit = [checkpoint for checkpoint in self.kept if checkpoint.step <= step and checkpoint.file.is_file()]
        return fit[-1] if fit else None

    def file_before(self, step: int) -> str | None:
        """The file of the nearest state, for a worker to resume from; None where there is none."""
        checkpoint = self.nearest(step)
        return str(checkpoint.file) if checkpoint else None

    def inherit(self, other: Checkpoints, step: int) -> None:
        """Take over another run's states up to `step`, as far as there is room."""
        folder = self.attempt()
        for checkpoint in other.kept:
            if checkpoint.step <= step and checkpoint.file.is_file():
                name = f"{checkpoint.step}{checkpoint.file.suffix}"
                with contextlib.suppress(OSError):
                    self.add(checkpoint.step, linked(checkpoint.file, folder / name))

    def clear(self) -> None:
        """Delete all states and the files made from them; a later look trains up to its step again."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.kept = []

    def _thin(self) -> None:
        """Drop every other state, except the first and the last."""
        going = self.kept[1:-1:2]
        for checkpoint in going:
            checkpoint.file.unlink(missing_ok=True)
        self.kept = [checkpoint for checkpoint in self.kept if checkpoint not in going]


def linked(file: Path, to: Path) -> Path:
    """Give `file` a second name `to`, or copy it where the file system has no links; returns `to`."""
    try:
        os.link(file, to)
    except OSError:
        shutil.copyfile(file, to)
    return to
