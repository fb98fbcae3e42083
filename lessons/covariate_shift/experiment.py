"""Nets trained to tell black cats from black dogs, tested on animals whose fur has changed its color."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bn_core.steps import batch_statistics, normalize, scale_and_shift
from lessons.covariate_shift import accounts, animals, measure, race
from lessons.covariate_shift.world import HIDDEN, LAST_SEED, OTHERS, Array, Nets, world
from lessons.fields import Checked, choice, integer, number
from lessons.table import Swept

SHIFTS = np.round(np.linspace(0, 1, 41), 3)
LANES = ("plain", "old", "new")
"""Without batch norm; with batch norm and the black animals' statistics; with re-estimated statistics."""
LABELS = np.arange(OTHERS) * 2 // OTHERS  # 0: cats, which come first; 1: dogs
SAFE, FAIR = 0.95, 0.8  # accuracies: from SAFE on a net holds up, from FAIR on it only slips
HARM = 0.05  # a larger loss of accuracy is harm
SLIP = (0.87, 0.93)  # the check: about one animal in ten wrong
UNIT, RACE = "one unit", "a race in training"
GOALS = {RACE: "race", accounts.SCATTER: "scattered", accounts.ALONG: "along"}
GOALS |= {accounts.RATES: "rates", accounts.CHANGED: "changed"}
"""The trainings' own goals, by view."""
VERDICTS = ("spoiled", "same", "holding", "not restored", "slipping", "restored")
TRAINED = ("raced", "slowed", "shared", "scattered", "along", "plateau", "tolerated", "passed")


@dataclass(frozen=True)
class Settings(Checked):
    """How far the fur has moved from black to its new color, and which animals re-estimate the statistics."""

    shift: float = number(0.0, 0, 1)
    coat: str = choice("ginger", *animals.COATS)
    unlabeled: int = integer(OTHERS // 2, 8, OTHERS // 2)
    cats: float = number(0.5, 0, 1)
    unit: int = integer(13, 1, HIDDEN[0])
    beside: str = choice(UNIT, UNIT, RACE, *accounts.VIEWS)
    activation: str = choice("sigmoid", *measure.RATES)
    noise: str = choice(measure.OWN, *measure.KINDS)
    seed: int = integer(0, 0, LAST_SEED)

    @property
    def testing(self) -> bool:
        """Whether the words are about the animals, not about one of the trainings."""
        return self.beside == UNIT

    @property
    def training(self) -> bool:
        return not self.testing


class Tested(NamedTuple):
    """Results at every one of SHIFTS. right (shifts, LANES, NETS, OTHERS): whether each animal is recognized. old, new
    (shifts, OTHERS, units): x_hat in the first net's first layer, by old and by re-estimated statistics."""

    right: Array
    old: Array
    new: Array


@dataclass(frozen=True)
class Result(Swept):
    """What the figures show: `tested` at all SHIFTS, and the index of each step in SHIFTS. Of the chosen unit: x_hat in
    `old` and `new` (steps, OTHERS), and in `black` (1, OTHERS) before any shift. run: the race, if it is in view.
    """

    settings: Settings
    steps: Array
    tested: Tested
    old: Array
    new: Array
    black: Array
    run: race.RaceResult | None

    @property
    def accuracy(self) -> Array:
        """Accuracy (shifts, LANES, NETS)."""
        return self.tested.right.mean(axis=-1)

    @property
    def alts(self) -> tuple[str, str]:
        return "tests", {UNIT: "unit", RACE: "race", **accounts.VIEWS}[self.settings.beside]

    @property
    def goal(self) -> str:
        return f"check.{GOALS[self.settings.beside]}" if self.settings.training else "check"

    @property
    def truth(self) -> Array:
        """The accuracy (steps, 1) of the first net with batch norm at the last shift."""
        last = self.accuracy[-1, LANES.index("old"), 0]
        return np.full((len(self.steps), 1), last)


def seen(picture: animals.Picture, colors: Array, scale: tuple[float, float]) -> Array:
    """The nets' inputs (n, inputs) for the animals in these colors (n, 3), or all in one color (3,)."""
    pixels = picture.dyed(colors)
    return (pixels.reshape(len(pixels), -1) - scale[0]) / scale[1]


@functools.cache
def dyes(coat: str) -> Array:
    """The new colors (2, OTHERS, 3): of the test animals, and of the animals for re-estimation."""
    colors = np.array(animals.COATS[coat])
    return colors[np.random.default_rng([0, 1]).integers(len(colors), size=(2, OTHERS))]


@functools.lru_cache(maxsize=8)
def entering(seed: int, coat: str, normed: bool) -> Array:
    """The first layer's pre-activations (2, NETS, 2 · OTHERS, units) for the test animals, then the others: in black,
    then in their new colors. In between they lie on a straight line, as the pixels do."""
    drawn = world()
    nets = (drawn.normed if normed else drawn.plain).of(seed)
    first = nets.net.views(nets.state.parameters)[0]
    colors = (np.broadcast_to(animals.BLACK, (2, OTHERS, 3)), dyes(coat))
    pixels = [
        np.concatenate([seen(drawn.test, each[0], drawn.scale), seen(drawn.other, each[1], drawn.scale)])
        for each in colors
    ]
    return np.stack([each @ first.kernel + first.bias for each in pixels])


def onward(nets: Nets, z: Array, others: int = 0) -> tuple[Array | None, Array]:
    """From the first layer's pre-activations z (NETS, n, units) to its x_hat and the logits, without the last `others`.

    Where there are such `others`, all batch norms use their statistics in place of the running ones.
    """
    *hidden, output = nets.net.views(nets.state.parameters)
    running, kept, x_hats, a = nets.net.per_layer(nets.state.running), z.shape[1] - others, [], z
    for layer, weights in enumerate(hidden):
        z = a @ weights.kernel + weights.bias if layer else z
        if running:
            known = batch_statistics(z[:, kept:], axes=1) if others else running[layer]
            x_hats.append(normalize(z, *known, nets.net.epsilon))
            z = scale_and_shift(x_hats[-1], weights.gamma, weights.beta)
        a = np.maximum(z, 0)
    return (x_hats[0][:, :kept] if x_hats else None), a[:, :kept] @ output.kernel + output.bias


def pool(settings: Settings) -> Array:
    """The rows of the unlabeled animals: cats (from the first half) as the settings ask for, the rest dogs."""
    cats = round(settings.cats * settings.unlabeled)
    return np.r_[:cats, OTHERS // 2 : OTHERS // 2 + settings.unlabeled - cats]


def at_all_shifts(nets: Nets, black: Array, own: Array, others: int = 0) -> tuple[Array, Array]:
    """Whether each animal is recognized (shifts, NETS, OTHERS), and x_hat in the first net's first layer."""
    passes = [onward(nets, (1 - shift) * black + shift * own, others) for shift in SHIFTS]
    right = np.array([logits.argmax(axis=-1) == LABELS for _, logits in passes])
    return right, np.array([x_hat[0] for x_hat, _ in passes if x_hat is not None], dtype=np.float32)


@functools.lru_cache(maxsize=32)
def by_old_statistics(seed: int, coat: str) -> tuple[Array, Array, Array]:
    """at_all_shifts() by the old statistics: recognized without batch norm, recognized with it, and x_hat."""
    plain, normed = (nets.of(seed) for nets in (world().plain, world().normed))
    (bare, _), (right, x_hat) = (
        at_all_shifts(nets, *entering(seed, coat, nets.net.placement is not None)[:, :, :OTHERS])
        for nets in (plain, normed)
    )
    return bare, right, x_hat


@functools.lru_cache(maxsize=16)
def tested(seed: int, coat: str, pool: tuple[int, ...]) -> Tested:
    """The results at all shifts, with statistics re-estimated on the animals of these numbers."""
    rows = [*range(OTHERS), *(OTHERS + number for number in pool)]
    fresh, new = at_all_shifts(world().normed.of(seed), *entering(seed, coat, True)[:, :, rows], len(pool))
    bare, right, old = by_old_statistics(seed, coat)
    return Tested(np.stack([bare, right, fresh], axis=1), old, new)


def sweep(settings: Settings, along: str, values: Array) -> Result:
    """The result at all shifts, or at some of SHIFTS."""
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
    run = race.race(settings.seed, settings.activation, settings.noise) if settings.training else None
    if run:
        facts |= accounts.quoted_numbers(settings.activation) | race.facts(run)
        verdict = np.full(len(steps), trained_verdict(settings, run))
        met = race.met(run) if settings.beside == RACE else accounts.met(settings.beside, facts)
        reached = np.full(len(steps), met)
    return Result(facts, verdict, reached, settings, steps, everything, old[steps], new[steps], old[:1], run)


def trained_verdict(settings: Settings, run: race.RaceResult) -> str:
    """The word of the verdict on the training in view."""
    if settings.beside == RACE:
        return race.verdict(run, settings.noise)
    return accounts.verdict(settings.beside, settings.activation)


def shares(accuracy: Array, steps: Array) -> dict[str, Array]:
    """For each lane, from the accuracy (shifts, LANES, NETS): the first net's and all nets' range at the steps; at the
    last shift, which the question is about, the first net's, the mean and the range."""
    facts = {}
    for lane, each in zip(LANES, np.moveaxis(accuracy, 1, 0), strict=True):
        here, last = each[steps], each[-1]
        facts |= {lane: here[:, 0], f"{lane}_low": here.min(axis=1), f"{lane}_high": here.max(axis=1)}
        facts |= {f"{lane}_asked": last[0], f"{lane}_end": last.mean()}
        facts |= {f"{lane}_least": last.min(), f"{lane}_most": last.max()}
    return facts


def printed(settings: Settings) -> dict[str, list[float]]:
    """What the script prints, by the beginnings of its lines."""
    facts = sweep(settings, "shift", np.array([settings.shift])).facts
    printed = {"right without batch norm:": [facts["plain"][0]]}
    for name, words in (("old", "old"), ("new", "re-estimated")):
        printed[f"right with {words} statistics:"] = [facts[name][0]]
        printed[f"the unit, {words} statistics:"] = [facts[f"{name}_mean"][0], facts[f"{name}_std"][0]]
    return printed
