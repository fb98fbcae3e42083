"""What the lesson on gamma and beta claims, held against the values themselves."""

import numpy as np
import pytest

from lessons.gamma_beta.experiment import EPSILON, GRIDS, UNDONE, Settings, sweep
from lessons.histogram import skewness


@pytest.mark.parametrize("settings", [Settings(), Settings(unit=16, batch_size=16, seed=3, beta=-2.5)])
def test_beta_is_the_mean_of_y_and_gamma_very_nearly_its_deviation(settings):
    result = sweep(settings, "gamma", GRIDS["gamma"])
    var = result.x.var()
    np.testing.assert_allclose(result.facts["y_mean"], settings.beta, atol=1e-12)
    np.testing.assert_allclose(result.facts["y_std"], np.abs(GRIDS["gamma"]) * np.sqrt(var / (var + EPSILON)))


def test_neither_changes_how_lopsided_the_values_are():
    result = sweep(Settings(), "gamma", np.array([-2.0, 0.5]))
    assert [skewness(y) for y in result.y] == pytest.approx([-skewness(result.x), skewness(result.x)])
    assert skewness(np.array([0.0, 0.0, 3.0])) == pytest.approx(2 / 8**0.5)  # mean 1, variance 2, third moment 2


@pytest.mark.parametrize("unit", range(1, 17))
def test_every_unit_can_be_undone_on_the_grid_and_only_by_its_own_pair(unit):
    x = sweep(Settings(unit=unit), "gamma", np.ones(1)).x
    beta = GRIDS["beta"][np.abs(GRIDS["beta"] - x.mean()).argmin()]
    result = sweep(Settings(unit=unit, beta=float(beta)), "gamma", GRIDS["gamma"])
    assert result.reached.any()
    assert GRIDS["gamma"][result.reached] == pytest.approx(np.sqrt(x.var() + EPSILON), abs=UNDONE)
