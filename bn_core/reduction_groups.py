"""Which entries of an array share a mean and a variance: the only difference between batch norm and other norms."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from bn_core.internals.statistics import Axes

Shape = tuple[int, ...]


class Sharing(NamedTuple):
    """For an array of `shape`: reshaped to `view`, entries that differ only along `axes` share a statistic."""

    shape: Shape
    view: Shape
    axes: Shape


def batch_sharing(shape: Shape, axis: int = -1) -> Sharing:
    """One statistic per channel (`axis`), as in batch normalization during training."""
    kept = as_axes(shape, axis)
    return Sharing(shape, shape, tuple(a for a in range(len(shape)) if a not in kept))


def layer_sharing(shape: Shape, axis: Axes = -1) -> Sharing:
    """One statistic per place outside `axis`, for layer and RMS norm. Keras: -1; over H, W and C: (1, 2, 3)."""
    return Sharing(shape, shape, as_axes(shape, axis))


def group_sharing(shape: Shape, groups: int, axis: int = -1) -> Sharing:
    """One statistic per example (axis 0) and group of neighboring channels (`axis`); groups=-1: each channel its own.

    Raises ValueError where `axis` is the examples' or no single one, or `groups` does not divide the channels.
    """
    kept = as_axes(shape, axis)
    if len(kept) > 1:
        raise ValueError(f"axis must be the one that holds the channels; got {axis!r}")
    (axis,) = kept
    channels = shape[axis]
    if axis == 0:
        raise ValueError(f"axis 0 holds the examples and cannot hold the channels; got axis {axis} of {shape}")
    groups = channels if groups == -1 else groups
    if groups < 1 or channels % groups:
        raise ValueError(f"groups must divide the {channels} channels on axis {axis}, or be -1; got {groups}")
    view = (*shape[:axis], groups, channels // groups, *shape[axis + 1 :])
    return Sharing(shape, view, tuple(a for a in range(1, len(view)) if a != axis))


def instance_sharing(shape: Shape, axis: int = -1) -> Sharing:
    """One statistic per example (axis 0) and channel (`axis`)."""
    return group_sharing(shape, -1, axis)


def labels(sharing: Sharing) -> np.ndarray:
    """An integer array with the sharing's shape: entries with the same number (from 0) share a statistic."""
    numbers = np.arange(statistics_count(sharing)).reshape(_statistics_shape(sharing))
    return np.broadcast_to(numbers, sharing.view).reshape(sharing.shape)


def statistics_count(sharing: Sharing) -> int:
    """The number of means: for (8, 4, 4, 3) batch norm has 3, layer norm over C 128, instance norm 24, one group 8."""
    return math.prod(_statistics_shape(sharing))


def _statistics_shape(sharing: Sharing) -> Shape:
    return tuple(1 if axis in sharing.axes else length for axis, length in enumerate(sharing.view))


def as_axes(shape: Shape, axis: Axes) -> Shape:
    """The axes counted from the front, ascending. Raises ValueError for an unknown or repeated axis, or none."""
    rank, given = len(shape), axis if isinstance(axis, tuple | list) else (axis,)
    if not given or not all(-rank <= a < rank for a in given) or len({a % rank for a in given}) < len(given):
        raise ValueError(f"axis must name one or more different axes of the {rank} of shape {shape}; got {axis!r}")
    return tuple(sorted(a % rank for a in given))
