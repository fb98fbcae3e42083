"""Versions for the browser: the app's, and one for everything that determines a table's bytes."""

from __future__ import annotations

import functools
import hashlib
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("bn_core", "figures", "lessons", "assets")


@functools.cache
def app_version() -> str:
    """The app's version, from pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


@functools.cache
def tables_version() -> str:
    """A hash of everything that a table depends on besides its settings: it changes with the source code."""
    digest = hashlib.sha256()
    for file in sorted(file for part in SOURCES for file in (ROOT / part).rglob("*")):
        if file.suffix in (".py", ".md", ".npz"):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
