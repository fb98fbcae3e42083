"""A reader's own table: CSV to numbers and labels, every fault named; kept on disk under the hash of its content."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import itertools
import math
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training import folders

MOST_BYTES, MOST_ROWS, LEAST_ROWS = 5_000_000, 20_000, 20
MOST_FEATURES, MOST_CLASSES, LEAST_OF_CLASS = 100, 20, 2
LARGEST = 1e30  # float32 ends at 3e38, and the network squares its inputs
LABELS = ("label", "class", "target", "y")
GAPS = ("na", "n/a", "#n/a", "nan", "null", "none", "?", "-")
"""What people and programs write where a number is missing."""
STYLED = re.compile(r"(?=.*\d)[-+]?\d*([.,'’ \u00a0\u202f]\d{3})*[.,]?\d*(e[-+]?\d+)?", re.IGNORECASE)
"""A number with signs between its thousands, or a decimal comma."""
KEPT_BYTES = 100_000_000
SHORT, MOST_LETTERS = 24, 100


class TableError(ValueError):
    """Why a table cannot be used: `reason`, a heading of assets/lessons/tables.md, and the `facts` that it names."""

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(f"{reason}: {facts}")
        self.reason, self.facts = reason, facts


@dataclass(frozen=True)
class Table:
    """x (n, features) float32, y (n,) int32 counting from 0; the names of columns and classes, and of the label."""

    x: np.ndarray
    y: np.ndarray
    features: tuple[str, ...]
    classes: tuple[str, ...]
    label: str


def parse(raw: bytes) -> Table:
    """The table that a CSV file spells: a row of names, then numbers in each column but the label's.

    The label is the column called label, class, target or y, or else the last. Columns are separated by commas,
    semicolons or tabs. Raises TableError, naming row (counted as an editor does, from 1) and column where there is one.
    """
    lines = _lines(_decoded(raw))
    header = _header(next(lines)[1])
    label = _label_of(header)
    rows = [_checked(number, row, len(header)) for number, row in itertools.islice(lines, MOST_ROWS + 1)]
    if len(rows) > MOST_ROWS:
        raise TableError("many rows", most=MOST_ROWS)
    if len(rows) < LEAST_ROWS:
        raise TableError("few rows", rows=len(rows), least=LEAST_ROWS)
    x = _features(
        [(number, row[:label] + row[label + 1 :]) for number, row in rows], header[:label] + header[label + 1 :]
    )
    y, classes = _classes([(number, row[label].strip()) for number, row in rows], header[label])
    return Table(x, y, (*header[:label], *header[label + 1 :]), classes, header[label])


def store(table: Table) -> str:
    """Keep the table for the workers; its id, under which `load` finds it. The oldest make room for the newest.

    Raises TableError("no room") where it cannot be written.
    """
    names = repr((table.features, table.classes, table.label)).encode()
    name = hashlib.sha256(table.x.tobytes() + table.y.tobytes() + names).hexdigest()[:24]
    target = folder() / f"{name}.npz"
    whole = {"x": table.x, "y": table.y, "names": np.array([*table.features, table.label, *table.classes])}
    try:
        with tempfile.TemporaryDirectory(dir=folder()) as place:
            unfinished = Path(place) / target.name
            np.savez_compressed(unfinished, **whole)
            os.replace(unfinished, target)
    except OSError:
        raise TableError("no room") from None
    make_room(target)
    return name


def load(name: str) -> Table:
    """The table of this id, which makes it the newest. Raises TableError("unknown") where there is none (any more)."""
    path, unknown = folder() / f"{name}.npz", TableError("unknown", id=name[:SHORT])
    if not re.fullmatch(r"[0-9a-f]{24}", name):
        raise unknown
    with contextlib.suppress(OSError):  # it may be somebody else's, in a folder that the operator chose
        os.utime(path)
    try:
        file = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise unknown from None
    with file as kept:
        names, features = kept["names"].tolist(), kept["x"].shape[1]
        return Table(kept["x"], kept["y"], tuple(names[:features]), tuple(names[features + 1 :]), names[features])


def folder() -> Path:
    """Where tables are kept: BN_LAB_TABLES, else a folder that only this user can read. Raises TableError("folder")."""
    try:
        return folders.made("BN_LAB_TABLES", "tables")
    except PermissionError as error:
        raise TableError("folder", path=str(error)) from None


def make_room(newest: Path) -> None:
    """Delete the tables that have not been used for longest until the rest, with the newest, fit into KEPT_BYTES."""
    with contextlib.suppress(FileNotFoundError):  # then somebody else is making room
        kept = sorted(folder().glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
        total = newest.stat().st_size
        for path in kept:
            if path != newest:
                total += path.stat().st_size
                if total > KEPT_BYTES:
                    path.unlink(missing_ok=True)


def _decoded(raw: bytes) -> str:
    if len(raw) > MOST_BYTES:
        raise TableError("large", size=len(raw), most=MOST_BYTES)
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in raw:
        raise TableError("not text")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError("encoding", row=raw[: error.start].count(b"\n") + 1) from None
    if re.match(r"\s*<(!doctype|html)", text, re.IGNORECASE):
        raise TableError("web page")
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, as texts, each with its line number; at least one."""
    lines = text.splitlines()
    first = next(filter(str.strip, lines), "")
    reader = csv.reader(lines, delimiter=max(",;\t", key=first.count), strict=True)
    begin, empty = 1, True
    try:
        for row in reader:
            if any(map(str.strip, row)):
                yield reader.line_num, row
                empty = False
            begin = reader.line_num + 1
    except csv.Error as error:
        raise TableError("long cell" if "limit" in str(error) else "broken", row=begin) from None
    if empty:
        raise TableError("empty")


def _header(row: list[str]) -> list[str]:
    names = [name.strip() for name in row]
    if len(names) < 2:
        raise TableError("one column", first=_short(names[0]))
    if len(names) > MOST_FEATURES + 1:
        raise TableError("many columns", columns=len(names), most=MOST_FEATURES)
    if _like_data(names):
        raise TableError("no header", first=_short(", ".join(names)))
    if not all(names):
        raise TableError("nameless", column=names.index("") + 1)
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise TableError("twice", column=_short(twice[0]))
    return _names(names)


def _like_data(names: list[str]) -> bool:
    """Whether numbers stand where names should; whole ones beside a word may be names: pandas counts columns from 0."""
    label = _label_of(names)
    values = [_number(name) for name in names[:label] + names[label + 1 :]]
    if None in values:
        return False
    return _number(names[label]) is not None or not all(map(float.is_integer, values))


def _names(names: list[str]) -> list[str]:
    """These names of columns or classes, if they are short enough to be shown."""
    long = next((name for name in names if len(name) > MOST_LETTERS), None)
    if long:
        raise TableError("long name", name=_short(long), letters=len(long), most=MOST_LETTERS)
    return names


def _label_of(header: list[str]) -> int:
    low = [name.lower() for name in header]
    return next((low.index(name) for name in LABELS if name in low), len(header) - 1)


def _checked(number: int, row: list[str], width: int) -> tuple[int, list[str]]:
    if len(row) != width:
        raise TableError("ragged", row=number, cells=len(row), columns=width)
    return number, row


def _features(rows: list[tuple[int, list[str]]], names: list[str]) -> np.ndarray:
    x = _quickly(rows)
    if x is None:
        x = np.array(
            [[_value(cell, number, name) for cell, name in zip(row, names, strict=True)] for number, row in rows]
        )
    _varied("constant", x, names)
    x = x.astype(np.float32)
    _varied("precision", x, names)
    return x


def _varied(reason: str, x: np.ndarray, names: list[str]) -> None:
    for name, column in zip(names, x.T, strict=True):
        if column.min() == column.max():
            raise TableError(reason, column=_short(name), value=float(column[0]))


def _quickly(rows: list[tuple[int, list[str]]]) -> np.ndarray | None:
    """All cells at once, (n, features) float64; None where any needs a closer look."""
    cells = [row for _, row in rows]
    try:
        x = np.array(cells, dtype=object).astype(np.float64)  # as texts, each would be as wide as the longest
    except ValueError:
        return None
    fine = (np.abs(x) <= LARGEST).all() and "_" not in "".join(map("".join, cells))  # NaN is not <= anything
    return x if fine else None


def _value(cell: str, row: int, column: str) -> float:
    text, value = cell.strip(), _number(cell)
    where: dict[str, Any] = {"row": row, "column": _short(column), "cell": _short(text)}
    if not text:
        raise TableError("missing", **where)
    if text.lower() in GAPS:
        raise TableError("gap", **where)
    if value is None:
        raise TableError("style" if STYLED.fullmatch(where["cell"]) else "no number", **where)
    if math.isinf(value) and not re.search(r"\d", text):
        raise TableError("not finite", **where)
    if abs(value) > LARGEST:
        raise TableError("huge", **where, most=LARGEST)
    return value


def _number(text: str) -> float | None:
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None


def _classes(labels: list[tuple[int, str]], column: str) -> tuple[np.ndarray, tuple[str, ...]]:
    missing = next((number for number, label in labels if not label), None)
    if missing:
        raise TableError("missing", row=missing, column=_short(column))
    counts = Counter(label for _, label in labels)
    if len(counts) == 1:
        raise TableError("one class", column=_short(column), label=_short(labels[0][1]))
    if len(counts) > MOST_CLASSES:
        raise TableError("many classes", column=_short(column), classes=len(counts), most=MOST_CLASSES)
    rare, times = min(counts.items(), key=lambda entry: entry[1])
    if times < LEAST_OF_CLASS:
        raise TableError("rare", column=_short(column), label=_short(rare), least=LEAST_OF_CLASS)
    names = _names(sorted(counts, key=_order))
    place = {name: index for index, name in enumerate(names)}
    return np.array([place[label] for _, label in labels], dtype=np.int32), tuple(names)


def _order(label: str) -> tuple[bool, float, str]:
    """Numbers by size before words by the alphabet."""
    value = _number(label)
    is_number = value is not None and math.isfinite(value)
    return not is_number, value if is_number else 0.0, label


def _short(text: str) -> str:
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
