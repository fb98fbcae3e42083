"""Tables as bytes for the browser (assets/components/stage/tables.js unpacks them).

A little-endian uint32 with the length of a JSON head, the head (padded to four bytes), then the tracks' numbers, each
padded to four bytes. Small tracks are sent as float32. Large ones, which are only drawn, are quantized: to whole steps
of 1/8,190 of their own range, the largest of 1/2,046 (a figure has under 2,000 pixels), or of 1 where they are whole
numbers. They are delta-coded, if that compresses best: each as its difference to the previous one in the row, or that
as its difference to the previous row's. Negative ones are zigzag-coded (0, −1, 1, −2 … as 0, 1, 2, 3 …) into 16 bits,
and the bytes are shuffled: all low bytes before all high bytes.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from figures.blank import Blank, Track
from lessons.control import Handle
from lessons.table import Around, LessonTable

LARGE = 2048
"""A track with at least this many values is sent in steps of its range."""
LARGEST = 32_768
LEVELS, FEWER = 8_190, 2_046
"""How many steps the range of a large track has, and of one with at least LARGEST values."""
SAME = 1e-9
"""A track that changes by at most this much counts as constant: rounding errors move the last digits."""


def figures(blanks: Sequence[Blank]) -> bytes:
    """Empty figures as JSON: for each its spec for plotly.js, and the fields of Blank that the browser needs."""
    kept = ("place", "teach", "veil", "hides", "grips", "touch", "picks", "unfolds", "net", "numbers")
    packed = [
        {"spec": json.loads(blank.figure.to_json()), **{name: getattr(blank, name) for name in kept}}
        for blank in blanks
    ]
    return text(packed)


def table(made: LessonTable, around: Around | None, **more: Any) -> bytes:
    """The bytes of a table, with the texts around the figures where given, and `more` entries of the head."""
    body = TrackBytes()
    head = {
        "tracks": [
            {"figure": index, "path": path, **body.add(track)}
            for index, tracks in enumerate(made.tracks)
            for path, track in tracks.items()
        ],
        "texts": {place: lines(texts) for place, texts in made.texts.items()},
        "reached": [bool(reached) for reached in made.reached],
        **({} if made.truth is None else {"truth": truths(made.truth)}),
        **(surroundings(around) if around else {}),
        **more,
    }
    packed = text(head)
    packed += b" " * (-len(packed) % 4)
    return struct.pack("<I", len(packed)) + packed + b"".join(body.parts)


def surroundings(around: Around) -> dict[str, Any]:
    """The texts and handles around the figures, as JSON's types."""
    handles = [plain(handle) for handle in around.handles]
    head = {"tiles": list(around.tiles), "handles": handles, "notes": dict(around.notes), "longest": around.longest}
    head["right"] = around.right
    return head | ({"same": dict(around.same)} if around.same else {})


def plain(handle: Handle) -> dict[str, Any]:
    """A handle as JSON's types, with the values of its grid spelled as in an address."""
    values = [f"{value:.12g}" for value in handle.values]
    marks = {str(step): mark for step, mark in handle.marks.items()}
    return vars(handle) | {"values": values, "shown": list(handle.shown), "marks": marks}


def lines(texts: Sequence[str]) -> list[str]:
    """The texts, or only one of them where all are the same."""
    return list(texts[:1] if len(set(texts)) == 1 else texts)


def truths(truth: np.ndarray) -> list[list[float]]:
    """The answer to the prediction, to six digits: at every step, or once where all steps are the same."""
    return [[float(f"{value:.6g}") for value in row] for row in changing(truth)]


def changing(track: Track) -> Track:
    """The track, or only its first step where all steps are the same."""
    if not isinstance(track, np.ndarray):
        return lines(track)
    if len(track) == 1:
        return track
    moves = not np.allclose(track, track[:1], rtol=0.0, atol=SAME, equal_nan=True)
    return track if moves else track[:1]


def text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class TrackBytes:
    """The bytes of a table's numbers, filled track by track."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._size = 0

    def add(self, track: Track) -> dict[str, Any]:
        """Add a track; returns its entry in the head: where its bytes are, and how to read them."""
        track = changing(track)
        if not isinstance(track, np.ndarray):
            return {"strings": track}
        place = {"offset": self._size, "shape": list(track.shape)}
        if track.size < LARGE:
            self._put(np.ascontiguousarray(track, dtype="<f4").tobytes())
            return place
        low, step = scale(track)
        times, numbers = smallest(levels(track, low, step))
        self._put(numbers)
        return place | {"low": low, "step": step, "differences": times}

    def _put(self, part: bytes) -> None:
        part += b"\0" * (-len(part) % 4)
        self.parts.append(part)
        self._size += len(part)


def scale(track: np.ndarray) -> tuple[float, float]:
    """The track's least value, and the size of its steps: 1 for whole numbers, else a share of its range."""
    low, high = float(np.nanmin(track)), float(np.nanmax(track))
    whole = track.dtype.kind in "iu" and high - low <= LEVELS
    return low, 1.0 if whole else (high - low) / (FEWER if track.size >= LARGEST else LEVELS) or 1.0


def levels(track: np.ndarray, low: float, step: float) -> np.ndarray:
    """The track's values as whole steps from `low`, LEVELS + 1 for NaN: (rows, width) of int16."""
    rows = track.reshape(track.shape[0], -1) if track.ndim > 1 else track[None]
    return np.where(np.isnan(rows), LEVELS + 1, np.rint((rows - low) / step)).astype(np.int16)


def smallest(levels: np.ndarray) -> tuple[int, bytes]:
    """Which compress best: the levels (0), their differences along the rows (1), or those of these between rows (2).

    Small changes do where a drawing moves slowly, the levels themselves where an image gives way to another.
    """
    along = np.diff(levels, axis=1, prepend=np.int16(0))
    candidates = [zigzag(numbers) for numbers in (levels, along, np.diff(along, axis=0, prepend=np.int16(0)))]
    return min(enumerate(candidates), key=lambda candidate: len(zlib.compress(candidate[1], 1)))


def zigzag(numbers: np.ndarray) -> bytes:
    """The int16 numbers, none over 16,383 in size, zigzag-coded, their bytes shuffled."""
    return np.ascontiguousarray((numbers << 1) ^ (numbers >> 15), dtype="<i2").view(np.uint8).reshape(-1, 2).T.tobytes()
