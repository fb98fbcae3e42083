"""Many runs at once: learning rate × one other setting, each cell a run of its own, none of them computed twice.

A cell is submitted to the engine as a run of a batch, so it gives way to students; only a few wait at a time, so that
two sweeps take turns. A sweep goes on while its page listens (ui/api/events.py calls `advance`), and pauses otherwise.
"""

from __future__ import annotations

import dataclasses
import threading
import uuid
import weakref
from collections.abc import Iterator
from dataclasses import dataclass

from lessons.fields import check, choice, integer
from training.server.engine import Engine, QueueFullError
from training.spec import plan
from training.spec.settings import OVERRIDES, Settings
from training.sweeps.results import CellResult, ResultStore, result

RATES = (*(float(f"{digit}e{power}") for power in range(-4, 1) for digit in (1, 3)), 10.0)
AXES = {
    "batch_size": (4, 16, 32, 64, 128, 512),
    "layers": (1, 2, 4, 6, 8, 10),
    "weight_scale": (0.1, 0.3, 1.0, 2.0, 5.0, 10.0),
    "momentum": (0.0, 0.5, 0.9, 0.99, 0.999),
    "seed": (0, 1, 2, 3, 4, 5),
}
"""What may stand across the learning rate, and its values."""
MOST_CELLS, MOST_STEPS = 100, 1000
AHEAD = 6
"""Cells of one sweep that wait or train at a time."""
IDLE = ("epochs", "target_accuracy", "fork_of", "fork_at", "changes", "own_3")
"""Settings that a cell does not use; at their defaults, so that equal cells have equal settings."""
Place = tuple[int, int]


def spelled(rate: float) -> str:
    return f"{rate:g}"


@dataclass(frozen=True)
class Asked:
    """Which map: what stands across the learning rate, its ends, and how many steps each cell trains."""

    axis: str = choice("batch_size", *AXES)
    lowest: str = choice("0.001", *map(spelled, RATES))
    highest: str = choice("10", *map(spelled, RATES))
    steps: int = integer(300, 10, MOST_STEPS)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Grid:
    """The cells of a map: `rates` across, `values` of the setting `axis` upwards, on the lanes of `base`.

    Raises ValueError for more than MOST_CELLS cells, MOST_STEPS steps or a value that its setting does not allow.
    """

    base: Settings
    axis: str
    rates: tuple[float, ...]
    values: tuple[float, ...]
    steps: int

    def __post_init__(self) -> None:
        if self.axis not in AXES:
            raise ValueError(f"a sweep runs over {', '.join(AXES)}; got {self.axis!r}")
        if not 1 <= len(self.rates) * len(self.values) <= MOST_CELLS or not 1 <= self.steps <= MOST_STEPS:
            raise ValueError(f"a sweep has up to {MOST_CELLS} cells of up to {MOST_STEPS} steps")
        for place in self.places():
            self.cell(place)

    def places(self) -> Iterator[Place]:
        """(row, column) of each cell, row by row: in a row the network is the same, and is traced once."""
        return ((row, column) for row in range(len(self.values)) for column in range(len(self.rates)))

    def cell(self, place: Place) -> Settings:
        """The run in a cell: the base with its two values, in every lane, for so many steps."""
        row, column = place
        own = {self.axis: self.values[row], "learning_rate": self.rates[column]}
        return dataclasses.replace(self.base, **own, stop_at="steps", steps=self.steps)


def epochs(grid: Grid) -> list[float]:
    """How many epochs each row's cells train."""
    rows = (grid.cell((row, 0)) for row in range(len(grid.values)))
    return [grid.steps / plan.kept(cell).steps_per_epoch for cell in rows]


def chances(grid: Grid) -> list[float]:
    """Of each row, the share of the largest class in its validation data, which another seed draws anew."""
    return [plan.kept(grid.cell((row, 0))).chance["validation"] for row in range(len(grid.values))]


def grid(state: Settings, asked: Asked) -> Grid:
    """The map that is asked for, around the settings of the studio."""
    ends = sorted((float(asked.lowest), float(asked.highest)))
    rates = tuple(rate for rate in RATES if ends[0] <= rate <= ends[1])
    return Grid(base(state, asked.axis), asked.axis, rates, AXES[asked.axis], asked.steps)


def base(state: Settings, axis: str) -> Settings:
    """The settings that all cells share: no forks, no changes, and no overrides of what the map varies."""
    usual = {field.name: field.default for field in dataclasses.fields(Settings)}
    idle = {name: usual[name] for name in IDLE}
    if state.data != "own":
        idle |= {"own": "", "columns": ""}
    if state.data in ("digits", "own"):
        idle["noise"] = usual["noise"]
    if state.lane_3 == "fork":
        idle["lane_3"] = "off"
    else:
        idle["own_3"] = without(state.own_3, axis)
    own = {name: without(getattr(state, name), axis) for name in ("own_1", "own_2")}
    return dataclasses.replace(state, **{**own, **idle, axis: usual[axis], "learning_rate": usual["learning_rate"]})


def without(own: str, axis: str) -> str:
    """A lane's overrides without the two fields that the map varies."""
    kept = {name: value for name, value in OVERRIDES.values(own).items() if name not in ("learning_rate", axis)}
    return OVERRIDES.spelled(kept)


class Sweep:
    """The cells of a grid on their way. Its methods may be called from any thread."""

    def __init__(self, grid: Grid, engine: Engine, owner: str, results: ResultStore) -> None:
        self.grid, self.engine, self.owner, self.results = grid, engine, owner, results
        self.done: dict[Place, CellResult] = known(grid, results)
        self.failed: dict[Place, str] = {}
        self.cancelled = False
        self.id = uuid.uuid4().hex
        sweeps[self.id] = self
        self._open: dict[Place, tuple[str, int]] = {}
        self._lock = threading.Lock()

    @property
    def finished(self) -> int:
        """How many cells are over: done, or failed."""
        return len(self.done) + len(self.failed)

    @property
    def going(self) -> bool:
        """Whether there is more to come."""
        return not self.cancelled and self.finished < len(list(self.grid.places()))

    def advance(self) -> None:
        """Take in the finished cells and submit the next ones; call it every second or so."""
        with self._lock:
            for place in list(self._open):
                self._check(place)
            if not self.cancelled:
                self._submit()

    def cancel(self) -> None:
        """Submit no more cells and stop those under way; what is done stays."""
        with self._lock:
            self.cancelled = True
            for job, _ in self._open.values():
                if self.engine.job(job):
                    self.engine.stop(job)
            self._open.clear()

    def _check(self, place: Place) -> None:
        job, since = self._open[place]
        try:
            news, _ = self.engine.follow(job, since)
        except KeyError:
            news = {"status": "stopped"}
        if news["status"] in ("queued", "running"):
            self._open[place] = job, news["n"]
            return
        if news["status"] == "finished":
            self.done[place] = result(self.engine.job(job))
            self.results.keep(self.grid.cell(place), self.done[place])
        elif news["status"] == "failed":
            self.failed[place] = news["reason"]
        del self._open[place]  # one that was stopped, because no page called advance for a while, is submitted again

    def _submit(self) -> None:
        for place in self.grid.places():
            if len(self._open) >= AHEAD:
                return
            if place in self._open or place in self.done or place in self.failed:
                continue
            try:
                job = self.engine.submit(self.grid.cell(place), self.owner, batch=True)
            except QueueFullError:
                return
            self._open[place] = job, 0


sweeps: weakref.WeakValueDictionary[str, Sweep] = weakref.WeakValueDictionary()
"""Those that a session holds, by their ids."""


def known(grid: Grid, results: ResultStore) -> dict[Place, CellResult]:
    """The cells that have been computed before."""
    found = ((place, results.of(grid.cell(place))) for place in grid.places())
    return {place: result for place, result in found if result}
