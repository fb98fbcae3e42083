"""What batch norm and dropout do to the test loss, measured over several seeds, and the noise that each adds."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass

import numpy as np

from bn_core import datasets
from bn_core.nets.network import draw_weights
from bn_core.steps import batch_statistics, normalize
from lessons.fields import Checked, choice, integer, number
from lessons.regularisation.measure import BATCH_SIZES, FILE, PLACES, RATES, SEEDS
from lessons.table import Swept

Array = np.ndarray

GRIDS = {"batch_size": np.array(BATCH_SIZES), "dropout": np.array(RATES)}
TASKS = {"256, a fifth with a wrong label": "few", "1,024, all labels right": "many"}
VERDICTS = ("better", "worse", "alike", "helps", "hurts", "open")
FEW, ALL = next(iter(TASKS)), PLACES[0]
UNITS, EPSILON, DRAWS = 32, 1e-3, 200
IN_QUESTION = RATES.index(0.2)  # the rate that the question is about
MOST, SLACK = 5, 1.03  # seeds (of 6) that make a verdict; the check's goal, as a multiple of the lowest loss


@dataclass(frozen=True)
class Settings(Checked):
    """The nets to look at, of those measured, and the seed of the random draws for noise and variance."""

    dropout: float = number(0.0, 0, 0.5)
    batch_size: int = integer(8, 4, 128)
    task: str = choice(FEW, *TASKS)
    place: str = choice(ALL, *PLACES)
    seed: int = integer(0, 0, 999)


@dataclass(frozen=True)
class Result(Swept):
    """What the figures show: the test losses without and with batch norm at every rate, (steps, 2, RATES, SEEDS); the
    spread of x_hat at every batch size, `noise` (sizes,); the variance ratio at every rate, `shift` (rates,).
    """

    settings: Settings
    losses: Array
    noise: Array
    shift: Array

    @property
    def shift_theory(self) -> Array:
        """The variance ratio at every rate if the values had mean 0 (rates,)."""
        return 1 - GRIDS["dropout"] * (self.settings.place == ALL)

    @property
    def loss_mean_and_std(self) -> tuple[Array, Array]:
        """Mean and standard deviation of the losses over the seeds, (steps, 2, RATES) each."""
        return self.losses.mean(axis=3), self.losses.std(axis=3)

    @property
    def truth(self) -> Array:
        """The mean losses (steps, 4) of the four nets that the reader's prediction puts in order."""
        plain, norm = self.losses.mean(axis=3).swapaxes(0, 1)
        return np.stack([norm[:, 0], plain[:, IN_QUESTION], norm[:, IN_QUESTION], norm[:, -1]], axis=1)


def sweep(settings: Settings, along: str, values: Array) -> Result:
    """The result at all rates of dropout, or all batch sizes, with the other one fixed."""
    given = {name: np.full(len(values), getattr(settings, name), dtype=float) for name in GRIDS} | {along: values}
    sizes, rates = ([nearest(grid, each) for each in given[name]] for name, grid in GRIDS.items())
    table = measured(TASKS[settings.task], settings.place)
    losses, steps = table["test_loss"][sizes], np.arange(len(values))
    here, none = losses[steps, :, rates], losses[:, :, 0]
    added, alone = fewer(here[:, 1], none[:, 1]), fewer(none[:, 1], none[:, 0])
    noise, shift = batch_noise(settings.seed), variance_ratio(settings.seed, settings.place)
    lowest = table["test_loss"][:, 1].mean(axis=2).min()
    reached = here[:, 1].mean(axis=1) <= SLACK * lowest
    cases = [alone >= MOST, alone <= len(SEEDS) - MOST]
    with_dropout = [added >= MOST, added <= len(SEEDS) - MOST]
    verdict = np.where(
        np.array(rates) == 0, np.select(cases, VERDICTS[:2], "alike"), np.select(with_dropout, VERDICTS[3:5], "open")
    )
    facts = {"batch_size": GRIDS["batch_size"][sizes], "dropout": GRIDS["dropout"][rates], "runs": len(SEEDS)}
    facts |= loss_facts("plain", losses[:, 0], rates) | loss_facts("norm", losses[:, 1], rates) | {"lowest": lowest}
    facts |= {"added": added, "alone": alone, "noise": noise[sizes], "theory": noise_theory(facts["batch_size"])}
    facts |= {"keep": 1 - facts["dropout"], "ratio": shift[rates], "dropout_noise": dropout_noise(facts["dropout"])}
    return Result(facts, verdict, reached, settings, losses, noise, shift)


def nearest(grid: Array, value: float) -> int:
    return int(np.abs(grid - value).argmin())


def fewer(one: Array, other: Array) -> Array:
    """The number of seeds (steps,) in which the loss of `one` (steps, SEEDS) is below that of `other`."""
    return np.sum(one < other, axis=1)


def loss_facts(name: str, losses: Array, rates: list[int]) -> dict[str, Array]:
    """Facts about one kind of net from its losses (steps, RATES, SEEDS): mean and std at a step's rate and others."""
    steps, mean, std = np.arange(len(losses)), losses.mean(axis=2), losses.std(axis=2)
    best = mean.argmin(axis=1)
    now = {name: mean[steps, rates], f"{name}_std": std[steps, rates]}
    others = {"none": mean[:, 0], "best": mean[steps, best], "rate": GRIDS["dropout"][best], "half": mean[:, -1]}
    others |= {"none_std": std[:, 0], "best_std": std[steps, best]}
    return now | {f"{name}_{which}": values for which, values in others.items()}


@functools.cache
def measured(task: str, place: str) -> dict[str, Array]:
    """The stored measurements of lessons/regularisation/measure.py, each (sizes, plain or batch norm, rates, seeds)."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))[task][place]
    names = stored["plain"][str(BATCH_SIZES[0])]
    return {
        name: np.array([[stored[kind][str(size)][name] for kind in stored] for size in BATCH_SIZES]) for name in names
    }


@functools.cache
def entering(seed: int) -> tuple[Array, Array]:
    """The inputs of the first layer's batch norm for all digits (images, UNITS), and the second layer's weights."""
    x = datasets.standardized(datasets.digits()[0])
    first, second = draw_weights(x.shape[1], UNITS, 1, seed)[0], draw_weights(UNITS, UNITS, 1, seed + 1)[0]
    return np.sqrt(2) * (x @ first), np.sqrt(2) * second


def of_all(z: Array) -> Array:
    """x_hat (images, units) where the batch is all images."""
    return normalize(z, *batch_statistics(z, axes=0), EPSILON)


@functools.cache
def batch_noise(seed: int) -> Array:
    """For each batch size, the rms distance of an image's x_hat in a batch from its x_hat among all images (sizes,)."""
    z, _ = entering(seed)
    rows, fixed = np.random.default_rng(seed).integers(0, len(z), (DRAWS, BATCH_SIZES[-1])), of_all(z)
    found = []
    for size in BATCH_SIZES:
        batch = z[rows[:, :size]]
        x_hat = normalize(batch, *batch_statistics(batch, axes=1), EPSILON)[:, 0]
        found.append(np.sqrt(np.mean((x_hat - fixed[rows[:, 0]]) ** 2)))
    return np.array(found)


def noise_theory(size: Array) -> Array:
    """The spread of x_hat over batches of this size if the values were normally distributed."""
    return np.sqrt(1.5 / size)


def dropout_noise(rate: Array) -> Array:
    """Dropout's noise as a share of a value: std over mean, as kept values are divided by 1 − rate."""
    return np.sqrt(rate / (1 - rate))


@functools.cache
def variance_ratio(seed: int, place: str) -> Array:
    """For each rate, the variance of the second batch norm's inputs in inference over that in training (rates,)."""
    z, weights = entering(seed)
    h, uniform = np.maximum(of_all(z), 0), np.random.default_rng(seed).random(z.shape)
    masks = [(uniform >= rate) / (1 - rate) if place == ALL else np.ones(z.shape) for rate in RATES]
    return np.array([np.mean((h @ weights).var(axis=0) / ((h * mask) @ weights).var(axis=0)) for mask in masks])
