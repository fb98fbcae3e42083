"""Measure the numbers in assets/data/claims.json, over several seeds where needed:  python -m lessons.claims.measure"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np

from bn_core import BatchNormalization, datasets
from bn_core.nets.learning import Moment, State, TrainingHistory, accuracy, infer, start, train
from bn_core.nets.mlp import MLP
from bn_core.nets.optimizers import SGD
from bn_core.nets.passes import forward
from bn_core.steps import batch_statistics, normalize
from lessons import digits
from lessons.covariate_shift import experiment as covariate_shift
from lessons.regularisation import experiment as regularisation
from lessons.regularisation.measure import TASKS

FILE = Path(__file__).resolve().parents[2] / "assets" / "data" / "claims.json"
SEEDS = tuple(range(5))
STEPS, BATCH, EVERY = 200, 64, 10
RATE, HIGH, EARLY = 0.1, 3.0, 0.9
"""The usual learning rate, one that is too high without batch norm, and the accuracy that a net must reach."""
HIDDEN = (32,) * 4
EPSILON = 1e-3
SPREAD, RHO, EXAMPLES = 100, 0.95, 1000
GAMMA, BETA = 1.5, 2.0
MOMENTA, BATCHES = (0.0, 0.99), 50
GROWN = 0.1
"""How much larger the first kernel is made, as a share of it."""
BATCH_SIZES = (4, 8, 128)
"""Batch sizes: of the noise that claim 10 quotes, and of its nets' training."""
Facts = dict[str, Any]


@functools.cache
def data() -> Any:
    """(x, y) to train on and (x, y) to validate on: digits, with all pixels at mean 0 and std 1."""
    x, y = datasets.digits()
    return datasets.split(datasets.standardized(x), y.astype(int), 0.75, seed=0)


@functools.cache
def trained(placement: str | None) -> tuple[MLP, State, TrainingHistory]:
    """Nets trained on each seed at both rates, the usual rate first; watched: validation accuracy (lanes,) at times."""
    (x, y), (x_valid, y_valid) = data()
    net = MLP(64, HIDDEN, 10, placement=placement, momentum=0.9, epsilon=EPSILON)
    optimizer = SGD(np.repeat([RATE, HIGH], len(SEEDS)))
    rows = np.random.default_rng(0).integers(len(x), size=(STEPS, BATCH))

    def watch(moment: Moment) -> np.ndarray | None:
        if moment.after.step % EVERY:
            return None
        return accuracy(infer(net, moment.after, x_valid), y_valid)

    state = start(net, optimizer, net.draw([*SEEDS, *SEEDS]))
    state, history = train(net, optimizer, state, x, y, rows, watch=watch)
    return net, state, history._replace(watched=[one for one in history.watched if one is not None])


def reached(history: TrainingHistory) -> np.ndarray:
    """For each seed, the step at which EARLY was first reached at the usual rate; inf where it never was."""
    seen = np.array(history.watched)[:, : len(SEEDS)] >= EARLY
    return np.where(seen.any(axis=0), EVERY * (1 + np.argmax(seen, axis=0)), np.inf)


def ends(placement: str | None) -> np.ndarray:
    """Validation accuracy after the last step, (2, seeds): at the usual rate, and at the high one."""
    return np.array(trained(placement)[2].watched[-1]).reshape(2, -1)


def shift() -> Facts:
    """The shares of recolored animals recognized by five nets on average: plain, old and re-estimated statistics."""
    facts = covariate_shift.sweep(covariate_shift.Settings(), "shift", np.array([1.0])).facts
    return {name: float(np.ravel(facts[f"{name}_end"])[0]) for name in ("plain", "old", "new")}


def speed() -> Facts:
    plain, normed = (np.array(reached(trained(placement)[2])) for placement in (None, "before"))
    return {
        "plain": float(np.median(plain)),
        "normed": float(np.median(normed)),
        "sooner": int((normed < plain).sum()),
        "seeds": len(SEEDS),
        "accuracy": EARLY,
    }


def conditioning() -> Facts:
    """Condition numbers of least squares for two independent features of unlike spread, and for two correlated ones.

    Of drawn examples; by the formula for infinitely many, `scale` and `exact`.
    """
    rng = np.random.default_rng(0)
    raw = rng.standard_normal((EXAMPLES, 2)) * [1, SPREAD]
    correlated = rng.standard_normal((EXAMPLES, 2)) @ np.linalg.cholesky([[1, RHO], [RHO, 1]]).T
    standard = [(one - one.mean(axis=0)) / one.std(axis=0) for one in (raw, correlated)]
    numbers = [float(np.linalg.cond(one.T @ one)) for one in (raw, *standard)]
    formula = {"scale": float(SPREAD**2), "exact": (1 + RHO) / (1 - RHO)}
    given = {"spread": SPREAD, "rho": RHO, "examples": EXAMPLES}
    return dict(zip(("raw", "standardized", "correlated"), numbers, strict=True)) | formula | given


def standardized(x: np.ndarray) -> np.ndarray:
    """x_hat of a batch (N, ...)."""
    return normalize(x, *batch_statistics(x, 0), EPSILON)


def moments() -> Facts:
    """Mean and spread of a unit's outputs: at the start, after setting gamma and beta, and at a small variance."""
    x = digits.batch(256, 0) @ np.random.default_rng(0).standard_normal((64, 1))
    faint = x / x.std() * np.sqrt(EPSILON)
    x_hat, small = standardized(x), standardized(faint)
    y = GAMMA * x_hat + BETA
    outputs = {"start": x_hat.std(), "small": small.std(), "mean": y.mean(), "std": y.std()}
    return outputs | {"gamma": GAMMA, "beta": BETA}


def momentum() -> Facts:
    """The difference between two layers' outputs that differ only in momentum, after some batches."""
    layers = [BatchNormalization(momentum=share) for share in MOMENTA]
    weights = np.random.default_rng(0).standard_normal((64, 8))
    batches = [digits.batch(BATCH, seed) @ weights for seed in range(BATCHES)]
    outputs = [[layer(batch, training=True) for batch in batches] for layer in layers]
    last = [layer(batches[0]) for layer in layers]
    return {
        "training": float(np.abs(np.subtract(*outputs)).max()),
        "inference": float(np.abs(np.subtract(*last)).max()),
        **dict(zip(("low", "high"), MOMENTA, strict=True)),
        "batches": BATCHES,
    }


def order() -> Facts:
    before, after = ends("before")[0], ends("after")[0]
    return {"before": before.mean(), "after": after.mean(), "ahead": int((after > before).sum()), "seeds": len(SEEDS)}


def learned() -> Facts:
    """Gammas of the first layer after training, and the standard deviations of its inputs."""
    net, state, _ = trained("before")
    layer = net.views(state.parameters)[0]
    passed = forward(net, state.parameters, data()[0][0][None, :256])
    spread = np.sqrt(passed.layers[0].norm.statistics.var[0, 0])
    gamma = layer.gamma[0, 0]
    return {
        "low": gamma.min(),
        "high": gamma.max(),
        "narrow": spread.min(),
        "wide": spread.max(),
        "units": HIDDEN[0],
        "trained": 2 * HIDDEN[0],
    }


def rates() -> Facts:
    """How the nets end at the high rate."""
    plain, normed = ends(None)[1], ends("before")[1]
    lost = int((trained(None)[2].diverged[len(SEEDS) :] >= 0).sum())
    return {"rate": HIGH, "plain": plain.mean(), "normed": normed.mean(), "lost": lost, "seeds": len(SEEDS)}


def passed_on() -> Facts:
    """How far the logits move when the first kernel grows a little, and when it moves as far in a random direction."""
    net, state, _ = trained("before")
    x = data()[0][0][None, :256]
    logits = forward(net, state.parameters, x).logits[0]

    def moved(change: np.ndarray) -> float:
        parameters = state.parameters.copy()
        net.views(parameters)[0].kernel[...] += change
        return float(np.abs(forward(net, parameters, x).logits[0] - logits).mean() / logits.std())

    kernel = net.views(state.parameters)[0].kernel
    drawn = np.random.default_rng(0).standard_normal(kernel.shape)
    small = GROWN * kernel
    turned = moved(drawn * np.linalg.norm(small) / np.linalg.norm(drawn))
    return {"scaled": moved(small), "turned": turned, "share": GROWN}


def noise() -> Facts:
    """The noise of batch norm by batch size, as its lesson measures it, and the test losses of that lesson's nets."""
    few, batch, crowded = BATCH_SIZES
    found = regularisation.sweep(regularisation.Settings(), "batch_size", np.array(BATCH_SIZES)).facts
    small, _, large = np.ravel(found["noise"])
    _, alone, crowd = np.ravel(found["norm_none"])
    both, rate = (np.ravel(found[name])[1] for name in ("norm_best", "norm_rate"))
    losses = {"alone": float(alone), "crowd": float(crowd), "both": float(both), "rate": float(rate)}
    images, wrong, _ = TASKS[regularisation.TASKS[regularisation.FEW]]
    sizes = {"few": few, "batch": batch, "crowded": crowded}
    nets = {"nets": len(regularisation.SEEDS), "images": images, "wrong": wrong}
    return {"small": small, "large": large, **nets, **sizes, **losses}


MEASURES = (shift, speed, conditioning, moments, momentum, order, learned, rates, passed_on, noise)
"""The functions that measure claims 1, 2, …, in this order."""


def measured() -> dict[str, Facts]:
    """The numbers of every claim, ready for JSON."""
    facts = {str(number): measure() for number, measure in enumerate(MEASURES, 1)}
    return {
        number: {name: each if isinstance(each, int) else float(each) for name, each in found.items()}
        for number, found in facts.items()
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(measured(), indent=1) + "\n", encoding="utf-8")
