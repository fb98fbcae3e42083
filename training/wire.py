"""One JSON object per line, between the engine and a worker."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np


def dump(message: dict[str, Any]) -> bytes:
    """The message as one line of ASCII JSON, its numbers to the last digit."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def load(line: bytes) -> dict[str, Any]:
    """The message of one line. Raises ValueError where the line is not a JSON object."""
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError(f"a message is a JSON object; got {line[:80]!r}")
    return message


def plain(value: Any) -> Any:
    """`value` in JSON's own types for the browser: numbers to six digits, NaN and infinities as None."""
    if isinstance(value, np.ndarray) and value.ndim > 1:
        return [plain(row) for row in value]
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind == "f":
        return [six_digits(entry) for entry in value.tolist()]
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    return six_digits(value) if isinstance(value, float) else value


def six_digits(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None
