"""Workers as processes of this machine."""

from __future__ import annotations

from collections.abc import Sequence

from training.backends import Heard
from training.process import COMMAND, Process


class Local:
    """`slots` worker processes, each started with `command`."""

    def __init__(self, slots: int, command: Sequence[str] = COMMAND) -> None:
        self.slots, self.command = slots, command

    def hire(self, heard: Heard) -> Process:
        """Start a process."""
        return Process(self.command, heard)

    def close(self) -> None:
        """Nothing to do: whoever hired them ends the processes."""
