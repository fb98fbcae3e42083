"""Contract: each line's name is at its end, with its value at the chosen step, and the step is named."""

import numpy as np
import pytest

from figures.blank import filled
from lessons.train_infer import figures as draw
from lessons.train_infer.experiment import GRIDS, MATES, Settings, sweep


@pytest.mark.parametrize("settings", [Settings(), Settings(batches="its own digit")], ids=["mixed", "alike"])
def test_the_words_at_the_lines_ends_tell_the_step_looked_at_and_stand_in_their_order(settings):
    table = sweep(settings, "steps", GRIDS["steps"])
    at = 3
    figure = filled(draw.blanks()[2], draw.tracks(table)[2], at)
    assert figure.layout.title.text.endswith(f"{settings.layers} layers, step {GRIDS['steps'][at]}")
    words = figure.layout.annotations
    ends = [line.y[-1] for line in figure.data[:3]]
    assert [word.text for word in words] == [f"{line.name} {line.y[at]:.0%}" for line in figure.data[:3]]
    by_value = np.argsort(ends, kind="stable")
    heights = np.array([word.y for word in words])[by_value]
    assert np.all(np.diff(heights) >= draw.LINE_GAP - 1e-9)
    assert np.all(np.abs(heights - np.sort(ends)) <= 2 * draw.LINE_GAP)


def test_a_touched_spot_stands_on_the_mate_that_it_leaves_out_and_that_mate_is_faint():
    result = sweep(Settings(batch_size=32), "without", np.arange(MATES + 1))
    blank, tracks = draw.opinion(), draw.opinion_tracks(result)
    whole = np.array(filled(blank, tracks, 0).data[3].z).reshape(draw.MOSAIC, draw.MOSAIC)
    spots = blank.figure.data[blank.touch["without"]]
    assert (spots.x[0], spots.y[0]) == (7.5, 7.5), "the image itself brings all back"
    for number in range(1, MATES + 1):
        picture = filled(blank, tracks, number)
        cells = np.array(picture.data[3].z).reshape(whole.shape)
        changed = np.argwhere(~((cells == whole) | np.isnan(whole)))
        middle = (changed.min(axis=0) + changed.max(axis=0)) / 2
        assert np.abs(middle - (spots.y[number], spots.x[number])).max() <= 2
        assert np.nanmax(cells[tuple(changed.T)]) < np.nanmax(whole[tuple(changed.T)])
        assert picture.layout.title.text == draw.WITHOUT.format(result.settings.digit)


def test_a_mates_picture_stands_where_none_of_the_image_does_and_a_batch_of_one_has_none():
    for size, shown in ((1, 0), (3, 2), (512, MATES)):
        result = sweep(Settings(batch_size=size), "drawn", np.array([2]))
        picture = filled(draw.opinion(), draw.opinion_tracks(result)).data[3]
        cells = np.array(picture.z).reshape(draw.MOSAIC, draw.MOSAIC)
        np.testing.assert_array_equal(cells[: 2 * draw.SIDE : 2, : 2 * draw.SIDE : 2].ravel(), draw.FULL * result.ink)
        inked = [np.count_nonzero(mate) for mate in result.mates[0]]
        assert [count > 0 for count in inked] == [number < shown for number in range(MATES)]
        assert np.count_nonzero(cells) == 4 * np.count_nonzero(result.ink) + sum(inked)
        for mate in result.mates[0, :shown]:
            windows = np.lib.stride_tricks.sliding_window_view(cells, (draw.SIDE, draw.SIDE))
            assert (windows == draw.FULL * mate.reshape(draw.SIDE, draw.SIDE)).all(axis=(2, 3)).any()
