"""The data of a run: the digits, generated points in the plane, or an uploaded table, split in two parts.

The recipe, to repeat it in a plain script: take `x` and `y` of the set; with
`order = np.random.default_rng(seed).permutation(n)` the first round(train_share · n) rows are for training, the rest
for validation; x as float32, y as int32. Gaps of a table that are filled get their column's median over the training
rows.
"""

from __future__ import annotations

import numpy as np

from bn_core import datasets
from training.spec import tables
from training.spec.settings import Settings

POINTS = 800
CENTRE, SPREAD = 0.7, 0.35

Part = tuple[np.ndarray, np.ndarray]


def load(settings: Settings) -> tuple[Part, Part, int]:
    """((x, y) to train on, (x, y) to validate on, number of classes); digits as 64 pixels from 0 to 1.

    Raises as tables.load does where an uploaded table is gone.
    """
    x, y = whole(settings)
    train, valid = datasets.split(x.astype(np.float32), y.astype(np.int32), settings.train_share, settings.seed)
    if np.isnan(x).any():
        median = np.nanmedian(train[0], axis=0)
        train, valid = ((np.where(np.isnan(part), median, part), labels) for part, labels in (train, valid))
    return train, valid, int(y.max()) + 1


def whole(settings: Settings) -> Part:
    """The set before it is split: x (n, features), NaN where the median is to be filled in, and the classes y (n,)."""
    if settings.data == "digits":
        pixels, y = datasets.digits()
        return pixels / 16.0, y
    if settings.data == "gaussians":
        return gaussians(POINTS, settings.noise, settings.seed)
    if settings.data == "own":
        table = tables.load(settings.own, settings.columns)
        return table.x, table.y
    return datasets.points(settings.data, POINTS, settings.noise, settings.seed)


def gaussians(n: int, noise: float, seed: int) -> Part:
    """`n` points in two round clouds around (−0.7, −0.7) and (0.7, 0.7), with std 0.35 + noise.

    The classes alternate; the split shuffles them.
    """
    y = np.arange(n) % 2
    cloud = np.random.default_rng(seed).standard_normal((n, 2))
    return CENTRE * (2 * y[:, None] - 1) + (SPREAD + noise) * cloud, y
