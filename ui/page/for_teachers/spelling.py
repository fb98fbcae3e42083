"""The names that pages give their settings, outside the pages (assets/components/lib/spelled.js)."""

from __future__ import annotations

from typing import Any

from lessons.catalog import LESSONS
from lessons.fields import Choice, kinds
from ui.components.versions import tables_version
from ui.page import stage
from ui.page.menu import FOUND, Page


def spelling() -> dict[str, Any]:
    """By slug, each page's name and how it calls its settings; and the version of the tables that spell the values."""
    return {"pages": {page.slug: called(page) for page in FOUND}, "version": tables_version()}


def called(page: Page) -> dict[str, Any]:
    """Its name, its settings' labels, and what its choices are called; staged: whether it has tables."""
    staged = page.slug in LESSONS
    labels = stage.controls(LESSONS[page.slug]) if staged else typed(page)
    return {"label": page.label, "controls": labels, "options": {} if staged else options(page), "staged": staged}


def typed(page: Page) -> dict[str, str]:
    """The labels of a page that trains, without their explanations."""
    labels = {name: page.words.sections.get(f"label.{name}", "") for name in kinds(page.settings)}
    return {name: label.partition(":")[0] for name, label in labels.items() if label}


def options(page: Page) -> dict[str, str]:
    """What the page calls the kinds of lanes, by kind."""
    chosen = (kind.options for kind in kinds(page.settings).values() if isinstance(kind, Choice))
    named = {option: page.words.sections.get(f"lane.{option}", "") for each in chosen for option in each}
    return {option: name for option, name in named.items() if name and "{" not in name}
