"""What the browser tells versions apart by: the app's, and that of everything that decides a table's bytes."""

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
    """A word for everything that a table depends on besides its settings: another source, another word."""
    digest = hashlib.sha256()
    for file in sorted(file for part in SOURCES for file in (ROOT / part).rglob("*")):
        if file.suffix in (".py", ".md", ".npz"):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
