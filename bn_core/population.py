"""Statistics beyond one batch: of all the data, of replicas, of ghost batches, and re-estimated on shifted data."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from bn_core.internals.statistics import Axes
from bn_core.layer import BatchNormalization
from bn_core.moments import Moments, merge, moments
from bn_core.steps import Statistics, batch_statistics, normalize

Array = np.ndarray


@np.errstate(invalid="ignore", over="ignore")  # NaN and inf make NaN of their channel, without a word
def pooled_moments(batches: Iterable[Array], axes: Axes, weights: Iterable[Array | None] | None = None) -> Moments:
    """The moments of all values of all batches, of any sizes; only one batch is in use at a time.

    They are merged as distances to the mean of the first batch that has values: a large common offset costs no digits.
    Empty batches change nothing.
    Raises ValueError without a batch, or where `weights` are fewer or more than the batches.
    """
    shift, pooled = 0.0, None
    for x, weight in _with_weights(batches, weights):
        if pooled is None:
            shift = moments(x, axes, weight).mean
        elif not np.all(pooled.count > 0):  # a channel that has counted nothing yet may change its shift
            shift = np.where(pooled.count > 0, shift, moments(x, axes, weight).mean)
        part = moments(x - shift, axes, weight)
        pooled = part if pooled is None else merge(pooled, part)
    if pooled is None:
        raise ValueError("statistics need one batch or more; got none")
    return pooled._replace(mean=pooled.mean + shift)


def pooled_statistics(
    batches: Iterable[Array], axes: Axes, weights: Iterable[Array | None] | None = None, unbiased: bool = False
) -> Statistics:
    """Mean and variance of all batches as if they were one. Arguments as in `pooled_moments`.

    Raises ValueError as that does, and where all batches together are empty.

    Of many batches under fixed weights: precise statistics (Wu & Johnson 2021). Of the replicas' shares of one batch:
    synchronized batch norm, which normalizes each share with these.
    """
    return pooled_moments(batches, axes, weights).statistics(unbiased)


def averaged_statistics(batches: Iterable[Array], axes: Axes, unbiased: bool = False) -> Statistics:
    """The plain average of the batches' means and variances, for comparison: it is often mistaken for the pooled.

    Fvcore's first `update_bn_stats` did this with unbiased variances, as does PyTorch's `momentum=None`. What is
    missing is the variance between the batches' means: with biased variances and batches of equal size, pooled
    variance = averaged variance + variance of the means. Batches of different sizes count the same, too.
    """
    parts = [moments(x, axes).statistics(unbiased) for x in batches]
    if not parts:
        raise ValueError("statistics need one batch or more; got none")
    return Statistics(*(np.mean(values, axis=0) for values in zip(*parts, strict=True)))


def ghost_slices(n: int, size: int) -> list[slice]:
    """The slices of the ghost batches among `n` examples: as few as possible of at most `size`, as equal as possible.

    33 examples in ghosts of 32 make 17 and 16: cut off at 32, the last would be alone, and normalized to 0.
    Raises ValueError unless n and size are 1 or more.
    """
    if n < 1 or size < 1:
        raise ValueError(f"ghosts need one example or more and a size of 1 or more; got {n} examples, size {size}")
    ends = [len(part) for part in np.array_split(np.arange(n), -(-n // size))]
    return [slice(end - length, end) for length, end in zip(ends, itertools.accumulate(ends), strict=True)]


def ghost_statistics(x: Array, axes: Axes, size: int) -> Statistics:
    """The mean and variance of each example's ghost batch, keeping all of axis 0 (Hoffer et al. 2017).

    Examples lie along axis 0, which must be among `axes`; ghosts are `ghost_slices`. Raises ValueError otherwise.
    """
    x = np.asarray(x)
    reduced = {axis % x.ndim for axis in np.atleast_1d(axes)}
    if 0 not in reduced:
        raise ValueError(f"ghosts are cut along axis 0, which must be among the reduced axes; got {axes}")
    ghosts = ghost_slices(len(x), size)
    each = [batch_statistics(x[ghost], axes) for ghost in ghosts]
    lengths = [ghost.stop - ghost.start for ghost in ghosts]
    return Statistics(*(np.repeat(np.concatenate(values), lengths, axis=0) for values in zip(*each, strict=True)))


def ghost_normalize(x: Array, axes: Axes, size: int, epsilon: float) -> Array:
    """x_hat, each ghost batch of `x` normalized by itself. Arguments and errors as in `ghost_statistics`."""
    return normalize(np.asarray(x), *ghost_statistics(x, axes, size), epsilon)


def reestimate(
    network: Sequence[Callable[[Array], Array]],
    batches: Iterable[Array],
    chosen: Iterable[BatchNormalization] | None = None,
    weights: Iterable[Array | None] | None = None,
) -> None:
    """Give the batch norms of `network` the statistics of these batches; gamma, beta and all other weights stay.

    network: functions of x in their order: BatchNormalization layers, activations, `lambda x: x @ kernel`.
    batches: what enters the first: after training, of the training data (precise statistics); where the data have
        shifted, of the new ones (AdaBN, Li et al. 2016). No labels are needed.
    chosen: the layers to change, in place; all if None.
    weights: as in `moments`, one for each batch, broadcasting to what enters each chosen layer.

    Everything runs in inference mode, layer by layer: what enters a layer has gone through the earlier ones with their
    NEW statistics, so that afterwards each normalizes these data exactly, as one training pass of all of them in one
    batch would. (Fvcore normalizes each batch with its own statistics on the way.) Holds one layer's output for all
    batches in memory. Where a channel's statistics are not finite, the old ones stay (see `store_nonfinite`).
    Raises ValueError without a batch, or where a chosen layer is not in `network`.
    """
    chosen = [layer for layer in network if isinstance(layer, BatchNormalization)] if chosen is None else list(chosen)
    if not all(any(layer is each for each in network) for layer in chosen):
        raise ValueError("every chosen layer must be in the network")
    batches, weights = [np.asarray(x) for x in batches], None if weights is None else list(weights)
    if not batches:
        raise ValueError("re-estimation needs one batch or more; got none")
    for layer in network:
        if any(layer is each for each in chosen):
            _take_over(layer, batches, weights)
        batches = [layer(x) for x in batches]


def _with_weights(
    batches: Iterable[Array], weights: Iterable[Array | None] | None
) -> Iterator[tuple[Array, Array | None]]:
    """Each batch as an array, with its weights or None."""
    if weights is None:
        yield from ((np.asarray(x), None) for x in batches)
        return
    missing = object()
    for x, weight in itertools.zip_longest(batches, weights, fillvalue=missing):
        if x is missing or weight is missing:
            raise ValueError("weights must be as many as the batches; one of the two ended first")
        yield np.asarray(x), weight


def _take_over(layer: BatchNormalization, batches: list[Array], weights: list[Array | None] | None) -> None:
    """Give the layer the statistics of its inputs, for each channel in which they are finite."""
    if not layer.built:
        layer.build(batches[0].shape)
    rank = batches[0].ndim
    axes = tuple(axis for axis in range(rank) if axis != layer.axis % rank)
    mean, var = (values.reshape(-1) for values in pooled_statistics(batches, axes, weights, layer.stores_unbiased))
    stddev = np.sqrt(var + layer.epsilon)
    new = [mean, var, *[stddev, mean, stddev] * layer.renorm]
    learned, old = np.split(np.array(layer.get_weights()), [layer.scale + layer.center])
    taken = np.isfinite(mean) & np.isfinite(var) | layer.store_nonfinite
    layer.set_weights([*learned, *np.where(taken, new, old)])
