"""Contract: every meaning can be told from every other and read on its background, light and dark."""

import itertools

import numpy as np
import pytest

from figures import theme

MEANINGS = [theme.BEFORE, theme.AFTER, theme.BATCH, theme.RUNNING, theme.REFERENCE, theme.INK]


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
def test_two_meanings_are_far_apart_in_both_themes(one, other):
    """In CIE Lab, where 10 is a difference nobody misses."""
    assert distance(one, other) > 20
    assert distance(theme.DARK[one], theme.DARK[other]) > 20


def distance(one: str, other: str) -> float:
    """The CIE76 colour difference of two sRGB colours."""
    return float(np.linalg.norm(np.subtract(lab(one), lab(other))))


def lab(colour: str) -> tuple[float, float, float]:
    """CIE L*a*b* of an sRGB colour (white point D65)."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = (
        t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116
        for t in to_xyz @ linear / np.array([0.9505, 1.0, 1.089])
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)
