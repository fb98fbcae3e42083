"""Settings whose value is a short text: the overrides of one lane, and the changes during training.

Like the kinds in lessons.fields, each checks a value, reads a text from a URL, and repairs a text where it can.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lessons.fields import Kind

Entry = tuple[int, str, Any]
MOST = 40
"""The most entries in one text."""


@dataclass(frozen=True)
class Overrides:
    """Values for some `fields`, as "learning_rate=0.3;activation=tanh"; an empty text for none."""

    fields: dict[str, Kind]

    def check(self, value: Any) -> None:
        """Raise ValueError, naming the bad word, unless `value` is such a text."""
        self.values(value)

    def values(self, text: str) -> dict[str, Any]:
        """The values by field. Raises ValueError."""
        found: dict[str, Any] = {}
        for word in words(text, self.described()):
            name, value = pair(word, self.fields, self.described())
            if name in found:
                raise ValueError(f"must name {name} once; got {text[:60]!r}")
            found[name] = value
        return found

    def spelled(self, values: dict[str, Any]) -> str:
        """The text for `values`; the opposite of `values()`."""
        return ";".join(f"{name}={plain(value)}" for name, value in values.items())

    def read(self, text: str) -> str:
        """`text` in its standard spelling. Raises ValueError."""
        return self.spelled(self.values(text))

    def nearest(self, text: str) -> str:
        """The text with only the valid entries of `text`."""
        return self.spelled(dict(good(text, lambda word: pair(word, self.fields, ""))))

    def described(self) -> str:
        return f"name=value, separated by ;, of {', '.join(self.fields)}"


@dataclass(frozen=True)
class Changes:
    """Values for some `fields` from a step on, as "200:learning_rate=0.03;500:dropout=0.2"; an empty text for none."""

    fields: dict[str, Kind]
    last: int

    def check(self, value: Any) -> None:
        """Raise ValueError, naming the bad word, unless `value` is such a text."""
        self.entries(value)

    def entries(self, text: str) -> list[Entry]:
        """(step, field, value) in order: the value holds from that step, counted from 0, on. Raises ValueError."""
        found = [self._entry(word) for word in words(text, self.described())]
        places = [entry[:2] for entry in found]
        if len(set(places)) < len(places):
            raise ValueError(f"must change a field once at a step; got {text[:60]!r}")
        return sorted(found, key=lambda entry: entry[:2])

    def spelled(self, entries: list[Entry]) -> str:
        """The text for `entries`, in order of steps; the opposite of `entries()`."""
        ordered = sorted(entries, key=lambda entry: entry[:2])
        return ";".join(f"{step}:{field}={plain(value)}" for step, field, value in ordered)

    def read(self, text: str) -> str:
        """`text` in its standard spelling. Raises ValueError."""
        return self.spelled(self.entries(text))

    def nearest(self, text: str) -> str:
        """The text with only the valid entries of `text`; of two changes of a field at one step the later is kept."""
        return self.spelled(list({entry[:2]: entry for entry in good(text, self._entry)}.values()))

    def described(self) -> str:
        return f"step:name=value, separated by ;, steps up to {self.last}, of {', '.join(self.fields)}"

    def _entry(self, word: str) -> Entry:
        step, colon, rest = word.partition(":")
        if not colon or not re.fullmatch(r"\d{1,6}", step.strip()) or int(step) > self.last:
            raise ValueError(f"must be {self.described()}; got {word[:60]!r}")
        return (int(step), *pair(rest, self.fields, self.described()))


@dataclass(frozen=True)
class Identifier:
    """Letters, digits, - and _; or empty."""

    longest: int

    def check(self, value: Any) -> None:
        """Raise ValueError unless `value` is such a text."""
        if not isinstance(value, str) or not re.fullmatch(rf"[A-Za-z0-9_-]{{0,{self.longest}}}", value):
            raise ValueError(f"must be {self.described()}; got {value!r:.80}")

    def read(self, text: str) -> str:
        """`text` itself. Raises ValueError."""
        self.check(text)
        return text

    def nearest(self, text: str) -> None:
        """None: a wrong id cannot be repaired."""
        return None

    def described(self) -> str:
        return f"up to {self.longest} letters, digits, - or _"


def words(text: Any, described: str) -> list[str]:
    """The entries of a text between the semicolons. Raises ValueError for more than MOST, or for no text at all."""
    if not isinstance(text, str):
        raise ValueError(f"must be {described}; got {text!r:.80}")
    found = [word.strip() for word in text.split(";") if word.strip()]
    if len(found) > MOST:
        raise ValueError(f"must have at most {MOST} entries; got {len(found)}")
    return found


def pair(word: str, fields: dict[str, Kind], described: str) -> tuple[str, Any]:
    """(name, value) from "name=value". Raises ValueError that says what is allowed."""
    name, sign, text = (part.strip() for part in word.partition("="))
    if not sign or name not in fields:
        raise ValueError(f"must be {described}; got {word.strip()[:60]!r}")
    try:
        return name, fields[name].read(text)
    except (ValueError, OverflowError):
        raise ValueError(f"must give {name} {fields[name].described()}; got {text[:60]!r}") from None


def good(text: str, read: Any) -> list[Any]:
    """The results of `read` for all entries that it accepts."""
    found = []
    for word in text.split(";")[:MOST]:
        try:
            found.append(read(word))
        except ValueError:
            continue
    return found


def plain(value: Any) -> str:
    """The shortest text that reads back as the same value."""
    return str(value).lower().removesuffix(".0") if isinstance(value, float | bool) else str(value)
