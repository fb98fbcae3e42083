"""Contract: the short lines beside a formula give the numbers of the engine's function that they stand for."""

import inspect

import numpy as np
import pytest
from numpy.testing import assert_allclose

from bn_core import other_norms, running, steps
from bn_core.nets import network
from bn_core.steps import Statistics
from lessons import textbook
from lessons.catalog import LESSONS

RNG = np.random.default_rng(3)
X, WEIGHTS = RNG.normal(5, 3, (9, 4)), [RNG.normal(size=(4, 6)), RNG.normal(size=(6, 5))]
MEAN, VAR, GAMMA, BETA = RNG.normal(size=(4, 4)) ** 2
NETS = {"scales": np.full((1, 1, 1), 0.7), "act": np.tanh, "placement": "before"}
PAIRS = {
    "batch_statistics": (textbook.batch_statistics(X), steps.batch_statistics(X, axes=0)),
    "normalize": (textbook.normalize(X, MEAN, VAR, 0.1), steps.normalize(X, MEAN, VAR, 0.1)),
    "scale_and_shift": (textbook.scale_and_shift(X, GAMMA, BETA), steps.scale_and_shift(X, GAMMA, BETA)),
    "update_running": (
        [textbook.update_running(MEAN, BETA, 0.9), textbook.update_running(VAR, GAMMA, 0.9)],
        steps.update_running(Statistics(MEAN, VAR), Statistics(BETA, GAMMA), 0.9),
    ),
    "batch_weights": (textbook.batch_weights(0.9, 7), running.batch_weights(0.9, 7)),
    "layers": (
        [array for layer in textbook.layers(X, WEIGHTS, 0.7, np.tanh) for array in layer],
        [array[0] for layer in network.layers(X[None], WEIGHTS, **NETS) for array in (layer.enters, layer.leaves)],
    ),
    "layer_normalization": (
        textbook.layer_normalization(X, 0.1),
        other_norms.layer_normalization(X, epsilon=0.1),
    ),
    "rms_normalization": (textbook.rms_normalization(X, 0.1), other_norms.rms_normalization(X, epsilon=0.1)),
    "normalized": (textbook.normalized(X), network.normalized(X[None])[0]),
}
"""By name, what the textbook's function and the engine's make of the same random values."""


@pytest.mark.parametrize("name", PAIRS)
def test_the_short_lines_give_the_engines_numbers(name):
    short, exact = PAIRS[name]
    for one, other in zip(short, exact, strict=True):
        assert_allclose(one, np.reshape(other, np.shape(one)), rtol=1e-12, atol=1e-15)


def test_every_function_is_held_against_the_engines():
    """Those that a lesson shows, and all that stand in the textbook."""
    functions = {name for name, _ in inspect.getmembers(textbook, inspect.isfunction)}
    assert functions == set(PAIRS)
    assert {function.__name__ for lesson in LESSONS.values() for function in lesson.engine} <= functions
