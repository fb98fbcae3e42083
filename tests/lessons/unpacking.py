"""The browser's unpacking of a table, written from the layout in lessons/packing.py."""

import json
import struct
from typing import Any

import numpy as np

NAN_LEVEL = 8_191


def head_and_numbers(packed: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON head, and the bytes of the tracks' numbers."""
    (length,) = struct.unpack_from("<I", packed)
    return json.loads(packed[4 : 4 + length]), packed[4 + length :]


def unpacked(packed: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The head, and per figure its tracks by path: arrays or lists of texts."""
    head, numbers = head_and_numbers(packed)
    figures: dict[int, dict[str, Any]] = {}
    for track in head["tracks"]:
        value = track["strings"] if "strings" in track else array(track, numbers)
        assert track["path"] not in figures.setdefault(track["figure"], {})
        figures[track["figure"]][track["path"]] = value
    return head, [figures[index] for index in sorted(figures)]


def array(track: dict[str, Any], numbers: bytes) -> np.ndarray:
    """A track's numbers."""
    size = int(np.prod(track["shape"]))
    if "step" not in track:
        return np.frombuffer(numbers, "<f4", size, track["offset"]).reshape(track["shape"]).astype(float)
    low_bytes, high_bytes = np.frombuffer(numbers, np.uint8, 2 * size, track["offset"]).reshape(2, -1).astype(int)
    rows = track["shape"][0] if len(track["shape"]) > 1 else 1
    coded = (low_bytes + 256 * high_bytes).reshape(rows, -1)
    levels = np.where(coded % 2, -(coded + 1) // 2, coded // 2)
    for axis in (0, 1)[2 - track["differences"] :]:
        levels = np.cumsum(levels, axis=axis)
    return np.where(levels == NAN_LEVEL, np.nan, track["low"] + levels * track["step"]).reshape(track["shape"])
