"""Of which layers a lane's network is made, in the order in which they stand, and what goes into it; without Keras.

training/worker/networks.py builds it of these parts, and the picture of the network shows them
(assets/components/studio/network.js).
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from training.spec.plan import Plan
from training.spec.settings import Settings

POOLED = 2
"""Hidden layers, the first, of a convolution that are followed by pooling."""
ROWS, BINS = 256, 17


class Inputs(TypedDict):
    """The distribution of what goes into the networks: shares of all values in equal bins over [low, high]."""

    low: float
    high: float
    shares: list[float]


def hidden(settings: Settings, kind: str) -> list[list[str]]:
    """Of each hidden layer its parts, of "dense", "conv", "norm", "activation", "pool" and "dropout".

    settings: the lane's own (Settings.of_lane); kind: of NORMS.
    """
    return [parts(settings, kind, number) for number in range(settings.layers)]


def parts(settings: Settings, kind: str, number: int) -> list[str]:
    """The parts of the hidden layer of that number, from 0."""
    found = [settings.network, "activation"]
    if kind != "none":
        found.insert(2 if kind == "after" else 1, "norm")
    if settings.network == "conv" and number < POOLED:
        found.append("pool")
    return [*found, "dropout"] if settings.dropout else found


def inputs(plan: Plan) -> Inputs:
    """The distribution of the probe's raw inputs: of the first rows to train on, all features in one."""
    values = plan.x[:ROWS]
    low, high = float(values.min()), float(values.max())
    counts, _ = np.histogram(values, BINS, (low, high))
    return {"low": low, "high": high, "shares": (counts / values.size).round(5).tolist()}
