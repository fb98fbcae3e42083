"""Contract: x, x̂ and y are drawn as densities of one shape, each in bins that move and widen with it."""

import numpy as np
import pytest

from figures.blank import filled
from lessons.gamma_beta import figures as draw
from lessons.gamma_beta.experiment import NEXT, THIS, Settings, sweep


@pytest.mark.parametrize("view", [THIS, NEXT])
@pytest.mark.parametrize(("gamma", "beta"), [(1.0, 0.0), (-2.35, 1.1), (0.4, -3.0)])
def test_each_outline_is_the_histogram_of_its_own_values_in_its_own_bins(view, gamma, beta):
    settings = Settings(gamma=gamma, beta=beta, view=view)
    result = sweep(settings, "gamma", np.array([gamma]))
    (blank,), (tracks,) = draw.blanks(settings), draw.tracks(result)
    drawn = filled(blank, tracks).data
    for line, values in zip(drawn, (result.x, result.x_hat, result.x, result.y), strict=False):
        step = line.x[1] - line.x[0]
        edges = np.sort(np.append(line.x - step / 2, line.x[-1] + step / 2))
        counts, _ = np.histogram(values, edges)
        heights = np.asarray(line.y)[:: 1 if step > 0 else -1]
        np.testing.assert_allclose(heights * abs(step) * values.size, counts, atol=1 + 1e-6)  # a value on an edge
        assert abs(np.sum(heights) * abs(step) - 1) < 0.01


def test_a_batch_that_is_one_value_is_a_spike_there():
    result = sweep(Settings(), "gamma", np.array([0.0]))
    y = filled(draw.blanks(Settings())[0], draw.tracks(result)[0]).data[3]
    assert np.ptp(y.x) < 0.02
    assert max(y.y) > draw.AXIS.tallest
