"""What an inspection of a lane sees at one step, and a film: inspections at several steps. NumPy only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import numpy as np


class Inspection(TypedDict):
    """What a lane's coming step would see and do, in training mode, on some rows of the training data.

    By default these are the first 256 rows (all, where there are fewer) of the training part, which is shuffled once.
    An inspection changes neither weights nor running statistics. gradient, update and weights are flat vectors.
    """

    seen: list[tuple[np.ndarray, np.ndarray]]
    """Of each hidden layer, what goes into the activation and what comes out of it: (rows, units) each."""
    normed: list[tuple[np.ndarray, np.ndarray]]
    """Of each normalization, what goes into its first unit and what comes out, of the first rows."""
    moments: list[tuple[np.ndarray, np.ndarray]]
    """Of each batch norm, the batch's mean and variance: (units,) each."""
    running: list[tuple[np.ndarray, np.ndarray]]
    """Of each batch norm, the running mean and variance."""
    besides: list[dict[str, np.ndarray]]
    """Of each batch norm, what else changed its values, by name (layers.BatchNorm)."""
    logits: np.ndarray
    loss: np.ndarray
    gradient: np.ndarray
    update: np.ndarray
    moved: np.ndarray
    """By how much the last step changed the weights, NaN where none was taken since a start or restore."""
    weights: np.ndarray
    judged: np.ndarray
    """The logits of Plan.judged, in inference mode."""
    rate: float
    """The learning rate in force."""
    layout: list[tuple[str, int, int]]
    """(name, begin, end) of each weight in the flat vectors."""


Film = Inspection
"""Several inspections of a lane in one: every array has an axis of inspections first."""


PLAIN = ("rate", "layout")
"""What all inspections of a film share."""


def alike(one: Film | None, other: Film | None) -> bool:
    """Whether two films of a lane can be joined; None is one of a lane that does not train yet."""
    if one is None or other is None:
        return one is other
    shapes = ([each.shape[1:] for pair in film["seen"] for each in pair] for film in (one, other))
    return all(one[name] == other[name] for name in PLAIN) and next(shapes) == next(shapes)


def bytes_of(film: Film) -> int:
    """Roughly what a film takes: what went through its activations."""
    return sum(each.nbytes for pair in film["seen"] for each in pair)


def joined(films: Sequence[Film]) -> Film:
    """The inspections of several films that are alike, as one film."""
    parts = {name: concatenated([film[name] for film in films]) for name in films[0] if name not in PLAIN}
    return parts | {name: films[0][name] for name in PLAIN}


def concatenated(values: Sequence[Any]) -> Any:
    """Lists and dictionaries of equal structure as one, with their arrays one after the other."""
    first = values[0]
    if isinstance(first, dict):
        return {name: concatenated([value[name] for value in values]) for name in first}
    if isinstance(first, (list, tuple)):
        return [concatenated(each) for each in zip(*values, strict=True)]
    return first if len(values) == 1 else np.concatenate(values)


def as_film(look: Inspection) -> Film:
    """An inspection as the only one of a film."""
    plain = {name: look[name] for name in PLAIN}
    return {name: mapped(lambda each: np.asarray(each)[None], value) for name, value in look.items()} | plain


def mapped(function: Callable[[Any], Any], value: Any) -> Any:
    """The lists and dictionaries with the function applied to each array in them."""
    if isinstance(value, dict):
        return {name: mapped(function, each) for name, each in value.items()}
    return [mapped(function, each) for each in value] if isinstance(value, (list, tuple)) else function(value)


def parts_of(look: Inspection) -> dict[str, slice]:
    """The part of the flat vectors that each weight takes, by its name."""
    return {name: slice(begin, end) for name, begin, end in look["layout"]}
