"""The figure draws what the record holds, inside a range that no control can leave or change."""

import dataclasses

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as examples

from figures.blank import filled
from lessons.four_steps import LESSON
from lessons.four_steps.experiment import GRIDS, Settings, grid, reach, run, sweep
from lessons.four_steps.figures import NUMBERS, number_lines, tracks
from tests.lessons.states import states

CONTROLS = (*GRIDS, "trace")
LOPSIDED = Settings(batch=(20.0,) * 9 + (-20.0,), spread=2.0, offset=5.0)


def single(settings):
    """The state of the settings, as a sweep of one step."""
    return sweep(settings, "gamma", [settings.gamma])


def drawn(**changes):
    """The figure at one state."""
    settings = Settings(**changes)
    return filled(number_lines(settings), tracks(single(settings)))


@pytest.mark.parametrize("outlier", [False, True])
def test_at_every_step_the_figure_shows_the_record(outlier):
    settings = Settings(outlier=outlier, gamma=-0.8, offset=1.5)
    for control in CONTROLS:
        table = sweep(settings, control, grid(settings, control))
        for step in (0, len(table.var) - 1):
            figure, result = filled(number_lines(settings), tracks(table), step), table.at(step)
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


def test_x_and_y_of_every_point_belong_together():
    """As many places as values, so that no point is drawn without its height."""
    for outlier in (False, True):
        figure = drawn(outlier=outlier)
        for trace in figure.data:
            assert trace.x is None or len(trace.x) == len(trace.y)


@examples(max_examples=40)
@given(settings=states(LESSON))
def test_whatever_the_controls_do_nothing_leaves_the_axis(settings):
    settings = LESSON.snapped(settings)
    result, (low, high) = run(settings), reach(settings)
    values = np.concatenate([result.stations.ravel(), result.alone.ravel() if settings.outlier else []])
    assert low - 1e-9 <= values.min() <= values.max() <= high + 1e-9
    left, right = number_lines(settings).figure.layout.xaxis.range
    assert left + 0.5 <= low <= high <= right - 0.5


@examples(max_examples=40)
@given(settings=states(LESSON))
@example(settings=LOPSIDED)
def test_whatever_the_controls_do_no_band_leaves_the_axis(settings):
    settings = LESSON.snapped(settings)
    left, right = number_lines(settings).figure.layout.xaxis.range
    result = run(settings)
    assert left <= (result.means - result.stds).min()
    assert (result.means + result.stds).max() <= right


@examples(max_examples=20)
@given(settings=states(LESSON))
def test_letting_go_never_rescales(settings):
    """The empty figure, its axis included, is the same wherever the controls stand."""
    same = Settings(batch=settings.batch, outlier=settings.outlier)
    assert number_lines(settings).figure.to_json() == number_lines(same).figure.to_json()
    assert not [path for path in tracks(single(settings)) if "axis" in path]


def test_the_reach_is_not_much_wider_than_what_the_controls_reach():
    """Or the figure would be small for nothing: some setting comes within a fifth of either end."""
    for outlier in (False, True):
        settings = Settings(outlier=outlier)
        corners = [
            dataclasses.replace(
                settings, gamma=gamma, beta=beta, offset=offset, spread=2.0, outlier_value=far, trace=trace, pull=pull
            )
            for gamma in (-3.0, 3.0)
            for beta in (-6.0, 6.0)
            for offset in (-5.0, 5.0)
            for far in (-15.0, 15.0)
            for trace, pull in ((1, -16.0), (6, 16.0))
        ]
        seen = np.concatenate([run(corner).stations.ravel() for corner in corners])
        low, high = reach(settings)
        assert seen.min() < 0.8 * low
        assert seen.max() > 0.8 * high


def test_words_and_numbers_on_the_lines():
    texts = [annotation.text for annotation in drawn().layout.annotations]
    assert texts[4:8] == ["mean 5.00, std 2.00", "mean 0.00, std 2.00", "mean 0.00, std 1.00", "mean 2.00, std 1.50"]
    assert texts[8:] == ["<b>7.00</b>", "<b>2.00</b>", "<b>1.00</b>", "<b>3.50</b>"]
    assert "7.00, 2.00, 1.00, 3.50" in LESSON.table(Settings()).texts["alt.0"][0]


def test_every_step_has_its_own_alt_text():
    told = LESSON.table(Settings(), "beta").texts["alt.0"]
    assert len(set(told)) == len(GRIDS["beta"])
    assert "the outputs have mean −6.00" in told[0]


def test_ghosts_only_when_there_is_an_outlier():
    for outlier in (False, True):
        assert [trace.visible for trace in drawn(outlier=outlier).data[:4]] == [True, outlier, outlier, True]


def test_equal_values_are_stacked_so_that_each_is_seen():
    firsts = np.reshape(drawn(batch=(1.0, 1.0, 1.0)).data[0].y, (-1, 5))[:, 0]
    assert len(set(firsts)) == 3


def test_the_numbers_told_without_a_picture_are_the_records():
    figure, result = drawn(), run(Settings())
    first, second = (figure.data[int(path[5])].x for path in NUMBERS.values())
    np.testing.assert_allclose(first, result.path)
    np.testing.assert_allclose(np.reshape(second, (-1, 5))[:, :4], result.stations.T)


def test_letters_are_large_enough():
    assert all((word.font.size or 14) >= 14 for word in drawn(outlier=True).layout.annotations)
