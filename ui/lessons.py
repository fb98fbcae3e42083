"""The lessons, in teaching order, and the studio: what the menu, the home page and the check of the URL share."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path

from ui import words

PAGES = Path(__file__).resolve().parents[1] / "pages"


@dataclass(frozen=True)
class Lesson:
    """One lesson: its two-digit number, its slug, its short label in the menu, and where else its Settings live."""

    number: str
    slug: str
    label: str
    home: str = "bn_core.experiments.{slug}"

    @property
    def name(self) -> str:
        """The name that its page, words and code share: "01_four_steps"."""
        return f"{self.number}_{self.slug}"

    @property
    def page(self) -> Path:
        return PAGES / f"{self.name}.py"

    @property
    def question(self) -> str:
        """The question that it answers, from its words file."""
        return words.read(self.name).title

    @property
    def settings(self) -> type:
        """Its Settings type."""
        return importlib.import_module(self.home.format(slug=self.slug)).Settings


LESSONS = (
    Lesson("01", "four_steps", "Four steps"),
    Lesson("02", "activations", "Activations"),
    Lesson("03", "momentum", "Momentum"),
    Lesson("04", "training", "Live training", "training.lesson"),
)
INSTRUMENTS = (Lesson("05", "studio", "Studio", "training.settings"),)
"""Pages that ask for no prediction: to be used once the lessons are understood."""


def warm() -> None:
    """Import what the lessons compute and draw with, so that the first visitor does not wait for it."""
    for lesson in (*LESSONS, *INSTRUMENTS):
        importlib.import_module(lesson.home.format(slug=lesson.slug))
        importlib.import_module(f"figures.{lesson.slug}")
