"""Numbers as figures and sentences show them: two decimals, a real minus sign, no negative zero."""

from __future__ import annotations


class Numeral(float):
    """A number that words files can format in the house's style.

    "{mean}" gives "5.00"; "{mean:short}" has as few decimals as needed, at most two; with "()" at the end ("{mean:()}",
    "{mean:short()}") a negative number is in parentheses, as it must be after another sign. Any other format is
    Python's own.
    """

    def __format__(self, spec: str) -> str:
        style, brackets = spec.removesuffix("()"), spec.endswith("()")
        if style in ("", "short"):
            text = f"{round(float(self), 2) + 0.0:.2f}"
            text = text.rstrip("0").rstrip(".") if style == "short" else text
        else:
            text = format(float(self) + 0.0, style)  # no negative zero
        text = text.replace("-", "−")
        return f"({text})" if brackets and text.startswith("−") else text


def power(value: float) -> str:
    """A tiny or huge number, rounded to one digit, as a power of ten: "3·10⁻¹⁷", "10⁻¹⁶"."""
    digit, exponent = f"{value:.0e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{raised}" if digit == "1" else f"{digit}·10{raised}"


def rounded(value: float) -> str:
    """The number with two decimals."""
    return format(Numeral(value), "")
