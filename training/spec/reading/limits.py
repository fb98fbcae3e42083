"""The limits of a table's size, and the error that says what is wrong with a table."""

from __future__ import annotations

MOST_BYTES, MOST_ROWS, LEAST_ROWS = 5_000_000, 20_000, 20
MOST_FEATURES, MOST_CLASSES, LEAST_OF_CLASS = 1_000, 20, 2
MOST_LINES = 10 * MOST_ROWS
"""The most lines, with empty ones: five megabytes of empty lines would keep the server busy for seconds."""
LARGEST = 1e30  # float32 ends at 3e38, and the network squares its inputs
SHORT, MOST_LETTERS = 24, 100


class TableError(ValueError):
    """A table cannot be used: `reason`, a heading of lessons/studio/tables.md, and the `facts` to fill in."""

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(f"{reason}: {facts}")
        self.reason, self.facts = reason, facts


def short(text: str) -> str:
    """The text, shortened where it is too long for a sentence."""
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
