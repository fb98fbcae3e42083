"""The two networks of the lesson: of which blocks a layer is made, and where these stand around what is drawn."""

from __future__ import annotations

from itertools import accumulate, pairwise

from figures.blank import Net, NetBlock, NetLane
from lessons.activations.experiment import ENTERS, Settings

BESIDE = 0.12
"""Of the plot's width: a block that nothing is drawn in."""
BETWEEN = 0.05
"""Of the plot's width: what is free between the two networks."""
WITHIN = (1 - BETWEEN - 3 * BESIDE) / 2
"""Of the plot's width: a block that a ridge is drawn in. Both networks have one, and three others together."""


def parts(placement: str | None) -> list[str]:
    """Of which parts a layer consists, in order; placement: of PLACEMENTS, or None for the plain network."""
    found = ["dense", "activation"]
    if placement:
        found.insert({"before": 1, "after": 2}[placement], "norm")
    return found


def drawn(layer: list[str], shown: str) -> int:
    """The part of a layer out of which what is shown comes."""
    return layer.index("activation") - 1 if shown == ENTERS else len(layer) - 1


def lanes(settings: Settings) -> list[NetLane]:
    """The plain network on the left, that with batch norm on the right; of each the second trace is its ridges."""
    plain = _lane("without", parts(None), settings, 0, left=0.0)
    return [plain, _lane("with", parts(settings.placement), settings, 1, left=plain["input"]["right"] + BETWEEN)]


def net(settings: Settings) -> Net:
    """Both, as the browser draws their blocks."""
    return {"control": "layer", "layers": settings.depth, "lanes": lanes(settings)}


def domain(lane: NetLane) -> list[float]:
    """Where the ridges of a network are drawn, as shares of the plot's width."""
    within = lane["blocks"][lane["drawn"]]
    return [within["left"], min(1.0, within["right"])]


def _lane(name: str, layer: list[str], settings: Settings, number: int, left: float) -> NetLane:
    place = drawn(layer, settings.shown)
    widths = [WITHIN if part == place else BESIDE for part in range(len(layer))]
    edges = list(accumulate(widths, initial=left))
    blocks = [
        _block(part, settings.activation if part == "activation" else part, *ends)
        for part, ends in zip(layer, pairwise(edges), strict=True)
    ]
    whole = _block("input", "input", left, edges[-1])
    stds = f"layout.meta.stds[{number}]"
    return {
        "name": name, "trace": 3 * number + 1, "input": whole, "blocks": blocks, "drawn": place, "stds": stds
    }  # fmt: skip


def _block(kind: str, name: str, left: float, right: float) -> NetBlock:
    return {"kind": kind, "name": name, "left": left, "right": right}
