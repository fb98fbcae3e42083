"""The browser's unpacking of a table, written from the layout in lessons/packing.py, and tracks to try it on."""

import json
import struct
from typing import Any

import numpy as np

NAN_LEVEL = 8_191
_rng = np.random.default_rng(3)
_pixels = _rng.integers(0, 5, (60, 100)) / 4
_pixels[:, ::9] = np.nan
LARGE_TRACKS = {
    "images, each another": (_pixels, 0),
    "walks, each another": (_rng.normal(size=(60, 100)).cumsum(axis=1), 1),
    "a wave that grows": (np.outer(np.linspace(0.5, 1, 60), np.sin(np.linspace(0, 4, 100)) ** 2), 2),
}
"""Tracks that are large enough to travel as whole steps of their range, each with how often its differences are taken
because it compresses best so."""


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
