"""Lesson 1's figure draws what the record holds, inside one fixed range."""

import numpy as np
import pytest

from bn_core.experiments.four_steps import GRIDS, Settings, grid, run, sweep
from figures.four_steps import number_lines


def drawn(**changes):
    """The figure for the defaults with `changes`, and the tables that it was made from."""
    settings = Settings(**changes)
    names = [name for name in (*GRIDS, "trace") if name != "outlier_value" or settings.outlier]
    tables = {name: sweep(settings, name, grid(settings, name)) for name in names}
    return number_lines(run(settings), tables), tables


@pytest.mark.parametrize("outlier", [False, True])
def test_at_every_step_the_figure_shows_the_record(outlier):
    moving, tables = drawn(outlier=outlier, gamma=-0.8, offset=1.5)
    for control, table in tables.items():
        for step in (0, len(table.var) - 1):
            figure, result = moving.at(control, step), table.at(step)
            points = np.reshape(figure.data[0].x, (-1, 5))
            np.testing.assert_allclose(points[:, :4], result.stations[:, :6].T, atol=1e-9)
            assert np.isnan(points[:, 4]).all()
            np.testing.assert_allclose(figure.data[3].x, result.path, atol=1e-9)
            for line in range(4):
                band, mean = figure.layout.shapes[line], figure.layout.shapes[line + 4]
                assert (band.x0 + band.x1) / 2 == pytest.approx(result.means[line], abs=1e-9)
                assert (band.x1 - band.x0) / 2 == pytest.approx(result.stds[line])
                assert mean.x0 == mean.x1 == pytest.approx(result.means[line], abs=1e-9)
                assert figure.layout.annotations[line + 8].x == pytest.approx(result.path[line], abs=1e-9)
            if outlier:
                np.testing.assert_allclose(figure.data[2].x, result.stations[:, 6], atol=1e-9)
                np.testing.assert_allclose(np.reshape(figure.data[1].x, (-1, 5))[:, :4], result.alone.T, atol=1e-9)


def test_nothing_ever_leaves_the_range():
    moving, tables = drawn(outlier=True, spread=2.0, offset=-5.0, gamma=3.0)
    low, high = moving.figure.layout.xaxis.range
    for table in tables.values():
        assert low <= table.stations.min() <= table.stations.max() <= high


def test_words_and_numbers_on_the_lines():
    moving, _ = drawn()
    texts = [annotation.text for annotation in moving.figure.layout.annotations]
    assert texts[4:8] == ["mean 5.00, std 2.00", "mean 0.00, std 2.00", "mean 0.00, std 1.00", "mean 2.00, std 1.50"]
    assert texts[8:] == ["<b>7.00</b>", "<b>2.00</b>", "<b>1.00</b>", "<b>3.50</b>"]
    assert "7.00, 2.00, 1.00, 3.50" in moving.alt


def test_ghosts_only_when_there_is_an_outlier():
    for outlier in (False, True):
        moving, _ = drawn(outlier=outlier)
        assert [trace.visible for trace in moving.figure.data] == [True, outlier, outlier, True]


def test_equal_values_are_stacked_so_that_each_is_seen():
    moving, _ = drawn(batch=(1.0, 1.0, 1.0))
    firsts = np.reshape(moving.figure.data[0].y, (-1, 5))[:, 0]
    assert len(set(firsts)) == 3


def test_only_what_moves_is_sent():
    moving, _ = drawn()
    assert "data[3].x" in moving.tracks["trace"]
    assert "data[0].x" not in moving.tracks["trace"]
    assert "layout.shapes[7].x0" not in moving.tracks["spread"]  # the mean of y does not heed the spread


def test_letters_are_large_enough():
    moving, _ = drawn(outlier=True)
    assert all((word.font.size or 14) >= 14 for word in moving.figure.layout.annotations)
