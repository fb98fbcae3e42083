"""What Keras, PyTorch, ONNX and the paper mean by the same words, and how to translate between them.

They agree on the output of a training batch. They differ in the running statistics: whether `momentum` is the share of
the old average or of the new batch, and whether the variance they store is divided by N or N − 1. Sources: Keras
3.15.1 and PyTorch 2.13 as read and run, ONNX's BatchNormalization (opset 15), Ioffe & Szegedy 2015, Algorithm 2.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bn_core.internals import ranges
from bn_core.internals.statistics import Axes, count
from bn_core.steps import Statistics, batch_statistics, update_running

Array = np.ndarray


class _FromConvention:
    """The type of FROM_CONVENTION. None would not do for "the convention's default", because it is a valid momentum."""

    def __repr__(self) -> str:
        return "FROM_CONVENTION"


FROM_CONVENTION: Any = _FromConvention()
"""Stands for the convention's own default."""


@dataclass(frozen=True)
class Convention:
    """One framework's defaults and what it means by them."""

    name: str
    axis: int
    """The default axis of the channels; PyTorch and ONNX allow only 1."""
    momentum: float | None
    """The default. None: all batches so far have the same weight."""
    epsilon: float
    momentum_weighs: str | None
    """What momentum is the share of: the "old" average or the "new" batch; None in a convention without momentum."""
    cumulative: bool
    """Whether momentum may be None."""
    unbiased: bool
    """Whether the stored variance is divided by N − 1, which needs two values per channel in a training batch; the
    variance that normalizes a batch is always divided by N."""

    def settled(self, axis: int, momentum: float | None, epsilon: float) -> tuple[int, float | None, float]:
        """The arguments of a layer, with this convention's defaults where they are FROM_CONVENTION.

        Raises ValueError for a momentum that `kept` does not accept.
        """
        given, defaults = (axis, momentum, epsilon), (self.axis, self.momentum, self.epsilon)
        axis, momentum, epsilon = (d if g is FROM_CONVENTION else g for g, d in zip(given, defaults, strict=True))
        self.kept(momentum)
        return axis, momentum, epsilon

    def kept(self, momentum: float | None, seen: Array | int = 0) -> Array | float:
        """The share of the old average that is kept at the batch after `seen` others: Keras's momentum.

        Raises ValueError where `momentum` is neither a number from 0 to 1 nor None, or is not allowed in this
        convention.
        """
        if momentum is None and self.cumulative:
            return seen / (seen + 1)
        if momentum is None or self.momentum_weighs is None:
            known = "None (every batch weighs the same)" if self.cumulative else "a number"
            raise ValueError(f"momentum must be {known} in the convention {self.name!r}; got {momentum!r}")
        if not isinstance(momentum, numbers.Real) or not 0 <= momentum <= 1:
            share = {"old": "the old average that is kept", "new": "the new batch"}[self.momentum_weighs]
            raise ValueError(f"momentum is the share of {share}, from 0 to 1; got {momentum!r}")
        return float(momentum) if self.momentum_weighs == "old" else 1 - float(momentum)

    def stored_variance(self, var: Array, n: Array | float) -> Array:
        """The variance to store for a batch's biased variance `var` of `n` values; `n` is 2 or more if it is unbiased.

        Raises ValueError where n is smaller. n may be `math.inf`.
        """
        return var / _bessel(n) if self.unbiased else var

    def next_running(
        self, running: Statistics, batch: Statistics, n: Array | float, momentum: float | None, seen: Array | int = 0
    ) -> Statistics:
        """The running statistics after a batch of `n` values per channel, the `seen + 1`-th.

        Raises ValueError as `kept` and `stored_variance` do, and for a variance below 0.
        """
        for name, statistics in (("running.var", running), ("batch.var", batch)):
            ranges.variance(name, statistics.var)
        moved = Statistics(batch.mean, self.stored_variance(batch.var, n))
        return update_running(running, moved, self.kept(momentum, seen))


CONVENTIONS: dict[str, Convention] = {
    record.name: record
    for record in (
        Convention("keras", -1, 0.99, 1e-3, "old", cumulative=False, unbiased=False),
        Convention("pytorch", 1, 0.1, 1e-5, "new", cumulative=True, unbiased=True),
        Convention("onnx", 1, 0.9, 1e-5, "old", cumulative=False, unbiased=False),
        Convention("paper", -1, None, 1e-3, None, cumulative=True, unbiased=True),
    )
}
"""By name. The paper gives no number for epsilon and no axis: there both are Keras's."""


def convention(name: str) -> Convention:
    """The convention of that name. Raises ValueError for an unknown one."""
    if name not in CONVENTIONS:
        raise ValueError(f"convention must be one of {', '.join(CONVENTIONS)}; got {name!r}")
    return CONVENTIONS[name]


def convert_momentum(momentum: float | None, source: str, target: str) -> float | None:
    """The momentum of the target that has the effect of `momentum` in the source: PyTorch's 0.1 is Keras's 0.9.

    Raises ValueError where the target has none: Keras and ONNX have no equal average of all batches, and the paper has
    nothing else.
    """
    there = convention(target)
    kept = convention(source).kept(momentum)
    converted = None if momentum is None else kept if there.momentum_weighs == "old" else 1 - kept
    there.kept(converted if there.momentum_weighs else momentum)
    return converted


def convert_variance(
    var: Array | float, n: Array | float, source: str, target: str, initial: Array | float = 0.0
) -> Array:
    """What the target would have stored where the source stored `var`, from the same batches of `n` values per channel.

    `initial`: the part of `var` that is still the start value and not a batch's variance: kept ** steps · 1.
    For equal outputs in inference, keep a running variance as it is, without this function.
    Raises ValueError where n is below 2 and only one of the two is unbiased, and for a `var` below 0.
    """
    ranges.variance("var", var)
    here, there = convention(source).unbiased, convention(target).unbiased
    if here == there:
        return var
    return initial + (var - initial) * (_bessel(n) if here else 1 / _bessel(n))


def algorithm_2(batches: Iterable[Array], axes: Axes) -> Statistics:
    """The paper's statistics for inference: E[x] = mean of the means, Var[x] = m/(m − 1) · mean of the variances.

    Unlike `population.pooled_statistics`, it ignores how far apart the means lie. Raises ValueError without a batch,
    for batches of different m, and for m below 2.
    """
    batches = list(batches)
    sizes = {count(x, axes) for x in batches}
    if len(sizes) != 1:
        raise ValueError(f"Algorithm 2 averages one batch or more, all of one size m; got the sizes {sorted(sizes)}")
    means, variances = zip(*(batch_statistics(x, axes) for x in batches), strict=True)
    return Statistics(np.mean(means, axis=0), np.mean(variances, axis=0) / _bessel(sizes.pop()))


def _bessel(n: Array | float) -> Array:
    """(n − 1) / n: a biased variance divided by this is unbiased. Written so that infinitely many values give 1."""
    if not np.all(np.asarray(n) > 1):
        raise ValueError(f"an unbiased variance needs n of two values or more per channel; got {np.min(n)}")
    return 1 - 1 / np.asarray(n, dtype=np.float64)
