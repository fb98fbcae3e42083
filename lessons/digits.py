"""The batch of handwritten digits that several lessons use."""

from __future__ import annotations

import numpy as np

from bn_core import datasets


def batch(size: int, seed: int) -> np.ndarray:
    """`size` digits drawn by the seed, (size, 64), with every pixel at mean 0 and std 1 over all digits."""
    x = datasets.standardized(datasets.digits()[0])
    return x[np.random.default_rng(seed).permutation(len(x))[:size]]
