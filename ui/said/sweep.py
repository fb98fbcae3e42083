"""What the studio's sweep shows and says of its results: the maps, their key, a cell in words."""

from __future__ import annotations

import numpy as np

from figures import sweep as draw
from figures.moving import Moving
from figures.studio import Lane
from training import diagnosis, results, sweep
from training.results import Result
from training.sweep import Grid, Place
from ui.query import spelled
from ui.words import Words


def maps(own: Words, grid: Grid, measure: str, done: dict[Place, Result], lanes: list[Lane]) -> list[Moving]:
    """A map per lane, and who wins where there are several."""
    title, axes = own[f"measure.{measure}"], _axes(own, grid)
    each = [draw.lane(axes, lane, *_numbers(grid, done, measure, n), measure, title) for n, lane in enumerate(lanes)]
    if len(lanes) > 1:
        each.append(draw.winners(axes, lanes, _best(grid, done, measure), own[f"winners.{measure}"]))
    return each


def _axes(own: Words, grid: Grid) -> draw.Axes:
    columns, rows = (list(map(spelled, values)) for values in (grid.rates, grid.values))
    return draw.Axes(own["across"], columns, own[f"axis.{grid.axis}"], rows)


def _numbers(grid: Grid, done: dict[Place, Result], measure: str, lane: int) -> tuple[np.ndarray, np.ndarray]:
    """A lane's numbers (rows, columns), NaN where there is none, and where it diverged."""
    values = np.full((len(grid.values), len(grid.rates)), np.nan)
    lost = np.zeros(values.shape, dtype=bool)
    for place, result in done.items():
        value = result.of(measure)[lane]
        values[place] = np.nan if value is None else value
        lost[place] = result.diverged[lane] is not None
    return values, lost


def _best(grid: Grid, done: dict[Place, Result], measure: str) -> list[list[tuple[int, ...] | str | None]]:
    chances = sweep.chances(grid)
    found = {place: one.winners(measure, chances[place[0]]) for place, one in done.items()}
    best = {place: "lost" if winners is None else winners for place, winners in found.items()}
    return [[best.get((row, column)) for column in range(len(grid.rates))] for row in range(len(grid.values))]


def key(own: Words, grid: Grid, measure: str, lanes: list[Lane]) -> str:
    """What the colours and signs mean."""
    each = " · ".join(own.say("key.lane", number=number, name=_plain(lane)) for number, lane in enumerate(lanes, 1))
    chance = min(sweep.chances(grid))
    nobody = own.say("key.nobody", enough=diagnosis.enough(chance), chance=chance)
    return own.say("key", lanes=each, margin=own[f"key.{measure}"], nobody=nobody)


def budget(own: Words, grid: Grid) -> str:
    """How long each cell trains: in epochs that differs from row to row where the batch size does."""
    epochs = [f"{one:.2g}" if one < 10 else f"{one:.0f}" for one in sweep.epochs(grid)]
    if epochs[0] == epochs[-1]:
        return own.say("budget", steps=grid.steps, epochs=epochs[0])
    ends = {"low": grid.values[0], "high": grid.values[-1], "epochs": epochs[0], "most": epochs[-1]}
    return own.say("budget.rows", steps=grid.steps, axis=own[f"axis.{grid.axis}"].lower(), **ends)


def _plain(lane: Lane) -> str:
    """The lane's name without its number."""
    return lane.name.partition(" · ")[2]


def told(own: Words, result: Result | None, lanes: list[Lane]) -> list[str]:
    """A cell, a line per lane; one line of a cell that is still to come."""
    if result is None:
        return [own["cell.none"]]
    return [_lane_told(own, result, number, lane) for number, lane in enumerate(lanes)]


def _lane_told(own: Words, result: Result, number: int, lane: Lane) -> str:
    if result.diverged[number] is not None:
        return own.say("cell.diverged", lane=lane.name, step=result.diverged[number])
    numbers = {measure: result.of(measure)[number] for measure in results.MEASURES}
    return own.say(
        "cell",
        lane=lane.name,
        validation=f"{numbers['validation']:.4g}",
        accuracy=f"{numbers['accuracy']:.1%}",
        training="–" if numbers["training"] is None else f"{numbers['training']:.4g}",
    )
