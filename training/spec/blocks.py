"""The layers of a lane's network in order, and the distribution of its inputs; without Keras.

training/worker/networks.py builds networks from these parts, and the picture of the network shows them
(assets/components/studio/network.js).
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from training.spec.plan import Plan
from training.spec.settings import Settings

POOLED = 2
"""How many of a convolutional network's hidden layers, from the first, are followed by pooling."""
ROWS, BINS = 256, 17


class Inputs(TypedDict):
    """The distribution of the networks' inputs: the share of all values in each of equal bins over [low, high]."""

    low: float
    high: float
    shares: list[float]


def hidden(settings: Settings, kind: str) -> list[list[str]]:
    """The parts of each hidden layer: "dense", "conv", "norm", "activation", "pool" and "dropout".

    settings: the lane's own (Settings.of_lane); kind: of NORMS.
    """
    return [parts(settings, kind, number) for number in range(settings.layers)]


def parts(settings: Settings, kind: str, number: int) -> list[str]:
    """The parts of hidden layer `number`, counted from 0."""
    found = [settings.network, "activation"]
    if kind != "none":
        found.insert(2 if kind == "after" else 1, "norm")
    if settings.network == "conv" and number < POOLED:
        found.append("pool")
    return [*found, "dropout"] if settings.dropout else found


def inputs(plan: Plan) -> Inputs:
    """The distribution of the raw inputs in the first rows of the training data, over all features together."""
    values = plan.x[:ROWS]
    low, high = float(values.min()), float(values.max())
    counts, _ = np.histogram(values, BINS, (low, high))
    return {"low": low, "high": high, "shares": (counts / values.size).round(5).tolist()}
