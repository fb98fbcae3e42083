"""Trains the nets whose results assets/data/regularisation.json holds:  python -m lessons.regularisation.measure"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bn_core import datasets
from bn_core.nets import learning, noise
from bn_core.nets.mlp import MLP
from bn_core.nets.noise import NO_NOISE, Noise
from bn_core.nets.optimizers import Adam
from bn_core.nets.passes import cross_entropy

Array = np.ndarray

FILE = Path(__file__).resolve().parents[2] / "assets" / "data" / "regularisation.json"
BATCH_SIZES, RATES, SEEDS = (4, 8, 16, 32, 64, 128), (0.0, 0.1, 0.2, 0.3, 0.4, 0.5), tuple(range(6))
TASKS = {"few": (256, 0.2, 60), "many": (1024, 0.0, 15)}
"""For each task: images to learn from, the share of them with a wrong label, and epochs."""
PLACES, KINDS = ("every layer", "last layer"), ("plain", "batch norm")
HELD_OUT, WIDTH, LAYERS = 773, 32, 3
MEASURED = ("test_loss", "test_accuracy", "train_loss")


def data(wrong: float) -> tuple[Array, Array, Array]:
    """Digits, their labels, and the labels to learn from; the last HELD_OUT are held back as the test set."""
    x, y = datasets.digits()
    rng = np.random.default_rng(0)
    order = rng.permutation(len(x))
    x, y = datasets.standardized(x)[order], y[order].astype(int)
    other = (y + rng.integers(1, 10, len(y))) % 10
    return x, y, np.where(rng.random(len(y)) < wrong, other, y)


def batches(task: str, size: int, seeds: tuple[int, ...]) -> Iterator[Array]:
    """For each step, the rows (seeds, size): each seed has its own images, shuffled anew in every epoch."""
    count, _, epochs = TASKS[task]
    rngs = [np.random.default_rng([seed, 0]) for seed in seeds]
    own = [rng.permutation(1797 - HELD_OUT)[:count] for rng in rngs]
    for _ in range(epochs):
        orders = np.stack([rng.permutation(rows) for rng, rows in zip(rngs, own, strict=True)])
        yield from np.moveaxis(orders.reshape(len(seeds), -1, size), 1, 0)


def trained(
    task: str, norm: bool, place: str, size: int, rates: tuple[float, ...], seeds: tuple[int, ...]
) -> dict[str, Array]:
    """The MEASURED numbers, each (rates, seeds), of nets trained side by side."""
    lanes, each = np.repeat(rates, len(seeds)), list(seeds) * len(rates)
    placement = "before" if norm else None
    net = MLP(64, (WIDTH,) * LAYERS, 10, placement=placement, momentum=0.95, dropout=lanes, use_bias=not norm)
    optimizer, (x, y, learned) = Adam(0.003), data(TASKS[task][1])
    state = learning.start(net, optimizer, net.draw(each, np.sqrt(2), np.float32))
    losses = []
    for step, rows in enumerate(batches(task, size, seeds)):
        chances = drawn(net, each, step, size, place)
        state, history = learning.train(
            net, optimizer, state, x, learned, [np.tile(rows, (len(rates), 1))], None, [chances]
        )
        losses.append(history.loss[0])
    logits, right = learning.infer(net, state, x[-HELD_OUT:]), y[-HELD_OUT:]
    test = cross_entropy(logits, np.eye(10)[right][None]).value, learning.accuracy(logits, right)
    last = np.mean(losses[-len(losses) // TASKS[task][2] :], axis=0)
    return {name: values.reshape(len(rates), -1) for name, values in zip(MEASURED, (*test, last), strict=True)}


def drawn(net: MLP, seeds: list[int], step: int, size: int, place: str) -> list[Noise]:
    """The dropout masks of a step: in every layer, or only in the last, which no batch norm follows."""
    if not np.any(net.dropout):
        return [NO_NOISE] * LAYERS
    chances = noise.draw(net, seeds, step, size, np.float32)
    return chances if place == PLACES[0] else [NO_NOISE] * (LAYERS - 1) + chances[-1:]


def measured() -> dict:
    """All measurements, by task, place, kind of net and batch size."""
    return {
        task: {
            place: {
                kind: {str(size): cell(task, kind == "batch norm", place, size) for size in BATCH_SIZES}
                for kind in KINDS
            }
            for place in PLACES
        }
        for task in TASKS
    }


def cell(task: str, norm: bool, place: str, size: int) -> dict[str, list]:
    """The measurements for every rate and seed, rounded."""
    found = trained(task, norm, place, size, RATES, SEEDS)
    print(task, place, norm, size, found["test_loss"].mean(axis=1).round(3), flush=True)
    return {name: values.round(4).tolist() for name, values in found.items()}


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(measured()) + "\n", encoding="utf-8")
