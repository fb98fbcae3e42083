"""The label of a table: its classes, its gaps, and its faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from training.spec.reading.cells import GAP, is_gap
from training.spec.reading.choice import ColumnChoice
from training.spec.reading.limits import LEAST_OF_CLASS, MOST_CLASSES, MOST_LETTERS, short
from training.spec.reading.sheet import Sheet

Found = tuple[str, dict[str, Any], np.ndarray]


def gaps(sheet: Sheet, choice: ColumnChoice) -> np.ndarray:
    """Which rows (n,) bool have no class: an empty cell, or a word for a gap unless such words are classes."""
    words = sheet.columns[choice.label].words
    if not words:
        return sheet.states[:, choice.label] == GAP
    missing = [not word if choice.named else is_gap(word) for word in words]
    return np.array(missing)[sheet.codes[:, choice.label]]


def counts(sheet: Sheet, choice: ColumnChoice, rows: np.ndarray) -> dict[str, int]:
    """The number of these rows in each class, in the order of the classes, without classes that have none."""
    words = sheet.columns[choice.label].words
    times = np.bincount(sheet.codes[rows, choice.label], minlength=len(words)) if words else ()
    return {word: int(count) for word, count in zip(words, times, strict=True) if count}


def rare(sheet: Sheet, choice: ColumnChoice, rows: np.ndarray) -> np.ndarray:
    """Which of the rows (n,) bool are the only one of their class."""
    words = sheet.columns[choice.label].words
    if not words:
        return np.zeros(len(rows), bool)
    codes = sheet.codes[:, choice.label]
    return rows & (np.bincount(codes[rows], minlength=len(words)) < LEAST_OF_CLASS)[codes]


def faults(sheet: Sheet, choice: ColumnChoice, rows: np.ndarray) -> Iterator[Found]:
    """Faults of the label: headings of lessons/studio/tables.md, their facts, and the rows that can be left out.

    rows (n,) bool: the rows that have a class.
    """
    column, none, most = sheet.columns[choice.label], np.zeros(len(rows), bool), MOST_CLASSES
    classes, once = counts(sheet, choice, rows), rare(sheet, choice, rows)
    common = len(classes) - int(once.sum())
    if not column.words or common > MOST_CLASSES or (len(classes) > MOST_CLASSES and common < 2):
        found = len(classes) or column.distinct
        yield "many classes", {"column": short(column.name), "classes": found, "most": most}, none
        return
    if len(classes) < 2:
        yield "one class", {"column": short(column.name), "label": short(next(iter(classes), ""))}, none
    elif once.any():
        names = ", ".join(short(word) for word, times in classes.items() if times < LEAST_OF_CLASS)
        yield "rare", {"column": short(column.name), "label": names, "least": LEAST_OF_CLASS}, once
    long = next((word for word in classes if len(word) > MOST_LETTERS), None)
    if long:
        yield "long name", {"name": short(long), "letters": len(long), "most": MOST_LETTERS}, none
