"""The maps of a sweep's results, their key, and the words about one cell."""

from __future__ import annotations

import numpy as np

from figures.studio import maps as draw
from figures.studio.curves import LaneStyle
from lessons.content import Content
from training.analysis import diagnosis
from training.sweeps import results, sweep
from training.sweeps.results import CellResult
from training.sweeps.sweep import Grid, Place
from ui.state.repair import spelled


def maps(
    words: Content, grid: Grid, measure: str, done: dict[Place, CellResult], lanes: list[LaneStyle]
) -> list[draw.Map]:
    """A map for each lane and, with several lanes, a map of the winners."""
    title, axes = words[f"measure.{measure}"], _axes(words, grid)
    each = [draw.lane(axes, lane, *_numbers(grid, done, measure, n), measure, title) for n, lane in enumerate(lanes)]
    if len(lanes) > 1:
        each.append(draw.winners(axes, lanes, _best(grid, done, measure), words[f"winners.{measure}"]))
    return each


def _axes(words: Content, grid: Grid) -> draw.Axes:
    columns, rows = (tuple(map(spelled, values)) for values in (grid.rates, grid.values))
    return draw.Axes(words["across"], columns, words[f"axis.{grid.axis}"], rows)


def _numbers(grid: Grid, done: dict[Place, CellResult], measure: str, lane: int) -> tuple[np.ndarray, np.ndarray]:
    """A lane's numbers (rows, columns), NaN where there is none; and where it diverged."""
    values = np.full((len(grid.values), len(grid.rates)), np.nan)
    lost = np.zeros(values.shape, dtype=bool)
    for place, result in done.items():
        value = result.of(measure)[lane]
        values[place] = np.nan if value is None else value
        lost[place] = result.diverged[lane] is not None
    return values, lost


def _best(grid: Grid, done: dict[Place, CellResult], measure: str) -> list[list[draw.Best]]:
    chances = sweep.chances(grid)
    found = {place: one.winners(measure, chances[place[0]]) for place, one in done.items()}
    best = {place: "lost" if winners is None else winners for place, winners in found.items()}
    return [[best.get((row, column)) for column in range(len(grid.rates))] for row in range(len(grid.values))]


def key(words: Content, grid: Grid, measure: str, lanes: list[LaneStyle]) -> str:
    """The meaning of the colors and signs."""
    each = " · ".join(words.say("key.lane", number=number, name=_plain(lane)) for number, lane in enumerate(lanes, 1))
    chance = min(sweep.chances(grid))
    nobody = words.say("key.nobody", enough=diagnosis.enough(chance), chance=chance)
    return words.say("key", lanes=each, margin=words[f"key.{measure}"], nobody=nobody)


def budget(words: Content, grid: Grid) -> str:
    """How long each cell trains, in epochs: the number differs between rows if the batch size does."""
    epochs = [f"{one:.2g}" if one < 10 else f"{one:.0f}" for one in sweep.epochs(grid)]
    if epochs[0] == epochs[-1]:
        return words.say("budget", steps=grid.steps, epochs=epochs[0])
    ends = {"low": grid.values[0], "high": grid.values[-1], "epochs": epochs[0], "most": epochs[-1]}
    return words.say("budget.rows", steps=grid.steps, axis=words[f"axis.{grid.axis}"].lower(), **ends)


def _plain(lane: LaneStyle) -> str:
    """The lane's name without its number."""
    return lane.name.partition(" · ")[2]


def cell(words: Content, result: CellResult | None, lanes: list[LaneStyle]) -> list[str]:
    """A cell in words, one line per lane; a single line for a cell without a result yet."""
    if result is None:
        return [words["cell.none"]]
    return [_cell_of_lane(words, result, number, lane) for number, lane in enumerate(lanes)]


def _cell_of_lane(words: Content, result: CellResult, number: int, lane: LaneStyle) -> str:
    if result.diverged[number] is not None:
        return words.say("cell.diverged", lane=lane.name, step=result.diverged[number])
    numbers = {measure: result.of(measure)[number] for measure in results.MEASURES}
    return words.say(
        "cell",
        lane=lane.name,
        validation=f"{numbers['validation']:.4g}",
        accuracy=f"{numbers['accuracy']:.1%}",
        training="–" if numbers["training"] is None else f"{numbers['training']:.4g}",
    )
