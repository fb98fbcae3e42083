"""Contract: the picture of the networks has the parts in their order, each row with its own values' histogram."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from bn_core import datasets
from figures.blank import filled
from lessons.activations import experiment, figures, net
from lessons.activations.experiment import ENTERS, LEAVES, Settings
from lessons.activations.figures import brief
from lessons.activations.ridges import TALL
from training.spec import blocks
from training.spec.settings import Settings as Training

SHAPES = [
    (act, place, shown) for act in ("relu", "tanh") for place in ("before", "after") for shown in (ENTERS, LEAVES)
]
FUNCTIONS = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh}


def plainly(settings: Settings, placement: str | None) -> list[np.ndarray]:
    """The inputs and what is shown of every layer, by nothing but NumPy."""
    order = np.random.default_rng(settings.seed).permutation(1797)[: settings.batch_size]
    pixels = datasets.digits()[0].reshape(1797, -1).astype(float)
    h = ((pixels - pixels.mean()) / pixels.std())[order]
    weights, values = np.random.default_rng(settings.seed), [h]
    for _ in range(settings.depth):
        fan_in = h.shape[1]
        z = h @ (settings.weight_scale * weights.standard_normal((fan_in, settings.width)) / np.sqrt(fan_in))
        z = normalized(z) if placement == "before" else z
        h = FUNCTIONS[settings.activation](z)
        h = normalized(h) if placement == "after" else h
        values.append(z if settings.shown == ENTERS else h)
    return values


def normalized(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-3)


def counted(values: np.ndarray, axis) -> np.ndarray:
    """How high a row is drawn over each bin, as a share of a row."""
    edges = np.linspace(*axis.ends, len(axis.centers) + 1)
    density = np.histogram(values, edges)[0] / values.size / axis.width
    return TALL * np.minimum(density / axis.tallest, 1)


@pytest.mark.parametrize(("activation", "placement", "shown"), SHAPES)
def test_each_row_draws_and_tells_what_numpy_counts_in_that_layer(activation, placement, shown):
    settings = Settings(
        activation=activation,
        placement=placement,
        shown=shown,
        depth=4,
        width=16,
        batch_size=24,
        weight_scale=1.3,
        seed=3,
    )
    table = experiment.sweep(settings, np.array([settings.weight_scale]))
    figure = filled(figures.ridges(settings), figures.ridges_tracks(table))
    for number, norm in enumerate((None, placement)):
        values = plainly(settings, norm)
        outlines = np.reshape(figure.data[3 * number + 1].y, (len(values), -1))[:, 1:-2]
        floors = np.arange(len(values))[:, None] + TALL / 2
        assert_allclose(floors - outlines, [counted(row, table.axis) for row in values], atol=1e-12)
        told = figure.layout.meta["stds"][number].split(", ")
        assert told == [brief(row.std()) for row in values[1:]]


@pytest.mark.parametrize("placement", [None, "before", "after"])
def test_the_parts_stand_as_in_the_networks_that_are_trained(placement):
    assert net.parts(placement) == blocks.parts(Training(), placement or "none", 0)


@pytest.mark.parametrize(("activation", "placement", "shown"), SHAPES)
def test_blocks_stand_side_by_side_and_what_is_drawn_lies_in_the_block_it_comes_out_of(activation, placement, shown):
    settings = Settings(activation=activation, placement=placement, shown=shown)
    layout, lanes = figures.ridges(settings).figure.layout, net.net(settings)["lanes"]
    for lane, axis in zip(lanes, (layout.xaxis, layout.xaxis2), strict=True):
        edges = [edge for block in lane["blocks"] for edge in (block["left"], block["right"])]
        assert edges == sorted(edges)
        assert (lane["input"]["left"], lane["input"]["right"]) == (edges[0], edges[-1])
        kinds = [block["kind"] for block in lane["blocks"]]
        behind = "dense" if lane["name"] == "without" or placement == "after" else "norm"
        last = "norm" if lane["name"] == "with" and placement == "after" else "activation"
        within = lane["blocks"][kinds.index(behind if shown == ENTERS else last)]
        assert_allclose(axis.domain, [within["left"], within["right"]])
    assert lanes[0]["input"]["right"] < lanes[1]["input"]["left"]
    widths = [axis.domain[1] - axis.domain[0] for axis in (layout.xaxis, layout.xaxis2)]
    assert_allclose(*widths)
    assert_allclose(lanes[1]["input"]["right"], 1)
