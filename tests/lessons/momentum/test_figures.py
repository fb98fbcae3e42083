"""Contract: the figures show the record and nothing else, on axes that hold every step of the control."""

import dataclasses

import numpy as np
import pytest

from figures import theme
from figures.blank import at, filled
from lessons.momentum import LESSON
from lessons.momentum import figures as draw
from lessons.momentum.experiment import MOMENTA, Settings, sweep

SETTINGS = [
    Settings(),
    Settings(stream="jumping", statistic="variance", batch_size=2, steps=400, convention="PyTorch"),
    Settings(stream="drifting", mean=-5.0, sd=0.1, factor=0.1, steps=20, sample=-2.5),
]
STREAM, OUTPUT, MEMORY = range(3)


@pytest.fixture(params=SETTINGS, ids=["steady", "jumping", "drifting"])
def table(request):
    return sweep(request.param, "momentum", MOMENTA)


@pytest.fixture
def tracks(table):
    return draw.tracks(table, draw.spans(table))


def drawn(tracks, figure, step):
    return filled(draw.blanks()[figure], tracks[figure], step)


@pytest.mark.parametrize("step", [0, 33, 60])
def test_the_running_line_is_the_record_at_every_step(table, tracks, step):
    figure, shown = drawn(tracks, STREAM, step), table.settings.shown
    lines = {trace.name: trace for trace in figure.data}
    running = lines["running statistics"]
    np.testing.assert_array_equal(running.y, shown(table.running)[step])
    assert (running.line.color, running.line.width) == (theme.RUNNING, 3)
    np.testing.assert_array_equal(lines["batch statistics"].y, shown(table.batch))
    np.testing.assert_array_equal(lines["true"].y, shown(table.true))


@pytest.mark.parametrize("step", [0, 33, 60])
def test_batches_fade_as_they_are_forgotten(table, tracks, step):
    opacity = np.array(drawn(tracks, STREAM, step).data[1].marker.opacity)
    np.testing.assert_allclose(opacity, 0.12 + 0.88 * table.weights[step] / table.weights[step, -1])
    assert opacity[-1] == 1


def test_dragging_moves_the_inference_line_and_not_the_training_line(table, tracks):
    assert [trace.name for trace in draw.output().figure.data] == ["batch statistics", "true", "running statistics"]
    moving = {path for path, track in tracks[OUTPUT].items() if path.startswith("data") and len(track) > 1}
    assert moving == {"data[2].y"}
    np.testing.assert_array_equal(drawn(tracks, OUTPUT, 7).data[0].y, table.training_output)
    np.testing.assert_array_equal(drawn(tracks, OUTPUT, 7).data[1].y, table.true_output)
    np.testing.assert_array_equal(drawn(tracks, OUTPUT, 7).data[2].y, table.inference_output[7])


@pytest.mark.parametrize("step", [0, 20, 60])
def test_the_memory_bar_is_cut_into_the_weights_without_gap_and_ends_at_100(table, tracks, step):
    """The start value's piece first, then every batch's: plotly.js sets each beside the one before it."""
    figure = drawn(tracks, MEMORY, step)
    start, batches = figure.data
    assert figure.layout.barmode == "stack"
    assert (start.base, batches.base, start.orientation, batches.orientation) == (None, None, "h", "h")
    np.testing.assert_allclose([*start.x, *batches.x], 100 * np.append(table.start_share[step], table.weights[step]))
    assert sum([*start.x, *batches.x]) == pytest.approx(100)
    assert figure.layout.xaxis.range == (0, 100)
    assert {*start.y, *batches.y} == {0}
    assert (len(start.y), len(batches.y)) == (1, table.settings.steps)


def test_the_memory_bar_tells_its_ends_and_its_half_life(table, tracks):
    figure = drawn(tracks, MEMORY, 40)
    start, newest = (note.text for note in figure.layout.annotations)
    assert start == f"◀ start value {table.start_share[40]:.1%}"
    assert newest == f"newest batch {100 * (1 - MOMENTA[40]):g}% ▶"
    assert figure.layout.title.text == f"What it remembers: half-life {draw.batches(table.half_life[40])}"


def test_two_neighbors_in_the_bar_never_have_one_shade_and_the_newest_is_light(tracks):
    shades = np.array(drawn(tracks, MEMORY, 0).data[1].marker.opacity)
    assert np.all(shades[1:] != shades[:-1])
    assert shades[-1] == 0.5


@pytest.mark.parametrize("step", [0, 20, 40, 60])
def test_no_step_leaves_the_axes_of_the_stream(table, tracks, step):
    figure, n = drawn(tracks, STREAM, step), table.settings.steps
    low, high = figure.layout.yaxis.range
    for trace in figure.data[:4]:
        assert low < np.min(trace.y) <= np.max(trace.y) < high
        assert 0 <= trace.x0 <= trace.x0 + len(trace.y) - 1 <= n
    assert figure.layout.xaxis.range == (0, n)


def test_the_axes_are_the_same_at_every_momentum(table):
    """So that letting go never rescales: also where the picture is of one momentum."""
    spans = draw.spans(table)
    everything = draw.tracks(table, spans)
    for step in (0, 33, 60):
        alone = draw.tracks(table.only(step), spans)
        for figure in (STREAM, OUTPUT):
            for path in ("layout.xaxis.range", "layout.yaxis.range"):
                assert len(everything[figure][path]) == 1
                assert list(at(alone[figure][path], 0)) == list(at(everything[figure][path], step))


def test_the_axes_do_not_follow_the_settings_own_momentum():
    ranges = [
        draw.spans(sweep(dataclasses.replace(Settings(), momentum=kept), "momentum", MOMENTA)) for kept in (0, 0.9)
    ]
    assert ranges[0] == ranges[1]


def test_most_of_the_outputs_are_inside_their_axis(table, tracks):
    """Only the spikes of batches with almost no variance may leave it."""
    low, high = drawn(tracks, OUTPUT, 0).layout.yaxis.range
    for lines in (table.training_output, table.inference_output, table.true_output):
        assert np.mean((lines > low) & (lines < high)) >= 0.95
    assert np.all((table.true_output > low) & (table.true_output < high))


@pytest.mark.parametrize("figure", [STREAM, OUTPUT])
def test_the_words_at_the_lines_ends_never_cover_each_other(tracks, figure):
    low, high = at(tracks[figure]["layout.yaxis.range"], 0)
    heights = np.stack([track for path, track in tracks[figure].items() if path.endswith("].y") and "anno" in path])
    assert heights.shape == (3, len(MOMENTA))
    rounding = 1e-9 * (high - low)
    assert np.min(np.diff(np.sort(heights, axis=0), axis=0)) >= draw.LINE_GAP * (high - low) - rounding
    assert low - rounding <= np.min(heights) <= np.max(heights) <= high + rounding


def test_titles_tell_the_statistic_and_the_watched_value(table, tracks):
    statistic, sample = table.settings.statistic, table.settings.sample
    stream, output = drawn(tracks, STREAM, 0), drawn(tracks, OUTPUT, 0)
    assert stream.layout.title.text == f"The running {statistic}, batch by batch"
    assert stream.layout.yaxis.title.text == f"{statistic} of x"
    assert f"x = {sample:g}".replace("-", "−") in output.layout.title.text
    alts = LESSON.table(table.settings).texts
    assert all(statistic in alts[f"alt.{figure}"][0] for figure in (STREAM, MEMORY))
