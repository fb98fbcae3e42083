"""Which figures the studio has for a run, in which view each stands, and which choices there lead to it."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from figures import studio as curves
from figures import studio_border, studio_layers
from figures.moving import Moving
from figures.studio import Lane
from training.plan import Plan
from training.settings import BATCH_NORMS, Settings
from ui.studio_own import known
from ui.words import Words

MOST_POINTS = 600
"""Validation points that a border shows."""


@dataclass(frozen=True)
class Shown:
    """A figure in its view ("main": always); `when`: the choices it belongs to, of "part", "values" and "time"."""

    view: str
    moving: Moving
    when: dict[str, str] = field(default_factory=dict)

    def packed(self) -> dict[str, Any]:
        """As the browser takes it."""
        figure = self.moving.figure
        name = "/".join((self.view, *self.when.values(), figure.layout.meta["name"]))
        lanes = sorted({trace.meta["lane"] for trace in figure.data if trace.meta and "lane" in trace.meta})
        facts = {"name": name, "view": self.view, "when": self.when, "lanes": lanes}
        return {**facts, "spec": figure.to_json(), "alt": self.moving.alt, "width": self.moving.width}


def figures(words: Words, run: Settings, plan: Plan, lanes: Sequence[Lane]) -> list[dict[str, Any]]:
    """All figures of a run, as the browser takes them."""
    kinds = tuple(lane.kind for lane in run.lanes)
    packed = list(courses(words, tuple(lanes), kinds, activation(run), max(run.depths), plan.steps, batch_size(plan)))
    if plan.grid is not None:
        points = plan.x_valid[:MOST_POINTS], plan.y_valid[:MOST_POINTS]
        packed += borders(tuple(lanes), plan.grid, *points, *called(words, run, plan))
    return packed


@st.cache_resource(show_spinner=False, max_entries=32)
def courses(
    _words: Words,
    lanes: tuple[Lane, ...],
    kinds: tuple[str, ...],
    active: str,
    layers: int,
    steps: int,
    batch: int | None,
) -> list:
    """The figures that know nothing of the data, packed: drawing them anew took nine tenths of a page's run."""
    parts = {part: _words[f"live.part.{part}"] for part in curves.PARTS}
    shown = [Shown("main", draw(lanes, steps, parts)) for draw in (curves.loss, curves.accuracy)]
    shown += [*layer(_words, lanes, kinds, active, steps, batch), *gradients(lanes, kinds, active, layers, steps)]
    return [one.packed() for one in shown]


@st.cache_resource(show_spinner=False, max_entries=32)
def borders(*of: Any) -> list[dict]:
    """The borders between the classes, packed; `of` is what figures.studio_border.borders takes."""
    return [Shown("border", one).packed() for one in studio_border.borders(*of)]


def called(words: Words, run: Settings, plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The classes and the axes by the names that the reader's own table gives them; by numbers where it is gone."""
    numbered = tuple(map(str, range(plan.classes)))
    if run.data != "own":
        return numbered, studio_border.AXES
    table = known(run.own)
    if table is None:
        st.info(words["names gone"])
        return numbered, tuple(words.say("figure.column", number=number) for number in (1, 2))
    return tuple(tuple(html.escape(name, quote=False) for name in names) for names in (table.classes, table.features))


def activation(run: Settings) -> str:
    """The activation of all lanes, or "several"."""
    found = {run.of_lane(lane).activation for lane in run.lanes}
    return found.pop() if len(found) == 1 else "several"


def batch_size(plan: Plan) -> int | None:
    """The size of every batch; None where it changes, or where a batch has more values than examples, as in images."""
    sizes = {span.batch_size for span in plan.spans}
    return sizes.pop() if len(sizes) == 1 and plan.settings.network == "dense" else None


def invariant(kinds: Sequence[str], active: str) -> list[int]:
    """The lanes in which a normalization takes a kernel's length away again; behind a curved activation it cannot."""
    return [n for n, kind in enumerate(kinds) if kind != "none" and (kind != "after" or active == "relu")]


def layer(
    words: Words, lanes: Sequence[Lane], kinds: Sequence[str], active: str, steps: int, batch: int | None
) -> Iterator[Shown]:
    """What can be seen of the chosen layer; active: activation() of the run; batch: batch_size() of it."""
    normed = {number: lanes[number].name for number, kind in enumerate(kinds) if kind in BATCH_NORMS}
    scaled = {number: lanes[number].name for number, kind in enumerate(kinds) if kind != "none"}
    for values in ("pre", "post"):
        when, what = {"part": "distribution", "values": values}, words[f"figure.{values}"]
        for number, lane in enumerate(lanes):
            yield Shown("layer", studio_layers.heat(lane, number, steps, values, what), when | {"time": "over"})
        yield Shown("layer", studio_layers.ridges(lanes, values, what), when | {"time": "at"})
    for share in ("dead", "saturated"):
        title = words[f"figure.{share}.{active}"]
        yield Shown("layer", studio_layers.share(lanes, steps, share, title), {"part": "shares"})
    for one in studio_layers.trained(lanes, scaled):
        yield Shown("layer", one, {"part": "trained"})
    for first in list(normed)[:1]:
        for moment in studio_layers.MOMENTS:
            yield Shown("layer", studio_layers.watched(lanes[first], first, steps, moment), {"part": "statistics"})
    for number in normed:
        for moment in studio_layers.MOMENTS:
            yield Shown("layer", studio_layers.statistics(lanes[number], number, moment), {"part": "statistics"})
    if normed:
        for moment in studio_layers.MOMENTS:
            yield Shown("layer", studio_layers.gap(lanes, steps, normed, moment, batch), {"part": "statistics"})


def gradients(lanes: Sequence[Lane], kinds: Sequence[str], active: str, layers: int, steps: int) -> Iterator[Shown]:
    """How gradients flow: of the chosen layer over the training, of all layers at a step."""
    normalized = invariant(kinds, active)
    for one in studio_layers.gradients(lanes, steps, normalized):
        yield Shown("gradients", one, {"time": "over"})
    for one in studio_layers.profiles(lanes, layers, normalized):
        yield Shown("gradients", one, {"time": "at"})
