"""The batch of handwritten digits that lessons look at."""

from __future__ import annotations

import numpy as np

from bn_core import datasets


def batch(size: int, seed: int) -> np.ndarray:
    """Digits (size, 64) drawn by the seed, all pixels of all digits brought to mean 0 and std 1."""
    x = datasets.standardized(datasets.digits()[0])
    return x[np.random.default_rng(seed).permutation(len(x))[:size]]
