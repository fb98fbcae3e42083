"""Numbers as the pages write them."""

import pytest

from figures.numerals import Numeral, power, rounded


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (5, "", "5.00"),
        (-1.234, "", "−1.23"),
        (-0.001, "", "0.00"),
        (-2, "()", "(−2.00)"),
        (2, "()", "2.00"),
        (1.5, "short", "1.5"),
        (-10, "short", "−10"),
        (100.001, "short", "100"),
        (-6, "short()", "(−6)"),
        (-0.04567, ".2g", "−0.046"),
    ],
)
def test_formats(value, spec, text):
    assert format(Numeral(value), spec) == text


def test_two_decimals_are_written():
    assert rounded(3) == "3.00"


def test_a_tiny_number_is_a_power_of_ten():
    assert [power(value) for value in (1e-16, 3.1e-17, 2e5)] == ["10⁻¹⁶", "3·10⁻¹⁷", "2·10⁵"]
