"""Contract: every meaning can be told from every other and read on its background, light and dark."""

import itertools

import numpy as np
import pytest

from figures import theme

LANES = [theme.BEFORE, theme.AFTER, theme.THIRD, theme.FOURTH]
MEANINGS = [*LANES, theme.BATCH, theme.RUNNING, theme.REFERENCE, theme.INK]
SIGHTS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
"""Linear RGB as it is seen without one kind of cones (Machado, Oliveira and Fernandes 2009, severity 1)."""


def luminance(color: str) -> float:
    """Relative luminance, WCAG 2.2 definition."""
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("color", MEANINGS)
def test_text_of_every_meaning_is_readable_on_light_and_dark(color):
    assert contrast(color, theme.PAPER) >= 4.5
    assert contrast(theme.DARK[color], theme.DARK[theme.PAPER]) >= 4.5


def test_no_two_light_colors_are_equal_so_each_has_one_dark_twin():
    everything = [*MEANINGS, theme.FAINT, theme.PAPER]
    assert len(set(everything)) == len(everything)
    assert set(theme.DARK) == set(everything)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(MEANINGS[:7], 2)))
def test_two_meanings_are_far_apart_in_both_themes(one, other):
    """In CIE Lab, where 10 is a difference nobody misses."""
    assert distance(one, other) > 20
    assert distance(theme.DARK[one], theme.DARK[other]) > 20


def distance(one: str, other: str) -> float:
    """The CIE76 color difference of two sRGB colors."""
    return float(np.linalg.norm(np.subtract(lab(one), lab(other))))


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(LANES, 2)))
def test_lanes_are_told_apart_by_the_color_blind(one, other, sight):
    for a, b in ((one, other), (theme.DARK[one], theme.DARK[other])):
        seen = [np.clip(np.array(SIGHTS[sight]) @ linear(color), 0, 1) for color in (a, b)]
        assert np.linalg.norm(np.subtract(*(lab_of_linear(each) for each in seen))) > 15


@pytest.mark.parametrize("kinds", list(itertools.product(theme.KIND, repeat=3)), ids="-".join)
def test_no_two_of_three_lanes_share_a_color_or_a_dash(kinds):
    colors, dashes = zip(*theme.looks(kinds), strict=True)
    assert len(set(colors)) == len(set(dashes)) == 3
    assert (colors[0], dashes[0]) == theme.KIND[kinds[0]]


def linear(color: str) -> np.ndarray:
    """Linear RGB of an sRGB color."""
    channels = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(color: str) -> tuple[float, float, float]:
    """CIE L*a*b* of an sRGB color."""
    return lab_of_linear(linear(color))


def lab_of_linear(linear: np.ndarray) -> tuple[float, float, float]:
    """CIE L*a*b* of linear RGB (white point D65)."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = (
        t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116
        for t in to_xyz @ linear / np.array([0.9505, 1.0, 1.089])
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)
