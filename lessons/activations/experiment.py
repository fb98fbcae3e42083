"""What every layer of a deep net makes of a batch of digits, with and without batch norm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from bn_core.nets import network
from bn_core.nets.activations import ACTIVATIONS
from lessons import digits
from lessons.activations.layer_values import BOUNDED, IDLE, WIDE, moments
from lessons.fields import Checked, choice, integer, number
from lessons.histogram import Axis, densities

Array = np.ndarray

HE = float(np.sqrt(2))
SCALES = np.where(np.arange(41) == 23, HE, np.logspace(-1, 1, 41))
"""The weight scales of the drag: 0.1 to 10 in equal ratios, with 1 in the middle and √2 instead of 1.4125."""

AT_ONCE = 9
"""How many weight scales are computed at once, so that a layer's values stay in the processor's cache."""

NOTHING = 1e-12
"""Images that differ by less than this share of the std differ by rounding errors only."""

DEEP, APART, HARDLY, HALF = 10, 0.1, 0.1, 0.5
"""Of the goals: the fewest layers; the least std between images, as a share of the std; the most saturated values."""

ENTERS, LEAVES = "what enters the activation", "what leaves the layer"


@dataclass(frozen=True)
class Settings(Checked):
    """The net, its weights and batch, and which of its values are looked at."""

    weight_scale: float = number(1.0, 0.1, 10.0)
    layer: int = integer(20, 1, 20)
    """The layer whose histogram is drawn; the last layer where the net has fewer, as by default."""
    depth: int = integer(10, 1, 20)
    activation: str = choice("relu", *ACTIVATIONS)
    placement: str = choice("before", *network.PLACEMENTS)
    shown: str = choice(ENTERS, ENTERS, LEAVES)
    width: int = integer(128, 8, 128)
    batch_size: int = integer(128, 2, 256)
    seed: int = integer(0, 0, 999)

    @property
    def looked_at(self) -> int:
        """The index of the chosen layer."""
        return min(self.layer, self.depth) - 1

    @property
    def step(self) -> int:
        """The index of the grid's weight scale that is nearest, as a ratio, to this one."""
        return int(np.argmin(abs(np.log(SCALES / self.weight_scale))))


@dataclass(frozen=True)
class NetLayers:
    """The layers of one net. Every array begins with the axes (steps, layers), in a single run with (layers,) only."""

    density: Array
    """(…, bins) of the values shown, such that density × bin width is a share of all values of the layer."""
    below: Array
    """Share of the values shown that lie left of the axis."""
    above: Array
    """Share of the values shown that lie right of the axis."""
    mean: Array
    """Mean of the values shown, over batch and units."""
    std: Array
    """Standard deviation of the values shown, over batch and units."""
    between: Array
    """How far the images differ: root of the mean, over the units, of a unit's variance over the batch."""
    idle: Array
    """tanh, sigmoid: share of values where the activation is saturated, its slope under 5 % of its steepest.
    relu: share of dead units, which give 0 for every image of the batch."""
    entering_std: Array
    """As `std`, but always for the activation's input, whichever values are shown."""
    entering_between: Array
    """As `between`, but always for the activation's input."""
    verdict: Array
    """(…) without the layers' axis: one of VERDICTS, about the activations' inputs."""

    def __getitem__(self, step: int) -> NetLayers:
        return NetLayers(*(getattr(self, field.name)[step] for field in fields(self)))

    @property
    def growth(self) -> float:
        """The factor per layer by which the std of the activation's input grows, in a single run; NaN for one layer."""
        steps = len(self.entering_std) - 1
        return float((self.entering_std[-1] / self.entering_std[0]) ** (1 / steps)) if steps else float("nan")

    def facts(self) -> dict[str, float]:
        """The numbers about the first and the last layer that a sentence may quote, in a single run."""
        spread, apart = self.entering_std, self.entering_between
        ends = {"first": spread[0], "last": spread[-1], "apart": apart[0], "between": apart[-1]}
        return {**ends, "growth": self.growth, "idle": self.idle[-1]}


def joined(parts: Sequence[NetLayers]) -> NetLayers:
    """Several runs' layers as those of one, along the axis of the steps."""
    return NetLayers(*(np.concatenate([getattr(each, field.name) for each in parts]) for field in fields(NetLayers)))


@dataclass(frozen=True)
class Result:
    """Both lanes, same weights and same batch, at those weight scales, and the axis their densities share.

    inputs: of that batch the density (bins,), the share below the axis and that above it, each once.
    """

    settings: Settings
    scales: Array
    axis: Axis
    inputs: tuple[Array, Array, Array]
    plain: NetLayers
    normed: NetLayers

    def __getitem__(self, step: int) -> Result:
        """A sweep's result at one of its steps."""
        settings = replace(self.settings, weight_scale=float(self.scales[step]))
        return replace(self, settings=settings, plain=self.plain[step], normed=self.normed[step])

    def lanes(self) -> dict[str, NetLayers]:
        """Both lanes by name."""
        return {"without": self.plain, "with": self.normed}

    @property
    def keeping_scale(self) -> float:
        """The weight scale at which a plain relu net's last layer would have the std of its first, in a single run.
        Exact, because the std of layer l grows as scale ** l there. NaN for any other net."""
        law = self.settings.activation == "relu" and self.plain.growth > 0
        return self.settings.weight_scale / self.plain.growth if law else float("nan")

    @property
    def reached(self) -> bool:
        """Whether a plain net of DEEP layers or more meets its activation's goal.

        relu: its std changes by 6 % per layer at most; neighbors on SCALES are 12 % apart, so every net has such a one.
        tanh: so it does, and hardly saturates. sigmoid: images stay apart, and less than HALF of the values saturate.
        """
        if self.settings.depth < DEEP:
            return False
        plain, kept = self.plain, 1 / 1.06 <= self.plain.growth <= 1.06
        apart = plain.entering_between[-1] >= APART * plain.entering_std[-1]
        met = {"relu": kept, "tanh": kept and plain.idle[-1] <= HARDLY, "sigmoid": apart and plain.idle[-1] < HALF}
        return bool(met[self.settings.activation])


VERDICTS = ("saturated", "dead", "shrunk", "grown", "alike", "kept")
"""The first that holds for the last layer: at least half of the values saturated; at least half of the units dead; its
std under a third of the first layer's; over three times it; its images differing by under a tenth of its std; none."""


def run(settings: Settings) -> Result:
    """Both lanes at the weight scale of the settings."""
    return sweep(settings, np.array([settings.weight_scale]))[0]


def printed(settings: Settings) -> dict[str, list[float]]:
    """The numbers that script.py prints, one per lane, by the beginning of their line."""
    lanes = run(settings).lanes().values()
    return {
        f"layer {layer + 1}:": [getattr(lane, name)[layer] for lane in lanes for name in ("mean", "std", "between")]
        for layer in range(settings.depth)
    }


def sweep(settings: Settings, scales: Array = SCALES) -> Result:
    """Both lanes at every weight scale, as a leading axis; the weight scale of the settings is ignored."""
    x = digits.batch(settings.batch_size, settings.seed)
    weights = network.draw_weights(x.shape[1], settings.width, settings.depth, settings.seed)
    bins = axis(settings)
    parts = np.array_split(scales, -(-len(scales) // AT_ONCE))
    lanes = [
        joined(
            [
                _net_layers(settings.activation, _summaries(layers, settings, bins))
                for part in parts
                for layers in [network.forward(x, weights, part, settings.activation, placement)]
            ]
        )
        for placement in (None, settings.placement)
    ]
    return Result(settings, scales, bins, tuple(each[0] for each in densities(x[None], bins)), *lanes)


def axis(settings: Settings) -> Axis:
    """The axis of the values shown: the activation's range where values cannot leave it, else ±4."""
    bounded = settings.shown == LEAVES and settings.placement == "before"
    return BOUNDED.get(settings.activation, WIDE) if bounded else WIDE


def _summaries(layers: Iterable[network.Layer], settings: Settings, bins: Axis) -> Iterator[tuple[Array, ...]]:
    """For each layer, the arrays of its NetLayers (scales, …), with entering_std and entering_between last."""
    for layer in layers:
        shown = layer.enters if settings.shown == ENTERS else layer.leaves
        outputs = moments(shown)
        entering = outputs if settings.shown == ENTERS else moments(layer.enters)
        yield *densities(shown, bins), *outputs, IDLE[settings.activation](layer.enters), *entering[1:]


def _net_layers(activation: str, summaries: Iterable[tuple[Array, ...]]) -> NetLayers:
    density, below, above, mean, shown_std, shown_between, idle, std, between = (
        np.stack(array, axis=1) for array in zip(*summaries, strict=True)
    )
    shown_between = np.where(shown_between < NOTHING * shown_std, 0.0, shown_between)
    between = np.where(between < NOTHING * std, 0.0, between)
    growth = std[:, -1] / std[:, 0]
    cases = {
        "dead" if activation == "relu" else "saturated": idle[:, -1] >= 0.5,
        "shrunk": growth < 1 / 3,
        "grown": growth > 3,
        "alike": between[:, -1] < 0.1 * std[:, -1],
    }
    arrays = density, below, above, mean, shown_std, shown_between
    return NetLayers(*arrays, idle, std, between, np.select(list(cases.values()), list(cases), "kept"))
