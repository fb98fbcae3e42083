"""One image in training mode, in many batches, and in inference mode: a unit's x_hat and the net's probabilities."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from lessons.fields import Checked, choice, integer
from lessons.table import Swept
from lessons.train_infer import image, net
from lessons.train_infer.spread import normal_spread, unit_facts

GRIDS = {
    "batch_size": np.array([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512]),
    "steps": net.STEPS,
    "drawn": np.arange(1, 101),
}
DRAWS, MATES = len(GRIDS["drawn"]), 12  # batches of each size; other images of the chosen batch that are shown
GRIDS["without"] = np.arange(MATES + 1)
CALM, EARLY = 0.15, 0.1  # calm: most spread, and most distance to inference; early: least loss of accuracy
FUNNEL = GRIDS["batch_size"][GRIDS["batch_size"] >= 4]  # theory fails for smaller batches
EDGES = (0.05, 0.95)  # the shares of the batches below and above which a probability's line ends
VERDICTS = ("alone", "alike", "early", "repaired", "pair", "calm", "noisy")
MIXED, KEPT, AGAIN = "any digits", "running, momentum 0.99", "re-estimated"
SHALLOW, DEEP = map(str, net.COURSES)
CACHED = 1024
"""How many arrays of probabilities are kept, 4 kB each."""
UNITS = min(course.net.hidden[0] for course in net.COURSES.values())
UNRELATED = {"steps": int(net.STEPS[-1]), "drawn": 1, "without": 0, "unit": 1, "statistics": KEPT}
"""Fields on which the image's probabilities over all batches, after given steps, do not depend."""


@dataclass(frozen=True)
class Settings(Checked):
    """The image, its batch-mates, the chosen unit, the net's hidden layers, and how far the net is trained.

    drawn: the number, from 1, of the batch shown, one of DRAWS. without: the batch-mate, counted from 1, that is left
    out of it; 0, or a number that the batch does not have: none is.
    """

    batch_size: int = integer(16, 1, 512)
    steps: int = integer(320, 5, 320)
    drawn: int = integer(1, 1, DRAWS)
    without: int = integer(0, 0, MATES)
    batches: str = choice(MIXED, MIXED, "its own digit")
    statistics: str = choice(KEPT, KEPT, AGAIN)
    image: int = integer(45, 1, 360)
    unit: int = integer(12, 1, UNITS)
    layers: str = choice(SHALLOW, SHALLOW, DEEP)
    seed: int = integer(0, 0, 999)

    @property
    def row(self) -> int:
        """The image's row among the held-out images."""
        return self.image - 1

    @property
    def depth(self) -> int:
        """The number of hidden layers."""
        return int(self.layers)

    @property
    def digit(self) -> int:
        """The image's digit."""
        return int(net.digits().held_y[self.row])


@dataclass(frozen=True)
class Result(Swept):
    """What the figures show at every step of a sweep.

    x_hat (steps, DRAWS): of the image in training mode, once per batch; in inference mode it is the fact "fixed".
    ink (64,): of the image's pixels; chosen (steps,): the number, from 0, of the batch shown; mates (steps, MATES, 64):
    the ink of its first other images; out (steps,): which of them is left out, from 1, or 0. here: the image's x_hat
    (steps,) and its probabilities (steps, 10) in the batch shown.
    shares (steps, DRAWS, 10), inferred (steps, 10): the net's probabilities for the image, in training and in inference
    mode. accuracy (steps, 3, STEPS): on held-out images over the training, in batches of this size, by running
    statistics, and by re-estimated ones.
    """

    settings: Settings
    ink: np.ndarray
    chosen: np.ndarray
    mates: np.ndarray
    out: np.ndarray
    here: tuple[np.ndarray, np.ndarray]
    x_hat: np.ndarray
    shares: np.ndarray
    inferred: np.ndarray
    accuracy: np.ndarray
    span: list[float]

    @property
    def checks(self) -> np.ndarray:
        """The answer to the goal: why the mean is far from inference at any batch size, where it is."""
        far = self.facts["gap"] > CALM
        lags = far & (np.abs(self.facts["fixed"] - self.facts["true"]) > CALM) & (self.settings.statistics == KEPT)
        alike = far & (self.settings.batches != MIXED)
        return np.select([self.reached, alike, lags], ["reached", "alike", "lagging"], "not yet")

    @property
    def band(self) -> np.ndarray:
        """Two of theory's standard deviations above and below the long-run x_hat, over FUNNEL: (2, steps, sizes)."""
        true = self.facts["true"][:, None]
        return true + np.multiply.outer((2, -2), normal_spread(true, FUNNEL))

    @property
    def beyond(self) -> np.ndarray:
        """The number of batches whose x_hat is beyond the axis (steps,)."""
        return np.sum((self.x_hat < self.span[0]) | (self.x_hat > self.span[1]), axis=1)

    @property
    def opinions(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Each digit's mean probability over the batches, and how far above and below EDGES lie: (steps, 10) each."""
        mean, (low, high) = self.shares.mean(axis=1), np.quantile(self.shares, EDGES, axis=1)
        return mean, np.maximum(high - mean, 0), np.maximum(mean - low, 0)


def sweep(settings: Settings, along: str, values: np.ndarray) -> Result:
    """The result at all values of one control, with the others fixed."""
    given = {name: np.full(len(values), getattr(settings, name)) for name in GRIDS} | {along: values.astype(int)}
    chosen, out = given.pop("drawn") - 1, given.pop("without")
    sizes, places = given["batch_size"], [int(np.abs(net.STEPS - steps).argmin()) for steps in given["steps"]]
    mates, depth = drawn(settings), settings.depth
    x_hat, shares = over_batches(settings, mates, sizes, places)
    again = settings.statistics != KEPT
    fixed, inferred = (each[places] for each in image.inferred(depth, settings.row, settings.unit, again))
    true = image.inferred(depth, settings.row, settings.unit, True)[0][places]
    held = [net.inferred(depth, False), net.inferred(depth, True)]
    alike = settings.batches != MIXED
    accuracy = np.stack([[net.in_batches(depth, int(size), alike), *held] for size in sizes])
    facts = {**given, **unit_facts(x_hat, fixed, true, sizes), **judged(settings, shares, inferred)}
    now = accuracy[np.arange(len(values)), :, places]
    facts |= dict(zip(("in_batches", "in_inference", "again"), now.T, strict=True))
    facts["learned"] = net.learned(depth)[places]
    out = np.where(out < sizes, out, 0)
    whole = (each[np.arange(len(values)), chosen] for each in (x_hat, shares))
    here = in_batch_shown(settings, *whole, mates[chosen], sizes, places, out)
    facts |= {"own_here": here[1][:, settings.digit], "said_here": here[1].argmax(axis=1), "out": out}
    batch_shown = (net.ink()[1][settings.row], chosen, shown(mates[chosen], sizes), out, here)
    measured = (x_hat, shares, inferred, accuracy)
    return Result(facts, *verdicts(settings, facts), settings, *batch_shown, *measured, span(settings))


def verdicts(settings: Settings, facts: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The verdict for every step, and whether x_hat is calm there (steps,)."""
    sizes, alike, again = facts["batch_size"], settings.batches != MIXED, settings.statistics != KEPT
    calm = (facts["spread"] <= CALM) & (facts["gap"] <= CALM)
    early = facts["again"] - facts["in_inference"] > EARLY
    cases = [sizes == 1, np.full(len(sizes), alike), (not again) & early, again & early, sizes == 2, calm]
    return np.select(cases, VERDICTS[:-1], VERDICTS[-1]), calm


def over_batches(settings: Settings, mates: np.ndarray, sizes: np.ndarray, places: list[int]) -> Iterator[np.ndarray]:
    """At every step, the image's x_hat (DRAWS,) in training mode, and its probabilities (DRAWS, 10)."""
    pairs = list(zip(sizes.tolist(), places, strict=True))
    made = {
        (size, place): (
            image.normalized(settings.depth, place, settings.row, settings.unit, mates[:, : size - 1]),
            probabilities(replace(settings, **UNRELATED, batch_size=size), place),
        )
        for size, place in set(pairs)
    }
    return map(np.stack, zip(*(made[pair] for pair in pairs), strict=True))


@functools.lru_cache(CACHED)
def probabilities(settings: Settings, place: int) -> np.ndarray:
    """The image's probabilities (DRAWS, 10) in training mode, among the mates of these settings.

    Kept, since a reader who leaves out a mate, or looks at another unit or batch, asks for the same again.
    """
    return image.predicted(settings.depth, place, settings.row, drawn(settings)[:, : settings.batch_size - 1])


def judged(settings: Settings, shares: np.ndarray, inferred: np.ndarray) -> dict[str, object]:
    """The facts about the net's prediction for the image."""
    chosen, own = inferred.argmax(axis=1), shares[..., settings.digit]
    other = np.sum(shares.argmax(axis=2) != chosen[:, None], axis=1)
    sure = {"own_mean": own.mean(axis=1), "own_low": own.min(axis=1), "own_high": own.max(axis=1)}
    return {
        "digit": settings.digit,
        "draws": DRAWS,
        "chosen": chosen,
        "own": inferred[:, settings.digit],
        "other": other,
        **sure,
    }


def drawn(settings: Settings) -> np.ndarray:
    """The rows of the batch-mates, (DRAWS, largest batch size − 1); smaller batches take the first ones of each row."""
    shape, data = (DRAWS, int(GRIDS["batch_size"][-1]) - 1), net.digits()
    rng = np.random.default_rng(settings.seed)
    if settings.batches == MIXED:
        return rng.integers(0, len(data.x), shape)
    return rng.choice(np.flatnonzero(data.y == settings.digit), shape)


def shown(mates: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The ink of the first batch-mates (steps, MATES, 64) in batches of these sizes; none where there are fewer."""
    return net.ink()[0][mates[:, :MATES]] * (np.arange(MATES) < sizes[:, None] - 1)[..., None]


def in_batch_shown(
    settings: Settings,
    x_hat: np.ndarray,
    shares: np.ndarray,
    mates: np.ndarray,
    sizes: np.ndarray,
    places: list[int],
    out: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """x_hat (steps,) and probabilities (steps, 10) in the batch shown, computed anew where a mate is left out of it.

    mates (steps, most): the rows of the batch's mates; smaller batches have the first ones.
    """
    for step in np.flatnonzero(out):
        left = np.delete(mates[step, : sizes[step] - 1], out[step] - 1)[None]
        x_hat[step] = image.normalized(settings.depth, places[step], settings.row, settings.unit, left)[0]
        shares[step] = image.predicted(settings.depth, places[step], settings.row, left)[0]
    return x_hat, shares


def span(settings: Settings) -> list[float]:
    """The axis of the unit's x_hat: it holds inference's value at every training step; a batch's may lie beyond."""
    alike = net.digits().y == settings.digit
    fixed = [image.inferred(settings.depth, settings.row, settings.unit, again)[0] for again in (False, True)]
    places = np.concatenate(fixed).tolist()
    if settings.batches != MIXED:
        for place in range(len(net.STEPS)):
            mixed, held = (values[..., settings.unit - 1] for values in net.entering(settings.depth, place))
            places.append((held[settings.row] - mixed[alike].mean()) / mixed[alike].std())
    return [float(np.floor(2 * min(places)) / 2 - 1), float(np.ceil(2 * max(places)) / 2 + 1)]
