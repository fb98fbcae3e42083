"""Fields of a `Settings` type: each knows its range, refuses a bad value and can repair a text from a URL."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Number:
    """A real or, with `whole`, an integer number within [low, high]."""

    low: float
    high: float
    whole: bool = False

    def check(self, value: Any) -> None:
        """Raise ValueError unless `value` is a number within the range."""
        if isinstance(value, bool) or not isinstance(value, int if self.whole else (int, float)):
            raise ValueError(f"must be {self.described()}; got {value!r}")
        if not self.low <= value <= self.high:
            raise ValueError(f"must be {self.described()}; got {value!r}")

    def read(self, text: str) -> float:
        """The number that `text` spells. Raises ValueError where it spells none within the range."""
        value = float(text)
        if self.whole and math.isfinite(value) and value == int(value):
            value = int(value)
        self.check(value)
        return value

    def nearest(self, text: str) -> float | None:
        """The allowed number closest to the one that `text` spells, None where it spells none."""
        try:
            value = float(text)
        except ValueError:
            return None
        if math.isnan(value):
            return None
        value = min(max(value, self.low), self.high)
        return round(value) if self.whole else value

    def described(self) -> str:
        return f"{'a whole number' if self.whole else 'a number'} from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]

    def check(self, value: Any) -> None:
        """Raise ValueError unless `value` is one of the options."""
        if value not in self.options:
            raise ValueError(f"must be {self.described()}; got {value!r}")

    def read(self, text: str) -> str:
        """`text` itself. Raises ValueError where it is none of the options."""
        self.check(text)
        return text

    def nearest(self, text: str) -> str | None:
        """The option that `text` spells apart from case and outer spaces, None where there is none."""
        return next((option for option in self.options if option.lower() == text.strip().lower()), None)

    def described(self) -> str:
        return "one of " + ", ".join(self.options)


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    def check(self, value: Any) -> None:
        """Raise ValueError unless `value` is a bool."""
        if not isinstance(value, bool):
            raise ValueError(f"must be {self.described()}; got {value!r}")

    def read(self, text: str) -> bool:
        """The truth value that `text` spells. Raises ValueError where it spells none."""
        value = self.nearest(text)
        if value is None:
            raise ValueError(f"must be {self.described()}; got {text!r}")
        return value

    def nearest(self, text: str) -> bool | None:
        """The truth value that `text` spells, None where it spells none."""
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(text.strip().lower())

    def described(self) -> str:
        return "true or false"


@dataclass(frozen=True)
class Numbers:
    """Between `least` and `most` numbers within [low, high]; in a text, commas or spaces separate them."""

    low: float
    high: float
    least: int
    most: int

    def check(self, value: Any) -> None:
        """Raise ValueError unless `value` is a tuple with an allowed count of numbers, each within the range."""
        if not isinstance(value, tuple) or not self.least <= len(value) <= self.most:
            raise ValueError(f"must be {self.described()}; got {value!r}")
        for entry in value:
            Number(self.low, self.high).check(entry)

    def read(self, text: str) -> tuple[float, ...]:
        """The numbers that `text` spells. Raises ValueError, naming the bad word, where it spells none."""
        values = tuple(self._number(word) for word in text.replace(";", " ").replace(",", " ").split())
        if not self.least <= len(values) <= self.most:
            raise ValueError(f"must be {self.described()}; got {len(values)} of them")
        return values

    def nearest(self, text: str) -> tuple[float, ...] | None:
        """The numbers that `text` spells, None where they are not all allowed."""
        try:
            return self.read(text)
        except ValueError:
            return None

    def described(self) -> str:
        return f"{self.least} to {self.most} numbers, each from {self.low:g} to {self.high:g}"

    def _number(self, word: str) -> float:
        try:
            return float(Number(self.low, self.high).read(word))
        except ValueError:
            raise ValueError(f"{word[:20]!r} is not a number from {self.low:g} to {self.high:g}") from None


Kind = Number | Choice | Flag | Numbers


def number(default: float, low: float, high: float) -> Any:
    """A dataclass field for a real number within [low, high]."""
    return _field(default, Number(low, high))


def integer(default: int, low: int, high: int) -> Any:
    """A dataclass field for a whole number within [low, high]."""
    return _field(default, Number(low, high, whole=True))


def choice(default: str, *options: str) -> Any:
    """A dataclass field for one of `options`."""
    return _field(default, Choice(options))


def flag(default: bool) -> Any:
    """A dataclass field for yes or no."""
    return _field(default, Flag())


def numbers(default: tuple[float, ...], low: float, high: float, least: int, most: int) -> Any:
    """A dataclass field for `least` to `most` numbers within [low, high]."""
    return _field(default, Numbers(low, high, least, most))


def check(settings: Any) -> None:
    """Raise ValueError, naming the field and what it allows, unless every field of the dataclass is in range."""
    for field in dataclasses.fields(settings):
        try:
            field.metadata["kind"].check(getattr(settings, field.name))
        except ValueError as error:
            raise ValueError(f"{field.name} {error}") from None


@dataclass(frozen=True)
class Checked:
    """Settings whose fields are all in range. Raises ValueError, naming the field and what it allows, for a bad one."""

    def __post_init__(self) -> None:
        check(self)


def spelled(value: Any) -> str:
    """The spelling of a value in the URL, which is also how Streamlit's widgets write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(spelled, value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def kinds(settings_type: type) -> dict[str, Kind]:
    """The kind of every field of a Settings type, by name."""
    return {field.name: field.metadata["kind"] for field in dataclasses.fields(settings_type)}


def defaults(settings_type: type) -> dict[str, Any]:
    """The default of every field of a Settings type, by name."""
    return {field.name: field.default for field in dataclasses.fields(settings_type)}


def _field(default: Any, kind: Kind) -> Any:
    return dataclasses.field(default=default, metadata={"kind": kind})
