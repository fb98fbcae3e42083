"""Everything a run has told so far: in order, without doubles, bounded, ready to be sent to any number of browsers."""

from __future__ import annotations

import bisect
import functools
import json
from dataclasses import dataclass
from typing import Any

MOST_SNAPSHOTS = 200
"""Snapshots kept of a run; where there would be more, every other one is dropped."""
WHICH = {"changed": ("event", "step", "field", "value"), "diverged": ("event", "lane")}
"""What else is kept, settings that changed under way and lanes that were lost: once each, told apart by these."""


def text(value: Any) -> str:
    """JSON for the browser. Raises ValueError for NaN and infinities, which it could not read."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


@dataclass(eq=False)
class Told:
    """A message and its number `n` in the run's history."""

    n: int
    said: dict[str, Any]

    @functools.cached_property
    def text(self) -> str:
        return text(self.said)


class Snapshot:
    """The insides of all layers after `step` steps, kept as JSON, of which a browser gets one layer whole at a time."""

    def __init__(self, n: int, said: dict[str, Any]) -> None:
        self.n, self.step, self.taken = n, said["step"], was_taken(said)
        rests = ({name: value for name, value in lane.items() if name != "layers"} for lane in said["lanes"])
        self._lanes = [
            ([(text(numbers_of(layer)), text(layer)) for layer in lane["layers"]], text(rest)[1:-1])
            for lane, rest in zip(said["lanes"], rests, strict=True)
        ]

    def text(self, layer: int | None) -> str:
        """The message with the arrays of `layer` (from 0) only, of the others just the numbers; None: everything."""
        lanes = (
            '{"layers":['
            + ",".join(whole if layer in (None, index) else few for index, (few, whole) in enumerate(layers))
            + "]"
            + (f",{rest}" if rest else "")
            + "}"
            for layers, rest in self._lanes
        )
        return f'{{"step":{self.step},"lanes":[{",".join(lanes)}]}}'

    def said(self, layer: int | None = None) -> dict[str, Any]:
        """The message itself."""
        return json.loads(self.text(layer))


def was_taken(said: dict[str, Any]) -> bool:
    """Whether a snapshot tells of the step that led to it, as at a pause (instruments.taken)."""
    return any("taken" in layer for lane in said["lanes"] for layer in lane["layers"])


def numbers_of(layer: dict[str, Any]) -> dict[str, Any]:
    """A layer's single numbers, without its arrays and distributions."""
    return {name: value for name, value in layer.items() if not isinstance(value, dict | list | str)}


class History:
    """What a run told. `n` counts the messages; each keeps its number, so that a browser can ask for what is newer.

    points: "points" messages without their decision grids, of which only the last is kept. A run that is taken up again
    from an earlier state tells some things twice, with the same numbers; the second time is dropped.
    """

    def __init__(self) -> None:
        self.n = 0
        self.points: list[Told] = []
        self.snapshots: list[Snapshot] = []
        self.marks: list[Told] = []
        self.grid: list[str] | None = None
        self._late: float | None = 0.0  # what its worker's seconds lack of those told; None until it tells any
        self._undone: list[tuple[int, int]] = []

    @property
    def step(self) -> int:
        """Steps done according to the last points message."""
        return self.points[-1].said["step"] if self.points else 0

    @property
    def size(self) -> int:
        """Roughly the bytes it takes."""
        snapshots = len(self.snapshots) * len(self.snapshots[-1].text(None)) if self.snapshots else 0
        return snapshots + len(self.points) * (len(self.points[-1].text) * 3 if self.points else 0)

    def take(self, event: str, said: dict[str, Any]) -> None:
        """Add a message: "points", "snapshot" or one of WHICH."""
        if event == "points":
            self._take_points(said)
        elif event == "snapshot":
            self._take_snapshot(said)
        else:
            self._take_mark({"event": event, **said})

    def take_up(self) -> None:
        """A worker takes the run up and counts its seconds anew: they go on where those told so far stand."""
        self._late = None

    def lost(self, diverged: list[int | None]) -> list[int | None]:
        """Where each lane was lost, as first told: who takes a run up later sees it lost from there on."""
        first = self.points[-1].said.get("diverged", []) if self.points else []
        first = [*first, *[None] * (len(diverged) - len(first))]
        return [now if before is None else before for before, now in zip(first, diverged, strict=False)]

    def since(self, n: int) -> int:
        """`n`, or 0 where what came up to `n` was taken back since, so that a browser must begin again."""
        return 0 if n <= 0 or any(kept < n < undone for kept, undone in self._undone) else min(n, self.n)

    def newer(self, n: int) -> tuple[list[Told], list[Snapshot], list[Told]]:
        """The points, snapshots and marks after message `n`."""
        points, snapshots, marks = (
            told[bisect.bisect_right(told, n, key=lambda one: one.n) :]
            for told in (self.points, self.snapshots, self.marks)
        )
        return points, snapshots, marks

    def copy(self) -> History:
        """The history as it is now; what is told later is not in it."""
        short = History()
        vars(short).update(vars(self))
        short.points, short.snapshots, short.marks = list(self.points), list(self.snapshots), list(self.marks)
        return short

    def until(self, step: int, changing: str = "") -> History:
        """The history up to the state after `step` steps, sharing the messages; the numbers go on where these stand.

        Without a change of the setting `changing` at that very step.
        """
        short = History()
        short.points = [told for told in self.points if told.said["step"] <= step]
        cut = next((told for told in self.points if told.said["step"] > step), None)
        short.snapshots = [told for told in self.snapshots if told.step <= step]
        gone = {"event": "changed", "step": step, "field": changing}.items()
        short.marks = [told for told in self.marks if told.said["step"] <= step and not gone <= told.said.items()]
        short.grid, short._late = self.grid if cut is None else None, self._late
        kept = max((told[-1].n for told in (short.points, short.snapshots, short.marks) if told), default=0)
        short.n = self.n + 1
        short._undone = [*self._undone, (kept, short.n)]
        if cut and (part := up_to(cut.said, step)):
            short.points.append(Told(short._next(), part))
        return short

    def widen(self, lanes: int) -> None:
        """Let every message speak of so many lanes, of new ones without numbers."""
        for place, told in enumerate(self.points):
            if len(told.said.get("loss", [])) < lanes:
                self.points[place] = Told(told.n, widened(told.said, lanes))

    def _next(self) -> int:
        self.n += 1
        return self.n

    def _take_points(self, said: dict[str, Any]) -> None:
        grid, step = said.pop("grid", None), said["step"]
        if self.points:
            if step < self.step:
                return
            before, said = self.step, beyond(said, self._last("at"), self._last("validation"), self._last("inference"))
            if step == before and not any(said.get(name) for name in NEWS):
                return
        self.grid = grid or self.grid
        said["seconds"] = self._going_on(said.get("seconds", []))
        said["diverged"] = self.lost(said.get("diverged", []))
        self.points.append(Told(self._next(), said))

    def _going_on(self, seconds: list[float]) -> list[float]:
        """A worker's seconds, of which only the new ones are kept, as seconds of the whole training."""
        if seconds and self._late is None:
            told = (one.said["seconds"][-1] for one in reversed(self.points) if one.said["seconds"])
            self._late = next(told, seconds[0]) - seconds[0]
        return [round(second + self._late, 6) for second in seconds]

    def _take_mark(self, said: dict[str, Any]) -> None:
        which = {name: said.get(name) for name in WHICH[said["event"]]}
        if not any(which.items() <= mark.said.items() for mark in self.marks):
            self.marks.append(Told(self._next(), said))

    def _last(self, name: str) -> int:
        """The last step that a points message named under `name`, −1 for none."""
        for told in reversed(self.points):
            if entries := told.said.get(name):
                return entries[-1] if name == "at" else entries[-1]["step"]
        return -1

    def _take_snapshot(self, said: dict[str, Any]) -> None:
        same = next((kept for kept in self.snapshots if kept.step == said["step"]), None)
        if same and (same.taken or not was_taken(said)):
            return
        self.snapshots = [kept for kept in self.snapshots if kept is not same]  # the fuller one stays
        self.snapshots.append(Snapshot(self._next(), said))
        if len(self.snapshots) > MOST_SNAPSHOTS:
            self.snapshots = self.snapshots[:-1][::2] + self.snapshots[-1:]


NEWS = ("at", "validation", "inference")
SERIES = ("at", "seconds", "loss", "accuracy", "layers")
"""What of a points message has a value per recorded step."""


def beyond(said: dict[str, Any], at: int, validation: int, inference: int) -> dict[str, Any]:
    """The part of a points message after the recorded step `at` and the steps already validated and inferred."""
    first = bisect.bisect_right(said.get("at", []), at)
    part = {name: sliced(said[name], slice(first, None)) for name in SERIES if name in said}
    for name, last in (("validation", validation), ("inference", inference)):
        if name in said:
            part[name] = [entry for entry in said[name] if entry["step"] > last]
    return said | part


def up_to(said: dict[str, Any], step: int) -> dict[str, Any] | None:
    """The part of a points message before the state after `step` steps; None where that is nothing."""
    first = bisect.bisect_left(said.get("at", []), step)
    part = {name: sliced(said[name], slice(0, first)) for name in SERIES if name in said}
    for name in ("validation", "inference"):
        if name in said:
            part[name] = [entry for entry in said[name] if entry["step"] <= step]
    if not first and not part.get("validation") and not part.get("inference"):
        return None
    lost = [at if at is not None and at < step else None for at in said.get("diverged", [])]
    return said | part | {"step": step, "diverged": lost}


def sliced(series: Any, part: slice) -> Any:
    """That part of a list of values, or of each list in a list or dictionary of such."""
    if isinstance(series, dict):
        return {name: sliced(values, part) for name, values in series.items()}
    if series and isinstance(series[0], list | dict):
        return [sliced(values, part) for values in series]
    return series[part]


def widened(said: dict[str, Any], lanes: int) -> dict[str, Any]:
    """A points message with None for the lanes that it does not speak of."""
    more = lanes - len(said["loss"])
    none = [[None] * len(said["at"]) for _ in range(more)]
    wide = {name: [*said[name], *none] for name in ("loss", "accuracy") if name in said}
    for name in ("validation", "inference"):
        if name in said:
            wide[name] = [
                {**entry, **{score: [*entry[score], *[None] * more] for score in ("loss", "accuracy")}}
                for entry in said[name]
            ]
    return {**said, **wide, "diverged": [*said["diverged"], *[None] * more]}
