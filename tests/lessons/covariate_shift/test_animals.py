"""The drawn animals: distances worked by hand, areas, and that a color lies over black as the figure lays it."""

import io

import numpy as np
import pytest
from PIL import Image

from lessons.covariate_shift import animals
from lessons.covariate_shift.animals import BLACK, GINGER, POSE, Picture, capsule, draw, ellipse, png, triangle

POSES = np.random.default_rng(5).uniform(-1, 1, (8, POSE))


def test_distances_worked_by_hand():
    at = np.array([0.5j, 2 + 0j, 0.25 + 0.2j])
    assert capsule(at, -1 + 0j, 1 + 0j, 0.1) == pytest.approx([0.4, 0.9, 0.1])
    assert ellipse(at[:2], 1.0, 1.0) == pytest.approx([-0.5, 1.0])
    # Of the triangle 0, 1, i: inside, 0.1 from its left side; outside, 1 / √2 from the slope from 1 to i.
    for corners in ((0j, 1 + 0j, 1j), (1j, 1 + 0j, 0j)):
        assert triangle(np.array([0.1 + 0.3j, 1 + 1j]), *corners) == pytest.approx([-0.1, 0.5**0.5])


@pytest.mark.parametrize("size", [12, 96])
def test_a_disc_covers_its_area_whatever_the_size(size):
    picture, axis = Picture(np.ones((1, 1, 1, 3)), size), (np.arange(size) + 0.5) * 2 / size - 1
    picture.lay(ellipse((axis - 1j * axis[:, None])[None], 0.6, 0.6))
    assert picture.fur.mean() * 4 == pytest.approx(np.pi * 0.36, rel=0.02)
    assert picture.rest.sum(axis=-1) / 3 == pytest.approx(1 - picture.fur)


def test_an_animal_is_the_same_on_few_pixels_and_on_many():
    few, many = (draw(POSES, size).dyed(np.array(GINGER)) for size in (12, 96))
    pooled = many.reshape(8, 12, 8, 12, 8, 3).mean(axis=(2, 4))
    assert np.abs(few - pooled).mean() < 0.03
    assert min(few.min(), many.min()) >= 0
    assert max(few.max(), many.max()) <= 1


def test_a_colored_picture_laid_over_the_black_one_is_the_animal_on_its_way():
    picture, ginger = draw(POSES, 24), np.array(GINGER)
    halfway = picture.dyed(0.4 * BLACK + 0.6 * ginger)
    assert 0.4 * picture.dyed(BLACK) + 0.6 * picture.dyed(ginger) == pytest.approx(halfway)


def test_cats_come_first_and_only_they_have_green_eyes():
    picture = draw(POSES, 48).dyed(BLACK)
    green = (picture[..., 1] > picture[..., 0] + 0.15) & (picture[..., 1] > picture[..., 2] + 0.25)
    assert (green.sum(axis=(1, 2)) > 10).tolist() == [True] * 4 + [False] * 4


def test_a_file_holds_the_picture():
    picture = draw(POSES, 16).dyed(BLACK)[0]
    read = np.asarray(Image.open(io.BytesIO(png(picture))))
    assert read / 255 == pytest.approx(picture, abs=0.5 / 255 + 1e-9)
    assert set(animals.COATS) == {"ginger", "gray", "mixed"}
