"""Contract: what names a line stands where the line ends, and tells its value at the step looked at, which is named."""

import numpy as np
import pytest

from figures.blank import filled
from lessons.train_infer import figures as draw
from lessons.train_infer.experiment import GRIDS, Settings, sweep


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
