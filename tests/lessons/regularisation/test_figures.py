"""Where the names of the lines stand: data never reach them."""

import numpy as np
import pytest

from figures.blank import filled
from lessons.regularisation import figures
from lessons.regularisation.experiment import GRIDS, TASKS, Settings, sweep
from lessons.regularisation.measure import PLACES

WIDE, HIGH = 0.3, 0.18
"""The names' room on a phone: up to this rate, and this share of the plot downward from the upper one's top."""


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("place", PLACES)
def test_no_line_runs_through_the_names_of_the_lines(task, place):
    sizes = GRIDS["batch_size"]
    table = sweep(Settings(task=task, place=place), "batch_size", sizes.astype(float))
    for step in range(len(sizes)):
        figure = filled(figures.losses(), figures.tracks(table)[0], step)
        low, high = figure.layout.yaxis.range
        top = figure.layout.annotations[0].y
        for line in figure.data[:2]:
            near = np.asarray(line.x) <= WIDE
            ends = np.asarray(line.y) + np.multiply.outer([-1, 1], np.asarray(line.error_y.array))
            drawn = (np.log10(np.maximum(ends[:, near], 1e-3)) - low) / (high - low)
            assert np.all((drawn[0] > top) | (drawn[1] < top - HIGH))
