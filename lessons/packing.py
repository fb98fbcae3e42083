"""Tables as bytes for the browser (assets/components/stage/tables.js unpacks them).

A little-endian uint32 with the length of a JSON head, the head (padded to four bytes), then the tracks' numbers, each
padded to four bytes. Small tracks travel as float32. Large ones, which are there to be drawn, as 16-bit steps of a
65,534th of their own range (a figure has under 2,000 pixels), each step less the one before it in its row, low bytes
before high ones: so they shrink to a third when compressed.
"""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from figures.blank import Blank, Track
from lessons.control import Handle
from lessons.table import Around, LessonTable

LARGE = 2048
"""Values from which on a track is sent in steps of its range."""
LEVELS = 65_534
SAME = 1e-9
"""What no step changes by more than this counts as still: rounding wobbles in the last digits."""


def figures(blanks: Sequence[Blank]) -> bytes:
    """Empty figures as JSON: each one's spec for plotly.js, place, veil, grips, touched points, its numbers' paths."""
    kept = ("place", "teach", "veil", "hides", "grips", "touch", "picks", "unfolds", "numbers")
    packed = [
        {"spec": json.loads(blank.figure.to_json()), **{name: getattr(blank, name) for name in kept}}
        for blank in blanks
    ]
    return text(packed)


def table(made: LessonTable, around: Around | None, **more: Any) -> bytes:
    """A table with what stands around it, if that is known, and `more` entries of the head."""
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
    """What stands around the figures, as plain values."""
    handles = [plain(handle) for handle in around.handles]
    head = {"tiles": list(around.tiles), "handles": handles, "notes": dict(around.notes), "longest": around.longest}
    head["right"] = around.right
    return head | ({"same": dict(around.same)} if around.same else {})


def plain(handle: Handle) -> dict[str, Any]:
    """A handle as plain values, those of its grid as an address spells them."""
    values = [f"{value:.12g}" for value in handle.values]
    marks = {str(step): mark for step, mark in handle.marks.items()}
    return dataclasses.asdict(handle) | {"values": values, "shown": list(handle.shown), "marks": marks}


def lines(texts: Sequence[str]) -> list[str]:
    """The texts, or one of them where all are the same."""
    return list(texts[:1] if len(set(texts)) == 1 else texts)


def truths(truth: np.ndarray) -> list[list[float]]:
    """What the prediction is about, to six digits, at every step, or once where all are the same."""
    return [[float(f"{value:.6g}") for value in row] for row in changing(truth)]


def changing(track: Track) -> Track:
    """The track, or its first step where the others are the same."""
    if not isinstance(track, np.ndarray):
        return lines(track)
    moves = track.dtype.kind != "f" or not np.allclose(track, track[:1], rtol=0.0, atol=SAME, equal_nan=True)
    return track if moves else track[:1]


def text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class TrackBytes:
    """The part of a table's bytes that holds its numbers, filled track by track."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._size = 0

    def add(self, track: Track) -> dict[str, Any]:
        """Where and how the track stands: what the head says of it."""
        track = changing(track)
        if not isinstance(track, np.ndarray):
            return {"strings": track}
        place = {"offset": self._size, "shape": list(track.shape)}
        if track.size < LARGE:
            self._put(np.ascontiguousarray(track, dtype="<f4").tobytes())
            return place
        low, step = scale(track)
        self._put(stepped(track, low, step))
        return place | {"low": low, "step": step}

    def _put(self, part: bytes) -> None:
        part += b"\0" * (-len(part) % 4)
        self.parts.append(part)
        self._size += len(part)


def scale(track: np.ndarray) -> tuple[float, float]:
    """The track's least value and the size of one of LEVELS steps to its largest."""
    low, high = float(np.nanmin(track)), float(np.nanmax(track))
    return low, (high - low) / LEVELS or 1.0


def stepped(track: np.ndarray, low: float, step: float) -> bytes:
    """The track's values as 16-bit steps from `low`, 65,535 for NaN; each less the one before it in its row."""
    levels = np.where(np.isnan(track), LEVELS + 1, np.rint((track - low) / step)).astype(np.uint16)
    levels = np.diff(levels, axis=-1, prepend=np.uint16(0))
    return np.ascontiguousarray(levels, dtype="<u2").view(np.uint8).reshape(-1, 2).T.tobytes()
