"""Training an MLP: state in, state out, so that a run can be stopped, resumed, replayed or forked at any step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from bn_core import steps
from bn_core.nets.lanes import Array, check_lanes, column
from bn_core.nets.mlp import MLP
from bn_core.nets.noise import Noise, draw
from bn_core.nets.optimizers import Optimizer, Slots
from bn_core.nets.passes import Pass, backward, cross_entropy, forward, quietly
from bn_core.steps import Statistics


class State(NamedTuple):
    """All that a training keeps from step to step, for every lane; its arrays are never changed."""

    parameters: Array
    """(lanes, P), see MLP.views."""
    slots: Slots
    """The optimizer's variables."""
    running: Statistics
    """(lanes, units of all batch norms), see MLP.per_layer."""
    step: int
    """The number of steps taken."""


class Moment(NamedTuple):
    """One training step, as passed to `watch`; `state` is before the update, `after` after it."""

    state: State
    passed: Pass
    loss: Array
    """The loss (lanes,) on this batch in training mode, with the weights before the update."""
    gradients: Array
    """(lanes, P), see MLP.views and MLP.norms."""
    after: State


class TrainingHistory(NamedTuple):
    """The losses of a training, and what was watched."""

    loss: Array
    """(steps, lanes): on each batch, before its update; inf or NaN once a lane has diverged."""
    diverged: Array
    """(lanes,): the first of these steps whose loss is not finite, counted over all trainings; else −1."""
    watched: list[Any]
    """What `watch` returned, step by step."""


def start(net: MLP, optimizer: Optimizer, parameters: Array) -> State:
    """The state before the first step: running means 0 and variances 1, as in Keras."""
    units = sum(net.hidden) if net.placement else 0
    zeros = np.zeros((len(parameters), units))
    return State(parameters, optimizer.slots(parameters), Statistics(zeros, zeros + 1), 0)


def train(
    net: MLP,
    optimizer: Optimizer,
    state: State,
    x: Array,
    y: Array,
    batches: Iterable[Array],
    seeds: Sequence[int] | None = None,
    chances: Iterable[Sequence[Noise]] | None = None,
    watch: Callable[[Moment], Any] | None = None,
) -> tuple[State, TrainingHistory]:
    """Take a step per batch, on x (n, inputs) and labels y (n,) from 0 to classes − 1, in the parameters' dtype.

    Args:
        batches: the rows of each step, (batch,) for all lanes or (lanes, batch).
        seeds: one per lane, for dropout and noise (`noise.draw`); or pass `chances`, per batch one per hidden layer.
        watch: called after each step; the history has what it returns.

    A lane that diverges continues as inf and NaN and does not disturb the others.
    Raises ValueError where data, labels, parameters, chances or settings per lane do not fit the net, the batches or
    the number of lanes, or are missing.
    """
    x, y = np.asarray(x), np.asarray(y)
    _check(net, state, x, y, seeds, chances)
    check_lanes(net, len(state.parameters))
    check_lanes(optimizer, len(state.parameters))
    dtype = state.parameters.dtype
    x, target, begin = np.asarray(x, dtype), np.eye(net.classes, dtype=dtype)[y], state.step
    losses, watched = [], []
    for rows, chance in _paired(net, batches, seeds, chances, begin, dtype):
        moment = learn(net, optimizer, state, x[rows], target[rows], chance)
        state = moment.after
        losses.append(moment.loss)
        if watch:
            watched.append(watch(moment))
    loss = np.array(losses).reshape(-1, len(state.parameters))
    return state, TrainingHistory(loss, first_not_finite(loss, begin), watched)


def _paired(
    net: MLP, batches: Iterable[Array], seeds: Sequence[int] | None, chances: Any, begin: int, dtype: np.dtype
) -> Iterator[tuple[Array, Sequence[Noise] | None]]:
    """Every batch's rows (lanes or 1, batch) with its noise, passed or drawn."""
    if chances is not None:
        yield from zip(map(np.atleast_2d, batches), chances, strict=True)
        return
    for step, rows in enumerate(map(np.atleast_2d, batches), begin):
        yield rows, None if seeds is None else draw(net, seeds, step, rows.shape[1], dtype)


def learn(
    net: MLP, optimizer: Optimizer, state: State, x: Array, target: Array, chances: Sequence[Noise] | None = None
) -> Moment:
    """One step on x (lanes or 1, batch, inputs) and one-hot `target` (lanes or 1, batch, classes)."""
    passed = forward(net, state.parameters, x, chances=chances)
    loss, d_logits = cross_entropy(passed.logits, target)
    gradients = backward(net, state.parameters, passed, d_logits)
    with quietly():
        parameters, slots = optimizer.update(state.parameters, gradients, state.slots, state.step)
        running = moved(net, state.running, passed) if net.placement else state.running
    return Moment(state, passed, loss, gradients, State(parameters, slots, running, state.step + 1))


def moved(net: MLP, running: Statistics, passed: Pass) -> Statistics:
    """The running statistics after a training pass; unchanged where the batch's are not finite (unlike Keras)."""
    means, variances = zip(*(layer.norm.statistics for layer in passed.layers), strict=True)
    batch = Statistics(np.concatenate(means, axis=2)[:, 0], np.concatenate(variances, axis=2)[:, 0])
    new = steps.update_running(running, batch, column(net.momentum, running.mean))
    finite = np.isfinite(batch.mean) & np.isfinite(batch.var)
    if finite.all():
        return new
    return Statistics(np.where(finite, new.mean, running.mean), np.where(finite, new.var, running.var))


def infer(net: MLP, state: State, x: Array) -> Array:
    """Logits (lanes, n, classes) of x (n, inputs) in inference mode: running statistics, no dropout, no noise."""
    return forward(net, state.parameters, np.asarray(x, state.parameters.dtype)[None], state.running).logits


def accuracy(logits: Array, y: Array) -> Array:
    """Share (lanes,) of rows whose largest logit is that of `y` (n,) or (lanes, n). NaN logits count as wrong."""
    right = (np.argmax(logits, axis=-1) == y) & np.isfinite(logits).all(axis=-1)
    return np.mean(right, axis=-1)


def first_not_finite(loss: Array, begin: int) -> Array:
    """Per lane the number of the first step whose loss (steps, lanes) is not finite, counting from `begin`; else −1."""
    bad = ~np.isfinite(loss)
    return np.where(bad.any(axis=0), begin + np.argmax(bad, axis=0) if len(bad) else -1, -1)


def _check(net: MLP, state: State, x: Array, y: Array, seeds: Sequence[int] | None, chances: Any) -> None:
    lanes, size = state.parameters.shape
    if size != net.size:
        raise ValueError(f"this net has {net.size} parameters per lane; got {size}")
    if x.ndim != 2 or x.shape[1] != net.inputs or y.shape != x.shape[:1]:
        raise ValueError(f"x must be (n, {net.inputs}) and y (n,); got {x.shape} and {y.shape}")
    if len(y) and not (y.dtype.kind in "iu" and y.min() >= 0 and y.max() < net.classes):
        raise ValueError(f"y must hold whole numbers from 0 to {net.classes - 1}")
    if seeds is None and chances is None and (net.noisy or np.any(net.dropout)):
        raise ValueError("dropout and noise need seeds, one per lane, or chances")
    if seeds is not None and len(seeds) != lanes:
        raise ValueError(f"seeds must be one per lane, {lanes}; got {len(seeds)}")
