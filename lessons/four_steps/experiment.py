"""One batch of numbers through the four steps x → x − μ → x̂ → y."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bn_core.steps import batch_statistics
from lessons.fields import Checked, flag, integer, number, numbers
from lessons.four_steps.batches import four_steps, moved, pulled, with_band

STATIONS = ("x", "centered", "x_hat", "y")
MANTISSAS = np.array([1, 1.5, 2, 3, 5, 7])
GRIDS = {
    "gamma": np.round(np.linspace(-3, 3, 121), 2),
    "beta": np.round(np.linspace(-6, 6, 121), 1),
    "spread": np.round(np.linspace(0, 2, 41), 2),
    "offset": np.round(np.linspace(-5, 5, 101), 1),
    "epsilon": np.array([float(f"{10.0**power * m:.2g}") for power in range(-5, 1) for m in MANTISSAS] + [10.0]),
    "outlier_value": np.round(np.linspace(-15, 15, 61), 1),
    "pull": np.round(np.linspace(-16, 16, 129), 2),
}
"""The values of each dragged control; `grid` adds those of the traced value, which depend on the batch."""

VERDICTS = ("constant", "flat", "undone", "outlier", "shrunk", "mirrored", "standard", "scaled")
"""Verdicts for the live sentence; the first that holds is used."""

UNDONE = 0.1  # the check's goal: no output further than this from its own x
SQUEEZED = 1.0  # the goal with an outlier: no two of the other x̂ further apart than this
SPREAD_OUT = 5 * UNDONE  # the least std of x, so that a batch of equal numbers does not count as "undone"
EPSILON_SHOWS = 0.98  # below this share of |gamma|, the std of y is visibly less than gamma promises


@dataclass(frozen=True)
class Settings(Checked):
    """A batch as typed, what is done to it before the layer, and the layer's own numbers.

    `spread` multiplies each value's distance to the batch's mean, `offset` moves all; `outlier_value` joins the batch
    only while `outlier` is on, and neither of them changes it. `trace` counts from 1, to the last value at most; `pull`
    moves only the traced value.
    """

    batch: tuple[float, ...] = numbers((2.0, 4.0, 4.0, 5.0, 7.0, 8.0), -20, 20, least=2, most=16)
    gamma: float = number(1.5, -3, 3)
    beta: float = number(2.0, -6, 6)
    epsilon: float = number(0.001, 1e-5, 10)
    spread: float = number(1.0, 0, 2)
    offset: float = number(0.0, -5, 5)
    outlier: bool = flag(False)
    outlier_value: float = number(12.0, -15, 15)
    trace: int = integer(5, 1, 17)
    pull: float = number(0.0, -16, 16)

    @property
    def size(self) -> int:
        """The number of values in the batch."""
        return len(self.batch) + self.outlier


@dataclass(frozen=True)
class Result:
    """The batch at the four stations x, x − μ, x̂, y.

    stations (4, N): every value; the outlier, if any, comes last. alone (4, n): the same without the outlier.
    means, stds (4,): of each station over the batch; alone_means, alone_stds (4,): without the outlier.
    var, divisor (): variance of x and √(var + epsilon). promised_std (): |gamma|·√(var / (var + epsilon)).
    traced (): index of the traced value.
    distance (): the largest between an x and its y. undone (): whether y is x again. apart (): the largest distance
    between two x_hat, the outlier's left out.
    verdict (): what the sentence is about. From `sweep` every array has a leading axis of steps.
    """

    settings: Settings
    stations: np.ndarray
    alone: np.ndarray
    means: np.ndarray
    stds: np.ndarray
    alone_means: np.ndarray
    alone_stds: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    epsilon: np.ndarray
    var: np.ndarray
    divisor: np.ndarray
    promised_std: np.ndarray
    traced: np.ndarray
    distance: np.ndarray
    apart: np.ndarray
    undone: np.ndarray
    verdict: np.ndarray

    def at(self, step: int) -> Result:
        """One step of a sweep, without the leading axis."""
        names = [field.name for field in dataclasses.fields(self) if field.name != "settings"]
        return Result(self.settings, **{name: getattr(self, name)[step] for name in names})

    @property
    def reached(self) -> np.ndarray:
        """Whether the goal of the present view is met, at every step."""
        return self.apart <= SQUEEZED if self.settings.outlier else self.undone

    @property
    def checks(self) -> np.ndarray:
        """For every step, the word of the answer to the goal of the present view."""
        if self.settings.outlier:
            return np.where(self.reached, "reached.outlier", "not yet.outlier")
        return np.select([self.undone, self.distance <= UNDONE], ["reached", "narrow"], "not yet")

    @property
    def path(self) -> np.ndarray:
        """The traced value at the four stations, (4,)."""
        return np.take_along_axis(self.stations, self.traced[..., None, None], axis=-1)[..., 0]

    @property
    def facts(self) -> dict[str, np.ndarray]:
        """The numbers that sentences and tiles quote, each (steps,)."""
        last = self.settings.size - 1
        mate = np.minimum(self.traced, self.alone.shape[2] - 1)  # an outlier has no "before": the last batch-mate has
        steps = np.arange(len(mate))
        return {
            **dict(zip(STATIONS, self.path.T, strict=True)),
            **{name: getattr(self, name) for name in ("gamma", "beta", "var", "divisor", "promised_std")},
            "gamma_abs": np.abs(self.gamma),
            **{"mean": self.means[:, 0], "std": self.stds[:, 0], "y_mean": self.means[:, 3], "y_std": self.stds[:, 3]},
            **{"alone_mean": self.alone_means[:, 0], "alone_std": self.alone_stds[:, 0]},
            **{"mate": self.alone[steps, 0, mate], "mate_alone": self.alone[steps, 3, mate]},
            **{"mate_y": self.stations[steps, 3, mate], "distance": self.distance},
            "outlier": self.stations[:, 0, last],
            "x_hat_std": self.stds[:, 2],
            "apart": self.apart,
            "apart_alone": np.ptp(self.alone[:, 2], axis=1),
            "size": self.settings.size,
        }


def run(settings: Settings) -> Result:
    """The four steps for one state."""
    return sweep(settings, "gamma", [settings.gamma]).at(0)


def folded(settings: Settings) -> Settings:
    """The settings with the present batch as the typed one, so that another value can be pulled next.

    Unchanged where no value is pulled, or where the pulled value cannot be typed.
    """
    if not settings.pull:
        return settings
    values = tuple(float(value) + 0.0 for value in np.round(run(settings).alone[0], 6))
    try:
        return dataclasses.replace(settings, batch=values, spread=1.0, offset=0.0, pull=0.0)
    except ValueError:
        return settings


def printed(settings: Settings) -> dict[str, np.ndarray]:
    """The numbers that the script prints, by the beginning of their line."""
    result = run(settings)
    x, centered, x_hat, y = result.stations
    return {
        "x:": x,
        "x - mu:": centered,
        "x_hat:": x_hat,
        "y:": y,
        "mean and std of x:": np.array([result.means[0], result.stds[0]]),
        "mean and std of y:": np.array([result.means[3], result.stds[3]]),
        "|gamma| * sqrt(var / (var + epsilon)):": result.promised_std[None],
        "the traced value:": result.path,
    }


def sweep(settings: Settings, control: str, values: Sequence[float]) -> Result:
    """The four steps for every value of one control, with the other settings fixed, in one call of the engine."""
    given = {name: np.full(len(values), float(getattr(settings, name))) for name in (*GRIDS, "trace")}
    given[control] = np.asarray(values, dtype=float)
    mates = moved(settings.batch, given["spread"], given["offset"])
    mates = pulled(mates, given["trace"], given["pull"], settings.batch)
    x = np.column_stack([mates, given["outlier_value"]]) if settings.outlier else mates
    layer = [given[name][:, None] for name in ("gamma", "beta", "epsilon")]
    stations, alone = four_steps(x, *layer), four_steps(mates, *layer)
    return _result(settings, given, stations, alone)


def reach(settings: Settings) -> tuple[float, float]:
    """The least and the largest value, or mean ± std, at any station for any setting of the controls with this batch.

    For the outputs the bound |gamma|·|x̂| + |beta| is used, which is reached, or nearly, at the ends of gamma and beta.
    """
    outliers = GRIDS["outlier_value"][::10] if settings.outlier else np.zeros(1)
    order = np.argsort(settings.batch)
    traced = 1 + np.unique([*order[:2], *order[-2:]])  # pulling any other value moves the mean, and thus the rest, less
    axes = np.meshgrid(GRIDS["spread"], GRIDS["offset"][[0, -1]], outliers, traced, (-100.0, 0.0, 100.0))
    spreads, offsets, outliers, traced, pulls = (axis.ravel() for axis in axes)
    mates = pulled(moved(settings.batch, spreads, offsets), traced, pulls, settings.batch)
    batches = [mates, np.column_stack([mates, outliers])] if settings.outlier else [mates]
    layer = [np.full((len(mates), 1), value) for value in (1.0, 0.0, GRIDS["epsilon"][0])]
    stations = np.concatenate([with_band(four_steps(x, *layer)[:, :3]) for x in batches], axis=2)
    most = float(GRIDS["gamma"][-1] * np.abs(stations[:, 2]).max() + GRIDS["beta"][-1])
    return min(float(stations.min()), -most), max(float(stations.max()), most)


def grid(settings: Settings, control: str) -> np.ndarray:
    """The values of a dragged control in this state."""
    return np.arange(1.0, settings.size + 1) if control == "trace" else GRIDS[control]


def _result(settings: Settings, given: dict[str, np.ndarray], stations: np.ndarray, alone: np.ndarray) -> Result:
    (means, variances), (alone_means, alone_vars) = (batch_statistics(at, axes=2) for at in (stations, alone))
    var = variances[:, 0, 0]
    gamma, beta, epsilon = given["gamma"], given["beta"], given["epsilon"]
    distance = np.abs(stations[:, 3] - stations[:, 0]).max(axis=1)
    undone = (distance <= UNDONE) & (np.sqrt(var) >= SPREAD_OUT)
    return Result(
        settings,
        stations,
        alone,
        means=means[..., 0],
        stds=np.sqrt(variances[..., 0]),
        alone_means=alone_means[..., 0],
        alone_stds=np.sqrt(alone_vars[..., 0]),
        gamma=gamma,
        beta=beta,
        epsilon=epsilon,
        var=var,
        divisor=np.sqrt(var + epsilon),
        promised_std=np.abs(gamma) * np.sqrt(var / (var + epsilon)),
        traced=np.minimum(given["trace"].astype(int), settings.size) - 1,
        distance=distance,
        apart=np.ptp(stations[:, 2, : len(settings.batch)], axis=1),
        undone=undone,
        verdict=_verdict(settings, gamma, beta, epsilon, var, undone),
    )


def _verdict(
    settings: Settings, gamma: np.ndarray, beta: np.ndarray, epsilon: np.ndarray, var: np.ndarray, undone: np.ndarray
) -> np.ndarray:
    """The verdict of each step."""
    cases = [
        var == 0,
        gamma == 0,
        undone,
        np.full(var.shape, settings.outlier),
        np.sqrt(var / (var + epsilon)) < EPSILON_SHOWS,
        gamma < 0,
        (gamma == 1) & (beta == 0),
    ]
    return np.select(cases, VERDICTS[:-1], default=VERDICTS[-1])
