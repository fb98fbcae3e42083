"""One image in training mode, in many batches, and in inference mode: a unit's x_hat and what the net says of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bn_core.nets.mlp import MLP
from bn_core.nets.passes import forward
from bn_core.steps import Statistics, batch_statistics, normalize
from figures.numerals import Numeral
from lessons.fields import check, choice, integer
from lessons.table import Swept
from lessons.train_infer import net

GRIDS = {
    "batch_size": np.array([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512]),
    "steps": net.STEPS,
    "drawn": np.arange(1, 101),
}
DRAWS, MATES = len(GRIDS["drawn"]), 12  # batches of a size; how many other images of the one shown are drawn
CALM, EARLY = 0.15, 0.1  # calm: spread and distance to inference; early: accuracy that the wait costs
FUNNEL = GRIDS["batch_size"][GRIDS["batch_size"] >= 4]  # below, an image is too large a part of its batch for theory
EDGES = (0.05, 0.95)  # the shares of the batches below and above which a probability's line ends
NONE = "none"  # what theory says of a batch of one or two
NEAR = 0.05  # so near to +1 or -1 a pair's x_hat counts as there
VERDICTS = ("alone", "alike", "early", "repaired", "pair", "calm", "noisy")
MIXED, KEPT, AGAIN = "any digits", "running, momentum 0.99", "re-estimated"
SHALLOW, DEEP = map(str, net.COURSES)
UNITS = min(course.net.hidden[0] for course in net.COURSES.values())


@dataclass(frozen=True)
class Settings:
    """The image, its batch-mates, the unit that is looked at, the net's hidden layers, and how far it is trained.

    drawn: which of the DRAWS batches is shown, counted from 1.
    """

    batch_size: int = integer(16, 1, 512)
    steps: int = integer(320, 5, 320)
    drawn: int = integer(1, 1, DRAWS)
    batches: str = choice(MIXED, MIXED, "its own digit")
    statistics: str = choice(KEPT, KEPT, AGAIN)
    image: int = integer(45, 1, 360)
    unit: int = integer(12, 1, UNITS)
    layers: str = choice(SHALLOW, SHALLOW, DEEP)
    seed: int = integer(0, 0, 999)

    def __post_init__(self) -> None:
        check(self)

    @property
    def row(self) -> int:
        """The image's, among those held out."""
        return self.image - 1

    @property
    def depth(self) -> int:
        """Hidden layers, as a number."""
        return int(self.layers)

    @property
    def digit(self) -> int:
        """What is on it."""
        return int(net.digits().held_y[self.row])


@dataclass(frozen=True)
class Result(Swept):
    """At every step of a sweep: x_hat (steps, DRAWS) in training mode, `fixed` (steps,) in inference mode; of the batch
    shown, its number from 0, `chosen` (steps,), and the pixels of its first MATES other images (steps, MATES, 64), NaN
    where it has fewer; what the net
    says of the image, `shares` (steps, DRAWS, 10) and `inferred` (steps, 10); the share of held-out images that are
    right after STEPS steps of training, `accuracy` (steps, 3, STEPS): in such batches, by the running statistics, and
    re-estimated.
    """

    settings: Settings
    pixels: np.ndarray
    chosen: np.ndarray
    mates: np.ndarray
    x_hat: np.ndarray
    shares: np.ndarray
    inferred: np.ndarray
    accuracy: np.ndarray
    span: list[float]

    @property
    def band(self) -> np.ndarray:
        """Theory's two deviations above and below the long run, over FUNNEL (2, steps, sizes)."""
        true = self.facts["true"][:, None]
        return true + np.multiply.outer((2, -2), normal_spread(true, FUNNEL))

    @property
    def beyond(self) -> np.ndarray:
        """How many batches give an x_hat beyond the axis (steps,)."""
        return np.sum((self.x_hat < self.span[0]) | (self.x_hat > self.span[1]), axis=1)

    def here(self, values: np.ndarray) -> np.ndarray:
        """Of values (steps, DRAWS, …) those of the batch shown (steps, …)."""
        return values[np.arange(len(values)), self.chosen]

    @property
    def opinions(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Each digit's probability over the batches: the mean, and how far most of them lie above and below it."""
        mean, (low, high) = self.shares.mean(axis=1), np.quantile(self.shares, EDGES, axis=1)
        return mean, np.maximum(high - mean, 0), np.maximum(mean - low, 0)


def sweep(settings: Settings, along: str, values: np.ndarray) -> Result:
    """All values of one control, the others held."""
    given = {name: np.full(len(values), getattr(settings, name)) for name in GRIDS} | {along: values.astype(int)}
    chosen = given.pop("drawn") - 1
    sizes, places = given["batch_size"], [int(np.abs(net.STEPS - steps).argmin()) for steps in given["steps"]]
    mates, depth = drawn(settings), settings.depth
    x_hat, shares = (np.stack(each) for each in zip(*over_batches(settings, mates, sizes, places), strict=True))
    again = settings.statistics != KEPT
    fixed, inferred = (
        np.stack(values) for values in zip(*(in_inference(settings, each, again) for each in places), strict=True)
    )
    true = np.stack([in_inference(settings, each, True)[0] for each in places])
    held = [net.inferred(depth, False), net.inferred(depth, True)]
    alike = settings.batches != MIXED
    accuracy = np.stack([[net.in_batches(depth, int(size), alike), *held] for size in sizes])
    facts = {**given, **unit_facts(x_hat, fixed, true, sizes), **judged(settings, shares, inferred)}
    now = accuracy[np.arange(len(values)), :, places]
    facts |= dict(zip(("in_batches", "in_inference", "again"), now.T, strict=True))
    facts["learned"] = net.learned(depth)[places]
    facts["own_here"] = shares[np.arange(len(values)), chosen, settings.digit]
    seen = (net.digits().held_x[settings.row], chosen, shown(mates[chosen], sizes), x_hat, shares, inferred, accuracy)
    return Result(facts, *verdicts(settings, facts), settings, *seen, span(settings))


def verdicts(settings: Settings, facts: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The word that every step deserves, and whether x_hat is calm there."""
    sizes, alike, again = facts["batch_size"], settings.batches != MIXED, settings.statistics != KEPT
    calm = (facts["spread"] <= CALM) & (facts["gap"] <= CALM)
    early = facts["again"] - facts["in_inference"] > EARLY
    cases = [sizes == 1, np.full(len(sizes), alike), (not again) & early, again & early, sizes == 2, calm]
    return np.select(cases, VERDICTS[:-1], VERDICTS[-1]), calm


def over_batches(
    settings: Settings, mates: np.ndarray, sizes: np.ndarray, places: list[int]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """What in_training gives at every step; what steps share is worked out once."""
    pairs = list(zip(sizes.tolist(), places, strict=True))
    made = {each: in_training(settings, mates[:, : each[0] - 1], each[1]) for each in set(pairs)}
    return [made[each] for each in pairs]


def unit_facts(x_hat: np.ndarray, fixed: np.ndarray, true: np.ndarray, sizes: np.ndarray) -> dict[str, np.ndarray]:
    """What the words say of the unit's x_hat; `theory`: the spread that batches of normal values would bring,
    `expected`: that, where there is any such theory."""
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
    """The standard deviation of x_hat over batches of normal values, around what it is in the long run."""
    return np.sqrt(1 + true**2 / 2) / np.sqrt(sizes)


def judged(settings: Settings, shares: np.ndarray, inferred: np.ndarray) -> dict[str, object]:
    """What they say of the net's opinion on the image."""
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
    """Rows of training images, DRAWS times as many as the largest batch needs; smaller batches take the first."""
    shape, data = (DRAWS, int(GRIDS["batch_size"][-1]) - 1), net.digits()
    rng = np.random.default_rng(settings.seed)
    if settings.batches == MIXED:
        return rng.integers(0, len(data.x), shape)
    return rng.choice(np.flatnonzero(data.y == settings.digit), shape)


def shown(mates: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The pixels of the first mates (steps, MATES, 64) of batches of these sizes."""
    pixels, present = net.digits().x[mates[:, :MATES]], np.arange(MATES) < sizes[:, None] - 1
    return np.where(present[..., None], pixels, np.nan)


def in_training(settings: Settings, mates: np.ndarray, place: int) -> tuple[np.ndarray, np.ndarray]:
    """The image's x_hat (DRAWS,) of the unit and probabilities (DRAWS, 10), each time with other mates."""
    mixed, held = net.entering(settings.depth, place)
    own = np.broadcast_to(held[settings.row], (len(mates), 1, held.shape[1]))
    batch = np.concatenate([own, mixed[mates]], axis=1)
    looked_at = batch[..., settings.unit - 1]
    x_hat = normalize(looked_at[:, :1], *batch_statistics(looked_at, axes=1), net_of(settings.depth).epsilon)
    return x_hat[:, 0], net.softmax(net.in_training(settings.depth, place, batch, first=True)[:, 0])


def net_of(depth: int) -> MLP:
    """The net with so many hidden layers."""
    return net.COURSES[depth].net


def in_inference(settings: Settings, place: int, again: bool) -> tuple[float, np.ndarray]:
    """The image's x_hat of the unit and its probabilities (10,), by running or re-estimated statistics."""
    depth, row = settings.depth, settings.row
    state, x = (net.reestimated if again else net.trained)(depth)[place], net.digits().held_x[None, row : row + 1]
    passed = forward(net_of(depth), state.parameters, x, Statistics(*state.running))
    return passed.layers[0].norm.x_hat[0, 0, settings.unit - 1], net.softmax(passed.logits[0, 0])


def span(settings: Settings) -> list[float]:
    """An axis for the unit's x_hat that holds inference's at every number of steps; a batch's may lie beyond."""
    alike = net.digits().y == settings.digit
    places = []
    for place in range(len(net.STEPS)):
        mixed, held = (values[..., settings.unit - 1] for values in net.entering(settings.depth, place))
        places += [in_inference(settings, place, again)[0] for again in (False, True)]
        if settings.batches != MIXED:
            places.append((held[settings.row] - mixed[alike].mean()) / mixed[alike].std())
    return [float(np.floor(2 * min(places)) / 2 - 1), float(np.ceil(2 * max(places)) / 2 + 1)]
