"""Workers as processes of this machine."""

from __future__ import annotations

from collections.abc import Sequence

from training.backends.base import Receive
from training.backends.process import COMMAND, Process


class Local:
    """`slots` worker processes, each started with `command`."""

    def __init__(self, slots: int, command: Sequence[str] = COMMAND) -> None:
        self.slots, self.command = slots, command

    def hire(self, receive: Receive) -> Process:
        """Start a process."""
        return Process(self.command, receive)

    def close(self) -> None:
        """Nothing to do: the engine closes its workers itself."""
