"""The entries of a history: each message with its number, and its JSON, made once for all browsers."""

from __future__ import annotations

import bisect
import dataclasses
import functools
import json
import zlib
from dataclasses import dataclass
from typing import Any

from training.messages import Check, Diverged, LaneInsides, Points, Snapshot, contents

SERIES = ("at", "seconds", "loss", "accuracy", "layers")
"""The fields of Points that have one value per recorded step."""


def text(value: Any) -> str:
    """JSON for the browser. Raises ValueError for NaN and infinities, which the browser cannot read."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


class PointsEntry:
    """A Points message with its JSON and its number `n` in the run's history.

    `compact` drops the message itself; from then on it is read from the JSON each time.
    """

    __slots__ = ("_message", "n", "step", "text")

    def __init__(self, n: int, message: Points) -> None:
        self.n, self.step, self.text, self._message = n, message.step, text(contents(message)), message

    @property
    def message(self) -> Points:
        message = self._message  # read only once, because another thread may compact it meanwhile
        return Points(**json.loads(self.text)) if message is None else message

    def compact(self) -> None:
        """Keep only the JSON, so that garbage collection has less to go through."""
        self._message = None


@dataclass(frozen=True)
class Mark:
    """A Diverged message and its number in the history."""

    n: int
    message: Diverged

    @property
    def step(self) -> int:
        return self.message.step

    @functools.cached_property
    def text(self) -> str:
        return text({"event": "diverged", **contents(self.message)})


class SnapshotEntry:
    """The state inside all layers after `step` steps; a browser gets the arrays of one layer at a time.

    Kept as compressed JSON, less than half as long: compressing takes 0.08 ms, decompressing 0.03 ms.

    with_step: whether it shows the training step that led to it (probes/unit_step.py). dead: by lane, the share of dead
    units in each layer; 0 where it is unknown. requested: whether it was made for a look.
    """

    __slots__ = ("_layers", "_parts", "dead", "n", "requested", "step", "with_step")

    def __init__(self, n: int, message: Snapshot, requested: bool = False) -> None:
        lanes = [lane["layers"] for lane in message.lanes]
        rests = ({name: value for name, value in lane.items() if name != "layers"} for lane in message.lanes)
        self.n, self.step, self.requested = n, message.step, requested
        self.with_step = any("taken" in layer for layers in lanes for layer in layers)
        self.dead = tuple(tuple(layer.get("dead") or 0.0 for layer in layers) for layers in lanes)
        self._layers = tuple(len(layers) for layers in lanes)
        whole = [part for layers in lanes for layer in layers for part in (text(small(layer)), text(layer))]
        self._parts = zlib.compress("\n".join([*whole, *(text(rest)[1:-1] for rest in rests)]).encode(), 1)

    @property
    def size(self) -> int:
        """Its approximate size in bytes."""
        return len(self._parts)

    def text(self, layer: int | None) -> str:
        """The JSON with the arrays of `layer` (from 0), and what `small` keeps of the others; None: with all arrays."""
        parts = iter(zlib.decompress(self._parts).decode().split("\n"))
        lanes = [
            ",".join(
                whole if layer in (None, n) else few for n, few, whole in zip(range(count), parts, parts, strict=False)
            )
            for count in self._layers
        ]
        shown = (f'{{"layers":[{each}]{"," if rest else ""}{rest}}}' for each, rest in zip(lanes, parts, strict=True))
        return f'{{"step":{self.step},"lanes":[{",".join(shown)}]}}'


DISTRIBUTIONS = ("pre", "post", "normed")
"""The distributions that the picture of the network shows for every layer."""


def small(layer: LaneInsides) -> LaneInsides:
    """A layer's single numbers and distributions, without its arrays and its unit's step."""
    dropped = [name for name, value in layer.items() if isinstance(value, dict | list | str)]
    return {name: value for name, value in layer.items() if name in DISTRIBUTIONS or name not in dropped}


def beyond(points: Points, at: int, validation: int, inference: int) -> Points:
    """The points after the recorded step `at`, with the checks after steps `validation` and `inference`."""
    first = bisect.bisect_right(points.at, at)
    return dataclasses.replace(
        points,
        **series(points, slice(first, None)),
        validation=[check for check in points.validation if check["step"] > validation],
        inference=[check for check in points.inference if check["step"] > inference],
    )


def up_to(points: Points, step: int) -> Points | None:
    """The points before the state after `step` steps; None where there are none."""
    part = dataclasses.replace(
        points,
        **series(points, slice(0, bisect.bisect_left(points.at, step))),
        validation=[check for check in points.validation if check["step"] <= step],
        inference=[check for check in points.inference if check["step"] <= step],
        diverged=[at if at is not None and at < step else None for at in points.diverged],
        step=step,
    )
    return part if part.at or part.validation or part.inference else None


def series(points: Points, part: slice) -> dict[str, list]:
    """The slice `part` of each field with one value per recorded step."""
    return {name: sliced(getattr(points, name), part) for name in SERIES}


def sliced(values: Any, part: slice) -> Any:
    """The slice `part` of a list of values, or of each list inside a list or dictionary."""
    if isinstance(values, dict):
        return {name: sliced(each, part) for name, each in values.items()}
    if values and isinstance(values[0], list | dict):
        return [sliced(each, part) for each in values]
    return values[part]


def widened(points: Points, lanes: int) -> Points:
    """The message for `lanes` lanes, with None for those that it does not have."""
    missing = lanes - len(points.loss)
    none = [[None] * len(points.at) for _ in range(missing)]

    def checks(narrow: list[Check]) -> list[Check]:
        more = [None] * missing
        return [{**check, "loss": [*check["loss"], *more], "accuracy": [*check["accuracy"], *more]} for check in narrow]

    return dataclasses.replace(
        points,
        loss=[*points.loss, *none],
        accuracy=[*points.accuracy, *none],
        validation=checks(points.validation),
        inference=checks(points.inference),
        diverged=[*points.diverged, *[None] * missing],
    )
