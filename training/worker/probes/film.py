"""An inspection of a lane at one step, and a film: inspections at several steps. NumPy only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import numpy as np


class Inspection(TypedDict):
    """What a lane's next step would see and do, in training mode, on some rows of the training data.

    By default these are the first 256 rows (all, where there are fewer) of the training part, which is shuffled once.
    An inspection changes neither weights nor running statistics. gradient, update and weights are flat vectors.
    """

    seen: list[tuple[np.ndarray, np.ndarray]]
    """For each hidden layer, the inputs and the outputs of its activation: (rows, units) each."""
    normed: list[tuple[np.ndarray, np.ndarray]]
    """For each normalization, the inputs and outputs of its first unit, on the first rows."""
    moments: list[tuple[np.ndarray, np.ndarray]]
    """For each batch norm, the batch's mean and variance: (units,) each."""
    running: list[tuple[np.ndarray, np.ndarray]]
    """For each batch norm, the running mean and variance: (units,) each."""
    besides: list[dict[str, np.ndarray]]
    """For each batch norm, other factors on its values, by name (layers.BatchNorm)."""
    logits: np.ndarray
    loss: np.ndarray
    gradient: np.ndarray
    update: np.ndarray
    moved: np.ndarray
    """The change of the weights in the last step, NaN where no step was taken since the start or a restore."""
    weights: np.ndarray
    judged: np.ndarray
    """The logits of Plan.judged, in inference mode."""
    rate: float
    """The learning rate in force."""
    layout: list[tuple[str, int, int]]
    """(name, begin, end) of each weight in the flat vectors."""


Film = Inspection
"""Several inspections of a lane in one: every array begins with an axis of inspections."""


PLAIN = ("rate", "layout")
"""The entries that all inspections of a film share."""


def alike(one: Film | None, other: Film | None) -> bool:
    """Whether two films of a lane can be joined; None is the film of a lane that does not train yet."""
    if one is None or other is None:
        return one is other
    shapes = ([each.shape[1:] for pair in film["seen"] for each in pair] for film in (one, other))
    return all(one[name] == other[name] for name in PLAIN) and next(shapes) == next(shapes)


def bytes_of(film: Film) -> int:
    """The approximate size of a film: the values that went through its activations."""
    return sum(each.nbytes for pair in film["seen"] for each in pair)


def joined(films: Sequence[Film]) -> Film:
    """The inspections of several similar films, as one film."""
    parts = {name: concatenated([film[name] for film in films]) for name in films[0] if name not in PLAIN}
    return parts | {name: films[0][name] for name in PLAIN}


def concatenated(values: Sequence[Any]) -> Any:
    """Lists and dictionaries of equal structure as one, with their arrays concatenated."""
    first = values[0]
    if isinstance(first, dict):
        return {name: concatenated([value[name] for value in values]) for name in first}
    if isinstance(first, (list, tuple)):
        return [concatenated(each) for each in zip(*values, strict=True)]
    return first if len(values) == 1 else np.concatenate(values)


def stops(shots: Sequence[int], checks: Sequence[int]) -> np.ndarray:
    """Where Program._film looks: (after how many steps, which inspection, which score) each, −1 for none."""
    where = sorted({*shots, *checks})
    numbers = [[steps.index(at) if at in steps else -1 for steps in (shots, checks)] for at in where]
    return np.array([[at, *pair] for at, pair in zip(where, numbers, strict=True)], np.int32).reshape(-1, 3)


def as_film(look: Inspection) -> Film:
    """A film with this single inspection."""
    plain = {name: look[name] for name in PLAIN}
    return {name: mapped(lambda each: np.asarray(each)[None], value) for name, value in look.items()} | plain


def mapped(function: Callable[[Any], Any], value: Any) -> Any:
    """The lists and dictionaries with the function applied to each of their arrays."""
    if isinstance(value, dict):
        return {name: mapped(function, each) for name, each in value.items()}
    return [mapped(function, each) for each in value] if isinstance(value, (list, tuple)) else function(value)


def parts_of(look: Inspection) -> dict[str, slice]:
    """The slice of each weight in the flat vectors, by its name."""
    return {name: slice(begin, end) for name, begin, end in look["layout"]}
