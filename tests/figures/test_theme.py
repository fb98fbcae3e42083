"""Contract: every meaning can be told from every other and read on its background, light and dark."""

import itertools

import pytest

from figures import theme

MEANINGS = [theme.BEFORE, theme.AFTER, theme.BATCH, theme.RUNNING, theme.REFERENCE, theme.PREDICTION, theme.INK]


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2 definition."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("colour", MEANINGS)
def test_text_of_every_meaning_is_readable_on_light_and_dark(colour):
    assert contrast(colour, theme.PAPER) >= 4.5
    assert contrast(theme.DARK[colour], theme.DARK[theme.PAPER]) >= 4.5


def test_no_two_light_colours_are_equal_so_each_has_one_dark_twin():
    everything = [*MEANINGS, theme.FAINT, theme.PAPER]
    assert len(set(everything)) == len(everything)
    assert set(theme.DARK) == set(everything)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(MEANINGS[:5], 2)))
def test_meanings_differ_in_colour_or_in_dash_and_width(one, other):
    assert (one, theme.line(one)) != (other, theme.line(other))
    assert theme.DARK[one] != theme.DARK[other]
