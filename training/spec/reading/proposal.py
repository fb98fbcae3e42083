"""The app's proposal for a table: which column is the label, and which others are no features, with the reasons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import numpy as np

from training.spec.reading.cells import GAP, NUMBER, is_gap
from training.spec.reading.choice import ColumnChoice
from training.spec.reading.header import LABELS
from training.spec.reading.limits import MOST_CLASSES
from training.spec.reading.sheet import Sheet

IDENTIFIERS = frozenset(
    ("id", "ids", "index", "idx", "uuid", "guid", "key", "rowname", "rownames", "row", "no", "nr", "code", "unnamed")
)
"""Words in names of columns that identify a row instead of describing it."""
WITHIN = ("label", "target", "class")
"""Words that mark the label even within a longer name."""
TELLING = 50
"""With this many rows it is no accident that all whole numbers of a column differ."""


def proposed(sheet: Sheet) -> ColumnChoice:
    """The proposed label and columns to leave out; nothing is mended."""
    label = label_of(sheet)
    return ColumnChoice(label, out=frozenset(left_out(sheet, label)))


def refitted(sheet: Sheet, choice: ColumnChoice) -> ColumnChoice:
    """The choice as far as it fits the table: only columns that exist, and the label in no other part."""
    columns = range(len(sheet.columns))
    label = choice.label if choice.label in columns else label_of(sheet)
    parts = {name: getattr(choice, name) & set(columns) for name in ("out", "fill", "drop")}
    out = parts["out"] - {label}
    fill = parts["fill"] - out - {label}
    return ColumnChoice(label, out, fill, parts["drop"] - out - fill, choice.ragged, choice.rare, choice.named)


def label_of(sheet: Sheet) -> int:
    """The column to predict: by its name, or else the only column of words, or else one at an end with few values."""
    flagged = [place for place, column in enumerate(sheet.columns) if column.flag == "class"]
    named = sorted((rank, place) for place, name in enumerate(sheet.names) if (rank := _rank(name)) is not None)
    if flagged or named:
        return flagged[0] if flagged else named[0][1]
    few = [place for place in range(len(sheet.columns)) if 2 <= len(_classes(sheet, place)) <= MOST_CLASSES]
    words = [place for place in few if _words(sheet, place)]
    last = len(sheet.columns) - 1
    ends = [place for place in (last, 0) if place in (words or few)]
    if not ends:
        return (words or few or [last])[-1]
    return ends[0] if words or len(ends) == 1 else _odd_one(sheet, ends)


def left_out(sheet: Sheet, label: int) -> dict[int, str]:
    """The columns to leave out, each with the reason: "meta", "ignore", "row names" or "identifier"."""
    flags = {place: column.flag for place, column in enumerate(sheet.columns) if column.flag in ("meta", "ignore")}
    found = {place: reason for place in range(len(sheet.columns)) if (reason := _identifies(sheet, place))}
    found = {place: reason for place, reason in (found | flags).items() if place != label}
    numeric = {place for place in range(len(sheet.columns)) if (sheet.states[:, place] == NUMBER).any()}
    return found if numeric - set(found) - {label} else flags


def _rank(name: str) -> int | None:
    """The rank of a label's name, 0 for the likeliest; None for a name that does not suggest a label."""
    plain = " ".join(re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()))
    if plain in LABELS:
        return LABELS.index(plain)
    inside = [place for place, word in enumerate(WITHIN) if word in plain.split()]
    return len(LABELS) + inside[0] if inside else None


def _classes(sheet: Sheet, place: int) -> list[str]:
    return [word for word in sheet.columns[place].words if not is_gap(word)]


def _words(sheet: Sheet, place: int) -> bool:
    """Whether most cells that are not gaps are words."""
    there = sheet.states[:, place] != GAP
    return bool(there.any()) and 2 * int((sheet.states[there, place] == NUMBER).sum()) < int(there.sum())


def _odd_one(sheet: Sheet, ends: list[int]) -> int:
    """The last or the first column: the one whose name differs from all others'. In a table without names, the one
    with the more evenly frequent values; else the last.
    """
    stems = Counter(re.sub(r"[\d\W_]+", "", name) for name in sheet.names)
    odd = [place for place in ends if stems[re.sub(r"[\d\W_]+", "", sheet.names[place])] == 1]
    if len(odd) == 1 and len(sheet.columns) > 3:
        return odd[0]
    return ends[0] if sheet.dialect.named else max(ends, key=lambda place: _evenness(sheet, place))


def _evenness(sheet: Sheet, place: int) -> float:
    """The share of the rarest value, times the number of different values: 1 where all are equally frequent."""
    times = np.bincount(sheet.codes[:, place])
    return float(times[times > 0].min() * (times > 0).sum() / times.sum())


def _identifies(sheet: Sheet, place: int) -> str:
    """Why the column identifies rows: "row names" or "identifier"; an empty text where it does not."""
    column, rows = sheet.columns[place], len(sheet.lines)
    unique = column.distinct == rows
    nameless = sheet.dialect.named and column.name == f"column {place + 1}"
    if nameless and place == 0 and unique:
        return "row names"
    values = sheet.values[:, place]
    whole = bool((sheet.states[:, place] == NUMBER).all()) and bool((values == np.floor(values)).all())
    called = bool(IDENTIFIERS & set(_parts(column.name)))
    if called and (unique or (whole and 2 * column.distinct > rows)):
        return "identifier"
    telling = unique and whole and (rows >= TELLING or not sheet.dialect.named)
    return "identifier" if telling and (place == 0 or bool((np.diff(values) > 0).all())) else ""


def _parts(name: str) -> Iterable[str]:
    """The words of a name: PatientID and patient_id each have two."""
    return re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower())
