"""The versions of the libraries that a run's digits depend on, found without importing them."""

from __future__ import annotations

import functools
import importlib.metadata

DISTRIBUTIONS = {"keras": ("keras",), "tensorflow": ("tensorflow", "tensorflow-cpu")}
"""The names under which each library may be installed."""


@functools.cache
def versions() -> dict[str, str]:
    """Versions by library, "unknown" where it is not installed here."""
    return {name: _version(names) for name, names in DISTRIBUTIONS.items()}


def _version(names: tuple[str, ...]) -> str:
    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "unknown"
