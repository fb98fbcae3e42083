"""The marks under the animals, and how opaque their color is."""

import base64

import numpy as np

from figures.blank import filled
from lessons.covariate_shift import figures
from lessons.covariate_shift.experiment import RACE, SHIFTS, Settings, sweep

RESULT = sweep(Settings(seed=1), "shift", SHIFTS)


def test_every_animal_has_one_mark_in_each_row_and_it_is_the_nets_answer():
    figure = filled(figures.blanks(Settings())[0], figures.tracks(RESULT)[0], step=36)
    wrong, right = (figure.data[trace] for trace in (figures.WRONG, figures.RIGHT))
    right_ones = RESULT.tested.right[36, :, 0][:, figures.SHOWN]
    np.testing.assert_array_equal(np.isnan(wrong.y), right_ones.ravel())
    np.testing.assert_array_equal(np.isnan(right.y), ~right_ones.ravel())
    assert not right_ones.all()
    assert list(right.x[:6]) == list(range(6))


def test_the_color_lies_over_black_as_opaque_as_the_shift_is_far():
    figure = filled(figures.blanks(Settings())[0], figures.tracks(RESULT)[0], step=16)
    black, colored = figure.layout.images[:6], figure.layout.images[6:]
    assert {image.opacity for image in colored} == {SHIFTS[16]}
    assert {image.opacity for image in black} == {None}
    for under, over in zip(black, colored, strict=True):
        assert under.source != over.source
        assert base64.b64decode(over.source.partition(",")[2]).startswith(b"\x89PNG")
        assert 0 < over.x - under.x < 1e-5  # two images in one place would be drawn as one


def test_the_race_takes_the_units_place_and_no_shift_of_color_moves_it():
    settings = Settings(seed=1, beside=RACE)
    tests, race = figures.tracks(sweep(settings, "shift", SHIFTS))
    assert tests.keys() == figures.tracks(RESULT)[0].keys()
    assert {len(track) for track in race.values()} == {1}
    assert figures.blanks(settings)[1].figure != figures.blanks(Settings())[1].figure
