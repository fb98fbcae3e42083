"""Contract: the figures draw the record's numbers, at every step, on axes that do not move."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from figures import theme
from figures.blank import filled
from lessons.activations import LESSON, ridges
from lessons.activations import experiment as activations
from lessons.activations import figures as draw
from lessons.activations.experiment import LEAVES, SCALES, Settings
from lessons.activations.figures import DECADES, SUPERSCRIPT, brief
from lessons.activations.layer_values import WIDE

SMALL = {"depth": 4, "width": 10, "batch_size": 12, "layer": 3}


def single(settings):
    """The net at the settings' own weight scale, as a sweep of one step."""
    return activations.sweep(settings, np.array([settings.weight_scale]))


@pytest.fixture(scope="module")
def table():
    return activations.sweep(Settings(**SMALL))


def drawn(table, step=20):
    """The three figures at a step of a sweep, while the settings' own layer is looked at."""
    settings = table.settings
    tracks = draw.tracks(table, np.full(len(table.plain.std), settings.looked_at))
    return [filled(blank, track, step) for blank, track in zip(draw.blanks(settings), tracks, strict=True)]


def test_the_ridges_are_the_records_densities(table):
    now, (figure, _, _) = table[20], drawn(table)
    for number, lane in enumerate((now.plain, now.normed)):
        reference, outline, arrows = figure.data[3 * number : 3 * number + 3]
        density, below, above = (
            np.r_[inputs[None], layers]
            for inputs, layers in zip(now.inputs, (lane.density, lane.below, lane.above), strict=True)
        )
        assert_allclose(outline.y, ridges.outline_y(density, WIDE))
        assert_allclose(reference.y, ridges.outline_y(np.tile(WIDE.normal, (5, 1)), WIDE))
        assert_allclose(arrows.marker.size, ridges.arrow_sizes(below, above))
        assert len(outline.x) == len(outline.y)


@pytest.mark.parametrize("layer", [1, 3, 4])
def test_the_row_of_the_layer_looked_at_is_marked_in_both_figures_of_rows(layer):
    table = single(Settings(**SMALL | {"layer": layer}))
    for figure in drawn(table, 0)[:2]:
        assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].y1) == (layer - 0.5, layer + 0.5)


def test_ridges_rise_from_their_rows_floor_by_the_density_and_stop_at_the_top():
    density = np.zeros((2, len(WIDE.centers)))
    density[0, 10], density[1, 20] = WIDE.tallest / 2, 5 * WIDE.tallest
    y = ridges.outline_y(density, WIDE).reshape(2, -1)
    floors = np.array([0, 1]) + ridges.TALL / 2
    assert_allclose(y[:, [0, 1, -2]], floors[:, None] * np.ones(3))
    assert np.isnan(y[:, -1]).all()
    assert_allclose([y[0, 11], y[1, 21]], floors - ridges.TALL * np.array([0.5, 1]))


def test_the_outlines_x_runs_from_end_to_end_in_every_row():
    x = ridges.outline_x(WIDE, 3).reshape(3, -1)
    assert_allclose(x[:, [0, -2]], [WIDE.ends] * 3)
    assert_allclose(x[1, 1:-2], WIDE.centers)


def test_arrows_grow_in_area_with_the_share_beyond_the_axis():
    sizes = ridges.arrow_sizes(np.array([0, 0.25]), np.array([1, 0.5]))
    assert_allclose(sizes**2 / sizes[2] ** 2, [0, 0.25, 1, 0.5])


def test_the_spreads_are_the_records_stds(table):
    now, (_, spreads, _) = table[20], drawn(table)
    for trace, expected in zip(
        spreads.data[:4], (now.plain.std, now.plain.between, now.normed.std, now.normed.between), strict=True
    ):
        assert_allclose(trace.x, expected)
        assert_allclose(trace.y, [1, 2, 3, 4])


def test_the_numbers_told_without_a_picture_are_the_records_stds(table):
    blank = draw.blanks(table.settings)[1]
    figure = drawn(table)[1]
    told_of = {label: figure.data[int(path[5])].x for label, path in blank.numbers.items()}
    assert_allclose(told_of["std by layer, without"], table[20].plain.std)
    assert_allclose(told_of["std by layer, with batch norm"], table[20].normed.std)


def test_the_histogram_is_of_the_layer_looked_at_and_says_what_is_off_the_axis(table):
    now, (_, _, histogram) = table[-1], drawn(table, len(SCALES) - 1)
    assert_allclose(histogram.data[1].y, now.plain.density[2])
    assert_allclose(histogram.data[2].y, now.normed.density[2])
    notes = [note.text for note in histogram.layout.annotations]
    assert notes[0] == "<b>Layer 3</b>"
    assert notes[1] == f"◀ {now.plain.below[2]:.1%} off"
    assert notes[2] == f"{now.plain.above[2]:.1%} off ▶"


@pytest.mark.parametrize(("step", "side"), [(0, 0), (len(SCALES) - 1, 1)])
def test_a_std_beyond_the_spreads_axis_is_marked_at_its_rim_and_told(step, side):
    table = activations.sweep(Settings(depth=12, width=32))
    _, spreads, _ = drawn(table, step)
    std, limit = table[step].plain.std, 10.0 ** (DECADES if side else -DECADES)
    beyond = std > limit if side else std < limit
    assert beyond[-1]
    assert not beyond[0]
    sizes = np.reshape(spreads.data[4].marker.size, (2, -1))
    assert_allclose(sizes[side] == 10, beyond)
    assert_allclose(sizes[1 - side], 0)
    assert_allclose(spreads.data[5].marker.size, 0)
    written = [note.text for note in spreads.layout.annotations[3:]]
    power = f"{np.log10(std[-1]):.0f}".translate(SUPERSCRIPT)
    assert [written.pop(side), written] == [f"≈ 10{power}", ["", "", ""]]


def test_within_the_axes_nothing_is_marked():
    _, spreads, histogram = drawn(single(Settings(layer=1)), 0)
    assert not np.any([trace.marker.size for trace in spreads.data[4:]])
    assert {note.text for note in spreads.layout.annotations[3:]} == {""}
    assert not np.any([trace.marker.size for trace in histogram.data[3:]])
    assert {note.text for note in histogram.layout.annotations[5:]} == {""}


def test_a_bar_that_the_histogram_cuts_is_marked_where_it_is_and_told():
    table = single(Settings(layer=10))
    _, _, histogram = drawn(table, 0)
    density = table[0].plain.density[-1]
    assert density.max() > WIDE.tallest
    plain, normed = histogram.data[3:]
    assert (plain.marker.size[0], normed.marker.size[0]) == (10, 0)
    assert plain.x[0] == WIDE.centers[np.argmax(density)]
    assert [note.text for note in histogram.layout.annotations[5:]] == [f"▲ {brief(density.max())}", ""]


@pytest.mark.parametrize("shape", [{}, {"depth": 1}, {"depth": 20}, {"activation": "sigmoid", "shown": LEAVES}])
def test_every_axis_is_fixed_and_no_step_moves_it(shape):
    settings = Settings(**SMALL | shape)
    for blank in draw.blanks(settings):
        for axes in ("select_xaxes", "select_yaxes"):
            assert None not in [axis.range for axis in getattr(blank.figure, axes)()]
    tracks = draw.tracks(activations.sweep(settings), np.full(len(SCALES), settings.looked_at))
    assert not [path for filling in tracks for path in filling if "axis" in path]


def test_words_at_the_lines_ends_stay_inside_the_axis():
    table = activations.sweep(Settings(depth=20, width=32))
    for step in (0, 20, 40):
        _, spreads, _ = drawn(table, step)
        places = [note.x for note in spreads.layout.annotations[1:3]]
        assert max(map(abs, places)) <= DECADES - 1.2 + 1e-9


def test_lanes_keep_their_colors(table):
    ridges_, spreads, _ = (blank.figure for blank in draw.blanks(table.settings))
    assert [trace.line.color for trace in spreads.data[:4]] == [theme.BEFORE] * 2 + [theme.AFTER] * 2
    assert [ridges_.data[number].line.color for number in (1, 4)] == [theme.BEFORE, theme.AFTER]
    assert ridges_.layout.xaxis2.range == ridges_.layout.xaxis.range


def alts(settings):
    """What is said of each figure in one state."""
    texts = LESSON.table(settings).texts
    return [texts[f"alt.{number}"][0] for number in range(3)]


def test_alt_texts_tell_the_numbers(table):
    now = table[20]
    ridges_, spreads, histogram = alts(now.settings)
    for lane in (now.plain, now.normed):
        assert f"{brief(lane.std[0])} in layer 1 and {brief(lane.std[-1])} in the last" in ridges_
        assert ", ".join(map(brief, lane.std)) in spreads
        assert f"std {brief(lane.std[2])}" in histogram
    assert "Histogram of layer 3" in histogram


@pytest.mark.parametrize("layout", [{"depth": 1}, {"depth": 20}, {"activation": "sigmoid", "shown": LEAVES}])
def test_every_shape_of_net_can_be_drawn_at_both_ends(layout):
    table = activations.sweep(Settings(**SMALL | layout))
    for step in (0, 40):
        assert all(figure.layout.font.size >= 14 for figure in drawn(table, step))
        assert "nan" not in " ".join(alts(table[step].settings))


def test_a_net_whose_units_all_died_can_be_drawn():
    """Two images, eight units: in some net every value is 0 before the twentieth layer, and so is its std."""
    for seed in range(50):
        table = single(Settings(depth=20, width=8, batch_size=2, seed=seed))
        if table.plain.std.min() == 0:
            drawn(table, 0)
            return
    pytest.fail("no seed gave a dead net")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1.00"), (0.9986, "0.999"), (0.0419, "0.042"), (-0.5, "−0.500"), (123.4, "123"), (1.9e-5, "1.9 × 10⁻⁵")],
)
def test_numbers_are_told_with_sensible_digits(value, text):
    assert brief(value) == text
