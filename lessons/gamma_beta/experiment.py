"""One unit's values over a batch of digits, batch-normalized, then scaled by gamma and shifted by beta."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bn_core.nets.activations import ACTIVATIONS, FLAT, saturated
from bn_core.nets.network import draw_weights
from bn_core.steps import batch_statistics, normalize, scale_and_shift
from figures.numerals import power, rounded
from lessons import digits
from lessons.fields import Checked, choice, integer, number
from lessons.gamma_beta.paths import UNITS, LearnedPaths, paths
from lessons.histogram import skewness
from lessons.table import Swept

GRIDS = {"gamma": np.round(np.linspace(-3, 3, 121), 2), "beta": np.round(np.linspace(-4, 4, 161), 2)}
EPSILON, UNDONE = 1e-3, 0.15  # undone: no y further than this from its x
VERDICTS = ("flat", "undone", "mirrored", "standard", "scaled")
THIS, NEXT, SIGMOID, TRAINING = "this batch", "the next batch", "a sigmoid behind it", "a training"
FURTHER = {NEXT: ("not undone", "near", "another"), SIGMOID: ("saturated", "freed"), TRAINING: ("trained",)}
FREE, SPREAD = 0.01, 0.5  # freed: at most this share of y is where the sigmoid is flat, and y's std is at least this


@dataclass(frozen=True)
class Settings(Checked):
    """gamma and beta of one of the units that read the digits, and the batch."""

    gamma: float = number(1.0, -3, 3)
    beta: float = number(0.0, -4, 4)
    unit: int = integer(6, 1, UNITS)
    batch_size: int = integer(256, 16, 1024)
    view: str = choice(THIS, THIS, *FURTHER)
    seed: int = integer(9, 0, 999)

    @property
    def moving(self) -> bool:
        """Whether the words are about this batch."""
        return self.view == THIS

    @property
    def further(self) -> bool:
        return not self.moving


@dataclass(frozen=True)
class Result(Swept):
    """What the figures show: x and x_hat (1, N) of the unit in the batch in view, and y (steps, N) at every step.
    run: the training.
    """

    settings: Settings
    run: LearnedPaths
    x: np.ndarray
    x_hat: np.ndarray
    y: np.ndarray

    @property
    def grips(self) -> tuple[np.ndarray, np.ndarray]:
        """The mean of y, and the point one standard deviation from it on the side of gamma's sign: (steps,) each."""
        mean, std = self.facts["y_mean"], self.facts["y_std"]
        return mean, mean + np.sign(self.facts["gamma"]) * std

    @property
    def places(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """Of x, x_hat and y, the scale and the shift that make it of x_hat: (1,) or (steps,) each."""
        deviation, mean = np.sqrt(self.x.var(axis=1) + EPSILON), self.x.mean(axis=1)
        return (deviation, mean), (np.ones(1), np.zeros(1)), (self.facts["gamma"], self.facts["beta"])

    @property
    def alts(self) -> tuple[str]:
        return ("training" if self.settings.view == TRAINING else "densities",)

    @property
    def goal(self) -> str:
        return {NEXT: "check.next", SIGMOID: "check.sigmoid", TRAINING: "check.training"}.get(
            self.settings.view, "check"
        )


def sweep(settings: Settings, along: str, values: np.ndarray) -> Result:
    """The result at all values of gamma or of beta, with the other one fixed."""
    given = {name: np.full(len(values), getattr(settings, name)) for name in GRIDS} | {along: values}
    gamma, beta, x = given["gamma"], given["beta"], entering(settings, settings.seed)
    x_hat, y = normalized(x, gamma, beta)
    other = entering(settings, settings.seed + 1)
    other_y = normalized(other, gamma, beta)[1]
    distance, other_distance = (np.abs(out - given).max(axis=1) for out, given in ((y, x), (other_y, other)))
    undone = distance <= UNDONE
    facts = {**given, "distance": distance, "other_distance": other_distance, "divisor": np.sqrt(x.var() + EPSILON)}
    facts |= {"x_skew": skewness(x), "x_hat_skew": skewness(x_hat), "saturated": flat_share(y)}
    cases = [gamma == 0, undone, gamma < 0, (gamma == 1) & (beta == 0)]
    verdict = np.select(cases, VERDICTS[:-1], VERDICTS[-1])
    run, view = paths(settings.seed), settings.view
    if view == NEXT:
        x, x_hat, y = other, normalized(other, gamma, beta)[0], other_y
    if view != THIS:
        at = {
            NEXT: np.where(undone, other_distance <= UNDONE, 2),
            SIGMOID: (facts["saturated"] <= FREE).astype(int),
        }.get(view, 0 * gamma)
        verdict = np.array(FURTHER[view])[at.astype(int)]
    for name, each in (("x", x), ("x_hat", x_hat), ("y", y)):
        facts |= {f"{name}_mean": each.mean(axis=1), f"{name}_std": each.std(axis=1)}
    facts |= learned(run, settings.unit)
    facts |= {
        "farthest": [rounded(each) for each in distance],
        "other_farthest": [rounded(each) for each in other_distance],
    }
    reached = {
        THIS: undone,
        NEXT: other_distance <= UNDONE,
        SIGMOID: (facts["saturated"] <= FREE) & (facts["y_std"] >= SPREAD),
        TRAINING: np.full(len(values), settings.unit == 1 + run.gamma[-1].argmax()),
    }[view]
    return Result(facts, verdict, reached, settings, run, x, x_hat, y)


def flat_share(y: np.ndarray) -> np.ndarray:
    """The share (steps,) of y (steps, N) at which a sigmoid's slope is under FLAT of its steepest."""
    return saturated("sigmoid", ACTIVATIONS["sigmoid"].function(y)).mean(axis=1)


def learned(run: LearnedPaths, unit: int) -> dict[str, float]:
    """The numbers about the training that the words quote."""
    return {
        "unit": unit,
        "end_gamma": float(run.gamma[-1, unit - 1]),
        "end_beta": float(run.beta[-1, unit - 1]),
        "low": float(run.gamma[-1].min()),
        "high": float(run.gamma[-1].max()),
        "bias": power(run.bias.max()),
        "weights": power(run.kernel.min()),
        "all": 4 * UNITS,
        "trainable": 2 * UNITS,
        "steepest": FLAT,
    }


def normalized(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x_hat (1, N) of a batch x (1, N), and y (steps, N) for each pair of gamma and beta."""
    x_hat = normalize(x, *batch_statistics(x, axes=1), EPSILON)
    return x_hat, scale_and_shift(x_hat, gamma[:, None], beta[:, None])


def entering(settings: Settings, drawn: int) -> np.ndarray:
    """The unit's input to batch norm (1, N): standardized digits times weights of variance 2/64 (He)."""
    batch = digits.batch(settings.batch_size, drawn)
    (weights,) = draw_weights(batch.shape[1], UNITS, 1, settings.seed)
    return np.sqrt(2) * (batch @ weights)[None, :, settings.unit - 1]
