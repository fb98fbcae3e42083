"""From a text to rows of cells: finds the separator of cells, and whether numbers have a decimal comma."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from training.spec.reading.limits import MOST_FEATURES, MOST_LINES, MOST_ROWS, TableError

SEPARATORS = ("\t", ";", "|", ",")
"""A space is a separator too, but only where none of these is, because words contain spaces."""
SAMPLE = 50
MOST_LETTERS = 200_000
"""The most rows, and letters of them, by which the separator is chosen."""
MOST_CELLS = 2 * MOST_FEATURES
"""The most cells in a row: millions would keep the server busy."""
ABOVE = 20
"""The most rows above the data."""
STATED = re.compile(r"\s*\"?sep=(.)\"?\s*$", re.IGNORECASE)
"""Excel's own first line, which names the separator."""
WITH_COMMA = re.compile(r"[-+]?[\d.,]*,\d[\d.,]*(e[-+]?\d+)?", re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(e[-+]?\d+)?", re.IGNORECASE)
DECIMAL_POINT = re.compile(r"[-+]?\d*\.\d+(e[-+]?\d+)?", re.IGNORECASE)
THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+")


@dataclass(frozen=True)
class Row:
    """The cells of a row without outer spaces, and its first line's number in an editor, from 1."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Rows:
    """The rows of a text that are not empty, at least one; the separator; and whether decimals have a comma."""

    rows: list[Row]
    separator: str
    decimal_comma: bool


def split(text: str) -> Rows:
    """The rows of a table's text. Raises TableError, naming the row, where it cannot be split into cells."""
    if text.rstrip().count("\n") + text.count("\r") > MOST_LINES:
        raise TableError("many rows", most=MOST_ROWS)
    separator = _separator(text)
    rows = list(itertools.islice(_rows(text.rstrip(), separator), MOST_ROWS + ABOVE + 1))
    if not rows:
        raise TableError("empty")
    return Rows(rows, separator, separator != "," and _decimal_comma(rows, separator))


def plain(cell: str) -> str:
    """The cell, with a point in place of a number's decimal comma."""
    return cell.replace(",", ".") if DECIMAL_COMMA.fullmatch(cell) else cell


def _separator(text: str) -> str:
    begin = io.StringIO(text.lstrip()[:MOST_LETTERS], newline="")
    lines = [line for line in itertools.islice(begin, 10 * SAMPLE) if line.strip()][:SAMPLE]
    if lines and (stated := STATED.match(lines[0])):
        return stated[1]
    scores = {each: _evenness(lines, each) for each in SEPARATORS}
    best = max(SEPARATORS, key=scores.__getitem__)
    return " " if scores[best][0] < 0.5 <= _evenness(lines, " ")[0] else best


def _evenness(lines: list[str], separator: str) -> tuple[float, int]:
    """The share of lines with the most common number of cells (0 where that is one cell), and that number."""
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    try:
        widths = Counter(len(row) for row in reader if any(map(str.strip, row)))
    except csv.Error:
        widths = Counter(line.count(separator) + 1 for line in lines)
    width, times = widths.most_common(1)[0] if widths else (1, 0)
    return (times / widths.total() if width > 1 else 0.0), width


def _rows(text: str, separator: str) -> Iterator[Row]:
    """The rows that are not empty, with at least one cell."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    begin = 1
    try:
        for row in reader:
            if len(row) > MOST_CELLS:
                raise TableError("many columns", columns=len(row), most=MOST_FEATURES)
            if any(map(str.strip, row)):
                yield Row(begin, list(map(str.strip, row)))
            begin = reader.line_num + 1
    except csv.Error as error:
        raise TableError("long cell" if "limit" in str(error) else "broken", row=begin) from None


def _decimal_comma(rows: list[Row], separator: str) -> bool:
    """Whether numbers have a decimal comma: at least one has a comma, and none has a point.

    In a table with semicolons, 1,234 counts as such a number too: that is why it has semicolons.
    """
    cells = {cell for row in rows for cell in row.cells}
    commas = [cell for cell in cells if "," in cell and WITH_COMMA.fullmatch(cell)]
    if not commas or not all(map(DECIMAL_COMMA.fullmatch, commas)):
        return False
    if separator != ";" and all(map(THOUSANDS.fullmatch, commas)):
        return False
    return not any("." in cell and DECIMAL_POINT.fullmatch(cell) for cell in cells)
