"""A file as it was read, before any choice of what to train on: every cell is a number, a gap or a word."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.spec.reading import cells
from training.spec.reading.decoding import decoded
from training.spec.reading.dialect import Row, split
from training.spec.reading.header import heading
from training.spec.reading.limits import LEAST_ROWS, MOST_ROWS, TableError, short

MOST_WORDS = 60
"""The most different texts kept of a column; a column with more cannot be a label, whatever is left out of it."""
FIRST_ROWS = 4
"""How many rows are kept as they were written, to show them."""


ARRAYS = ("lines", "values", "states", "codes")


@dataclass(frozen=True)
class Dialect:
    """How the file was written: all that a script needs to read it again.

    above: the number of rows with content above the data; named: whether one of these holds the names; stray: whether
    invisible characters were removed.
    """

    encoding: str
    separator: str
    decimal_comma: bool
    above: int
    named: bool
    stray: bool


@dataclass(frozen=True)
class Column:
    """A column: its name, its different texts where these are few (else none), and their number.

    flag: what Orange's lines say about it; odd: its first cell in each of the states cells.ODD, shortened, empty where
    it has none; first: its first cells.
    """

    name: str
    words: tuple[str, ...]
    distinct: int
    flag: str
    odd: tuple[str, ...]
    first: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """lines (n,) int32: the line in the file where each row begins, from 1. values (n, columns) float64, NaN where
    there is no number; states (n, columns) uint8, see cells.py; codes (n, columns) int16: the index of a cell's text in
    words.

    ragged: the lines of rows that have more or fewer cells than the others; these are not among the n.
    """

    dialect: Dialect
    columns: tuple[Column, ...]
    ragged: tuple[int, ...]
    lines: np.ndarray
    values: np.ndarray
    states: np.ndarray
    codes: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def read(raw: bytes, named: bool | None = None) -> Sheet:
    """The rows and columns of a file; named: whether the reader says that its first row holds the names.

    Raises TableError where it is no table, or is too large or too small.
    """
    text = decoded(raw)
    found = split(text.text)
    head = heading(found.rows, found.decimal_comma, named)
    width, data = len(head.names), found.rows[head.above :]
    if len(data) > MOST_ROWS:
        raise TableError("many rows", most=MOST_ROWS)
    even, ragged = [], []
    for row in data:
        fits = len(row.cells) >= width and not any(row.cells[width:])
        (even if fits else ragged).append(row)
    if len(even) < LEAST_ROWS:
        raise TableError("few rows", rows=len(even), ragged=len(ragged), least=LEAST_ROWS)
    how = Dialect(text.encoding, found.separator, found.decimal_comma, head.above, head.named, text.stray)
    parts = [_column(name, [row.cells[place] for row in even], how) for place, name in enumerate(head.names)]
    columns = [dataclasses.replace(part[0], flag=head.flags.get(place, "")) for place, part in enumerate(parts)]
    arrays = (np.stack(each, axis=1) for each in list(zip(*parts, strict=True))[1:])
    return Sheet(how, tuple(columns), _lines(ragged), np.array(_lines(even), np.int32), *arrays)


def _lines(rows: Sequence[Row]) -> tuple[int, ...]:
    return tuple(row.line for row in rows)


def _column(name: str, texts: list[str], how: Dialect) -> tuple[Column, np.ndarray, np.ndarray, np.ndarray]:
    """A column, and its values, states and codes."""
    values, states = cells.column(texts, how.decimal_comma)
    words, codes = set(texts), np.full(len(texts), -1, np.int16)
    kept = tuple(sorted(words, key=order)) if len(words) <= MOST_WORDS else ()
    if kept:
        place = {word: index for index, word in enumerate(kept)}
        codes[:] = [place[text] for text in texts]
    found = (texts[np.argmax(states == state)] if (states == state).any() else "" for state in cells.ODD)
    odd, first = tuple(map(short, found)), tuple(map(short, texts[:FIRST_ROWS]))
    return Column(name, kept, len(words), "", odd, first), values, states, codes


def order(word: str) -> tuple[bool, float, str]:
    """The sort key of classes: numbers by size, then words by the alphabet."""
    state, value = cells.kind(word)
    return state != cells.NUMBER, value if state == cells.NUMBER else 0.0, word


def packed(sheet: Sheet) -> dict[str, np.ndarray]:
    """The sheet as arrays that can be stored without pickles."""
    facts = {"dialect": vars(sheet.dialect), "columns": [vars(one) for one in sheet.columns], "ragged": sheet.ragged}
    return {"facts": np.array(json.dumps(facts)), **{name: getattr(sheet, name) for name in ARRAYS}}


def unpacked(file: Any) -> Sheet:
    """The sheet in a file of such arrays, as np.load returns it. Raises as np.load does, and KeyError or TypeError
    where the file holds something else.
    """
    with np.load(file, allow_pickle=False) as kept:
        facts = json.loads(str(kept["facts"]))
        arrays = [kept[name] for name in ARRAYS]
    columns = (
        Column(**{name: tuple(value) if isinstance(value, list) else value for name, value in one.items()})
        for one in facts["columns"]
    )
    return Sheet(Dialect(**facts["dialect"]), tuple(columns), tuple(facts["ragged"]), *arrays)
