"""What stands in a cell: a number, a gap, a word, or a number that is written or sized in a way that cannot be used."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from training.spec.reading.limits import LARGEST, SHORT

NUMBER, GAP, WORD, STYLE, HUGE = range(5)
"""The states of a cell."""
ODD = (WORD, STYLE, HUGE)
"""Those of cells that hold something that is no number to train on."""
GAPS = frozenset(
    (
        *(
            "",
            "#n/a",
            "#n/a n/a",
            "#na",
            "-1.#ind",
            "-1.#qnan",
            "-nan",
            "1.#ind",
            "1.#qnan",
            "<na>",
            "n/a",
            "na",
            "nan",
        ),
        *("none", "null", "?", "-", "#null!", "#div/0!", "#num!", "#value!"),
    )
)
"""What people and programs write where a value is missing, in small letters: pandas' own list, ?, -, Excel's."""
STYLED = re.compile(r"(?=.*\d)[-+]?\d*([.,'’ \u00a0\u202f]\d{3})*[.,]?\d*(e[-+]?\d+)?", re.IGNORECASE)
"""A number with signs between its thousands, or a decimal comma."""
Kind = tuple[int, float]


def number(cell: str) -> float | None:
    """What Python's float makes of the cell; None where that is nothing, or where there are underscores in it."""
    try:
        return float(cell) if "_" not in cell else None
    except ValueError:
        return None


def is_gap(cell: str) -> bool:
    """Whether it stands for a missing value: spelled so, in whatever case, or a number that is not finite."""
    if cell.lower() in GAPS:
        return True
    value = number(cell)
    return value is not None and not math.isfinite(value)


def kind(cell: str) -> Kind:
    """The state of a cell without outer spaces, and its value, NaN where it is no number that can be used."""
    if is_gap(cell):
        return GAP, math.nan
    value = number(cell)
    if value is None:
        return (STYLE if len(cell) <= SHORT and STYLED.fullmatch(cell) else WORD), math.nan
    return (NUMBER, value) if abs(value) <= LARGEST else (HUGE, math.nan)


def column(cells: Sequence[str], decimal_comma: bool) -> tuple[np.ndarray, np.ndarray]:
    """The values of a column (n,) float64, NaN where there is no number, and the states of its cells (n,) uint8."""
    if decimal_comma:
        cells = [cell.replace(",", ".") for cell in cells]
    quick = _quickly(cells)
    if quick is not None:
        return quick, np.zeros(len(cells), np.uint8)
    kinds = {cell: kind(cell) for cell in set(cells)}
    found = [kinds[cell] for cell in cells]
    return np.array([value for _, value in found]), np.array([state for state, _ in found], np.uint8)


def _quickly(cells: Sequence[str]) -> np.ndarray | None:
    """All values at once; None where not every cell is a number that can be used."""
    try:
        values = np.array(cells, dtype=object).astype(np.float64)  # as texts, each would be as wide as the longest
    except ValueError:
        return None
    fine = (np.abs(values) <= LARGEST).all() and "_" not in "".join(cells)  # NaN is not <= anything
    return values if fine else None
