"""Contract: the figures show the record and nothing else, on axes that hold every step of the control."""

import json

import numpy as np
import pytest

from bn_core.experiments.momentum import MOMENTA, Settings, sweep
from figures import momentum as draw
from figures import theme

CONTROL = "momentum.momentum"
SETTINGS = [
    Settings(),
    Settings(stream="jumping", statistic="variance", batch_size=2, steps=400, convention="PyTorch"),
    Settings(stream="drifting", mean=-5.0, sd=0.1, factor=0.1, steps=20),
]


@pytest.fixture(params=SETTINGS, ids=["steady", "jumping", "drifting"])
def table(request):
    return sweep(request.param, "momentum", MOMENTA)


@pytest.mark.parametrize("step", [0, 33, 60])
def test_the_running_line_is_the_record_at_every_step(table, step):
    figure = draw.stream(table, 10, CONTROL).at(CONTROL, step)
    running = next(trace for trace in figure.data if trace.name == "running statistics")
    np.testing.assert_array_equal(running.y, table.settings.shown(table.running)[step])
    assert (running.line.color, running.line.width) == (theme.RUNNING, 3)


def test_dragging_moves_the_inference_line_and_not_the_training_line(table):
    moving = draw.output(table, 40, CONTROL)
    assert [trace.name for trace in moving.figure.data] == ["batch statistics", "true", "running statistics"]
    assert {path for path in moving.tracks[CONTROL] if path.startswith("data")} == {"data[2].y"}
    np.testing.assert_array_equal(moving.at(CONTROL, 7).data[0].y, table.training_output)
    np.testing.assert_array_equal(moving.at(CONTROL, 7).data[2].y, table.inference_output[7])


@pytest.mark.parametrize("step", [0, 20, 60])
def test_the_memory_bar_is_cut_into_the_weights_without_gap_and_ends_at_100(table, step):
    bar = draw.memory(table, 40, CONTROL).at(CONTROL, step).data[0]
    np.testing.assert_allclose(bar.x, 100 * np.append(table.start_share[step], table.weights[step]))
    begins = np.array(bar.base, dtype=float)
    ends = begins + np.array(bar.x)
    np.testing.assert_allclose(begins[1:], ends[:-1], atol=1e-9)
    assert begins[0] == 0
    assert ends[-1] == pytest.approx(100)


def test_no_step_leaves_the_axes_of_the_stream(table):
    moving = draw.stream(table, 40, CONTROL)
    low, high = moving.figure.layout.yaxis.range
    assert low < np.min(moving.tracks[CONTROL]["data[3].y"])
    assert high > np.max(moving.tracks[CONTROL]["data[3].y"])
    assert low < np.min(moving.figure.data[0].y) < np.max(moving.figure.data[0].y) < high


@pytest.mark.parametrize("name", ["stream", "output"])
def test_the_words_at_the_lines_ends_never_cover_each_other(table, name):
    moving = getattr(draw, name)(table, 40, CONTROL)
    low, high = moving.figure.layout.yaxis.range
    heights = np.stack(
        [track for path, track in moving.tracks[CONTROL].items() if path.endswith("].y") and "anno" in path]
    )
    assert heights.shape == (3, len(MOMENTA))
    rounding = 1e-9 * (high - low)
    assert np.min(np.diff(np.sort(heights, axis=0), axis=0)) >= draw.LINE_GAP * (high - low) - rounding
    assert low - rounding <= np.min(heights) <= np.max(heights) <= high + rounding


def test_words_that_are_far_apart_stay_where_they_are():
    ends = np.array([[5.0, 5.0], [1.0, 5.1], [3.0, 0.0]])
    placed = draw.apart(ends, 1.0)
    np.testing.assert_array_equal(placed[:, 0], [5.0, 1.0, 3.0])
    np.testing.assert_allclose(placed[1, 1] - placed[0, 1], 1.0)


@pytest.mark.parametrize("name", ["stream", "output", "memory"])
def test_the_figure_as_drawn_is_the_one_at_its_own_step(table, name):
    """Before any drag the figure already stands at the reader's momentum."""
    moving = getattr(draw, name)(table, 33, CONTROL)
    assert json.loads(moving.figure.to_json()) == json.loads(moving.at(CONTROL, 33).to_json())
    assert all(len(track) == len(MOMENTA) for track in moving.tracks[CONTROL].values())
