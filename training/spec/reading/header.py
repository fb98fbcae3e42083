"""From rows to a heading and data: finds the rows above the data, and the columns' names."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from training.spec.reading import orange
from training.spec.reading.cells import GAP, NUMBER, WORD, kind
from training.spec.reading.dialect import ABOVE, SAMPLE, Row, plain
from training.spec.reading.limits import LEAST_ROWS, MOST_FEATURES, MOST_LETTERS, TableError, short

LABELS = (
    *("label", "target", "survived", "diagnosis", "outcome", "species", "class", "classification", "category"),
    *("variety", "result", "income", "quality", "digit", "type"),
)
"""Common names, in lower case, of the column to predict; likelier ones first."""
Texts = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Heading:
    """The columns' names, and the number of rows above the data.

    named: whether the names come from the file; otherwise they are numbers. flags: by column, counted from 0, what
    Orange's lines say about it: "class", "meta" or "ignore".
    """

    names: tuple[str, ...]
    above: int
    named: bool
    flags: dict[int, str] = field(default_factory=dict)


def heading(rows: Sequence[Row], decimal_comma: bool, named: bool | None = None) -> Heading:
    """The heading, from the first rows together. named: whether the reader says that the first row holds names. Raises
    TableError for a single column, too many columns, or a name that is too long.
    """
    texts = [row.cells for row in rows[: ABOVE + SAMPLE]]
    width = _width(texts)
    if width < 2:
        raise TableError("one column", first=short(texts[0][0]))
    if width > MOST_FEATURES + 1:
        raise TableError("many columns", columns=width, most=MOST_FEATURES)
    above = _titles(texts)
    above += _counts(texts[above], len(rows) - above - 1, width)
    first, below = _aligned(texts[above], texts[above + 1 :], width), texts[above + 1 :]
    lines = None if named is False else orange.lines(first, below)
    if named is None:
        named = bool(lines) or is_header(_plain(first, decimal_comma), [_plain(row, decimal_comma) for row in below])
    if not named:
        return Heading(_named([""] * width), above, named=False)
    if len(first) != width:
        raise TableError("ragged header", row=rows[above].line, cells=len(first), columns=width)
    names, flags = orange.prefixed(first)
    return Heading(_named(names), above + 1 + (lines.rows if lines else 0), True, lines.flags if lines else flags)


def is_header(first: Sequence[str], below: Texts) -> bool:
    """Whether the row `first` holds the names of the columns, rather than being a row like those `below`.

    It does where a word is above numbers, where it counts the columns, or where its words do not appear again. A row
    with words above words and numbers above numbers is a row of data.
    """
    columns = [[row[place] for row in below if place < len(row)] for place in range(len(first))]
    kinds = [kind(cell)[0] for cell in first]
    words = [place for place, found in enumerate(kinds) if found == WORD]
    if any(_numeric(columns[place]) for place in words):
        return True
    again = sum(first[place] in columns[place] for place in words)
    numbers = [cell for cell, found in zip(first, kinds, strict=True) if found == NUMBER]
    if not numbers:
        return 2 * again <= len(words) > 0
    if again or not (words or len(numbers) > 2):
        return False
    return _counting(numbers) or any(first[place].lower() in LABELS for place in words)


def _plain(row: Sequence[str], decimal_comma: bool) -> list[str]:
    return [plain(cell) for cell in row] if decimal_comma else list(row)


def _numeric(column: Sequence[str]) -> bool:
    kinds = [found for found in (kind(cell)[0] for cell in column) if found != GAP]
    return 2 * kinds.count(NUMBER) > len(kinds)


def _counting(numbers: Sequence[str]) -> bool:
    """Whether they are 0, 1, 2 … or 1, 2, 3 …"""
    return any([str(start + place) for place in range(len(numbers))] == list(numbers) for start in (0, 1))


def _width(texts: Texts) -> int:
    """The most common number of cells, without trailing cells that are empty in all rows (trailing separators)."""
    width, _ = Counter(map(len, texts[1:] or texts)).most_common(1)[0]
    held = (next((place for place in range(min(len(row), width), 0, -1) if row[place - 1]), 1) for row in texts)
    return min(width, max(held))


def _titles(texts: Texts) -> int:
    """The number of rows above all others with only one cell that is not empty: titles, and Excel's sep=;"""
    return len(list(itertools.takewhile(lambda row: sum(map(bool, row)) < 2, texts[: min(ABOVE, len(texts) - 1)])))


def _counts(first: Sequence[str], rows: int, width: int) -> bool:
    """Whether it states the numbers of rows and of columns, then the classes, as in scikit-learn's files."""
    return rows >= LEAST_ROWS and list(first[:2]) == [str(rows), str(width - 1)]


def _aligned(first: Sequence[str], below: Texts, width: int) -> list[str]:
    """The first row, with one cell added at the start where it lacks one: R writes no name above row names."""
    cells = list(first[:width]) if not any(first[width:]) else list(first)
    if len(cells) != width - 1:
        return cells
    names = [row[0] for row in below if row]
    return ["", *cells] if len(set(names)) == len(names) else [*cells, ""]


def _named(names: Sequence[str]) -> tuple[str, ...]:
    """The names, made unique and not empty."""
    called, times = [], Counter()
    for place, name in enumerate(names, 1):
        name = " ".join(name.split()) or f"column {place}"
        if len(name) > MOST_LETTERS:
            raise TableError("long name", name=short(name), letters=len(name), most=MOST_LETTERS)
        times[name] += 1
        called.append(name if times[name] == 1 else f"{name} ({times[name]})")
    return tuple(called)
