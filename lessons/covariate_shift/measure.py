"""Train the nets whose results assets/data/covariate_shift.npz holds:  python -m lessons.covariate_shift.measure

Every step uses all black animals of the race, so that only the weights, or the noise, can shift anything.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bn_core.nets import noise
from bn_core.nets.learning import Moment, State, TrainingHistory, start, train
from bn_core.nets.mlp import MLP
from bn_core.nets.optimizers import SGD
from bn_core.nets.passes import backward, cross_entropy, forward
from lessons.covariate_shift.world import LAST_SEED, NETS, TRAINING, Array, world

FILE = Path(__file__).resolve().parents[2] / "assets" / "data" / "covariate_shift.npz"
LANES = {"bare": None, "steady": "before", "noisy": "before"}
"""Without batch norm, with it, and with noise after it: the placement of batch norm."""
STEPS, DEPTH, WIDTH, LAYER = 80, 6, 16, 3  # LAYER: the index of the layer whose inputs are watched
RATES = {"sigmoid": 0.5, "relu": 0.015625}
FIRST = {"sigmoid": 1.0, "relu": np.sqrt(2)}
NOISE = {"noise_shift": 0.5, "noise_scale": 0.25}
ROWS = np.r_[:50, TRAINING // 2 : TRAINING // 2 + 50]
OWN, SHARED = "each animal's own", "shared by all"
KINDS = (OWN, SHARED)
SEEDS = tuple(range(LAST_SEED + NETS))
FURTHER = np.array([0.5, 1, 2, 4])
"""How far along a step the loss and its gradient are measured, in multiples of the step."""
TRIED = 4.0 ** np.arange(-5, 3)
"""Learning rates to try."""
CHANGE = 0.1
"""The change of the first kernel, as a share of its norm."""


def data(draw: int = 0) -> tuple[Array, Array]:
    """The animals of the race (n, inputs) and their labels (n,)."""
    return world(draw).x[ROWS].astype(np.float32), (ROWS >= TRAINING // 2).astype(int)


def net_of(lane: str, activation: str, inputs: int) -> MLP:
    return MLP(inputs, (WIDTH,) * DEPTH, 2, activation, LANES[lane], **(NOISE if lane == "noisy" else {}))


def trained(
    lane: str,
    activation: str,
    seeds: tuple[int, ...],
    kind: str = OWN,
    rate: float | None = None,
    watch: Callable | None = None,
    draw: int = 0,
) -> tuple[MLP, Array, State, TrainingHistory]:
    """Train a net per seed: the net, its first weights, the state after STEPS steps and the history."""
    x, y = data(draw)
    net, optimizer = net_of(lane, activation, x.shape[1]), SGD(rate or RATES[activation])
    first = net.draw(seeds, FIRST[activation], np.float32)
    chances = [chance(net, seeds, step, kind) for step in range(STEPS)] if net.noisy else None
    batches = [np.arange(len(x))] * STEPS
    state, history = train(net, optimizer, start(net, optimizer, first), x, y, batches, None, chances, watch)
    return net, first, state, history


def race(activation: str, kind: str, seeds: tuple[int, ...] = SEEDS, draw: int = 0) -> dict[str, Array]:
    """The race, measured. loss (LANES, STEPS, seeds); shift (LANES, STEPS − 1, seeds): of the means of LAYER's inputs,
    in standard deviations; kept (seeds,): the correlation of the next layer's x_hat with and without the noise."""
    losses, shifts = [], []
    for lane in LANES:
        net, first, _, history = trained(lane, activation, seeds, kind, watch=watched, draw=draw)
        mean, std = (np.array(each) for each in zip(*history.watched, strict=True))
        losses.append(history.loss)
        shifts.append(np.abs(np.diff(mean, axis=0)).mean(axis=-1) / np.maximum(std[1:], 1e-9))
    given, x = chance(net, seeds, 0, kind), data(draw)[0][None]
    x_hats = [forward(net, first, x, None, each).layers[LAYER + 1].norm.x_hat for each in (None, given)]
    kept = [np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in zip(*x_hats, strict=True)]
    return {"loss": np.array(losses), "shift": np.array(shifts), "kept": np.array(kept)}


def watched(moment: Moment) -> tuple[Array, Array]:
    """The mean of every unit's input to the activation (lanes, units), and the units' common std (lanes,)."""
    enters = moment.passed.layers[LAYER].enters
    return enters.mean(axis=1), np.sqrt(enters.var(axis=1).mean(axis=-1))


def chance(net: MLP, seeds: tuple[int, ...], step: int, kind: str) -> list[noise.Noise]:
    """The noise of a step: for each unit and, around that, for each animal; or only what all animals share."""
    drawn = noise.draw(net, seeds, step, len(ROWS), np.float32)
    if kind == OWN:
        return drawn
    return [noise.Noise(None, each.scale.mean(1, keepdims=True), each.shift.mean(1, keepdims=True)) for each in drawn]


def along(activation: str, lane: str, seeds: tuple[int, ...] = SEEDS) -> dict[str, Array]:
    """The range of the loss as a share of the loss, and the gradient's largest change as a share of the gradient, over
    FURTHER along each step: (STEPS, seeds) each (after Santurkar et al. 2018, section 3)."""
    x, y = data()
    target, net = np.eye(2, dtype=np.float32)[y][None], net_of(lane, activation, x.shape[1])

    def look(moment: Moment) -> tuple[Array, Array]:
        losses, moves = [moment.loss], []
        for far in FURTHER:
            parameters = (moment.state.parameters - far * RATES[activation] * moment.gradients).astype(np.float32)
            passed = forward(net, parameters, x[None])
            loss, d_logits = cross_entropy(passed.logits, target)
            losses.append(loss)
            moves.append(np.linalg.norm(backward(net, parameters, passed, d_logits) - moment.gradients, axis=1))
        return np.ptp(losses, axis=0) / moment.loss, np.max(moves, axis=0) / np.linalg.norm(moment.gradients, axis=1)

    history = trained(lane, activation, seeds, watch=look)[3]
    return dict(zip(("loss_range", "gradient_move"), map(np.array, zip(*history.watched, strict=True)), strict=True))


def tried(activation: str, lane: str, seeds: tuple[int, ...] = SEEDS) -> Array:
    """The last loss (TRIED, seeds) at each rate, NaN where it overflowed."""
    losses = [trained(lane, activation, seeds, rate=float(rate))[3].loss[-1] for rate in TRIED]
    return np.where(np.isfinite(losses), losses, np.nan)


def passed_on(activation: str, lane: str, seeds: tuple[int, ...] = SEEDS) -> Array:
    """How far each layer's pre-activations move (2, DEPTH, seeds), in standard deviations, in trained nets: when the
    first kernel grows by CHANGE, and when it moves by the same length in a random direction."""
    x = data()[0][None]
    net, _, state, _ = trained(lane, activation, seeds)
    before, found = forward(net, state.parameters, x), []
    kernel = net.views(state.parameters)[0].kernel
    drawn = np.random.default_rng(0).standard_normal(kernel.shape[1:]).astype(np.float32)
    length = np.linalg.norm(kernel, axis=(1, 2), keepdims=True)
    for change in (CHANGE * kernel, CHANGE * length * drawn / np.linalg.norm(drawn)):
        parameters = state.parameters.copy()
        net.views(parameters)[0].kernel[...] += change
        after = forward(net, parameters, x)
        pairs = zip(before.layers, after.layers, strict=True)
        found.append([np.sqrt(((b.enters - a.enters) ** 2).mean((1, 2)) / a.enters.var(1).mean(-1)) for a, b in pairs])
    return np.array(found)


def measured() -> dict[str, Array]:
    """All measurements, by "<what>.<activation>.<kind or lane>"."""
    found = {}
    for activation in RATES:
        for number, kind in enumerate(KINDS):
            found |= {f"{name}.{activation}.{number}": each for name, each in race(activation, kind).items()}
        for lane in ("bare", "steady"):
            found |= {f"{name}.{activation}.{lane}": each for name, each in along(activation, lane).items()}
            found[f"tried.{activation}.{lane}"] = tried(activation, lane)
            found[f"passed_on.{activation}.{lane}"] = passed_on(activation, lane)
    return found


if __name__ == "__main__":
    with np.errstate(over="ignore"):
        np.savez_compressed(FILE, **{name: each.astype(np.float16) for name, each in measured().items()})
