"""The table for training: what a choice makes of a sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.spec.reading import labels
from training.spec.reading.cells import NUMBER
from training.spec.reading.choice import ColumnChoice
from training.spec.reading.faults import faults
from training.spec.reading.limits import TableError
from training.spec.reading.rows import featured, kept
from training.spec.reading.sheet import Sheet


@dataclass(frozen=True)
class Table:
    """x (n, features) float32, y (n,) int32 counting from 0; the names of columns and classes, and the label's name.

    x is NaN where the median is to be filled in: the median of the training rows, which are not known before the split.
    """

    x: np.ndarray
    y: np.ndarray
    features: tuple[str, ...]
    classes: tuple[str, ...]
    label: str


def made(sheet: Sheet, choice: ColumnChoice) -> Table:
    """The table. Raises TableError with the first fault that is not mended."""
    if found := faults(sheet, choice):
        raise TableError("unmended", fault=found[0].reason)
    rows, places = kept(sheet, choice), featured(sheet, choice)
    classes = tuple(labels.counts(sheet, choice, rows))
    words = sheet.columns[choice.label].words
    place = np.array([classes.index(word) if word in classes else -1 for word in words], np.int32)
    x = np.where(sheet.states[:, places] == NUMBER, sheet.values[:, places], np.nan)[rows].astype(np.float32)
    names = tuple(sheet.names[one] for one in places)
    return Table(x, place[sheet.codes[rows, choice.label]], names, classes, sheet.names[choice.label])
