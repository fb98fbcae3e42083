"""A stack of convolutions and max poolings with batch norm at different places: shapes, parameters, and means."""

from __future__ import annotations

import math
from typing import NamedTuple

PLACES = ("forgotten", "before", "after", "pooled")
"""Where batch norm stands: nowhere, between weights and activation, after the activation, after the pooling."""
IMAGE, FILTERS, KERNEL, WINDOW, UNITS, CLASSES = (28, 28, 1), (32, 64), 3, 2, 64, 10
NORM = "BatchNormalization"


class Block(NamedTuple):
    """A layer of the stack: its name in Keras, its output's shape, and how many numbers it keeps. For a batch norm: how
    many means it takes, and how many positions of an image share each."""

    name: str
    shape: tuple[int, ...]
    parameters: int
    means: int = 0
    positions: int = 0

    @property
    def trained(self) -> int:
        """The number of a batch norm's trained parameters: gamma and beta, but not the running mean and variance."""
        return self.parameters - 2 * self.means

    def shared(self, images: int) -> int:
        """How many numbers each mean is taken over, in a batch of so many images."""
        return images * self.positions


def stack(place: str) -> list[Block]:
    """The layers from the first convolution to the last Dense layer."""
    shape, blocks = IMAGE, []
    for filters in FILTERS:
        side = shape[0] - KERNEL + 1
        weights = Block("Conv2D", (side, side, filters), (KERNEL**2 * shape[-1] + 1) * filters)
        shape = (side // WINDOW, side // WINDOW, filters)
        blocks += [weights, *normed(place, Block("ReLU", weights.shape, 0), Block("MaxPooling2D", shape, 0))]
    flat = math.prod(shape)
    blocks += [Block("Flatten", (flat,), 0), Block("Dense", (UNITS,), (flat + 1) * UNITS)]
    return [*blocks, *normed(place, Block("ReLU", (UNITS,), 0)), Block("Dense", (CLASSES,), (UNITS + 1) * CLASSES)]


def normed(place: str, activation: Block, *pooling: Block) -> list[Block]:
    """The layers after the weights, with batch norm at its place: after the activation where nothing is pooled."""
    if place == "before":
        return [norm(activation.shape), activation, *pooling]
    if place == "after":
        return [activation, norm(activation.shape), *pooling]
    followed = [activation, *pooling]
    return [*followed, norm(followed[-1].shape)] if place == "pooled" else followed


def norm(shape: tuple[int, ...]) -> Block:
    """A batch norm on this shape: each channel has a gamma, a beta, a running mean and a running variance."""
    return Block(NORM, shape, 4 * shape[-1], shape[-1], math.prod(shape[:-1]))


def facts(place: str, images: int) -> dict[str, int | str]:
    """The facts about the stack that the words quote, in a batch of so many images."""
    blocks = stack(place)
    norms = [block for block in blocks if block.means]
    idle = sum(block.means for block in norms) if place == "before" else 0
    return {
        "order": ", ".join(block.name for block in blocks),
        "layers": len(blocks) - len(norms),
        "numbers": sum(block.parameters for block in blocks),
        "trained": sum(block.trained for block in blocks),
        "means": sum(block.means for block in norms),
        "first": norms[0].means if norms else 0,
        "shared": norms[0].shared(images) if norms else 0,
        "last": norms[-1].means if norms else 0,
        "idle": idle,
    }


def tiles(place: str, images: int) -> dict[str, str]:
    """The numbers on the tiles: means; numbers in each of the first ones; parameters of all batch norms."""
    blocks = stack(place)
    norms = [block for block in blocks if block.means]
    if not norms:
        return dict.fromkeys(("counts", "arithmetic", "becomes"), "none")
    height, width, _ = norms[0].shape
    trained = sum(norm.trained for norm in norms)
    return {
        "counts": f"{sum(norm.means for norm in norms)}",
        "arithmetic": f"{images} × {height} × {width} = {norms[0].shared(images):,}",
        "becomes": f"{sum(norm.parameters for norm in norms)}, {trained} of them trained",
    }
