"""Tables of the program Orange: two lines below the names, or prefixes of the names, say what each column is for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from training.spec.reading.cells import NUMBER, kind

TYPES = frozenset(("c", "continuous", "n", "numeric", "d", "discrete", "s", "string", "text", "t", "time"))
FLAGS = {
    "class": "class",
    "c": "class",
    "meta": "meta",
    "m": "meta",
    "ignore": "ignore",
    "i": "ignore",
    "skip": "ignore",
}
SIGNS = re.compile(r"([mci]?)[CDST]?#(.+)")
"""The prefix of a name, as in cD#iris: c for class, D for discrete."""


@dataclass(frozen=True)
class Lines:
    """The number of rows below the names that describe the columns, and their flags: "class", "meta" or "ignore"."""

    rows: int
    flags: dict[int, str]


def lines(first: Sequence[str], below: Sequence[Sequence[str]]) -> Lines | None:
    """The two rows below the names, types and then flags; None where they are no such rows."""
    if len(below) < 3 or not all(cell.lower() in TYPES for cell in below[0] if cell) or len(below[0]) < len(first):
        return None
    flagged = all(cell.lower() in FLAGS or "=" in cell for cell in below[1] if cell)
    data = below[2 if flagged else 1]
    typed = [cell for kept, cell in zip(below[0], data, strict=False) if kept.lower() in ("c", "continuous", "n")]
    if not any(kind(cell)[0] == NUMBER for cell in typed):
        return None
    flags = {place: FLAGS[cell.lower()] for place, cell in enumerate(below[1]) if cell.lower() in FLAGS}
    texts = {place: "meta" for place, cell in enumerate(below[0]) if cell.lower() in ("s", "string", "text")}
    return Lines(1 + flagged, texts | (flags if flagged else {}))


def prefixed(names: Sequence[str]) -> tuple[list[str], dict[int, str]]:
    """The names without prefixes, and what these say; unchanged where no prefix marks the class."""
    found = [SIGNS.fullmatch(name) for name in names]
    if not any(match and match[1] == "c" for match in found):
        return list(names), {}
    plain = [match[2] if match else name for match, name in zip(found, names, strict=True)]
    return plain, {place: FLAGS[match[1]] for place, match in enumerate(found) if match and match[1]}
