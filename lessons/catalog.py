"""Every lesson by slug: each folder here that declares one."""

from __future__ import annotations

import importlib
from pathlib import Path

from lessons.lesson import Lesson

FOLDERS = sorted(file.parent.name for file in Path(__file__).resolve().parent.glob("*/__init__.py"))
LESSONS: dict[str, Lesson] = {slug: importlib.import_module(f"lessons.{slug}").LESSON for slug in FOLDERS}
