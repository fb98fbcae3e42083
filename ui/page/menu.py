"""The pages in the order of their files, for the menu, the home page and the check of the URL."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path

from lessons.catalog import LESSONS as DECLARED
from lessons.content import Content, read

PAGES = Path(__file__).resolve().parents[2] / "pages"
START = PAGES / "00_start.py"
TRAINED = {"training": "training.spec.lesson", "studio": "training.spec.settings"}
"""By slug, the module with the Settings of pages that train; ui/main.py repairs their address."""


@dataclass(frozen=True)
class NoSettings:
    """The settings of a page that has none."""


@dataclass(frozen=True)
class Page:
    """A page: pages/CN_<slug>.py is the Nth of chapter C, and its words are lessons/<slug>/words.md."""

    file: Path

    @property
    def chapter(self) -> str:
        """The title of its chapter; empty for the instruments."""
        return read("common").sections.get(f"chapter.{self.file.stem[0]}", "")

    @property
    def number(self) -> int:
        """Its number among the lessons, counted from 1."""
        return LESSONS.index(self) + 1

    @property
    def slug(self) -> str:
        return self.file.stem.partition("_")[2]

    @property
    def words(self) -> Content:
        return read(self.slug)

    @property
    def label(self) -> str:
        """Its short name in the menu."""
        return self.words["menu"]

    @property
    def entry(self) -> str:
        """Its line in the menu."""
        return f"{self.number} {self.label}" if self in LESSONS else self.label

    @property
    def question(self) -> str:
        """The question that it answers."""
        return self.words.title

    @property
    def checked(self) -> bool:
        """Whether ui/main.py repairs the address; for other pages the browser does."""
        return self.slug in TRAINED

    @property
    def settings(self) -> type:
        """Its Settings type."""
        if self.checked:
            return importlib.import_module(TRAINED[self.slug]).Settings
        return DECLARED[self.slug].settings if self.slug in DECLARED else NoSettings


FOUND = [Page(file) for file in sorted(PAGES.glob("[0-9]*.py")) if file != START]
LESSONS = [page for page in FOUND if "predict" in page.words.sections]
INSTRUMENTS = [page for page in FOUND if page not in LESSONS]
"""Pages without a prediction, to be used after the lessons."""
STUDIO = next(page for page in INSTRUMENTS if page.slug == "studio")


def place(slug: str) -> str:
    """A lesson's place among the others, and how long it takes, in words."""
    page = next(page for page in LESSONS if page.slug == slug)
    return read("common").say("place", number=page.number, count=len(LESSONS), minutes=page.words["minutes"])


def following(slug: str) -> Page:
    """The page after that one."""
    slugs = [page.slug for page in FOUND]
    return FOUND[slugs.index(slug) + 1]


def warm() -> None:
    """Import what the pages need, so that the first visitor does not wait for it."""
    for module in (*TRAINED.values(), "figures.studio.curves"):
        importlib.import_module(module)
    importlib.import_module("pandas")  # Streamlit's own import fails for two visitors at once
