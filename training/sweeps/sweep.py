"""Many runs at once: a grid of learning rates and one other setting, each cell its own run, none computed twice.

A cell is submitted to the engine as a batch's run, so students' runs go first; only a few cells wait at a time, so that
two sweeps take turns. A sweep goes on while a page listens (ui/api/events.py calls `advance`), and pauses otherwise.
"""

from __future__ import annotations

import dataclasses
import threading
import uuid
import weakref
from collections.abc import Iterator
from dataclasses import dataclass

from lessons.fields import Checked, choice, integer
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
"""The settings that can be combined with the learning rate, and their values."""
MOST_CELLS, MOST_STEPS = 100, 1000
AHEAD = 6
"""How many cells of one sweep may wait or train at a time."""
IDLE = ("epochs", "target_accuracy", "fork_of", "fork_at", "changes", "own_3")
"""Settings that a cell does not use; they are set to their defaults, so that equal cells have equal settings."""
Place = tuple[int, int]


def spelled(rate: float) -> str:
    return f"{rate:g}"


@dataclass(frozen=True)
class GridSettings(Checked):
    """The requested map: the setting besides the learning rate, the range of rates, and the steps of each cell."""

    axis: str = choice("batch_size", *AXES)
    lowest: str = choice("0.001", *map(spelled, RATES))
    highest: str = choice("10", *map(spelled, RATES))
    steps: int = integer(300, 10, MOST_STEPS)


@dataclass(frozen=True)
class Grid:
    """The cells of a map: `rates` across, `values` of the setting `axis` upwards, with the lanes of `base`.

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
        """(row, column) of each cell, row by row: all cells of a row have the same network, which is traced once."""
        return ((row, column) for row in range(len(self.values)) for column in range(len(self.rates)))

    def cell(self, place: Place) -> Settings:
        """The run of a cell: the base with the cell's two values, in every lane, for `steps` steps."""
        row, column = place
        own = {self.axis: self.values[row], "learning_rate": self.rates[column]}
        return dataclasses.replace(self.base, **own, stop_at="steps", steps=self.steps)


def epochs(grid: Grid) -> list[float]:
    """The number of epochs that each row's cells train."""
    rows = (grid.cell((row, 0)) for row in range(len(grid.values)))
    return [grid.steps / plan.kept(cell).steps_per_epoch for cell in rows]


def chances(grid: Grid) -> list[float]:
    """The share of the largest class in the validation data of each row; it varies, as another seed splits anew."""
    return [plan.kept(grid.cell((row, 0))).chance["validation"] for row in range(len(grid.values))]


def grid(state: Settings, chosen: GridSettings) -> Grid:
    """The requested map, based on the settings of the studio."""
    ends = sorted((float(chosen.lowest), float(chosen.highest)))
    rates = tuple(rate for rate in RATES if ends[0] <= rate <= ends[1])
    return Grid(base(state, chosen.axis), chosen.axis, rates, AXES[chosen.axis], chosen.steps)


def base(state: Settings, axis: str) -> Settings:
    """The settings that all cells share: no forks, no changes, and no overrides of the two varied fields."""
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
    """A lane's overrides without the two varied fields."""
    kept = {name: value for name, value in OVERRIDES.values(own).items() if name not in ("learning_rate", axis)}
    return OVERRIDES.spelled(kept)


class Sweep:
    """The cells of a grid being computed. Its methods may be called from any thread."""

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
        """The number of cells that are over: computed or failed."""
        return len(self.done) + len(self.failed)

    @property
    def going(self) -> bool:
        """Whether there are cells left to compute."""
        return not self.cancelled and self.finished < len(list(self.grid.places()))

    def advance(self) -> None:
        """Take in the finished cells and submit the next ones; to be called about once a second."""
        with self._lock:
            for place in list(self._open):
                self._check(place)
            if not self.cancelled:
                self._submit()

    def cancel(self) -> None:
        """Submit no more cells and stop those under way; results so far are kept."""
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
        del self._open[place]  # stopped because no page called `advance` for a while: submitted again

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
"""The sweeps that sessions hold, by id."""


def known(grid: Grid, results: ResultStore) -> dict[Place, CellResult]:
    """The results of cells that have been computed before."""
    found = ((place, results.of(grid.cell(place))) for place in grid.places())
    return {place: result for place, result in found if result}
