"""Which rows and columns of a table a choice keeps."""

from __future__ import annotations

import numpy as np

from training.spec.reading import labels
from training.spec.reading.cells import NUMBER
from training.spec.reading.choice import ColumnChoice
from training.spec.reading.sheet import Sheet


def featured(sheet: Sheet, choice: ColumnChoice) -> list[int]:
    """The columns that are features, in order."""
    return [place for place in range(len(sheet.columns)) if place != choice.label and place not in choice.out]


def kept(sheet: Sheet, choice: ColumnChoice) -> np.ndarray:
    """Which rows stay, (n,) bool: those with a class, and with numbers in the columns of `choice.drop`."""
    rows = np.ones(len(sheet.lines), bool)
    for place in choice.drop & set(featured(sheet, choice)):
        rows &= sheet.states[:, place] == NUMBER
    if choice.label in choice.drop:
        rows &= ~labels.gaps(sheet, choice)
    if choice.rare:
        rows &= ~labels.rare(sheet, choice, rows & ~labels.gaps(sheet, choice))
    return rows
