"""The spread of a unit's x_hat over batches: measured, and by theory."""

import numpy as np

from figures.numerals import Numeral

NONE = "none"  # theory predicts nothing for a batch of one or two
NEAR = 0.05  # a pair's x_hat this close to +1 or -1 counts as +1 or -1


def unit_facts(x_hat: np.ndarray, fixed: np.ndarray, true: np.ndarray, sizes: np.ndarray) -> dict[str, np.ndarray]:
    """The facts about the unit's x_hat. `theory`: its spread over batches if the values were normally distributed;
    `expected`: the same in words, "none" for batches too small for theory."""
    theory = normal_spread(true, sizes)
    near = np.mean(np.abs(np.abs(x_hat) - 1) < NEAR, axis=1)
    return {
        "fixed": fixed,
        "true": true,
        "mean": x_hat.mean(axis=1),
        "spread": x_hat.std(axis=1),
        "theory": theory,
        "expected": [f"± {Numeral(each)}" if size > 2 else NONE for each, size in zip(theory, sizes, strict=True)],
        "near": near,
        "gap": np.abs(x_hat.mean(axis=1) - fixed),
    }


def normal_spread(true: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The standard deviation of x_hat over batches of normal values, around its long-run value `true`."""
    return np.sqrt(1 + true**2 / 2) / np.sqrt(sizes)
