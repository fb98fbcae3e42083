"""Keras's initializers, regularizers and constraints, found by Keras's names for them or by its configs."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

from bn_core.internals import constraints, initializers, regularizers

KINDS = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}
Named = str | Mapping[str, Any]
"""A name as in `keras.regularizers.get`, or a config {"class_name": …, "config": {…}}."""


def looked_up(argument: str, kind: str, value: Named | Callable | type) -> Callable:
    """The function that `value` stands for: functions are returned unchanged, classes are called without arguments.

    `kind` is a key of KINDS. Raises ValueError, naming `argument`, for an unknown name or wrong arguments.
    """
    if isinstance(value, type):
        return value()
    if callable(value):
        return value
    name, settings = _read(value)
    known = names(kind)
    if name not in known:
        if name in {each for matrix in KINDS[kind].FOR_MATRICES for each in (matrix, _snake_case(matrix))}:
            raise ValueError(f"{argument} is for vectors; {name!r} needs a matrix")
        listed = ", ".join(each for each in known if each.islower())
        raise ValueError(f"{argument} must be a function, or by Keras's names one of {listed}; got {value!r}")
    taken = [field.name for field in fields(known[name])]
    if unknown := set(settings) - set(taken):
        raise ValueError(f"{argument}: {name} takes {', '.join(taken) or 'nothing'}; got {', '.join(sorted(unknown))}")
    return known[name](**settings)


@functools.cache
def names(kind: str) -> dict[str, type]:
    """Each class by Keras's names: its own, that in snake case, and the older ones."""
    module = KINDS[kind]
    own = {each.__name__: each for each in module.CLASSES}
    return own | {_snake_case(name): each for name, each in own.items()} | module.ALIASES


def config(kind: str, value: Callable | None) -> dict[str, Any] | Callable | None:
    """Keras's config of one of its objects or of ours; any other function unchanged."""
    ours = isinstance(value, KINDS[kind].CLASSES)
    if not ours and not (type(value).__module__.startswith("keras.") and hasattr(value, "get_config")):
        return value
    settings = asdict(value) if ours else value.get_config()
    module = f"keras.{kind}s"
    return {"module": module, "class_name": type(value).__name__, "config": settings, "registered_name": None}


def _read(value: Any) -> tuple[str | None, Mapping[str, Any]]:
    """The name and settings in a name or a config; None where it is neither."""
    if isinstance(value, str):
        return value, {}
    if not isinstance(value, Mapping) or not isinstance(value.get("class_name"), str):
        return None, {}
    return value["class_name"], value.get("config") or {}


def _snake_case(name: str) -> str:
    """Snake case as Keras writes it: L1L2 becomes l1l2."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
