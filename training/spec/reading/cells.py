"""Reads a cell: a number, a gap, a word, or a number whose spelling or size cannot be used."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from training.spec.reading.limits import LARGEST, SHORT

NUMBER, GAP, WORD, STYLE, HUGE = range(5)
"""The states of a cell."""
ODD = (WORD, STYLE, HUGE)
"""The states of cells that hold something, but no number to train on."""
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
"""How people and programs write missing values, in lower case: pandas' own list, ?, -, and Excel's errors."""
STYLED = re.compile(r"(?=.*\d)[-+]?\d*([.,'’ \u00a0\u202f]\d{3})*[.,]?\d*(e[-+]?\d+)?", re.IGNORECASE)
"""A number with separators between its thousands, or with a decimal comma."""
Kind = tuple[int, float]


def number(cell: str) -> float | None:
    """The number in the cell as Python's float reads it; None where it reads none, or for a cell with underscores."""
    try:
        return float(cell) if "_" not in cell else None
    except ValueError:
        return None


def is_gap(cell: str) -> bool:
    """Whether the cell is a missing value: one of GAPS, in any case, or a number that is not finite."""
    if cell.lower() in GAPS:
        return True
    value = number(cell)
    return value is not None and not math.isfinite(value)


def kind(cell: str) -> Kind:
    """The state of a cell without outer spaces, and its value, NaN where it holds no usable number."""
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
    """All values at once; None unless every cell is a usable number."""
    try:
        values = np.array(cells, dtype=object).astype(np.float64)  # as texts, each would be as wide as the longest
    except ValueError:
        return None
    fine = (np.abs(values) <= LARGEST).all() and "_" not in "".join(cells)  # NaN is not <= anything
    return values if fine else None
