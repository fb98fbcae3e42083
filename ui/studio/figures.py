"""Which figures the studio has for a run, the view of each, and the choices that lead to it."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from figures.blank import Blank
from figures.studio import boundary, curves
from figures.studio import layers as studio_layers
from figures.studio.curves import LaneStyle
from lessons.content import Content
from training.spec.plan import Plan
from training.spec.settings import BATCH_NORMS, Settings
from ui.studio.own_table.working import known

MOST_POINTS = 600
"""The most validation points in a picture of the borders."""


@dataclass(frozen=True)
class PlacedFigure:
    """A figure in its view ("main": always shown); `when`: the choices that show it, of "part", "values" and "time"."""

    view: str
    blank: Blank
    when: dict[str, str] = field(default_factory=dict)

    def packed(self) -> dict[str, Any]:
        """The figure as the browser takes it."""
        figure = self.blank.figure
        name = "/".join((self.view, *self.when.values(), figure.layout.meta["name"]))
        lanes = sorted({trace.meta["lane"] for trace in figure.data if trace.meta and "lane" in trace.meta})
        facts = {"name": name, "view": self.view, "when": self.when, "lanes": lanes}
        return {**facts, "spec": figure.to_json(), "alt": self.blank.alt, "width": self.blank.width}


def figures(
    words: Content, run: Settings, plan: Plan, lanes: Sequence[LaneStyle], few: bool = False
) -> list[dict[str, Any]]:
    """All figures of a run, as the browser takes them; few: only those of the training lesson."""
    kinds = tuple(lane.kind for lane in run.lanes)
    packed = list(
        courses(words, tuple(lanes), kinds, activation(run), max(run.depths), plan.steps, batch_size(plan), few)
    )
    if plan.grid is not None:
        points = plan.x_valid[:MOST_POINTS], plan.y_valid[:MOST_POINTS]
        packed += borders(tuple(lanes), plan.grid, *points, *called(words, run, plan))
    return packed


@st.cache_resource(show_spinner=False, max_entries=32)
def courses(
    _words: Content,
    lanes: tuple[LaneStyle, ...],
    kinds: tuple[str, ...],
    active: str,
    layers: int,
    steps: int,
    batch: int | None,
    few: bool,
) -> list:
    """The figures that do not depend on the data, packed: drawing them anew took nine tenths of a page's run."""
    parts = {part: _words[f"live.part.{part}"] for part in curves.PARTS}
    draws = (curves.accuracy, curves.loss) if few else (curves.loss, curves.accuracy)  # the lesson asks for mistakes
    placed = [PlacedFigure("main", draw(lanes, steps, parts)) for draw in draws]
    if few:
        return [one.packed() for one in (*placed, *first_unit(lanes, kinds, steps))]
    placed += [*layer(_words, lanes, kinds, active, steps, batch), *gradients(lanes, kinds, layers, steps)]
    return [one.packed() for one in placed]


@st.cache_resource(show_spinner=False, max_entries=32)
def borders(*of: Any) -> list[dict]:
    """The borders between the classes, packed; `of`: the arguments of figures.studio.boundary.borders."""
    return [PlacedFigure("border", one).packed() for one in boundary.borders(*of)]


def called(words: Content, run: Settings, plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of classes and axes in the reader's own table; numbers where the table is gone."""
    numbered = tuple(map(str, range(plan.classes)))
    if run.data != "own":
        return numbered, boundary.AXES
    table = known(run.own, run.columns)
    if table is None:
        st.info(words["names gone"])
        return numbered, tuple(words.say("figure.column", number=number) for number in (1, 2))
    return tuple(tuple(html.escape(name, quote=False) for name in names) for names in (table.classes, table.features))


def activation(run: Settings) -> str:
    """The activation of all lanes, or "several"."""
    found = {run.of_lane(lane).activation for lane in run.lanes}
    return found.pop() if len(found) == 1 else "several"


def batch_size(plan: Plan) -> int | None:
    """The size of every batch; None where it changes, or where an example has several values, as with images."""
    sizes = {span.batch_size for span in plan.spans}
    return sizes.pop() if len(sizes) == 1 and plan.settings.network == "dense" else None


def invariant(kinds: Sequence[str]) -> list[int]:
    """The lanes in which the length of a unit's weights has no effect: those with batch norm right after the kernel.

    Layer and group norm share a std among units; after the activation a bias has an effect; and batch renorm divides by
    the running std.
    """
    return [number for number, kind in enumerate(kinds) if kind in ("before", "noisy")]


def layer(
    words: Content, lanes: Sequence[LaneStyle], kinds: Sequence[str], active: str, steps: int, batch: int | None
) -> Iterator[PlacedFigure]:
    """The figures of the chosen layer; active: activation() of the run; batch: batch_size() of it."""
    normed = {number: lanes[number].name for number, kind in enumerate(kinds) if kind in BATCH_NORMS}
    scaled = {number: lanes[number].name for number, kind in enumerate(kinds) if kind != "none"}
    for values in ("pre", "post"):
        when, what = {"part": "distribution", "values": values}, words[f"figure.{values}"]
        for number, lane in enumerate(lanes):
            yield PlacedFigure("layer", studio_layers.heat(lane, number, steps, values, what), when | {"time": "over"})
        yield PlacedFigure("layer", studio_layers.ridges(lanes, values, what), when | {"time": "at"})
    for share in ("dead", "saturated"):
        title = words[f"figure.{share}.{active}"]
        yield PlacedFigure("layer", studio_layers.share(lanes, steps, share, title), {"part": "shares"})
    for one in studio_layers.trained(lanes, scaled):
        yield PlacedFigure("layer", one, {"part": "trained"})
    yield from first_unit(lanes, kinds, steps)
    for number in normed:
        for moment in studio_layers.MOMENTS:
            yield PlacedFigure("layer", studio_layers.statistics(lanes[number], number, moment), {"part": "statistics"})
    if normed:
        for moment in studio_layers.MOMENTS:
            yield PlacedFigure("layer", studio_layers.gap(lanes, steps, normed, moment, batch), {"part": "statistics"})


def first_unit(lanes: Sequence[LaneStyle], kinds: Sequence[str], steps: int) -> Iterator[PlacedFigure]:
    """The statistics of one unit in every step, in the first lane with running ones."""
    for number in [number for number, kind in enumerate(kinds) if kind in BATCH_NORMS][:1]:
        for moment in studio_layers.MOMENTS:
            yield PlacedFigure(
                "layer", studio_layers.watched(lanes[number], number, steps, moment), {"part": "statistics"}
            )


def gradients(lanes: Sequence[LaneStyle], kinds: Sequence[str], layers: int, steps: int) -> Iterator[PlacedFigure]:
    """The flow of gradients: in the chosen layer over the training, and in all layers at one step."""
    normalized = invariant(kinds)
    for one in studio_layers.gradients(lanes, steps, normalized):
        yield PlacedFigure("gradients", one, {"time": "over"})
    for one in studio_layers.profiles(lanes, layers, normalized):
        yield PlacedFigure("gradients", one, {"time": "at"})
