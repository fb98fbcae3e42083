"""Contract: words stand at their lines' ends, moved only as far as they need to be apart."""

import numpy as np
import pytest

from figures.ends import apart


def test_words_that_are_far_apart_stay_where_they_are():
    ends = np.array([[5.0, 5.0], [1.0, 5.1], [3.0, 0.0]])
    placed = apart(ends, 1.0)
    np.testing.assert_array_equal(placed[:, 0], [5.0, 1.0, 3.0])
    np.testing.assert_allclose(placed[:, 1], [4.55, 5.55, 0.0], err_msg="the pair makes room, the third word stays")


@pytest.mark.parametrize("seed", range(5))
def test_they_are_the_closest_heights_in_order_that_are_apart(seed):
    """Against a search over a grid of heights."""
    ends, gap = np.random.default_rng(seed).uniform(0, 1, 3).round(2), 0.3
    placed = apart(ends[:, None], gap)[:, 0]
    grid = np.linspace(-0.5, 1.5, 81)
    low, middle, high = np.meshgrid(grid, grid, grid, indexing="ij", sparse=True)
    first, second, third = np.sort(ends)
    moved = (low - first) ** 2 + (middle - second) ** 2 + (high - third) ** 2
    allowed = (middle - low >= gap - 1e-9) & (high - middle >= gap - 1e-9)
    ordered = placed[np.argsort(ends)]
    assert np.all(np.diff(ordered) >= gap - 1e-9)
    assert np.sum((placed - ends) ** 2) <= np.min(moved[allowed]) + 1e-9
