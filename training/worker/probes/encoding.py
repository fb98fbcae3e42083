"""Numbers and arrays as the browser reads them: six digits, None where not finite, bytes in base64."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """`value`, which may hold arrays, in JSON's own types: numbers to six digits, NaN and infinities as None."""
    if isinstance(value, float):
        return six_digits(value)
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind == "f":  # most numbers: no call for each
        return [plain(row) for row in value] if value.ndim > 1 else [six_digits(entry) for entry in value.tolist()]
    return plain(value.tolist()) if isinstance(value, (np.ndarray, np.generic)) else value


def six_digits(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None


def packed(values: np.ndarray, dtype: type) -> str:
    """The values' bytes, little-endian, in base64."""
    return base64.b64encode(np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<")).tobytes()).decode()


def packed_rows(values: np.ndarray, dtype: type) -> list[str]:
    """Each row, packed."""
    rows = np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<"))
    return [binascii.b2a_base64(row, newline=False).decode() for row in rows]
