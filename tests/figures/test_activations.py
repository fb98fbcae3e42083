"""Contract: lesson 2's figures draw the record's numbers, at every step, on axes that do not move."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose

from bn_core.experiments import activations
from bn_core.experiments.activations import LEAVES, SCALES, Settings
from bn_core.experiments.layer_values import WIDE
from figures import ridges, theme
from figures.activations import DECADES, LAYER, SCALE, figures, told

SMALL = {"depth": 4, "width": 10, "batch_size": 12, "layer": 3}
STEPS = {SCALE: len(SCALES), LAYER: 4}


@pytest.fixture(scope="module")
def table():
    return activations.sweep(Settings(**SMALL))


def drawn(table, step=20):
    return figures(table, table[step])


def test_every_track_has_one_entry_per_step_and_fits_the_figure(table):
    for moving in drawn(table):
        assert set(moving.tracks) == {SCALE, LAYER}
        for control, tracks in moving.tracks.items():
            assert {len(track) for track in tracks.values()} == {STEPS[control]}
            for step in (0, STEPS[control] - 1):
                moving.at(control, step)


def test_a_figure_dragged_to_a_scale_is_the_figure_drawn_there(table):
    """Nothing that depends on the weight scale was forgotten among the tracks."""
    for dragged, there in zip(drawn(table, 20), drawn(table, 31), strict=True):
        assert dragged.at(SCALE, 31).to_plotly_json() == _approx(there.figure.to_plotly_json())


def test_a_figure_dragged_to_a_layer_is_the_figure_drawn_there(table):
    now = table[20]
    other = dataclasses.replace(now, settings=dataclasses.replace(now.settings, layer=1))
    for dragged, there in zip(figures(table, now), figures(table, other), strict=True):
        assert dragged.at(LAYER, 0).to_plotly_json() == _approx(there.figure.to_plotly_json())


def _approx(value):
    """The same nested value, arrays comparable with ==, NaN equal to itself."""
    if isinstance(value, dict):
        return {name: _approx(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple) and not any(isinstance(entry, str | dict) for entry in value):
        return pytest.approx(np.asarray(value, dtype=float), nan_ok=True)
    if isinstance(value, list | tuple):
        return type(value)(_approx(entry) for entry in value)
    return pytest.approx(value, nan_ok=True) if isinstance(value, np.ndarray | float) else value


def test_ridges_rise_from_their_rows_floor_by_the_density_and_stop_at_the_top():
    density = np.zeros((2, len(WIDE.centres)))
    density[0, 10], density[1, 20] = WIDE.tallest / 2, 5 * WIDE.tallest
    y = ridges.outline_y(density, WIDE).reshape(2, -1)
    floors = np.array([1, 2]) + ridges.TALL / 2
    assert_allclose(y[:, [0, 1, -2]], floors[:, None] * np.ones(3))
    assert np.isnan(y[:, -1]).all()
    assert_allclose([y[0, 11], y[1, 21]], floors - ridges.TALL * np.array([0.5, 1]))


def test_the_outlines_x_runs_from_end_to_end_in_every_row():
    x = ridges.outline_x(WIDE, 3).reshape(3, -1)
    assert_allclose(x[:, [0, -2]], [WIDE.ends] * 3)
    assert_allclose(x[1, 1:-2], WIDE.centres)


def test_arrows_grow_in_area_with_the_share_beyond_the_axis():
    sizes = ridges.arrow_sizes(np.array([0, 0.25]), np.array([1, 0.5]))
    assert_allclose(sizes**2 / sizes[2] ** 2, [0, 0.25, 1, 0.5])


def test_the_spreads_are_the_records_stds(table):
    now, (_, spreads, _) = table[20], drawn(table)
    for trace, expected in zip(
        spreads.figure.data[:4], (now.plain.std, now.plain.between, now.normed.std, now.normed.between), strict=True
    ):
        assert_allclose(trace.x, expected)
        assert_allclose(trace.y, [1, 2, 3, 4])


def test_the_histogram_is_of_the_layer_looked_at_and_says_what_is_off_the_axis(table):
    now, (_, _, histogram) = table[-1], drawn(table, -1)
    assert_allclose(histogram.figure.data[1].y, now.plain.density[2])
    assert_allclose(histogram.figure.data[2].y, now.normed.density[2])
    assert histogram.figure.layout.annotations[0].text == "<b>Layer 3</b>"
    assert histogram.figure.layout.annotations[1].text == f"◀ {now.plain.below[2]:.1%} off"
    assert histogram.figure.layout.annotations[2].text == f"{now.plain.above[2]:.1%} off ▶"


@pytest.mark.parametrize(("step", "side"), [(0, 0), (len(SCALES) - 1, 1)])
def test_a_std_beyond_the_spreads_axis_is_marked_at_its_rim_and_told(step, side):
    table = activations.sweep(Settings(depth=12))
    _, spreads, _ = drawn(table, step)
    std, limit = table[step].plain.std, 10.0 ** (DECADES if side else -DECADES)
    beyond = std > limit if side else std < limit
    assert beyond[-1]
    assert not beyond[0]
    sizes = np.reshape(spreads.figure.data[4].marker.size, (2, -1))
    assert_allclose(sizes[side] == 10, beyond)
    assert_allclose(sizes[1 - side], 0)
    assert_allclose(spreads.figure.data[5].marker.size, 0)
    written = [note.text for note in spreads.figure.layout.annotations[3:]]
    assert [written.pop(side), written] == [told(std[-1]).replace(" ", ""), ["", "", ""]]


def test_within_the_axes_nothing_is_marked():
    table = activations.sweep(Settings(layer=1))
    _, spreads, histogram = drawn(table)
    assert not np.any([trace.marker.size for trace in spreads.figure.data[4:]])
    assert {note.text for note in spreads.figure.layout.annotations[3:]} == {""}
    assert not np.any([trace.marker.size for trace in histogram.figure.data[3:]])
    assert {note.text for note in histogram.figure.layout.annotations[5:]} == {""}


def test_a_bar_that_the_histogram_cuts_is_marked_where_it_is_and_told():
    table = activations.sweep(Settings(layer=10))
    _, _, histogram = drawn(table)
    density = table[20].plain.density[-1]
    assert density.max() > WIDE.tallest
    plain, normed = histogram.figure.data[3:]
    assert (plain.marker.size[0], normed.marker.size[0]) == (10, 0)
    assert plain.x[0] == WIDE.centres[np.argmax(density)]
    assert [note.text for note in histogram.figure.layout.annotations[5:]] == [f"▲ {told(density.max())}", ""]


def test_lanes_keep_their_colours_and_axes_their_ranges(table):
    left, right = ([moving.figure for moving in drawn(table, step)] for step in (0, 40))
    for one, other in zip(left, right, strict=True):
        for axes in ("select_xaxes", "select_yaxes"):
            ranges = [axis.range for axis in getattr(one, axes)()]
            assert None not in ranges
            assert ranges == [axis.range for axis in getattr(other, axes)()]
    assert [trace.line.color for trace in left[1].data[:4]] == [theme.BEFORE] * 2 + [theme.AFTER] * 2
    assert left[0].layout.xaxis2.range == left[0].layout.xaxis.range


def test_alt_texts_tell_the_numbers(table):
    for moving, lane in zip(drawn(table), ("plain", "normed", "plain"), strict=True):
        std = getattr(table[20], lane).std
        assert told(std[0] if moving.width != 0.27 else std[2]) in moving.alt


@pytest.mark.parametrize("layout", [{"depth": 1}, {"depth": 20}, {"activation": "sigmoid", "shown": LEAVES}])
def test_every_shape_of_net_can_be_drawn_at_both_ends(layout):
    table = activations.sweep(Settings(**SMALL | layout))
    for moving in drawn(table, 0) + drawn(table, 40):
        assert moving.figure.layout.font.size >= 14
        assert "nan" not in moving.alt


def test_a_net_whose_units_all_died_can_be_drawn():
    """Two images, eight units: in some net every value is 0 before the twentieth layer, and so is its std."""
    for seed in range(50):
        table = activations.sweep(Settings(depth=20, width=8, batch_size=2, seed=seed))
        if table.plain.std.min() == 0:
            drawn(table)
            return
    pytest.fail("no seed gave a dead net")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1.00"), (0.9986, "0.999"), (0.0419, "0.042"), (-0.5, "−0.500"), (123.4, "123"), (1.9e-5, "1.9 × 10⁻⁵")],
)
def test_numbers_are_told_with_sensible_digits(value, text):
    assert told(value) == text
