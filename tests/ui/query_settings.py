"""A Settings type with a field for every widget, and one that only the browser draws."""

from dataclasses import dataclass

from lessons.fields import Checked, choice, flag, integer, number, numbers


@dataclass(frozen=True)
class Settings(Checked):
    """One field per kind and widget."""

    real: float = number(0.5, -2.0, 3.0)
    typed_real: float = number(0.5, -2.0, 3.0)
    whole: int = integer(4, 1, 20)
    typed_whole: int = integer(4, 1, 20)
    word: str = choice("relu", "relu", "tanh", "sigmoid")
    switch: bool = flag(True)
    row: tuple[float, ...] = numbers((1.0, 2.0, 4.0), -100.0, 100.0, 2, 6)
