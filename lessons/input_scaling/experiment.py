"""Least squares on two features, raw and standardized: the shape of the loss, and the path of gradient descent."""

from dataclasses import dataclass

import numpy as np

from bn_core.steps import batch_statistics, normalize
from lessons.fields import Checked, integer, number
from lessons.table import Swept

GRIDS = {
    "ratio": np.array([float(f"{10 ** (step / 20):.2g}") for step in range(41)]),
    "correlation": np.round(np.linspace(-0.99, 0.99, 67), 2),
}
EXAMPLES, WEIGHTS, NOISE = 200, np.array([1.5, -1.0]), 0.3
LEFT, SLOW = 0.01, 50  # descent ends at this share of the excess loss; more than SLOW steps are slow
DRAWN = 60  # the most steps of descent that are drawn
BATCHES, BATCH_SIZE, EPSILON = 20, 32, 1e-3
VERDICTS = ("slow", "round", "same", "cured", "both")


@dataclass(frozen=True)
class Settings(Checked):
    """ratio: the standard deviation of feature 2 over that of feature 1."""

    ratio: float = number(5.0, 1, 100)
    correlation: float = number(0.9, -0.99, 0.99)
    seed: int = integer(1, 0, 999)


@dataclass(frozen=True)
class Bowl:
    """The loss of a linear model around its best weights, at every step of a sweep.

    values (steps, 2), vectors (steps, 2, 2): eigenvalues and eigenvectors of the Hessian. start (steps, 2): the weights
    at 0. descents (steps,): the number of descent steps. path (steps, DRAWN + 1, 2): the weights after each of the
    first ones; the last weights are repeated where there are fewer.
    """

    values: np.ndarray
    vectors: np.ndarray
    start: np.ndarray
    descents: np.ndarray
    path: np.ndarray

    @property
    def condition(self) -> np.ndarray:
        return self.values[:, 1] / self.values[:, 0]

    @property
    def excess(self) -> np.ndarray:
        """Twice the loss at the start, over its least (steps,)."""
        return np.einsum("sk,sk->s", self.values, modes(self.vectors, self.start) ** 2)

    def contour(self, doubled: np.ndarray, turns: np.ndarray) -> np.ndarray:
        """The contour at `doubled` (steps,), twice the loss above its least: (steps, turns, 2), for angles (turns,)."""
        circle = np.stack([np.cos(turns), np.sin(turns)], axis=-1)
        axes = self.vectors * np.sqrt(doubled[:, None] / self.values)[:, None]
        return np.einsum("sik,tk->sti", axes, circle)


@dataclass(frozen=True)
class Result(Swept):
    raw: Bowl
    standard: Bowl


def sweep(settings: Settings, along: str, values: np.ndarray) -> Result:
    """The result at all values of the ratio or of the correlation, with the other one fixed."""
    given = {name: np.full(len(values), getattr(settings, name)) for name in GRIDS} | {along: values}
    correlation = given["correlation"]
    x, y = data(settings.seed, given["ratio"], correlation)
    raw, standard = bowl(x, y), bowl(standardized(x), y)
    facts = {**given, "raw_condition": raw.condition, "condition": standard.condition}
    facts |= {"raw_steps": raw.descents, "steps": standard.descents}
    facts |= by_batches(settings.seed, x[0, :, 0])
    slow, one = standard.descents > SLOW, np.maximum(raw.descents, standard.descents) == 1
    cases = [slow, one, raw.descents == standard.descents, correlation == 0]
    return Result(facts, np.select(cases, VERDICTS[:-1], VERDICTS[-1]), slow, raw, standard)


def data(seed: int, ratio: np.ndarray, correlation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features (steps, examples, 2) with exactly these spreads and correlations, and targets (steps, examples)."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((EXAMPLES, 2))
    z = (z - z.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(z.T, bias=True))).T
    mixed = correlation[:, None] * z[:, 0] + np.sqrt(1 - correlation[:, None] ** 2) * z[:, 1]
    alike = np.stack([np.broadcast_to(z[:, 0], mixed.shape), mixed], axis=-1)
    y = alike @ WEIGHTS + NOISE * rng.standard_normal(EXAMPLES)
    return alike * np.stack([np.ones_like(ratio), ratio], axis=-1)[:, None], y - y.mean(axis=1, keepdims=True)


def standardized(x: np.ndarray) -> np.ndarray:
    """The features (steps, examples, 2), each brought to mean 0 and standard deviation 1 over the examples."""
    mean, var = batch_statistics(x, axes=1)
    return (x - mean) / np.sqrt(var)


def bowl(x: np.ndarray, y: np.ndarray) -> Bowl:
    """The loss, half the mean squared error, and gradient descent on it from weights 0 at the best fixed learning rate.

    That rate is 2 over the sum of both eigenvalues; each step multiplies the excess loss by ((κ − 1) / (κ + 1))².
    """
    hessian = np.swapaxes(x, 1, 2) @ x / EXAMPLES
    values, vectors = np.linalg.eigh(hessian)
    best = np.linalg.solve(hessian, np.einsum("sni,sn->si", x, y)[..., None] / EXAMPLES)[..., 0]
    factors = 1 - 2 * values / values.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        descents = np.maximum(np.ceil(np.log(LEFT) / (2 * np.log(np.abs(factors[:, 0])))), 1).astype(int)
    taken = np.minimum(np.arange(DRAWN + 1), descents[:, None])
    along = modes(vectors, -best)[:, None] * factors[:, None] ** taken[..., None]
    return Bowl(values, vectors, -best, descents, np.einsum("sik,stk->sti", vectors, along))


def modes(vectors: np.ndarray, point: np.ndarray) -> np.ndarray:
    """The coordinates of points (steps, 2) along the eigenvectors."""
    return np.einsum("sik,si->sk", vectors, point)


def by_batches(seed: int, x: np.ndarray) -> dict[str, float]:
    """The first example's feature, normalized by the data set, and the least and largest it gets in random batches.

    x (examples,): the feature, standardized.
    """
    others = [np.random.default_rng([seed, batch]).permutation(len(x) - 1) for batch in range(BATCHES)]
    batches = np.stack([x[np.append(0, 1 + other[: BATCH_SIZE - 1])] for other in others])
    outputs = normalize(batches, *batch_statistics(batches, axes=1), EPSILON)[:, 0]
    return {"fixed": float(x[0]), "lowest": float(outputs.min()), "highest": float(outputs.max())}
