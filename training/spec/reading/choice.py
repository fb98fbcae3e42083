"""The reader's choices about a table: the label, the columns to leave out, and how to mend its gaps.

Spelled as a text in links: "label=2;out=1,4-6;fill=5;drop=3;rows=ragged,rare;gaps=class". Columns are counted from 1 in
the text, from 0 in Python.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

from training.spec.reading.limits import MOST_FEATURES

MOST_COLUMNS = MOST_FEATURES + 1
MOST_LETTERS = 5_100
"""Enough to list each of the columns by itself."""
WORDS = {"rows": ("ragged", "rare"), "gaps": ("class",)}
COLUMNS = ("out", "fill", "drop")


@dataclass(frozen=True)
class ColumnChoice:
    """label: the column to predict; out: columns to leave out; fill: columns whose gaps get their median; drop: columns
    whose gaps remove their row.

    ragged: whether rows with another number of cells are left out; rare: whether rows of a class that appears only once
    are. named: whether words for gaps ("None") are classes in the label.
    """

    label: int
    out: frozenset[int] = frozenset()
    fill: frozenset[int] = frozenset()
    drop: frozenset[int] = frozenset()
    ragged: bool = False
    rare: bool = False
    named: bool = False


@dataclass(frozen=True)
class Choosing:
    """The kind of a setting with such a text; an empty text stands for the app's proposal. See lessons.fields."""

    def check(self, value: Any) -> None:
        """Raise ValueError, naming the bad word, unless `value` is such a text."""
        if not isinstance(value, str) or len(value) > MOST_LETTERS:
            raise ValueError(f"must be {self.described()}; got {value!r:.80}")
        if value:
            self.chosen(value)

    def chosen(self, text: str) -> ColumnChoice:
        """The choice that the text spells. Raises ValueError."""
        parts: dict[str, Any] = {}
        for word in filter(None, map(str.strip, text.split(";"))):
            name, values = self._part(word)
            if name in parts:
                raise ValueError(f"must name {name} once; got {text[:60]!r}")
            parts[name] = values
        if "label" not in parts:
            raise ValueError(f"must be {self.described()}; got {text[:60]!r}")
        words = parts.pop("rows", ())
        flags = {"ragged": "ragged" in words, "rare": "rare" in words, "named": bool(parts.pop("gaps", ()))}
        return ColumnChoice(parts.pop("label"), **parts, **flags)

    def spelled(self, choice: ColumnChoice) -> str:
        """The text for the choice; the opposite of `chosen`."""
        parts = [f"label={choice.label + 1}"]
        parts += [f"{name}={ranges(getattr(choice, name))}" for name in COLUMNS if getattr(choice, name)]
        rows = [name for name in WORDS["rows"] if getattr(choice, name)]
        return ";".join([*parts, *([f"rows={','.join(rows)}"] if rows else []), *(["gaps=class"] * choice.named)])

    def read(self, text: str) -> str:
        """`text` in its standard spelling. Raises ValueError."""
        self.check(text)
        return self.spelled(self.chosen(text)) if text.strip() else ""

    def nearest(self, text: str) -> str | None:
        """The text with only the valid parts of `text`; None where no label is among them."""
        good: dict[str, str] = {}
        for word in text[:MOST_LETTERS].split(";"):
            try:
                good.setdefault(self._part(word.strip())[0], word)
            except ValueError:
                continue
        return self.read(";".join(good.values())) if "label" in good else None

    def described(self) -> str:
        return f"label=column;out=columns;fill=columns;drop=columns, each from 1 to {MOST_COLUMNS}"

    def _part(self, word: str) -> tuple[str, Any]:
        name, sign, text = (part.strip() for part in word.partition("="))
        entries = [entry.strip() for entry in text.split(",")]
        if name in WORDS and set(entries) <= set(WORDS[name]):
            return name, tuple(entries)
        places = [place for entry in entries for place in _places(entry)] if name in ("label", *COLUMNS) else []
        if not places or not sign or (name == "label" and len(places) > 1):
            raise ValueError(f"must be {self.described()}; got {word[:60]!r}")
        return name, places[0] if name == "label" else frozenset(places)


def _places(entry: str) -> range:
    """The columns of an entry such as 3 or 3-7, counted from 0; empty for a bad entry."""
    match = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", entry)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    return range(first - 1, last) if 1 <= first <= last <= MOST_COLUMNS else range(0)


def ranges(places: frozenset[int]) -> str:
    """The columns, counted from 1, with neighboring ones written as a range."""
    runs = itertools.groupby(enumerate(sorted(places)), key=lambda pair: pair[1] - pair[0])
    ends = [[place + 1 for _, place in run] for _, run in runs]
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in ends)


CHOICE = Choosing()
