"""Nets that learned to tell black cats from black dogs, on animals whose fur has changed its color."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bn_core.nets.passes import forward
from bn_core.steps import Statistics
from lessons.covariate_shift import animals, race
from lessons.covariate_shift.world import HIDDEN, OTHERS, Array, Nets, world
from lessons.fields import check, choice, integer, number
from lessons.table import Swept

SHIFTS = np.round(np.linspace(0, 1, 41), 3)
LANES = ("plain", "old", "new")
"""Without batch norm; with, and the running statistics of black animals; with, and statistics re-estimated."""
LABELS = np.arange(OTHERS) * 2 // OTHERS  # 0: cats, which come first; 1: dogs
SAFE, FAIR = 0.95, 0.8  # of the animals right: from where on a net holds, or is only slipping
HARM = 0.05  # so much less right is harm
SLIP = (0.87, 0.93)  # the check: about one animal in ten wrong
RACE = "a race in training"
VERDICTS = ("spoiled", "same", "holding", "not restored", "slipping", "restored")
RACED = ("raced", "slowed", "shared")


@dataclass(frozen=True)
class Settings:
    """How far the fur has moved from black to its new color, and by what the statistics are re-estimated."""

    shift: float = number(0.0, 0, 1)
    coat: str = choice("ginger", *animals.COATS)
    unlabeled: int = integer(OTHERS // 2, 8, OTHERS // 2)
    cats: float = number(0.5, 0, 1)
    unit: int = integer(13, 1, HIDDEN[0])
    beside: str = choice("one unit", "one unit", RACE)
    activation: str = choice("sigmoid", *race.RATES)
    noise: str = choice(race.OWN, race.OWN, race.SHARED)
    seed: int = integer(0, 0, 9)

    def __post_init__(self) -> None:
        check(self)

    @property
    def racing(self) -> bool:
        """Whether the race in training stands beside the animals."""
        return self.beside == RACE

    @property
    def testing(self) -> bool:
        """Whether the words are about the animals."""
        return not self.racing


class Tested(NamedTuple):
    """At every one of SHIFTS: whether right (shifts, LANES, SEEDS, OTHERS), and of the first net with batch norm what
    it makes of the first layer's units (shifts, OTHERS, units), by the old and by the re-estimated statistics."""

    right: Array
    old: Array
    new: Array


@dataclass(frozen=True)
class Result(Swept):
    """What is drawn: `tested` at all SHIFTS, and which of them the steps are; of the unit alone its values, in `old`
    and `new` (steps, OTHERS), and in `black` (1, OTHERS) before any shift. run: the race, where it stands beside them.
    """

    settings: Settings
    steps: Array
    tested: Tested
    old: Array
    new: Array
    black: Array
    run: race.RaceResult | None


def seen(picture: animals.Picture, colors: Array, scale: tuple[float, float]) -> Array:
    """What the nets read (n, inputs) of the animals in these colors (n, 3), or in one (3,)."""
    pixels = picture.dyed(colors)
    return (pixels.reshape(len(pixels), -1) - scale[0]) / scale[1]


def dyes(seed: int, coat: str) -> Array:
    """The new colors (2, OTHERS, 3) of the animals tested, and of those to re-estimate with."""
    colors = np.array(animals.COATS[coat])
    return colors[np.random.default_rng([seed, 1]).integers(len(colors), size=(2, OTHERS))]


def re_estimated(nets: Nets, x: Array) -> Statistics:
    """Of all batch norms, by one pass of unlabeled animals in training mode. No weight moves."""
    norms = [layer.norm.statistics for layer in forward(nets.net, nets.state.parameters, x[None]).layers]
    mean, var = (np.concatenate(each, axis=2)[:, 0] for each in zip(*norms, strict=True))
    return Statistics(mean, var)


def pool(settings: Settings) -> Array:
    """The unlabeled animals taken: as many cats (the first half) as their share asks for, the rest dogs."""
    cats = round(settings.cats * settings.unlabeled)
    return np.r_[:cats, OTHERS // 2 : OTHERS // 2 + settings.unlabeled - cats]


@functools.lru_cache(maxsize=16)
def tested(seed: int, coat: str, pool: tuple[int, ...]) -> Tested:
    """At all shifts, the statistics re-estimated on the animals of these numbers."""
    drawn, normed = world(seed), world(seed).normed
    colors, running = dyes(seed, coat), normed.state.running
    black, own = (
        (seen(drawn.test, each[0], drawn.scale), seen(drawn.other, each[1], drawn.scale)[list(pool)])
        for each in ((animals.BLACK, animals.BLACK), colors)
    )
    right, old, new = [], [], []
    for shift in SHIFTS:
        x, others = ((1 - shift) * first + shift * last for first, last in zip(black, own, strict=True))
        fresh = re_estimated(normed, others)
        ways = ((drawn.plain, running), (normed, running), (normed, fresh))
        passes = [forward(nets.net, nets.state.parameters, x[None], known) for nets, known in ways]
        right.append([each.logits.argmax(axis=-1) == LABELS for each in passes])
        for kept, each in zip((old, new), passes[1:], strict=True):
            kept.append(each.layers[0].norm.x_hat[0].astype(np.float32))
    return Tested(*map(np.array, (right, old, new)))


def sweep(settings: Settings, along: str, values: Array) -> Result:
    """All shifts, or some of SHIFTS."""
    everything = tested(settings.seed, settings.coat, tuple(pool(settings).tolist()))
    steps = np.abs(SHIFTS - np.asarray(values)[:, None]).argmin(axis=1)
    old, new = (each[..., settings.unit - 1] for each in (everything.old, everything.new))
    facts = {"shift": SHIFTS[steps], "animals": settings.unlabeled, "cats": settings.cats}
    facts |= shares(everything.right.mean(axis=-1), steps)
    for name, given in (("old", old[steps]), ("new", new[steps])):
        facts |= {f"{name}_mean": given.mean(axis=1), f"{name}_std": given.std(axis=1)}
    right, restored = facts["old"], facts["new"]
    cases = [restored < right - HARM, SHIFTS[steps] == 0, right >= SAFE, restored < FAIR, right >= FAIR]
    reached = (right >= SLIP[0]) & (right <= SLIP[1])
    verdict = np.select(cases, VERDICTS[:-1], VERDICTS[-1])
    run = race.race(settings.seed, settings.activation, settings.noise) if settings.racing else None
    if run:
        facts |= race.facts(run)
        verdict = np.full(len(steps), race.verdict(run, settings.noise))
    return Result(facts, verdict, reached, settings, steps, everything, old[steps], new[steps], old[:1], run)


def shares(accuracy: Array, steps: Array) -> dict[str, Array]:
    """By lane, of accuracy (shifts, LANES, SEEDS): the first net's and the range of all at the steps, and the mean and
    the range at the last shift of all."""
    facts = {}
    for lane, each in zip(LANES, np.moveaxis(accuracy, 1, 0), strict=True):
        here, last = each[steps], each[-1]
        facts |= {lane: here[:, 0], f"{lane}_low": here.min(axis=1), f"{lane}_high": here.max(axis=1)}
        facts |= {f"{lane}_end": last.mean(), f"{lane}_least": last.min(), f"{lane}_most": last.max()}
    return facts


def printed(settings: Settings) -> dict[str, list[float]]:
    """What the script prints, by the beginnings of its lines."""
    facts = sweep(settings, "shift", np.array([settings.shift])).facts
    told = {"right without batch norm:": [facts["plain"][0]]}
    for name, words in (("old", "old"), ("new", "re-estimated")):
        told[f"right with {words} statistics:"] = [facts[name][0]]
        told[f"the unit, {words} statistics:"] = [facts[f"{name}_mean"][0], facts[f"{name}_std"][0]]
    return told
