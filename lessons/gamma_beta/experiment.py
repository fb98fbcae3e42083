"""One unit's values over a batch of digits, batch-normalized, then scaled by gamma and shifted by beta."""

from dataclasses import dataclass

import numpy as np

from bn_core.nets.network import draw_weights
from bn_core.steps import batch_statistics, normalize, scale_and_shift
from lessons import digits
from lessons.fields import check, integer, number
from lessons.histogram import skewness
from lessons.table import Swept

GRIDS = {"gamma": np.round(np.linspace(-3, 3, 121), 2), "beta": np.round(np.linspace(-4, 4, 161), 2)}
UNITS, EPSILON, UNDONE = 16, 1e-3, 0.15  # undone: no y further than this from its x
VERDICTS = ("flat", "undone", "mirrored", "standard", "scaled")


@dataclass(frozen=True)
class Settings:
    """gamma and beta of one of the units that read the digits, and the batch."""

    gamma: float = number(1.0, -3, 3)
    beta: float = number(0.0, -4, 4)
    unit: int = integer(6, 1, UNITS)
    batch_size: int = integer(256, 16, 1024)
    seed: int = integer(9, 0, 999)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Result(Swept):
    """The unit's x and x_hat (1, N), and its y at every step of a sweep (steps, N)."""

    x: np.ndarray
    x_hat: np.ndarray
    y: np.ndarray


def sweep(settings: Settings, along: str, values: np.ndarray) -> Result:
    """All values of gamma or of beta, the other held."""
    given = {name: np.full(len(values), getattr(settings, name)) for name in GRIDS} | {along: values}
    gamma, beta, x = given["gamma"], given["beta"], entering(settings, settings.seed)
    x_hat, y = normalized(x, gamma, beta)
    other = entering(settings, settings.seed + 1)
    other_y = normalized(other, gamma, beta)[1]
    distance, other_distance = (np.abs(out - given).max(axis=1) for out, given in ((y, x), (other_y, other)))
    reached = distance <= UNDONE
    facts = {**given, "distance": distance, "other_distance": other_distance, "divisor": np.sqrt(x.var() + EPSILON)}
    facts |= {"x_skew": skewness(x), "x_hat_skew": skewness(x_hat)}
    for name, each in (("x", x), ("x_hat", x_hat), ("y", y)):
        facts |= {f"{name}_mean": each.mean(axis=1), f"{name}_std": each.std(axis=1)}
    cases = [gamma == 0, reached, gamma < 0, (gamma == 1) & (beta == 0)]
    return Result(facts, np.select(cases, VERDICTS[:-1], VERDICTS[-1]), reached, x, x_hat, y)


def normalized(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x_hat (1, N) of a batch x (1, N), and y (steps, N) by each gamma and beta."""
    x_hat = normalize(x, *batch_statistics(x, axes=1), EPSILON)
    return x_hat, scale_and_shift(x_hat, gamma[:, None], beta[:, None])


def entering(settings: Settings, drawn: int) -> np.ndarray:
    """What enters the unit's batch norm (1, N): digits, standardized, times weights of variance 2/64 (He)."""
    batch = digits.batch(settings.batch_size, drawn)
    (weights,) = draw_weights(batch.shape[1], UNITS, 1, settings.seed)
    return np.sqrt(2) * (batch @ weights)[None, :, settings.unit - 1]
