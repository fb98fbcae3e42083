"""What the reader chooses of a table: the label, the columns to leave out, and how its gaps are mended.

As a text, in links: "label=2;out=1,4-6;fill=5;drop=3;rows=ragged,rare;gaps=class". Columns are counted from 1 there,
from 0 in Python.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

from training.spec.reading.limits import MOST_FEATURES

MOST_COLUMNS = MOST_FEATURES + 1
MOST_LETTERS = 5_100
"""As many as it takes to name each of the columns by itself."""
WORDS = {"rows": ("ragged", "rare"), "gaps": ("class",)}
COLUMNS = ("out", "fill", "drop")


@dataclass(frozen=True)
class ColumnChoice:
    """label: the column to be predicted; out: columns to leave out; fill: those whose gaps take their median; drop:
    those whose gaps take their row with them.

    ragged: whether rows with another number of cells are left out; rare: those of a class that appears once. named:
    whether words for gaps ("None") are classes in the label.
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
    """The kind of setting that is such a text; an empty one for what the app proposes. See lessons.fields."""

    def check(self, value: Any) -> None:
        """Raise ValueError, naming the offending word, unless `value` is such a text."""
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
        """The text that the choice reads from."""
        parts = [f"label={choice.label + 1}"]
        parts += [f"{name}={ranges(getattr(choice, name))}" for name in COLUMNS if getattr(choice, name)]
        rows = [name for name in WORDS["rows"] if getattr(choice, name)]
        return ";".join([*parts, *([f"rows={','.join(rows)}"] if rows else []), *(["gaps=class"] * choice.named)])

    def read(self, text: str) -> str:
        """`text` in its one spelling. Raises ValueError."""
        self.check(text)
        return self.spelled(self.chosen(text)) if text.strip() else ""

    def nearest(self, text: str) -> str | None:
        """The valid parts of `text`; None where no label is among them."""
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
    """The columns that an entry such as 3 or 3-7 names, counted from 0; none where it is bad."""
    match = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", entry)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    return range(first - 1, last) if 1 <= first <= last <= MOST_COLUMNS else range(0)


def ranges(places: frozenset[int]) -> str:
    """The columns, counted from 1, those that follow one another as a range."""
    runs = itertools.groupby(enumerate(sorted(places)), key=lambda pair: pair[1] - pair[0])
    ends = [[place + 1 for _, place in run] for _, run in runs]
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in ends)


CHOICE = Choosing()
