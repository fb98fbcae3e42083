"""Contract: a Moving figure at a step is the base figure with that step's values in the named places."""

import numpy as np

from figures import theme
from figures.moving import Moving


def moving() -> Moving:
    figure = theme.bare(200)
    figure.add_scatter(x=[0, 1], y=[0, 0])
    figure.add_shape(type="line", x0=0, x1=0, y0=0, y1=1)
    tracks = {"demo.gamma": {"data[0].y": np.array([[1.0, 2.0], [3.0, 4.0]]), "layout.shapes[0].x0": np.array([5, 6])}}
    return Moving(figure, "two points", tracks)


def test_at_puts_the_steps_values_in_place():
    drawn = moving().at("demo.gamma", 1)
    assert list(drawn.data[0].y) == [3.0, 4.0]
    assert drawn.layout.shapes[0].x0 == 6


def test_at_leaves_the_base_figure_alone():
    base = moving()
    base.at("demo.gamma", 1)
    assert list(base.figure.data[0].y) == [0, 0]
