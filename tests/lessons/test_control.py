"""Contract: a dragged control stands on its grid."""

import pytest

from lessons.control import nearest


@pytest.mark.parametrize("wanted", [0.98, -5, 7, 0.0])
def test_nearest_is_the_closest_of_the_grid(wanted):
    grid = [0.0, 0.9, 0.99, 0.999]
    assert abs(grid[nearest(grid, wanted)] - wanted) == min(abs(value - wanted) for value in grid)
