"""The record: by hand, against Keras, and what its sentences claim."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.four_steps.experiment import GRIDS, UNDONE, Settings, grid, run, sweep

CONTROLS = (*GRIDS, "trace")


def test_six_numbers_by_hand():
    result = run(Settings(epsilon=5.0, gamma=3.0, beta=-1.0))  # mean 5, var 4, so the divisor is 3
    x, centered, x_hat, y = result.stations
    np.testing.assert_allclose(x, [2, 4, 4, 5, 7, 8])
    np.testing.assert_allclose(centered, [-3, -1, -1, 0, 2, 3])
    np.testing.assert_allclose(x_hat, [-1, -1 / 3, -1 / 3, 0, 2 / 3, 1])
    np.testing.assert_allclose(y, [-4, -2, -2, -1, 1, 2])
    np.testing.assert_allclose(result.path, [7, 2, 2 / 3, 1])
    np.testing.assert_allclose(result.promised_std, 2)  # |gamma| * sqrt(4 / 9), and not 1


@given(
    batch=st.lists(st.floats(-20, 20), min_size=2, max_size=16).map(tuple),
    gamma=st.sampled_from(GRIDS["gamma"]).map(float),
    beta=st.sampled_from(GRIDS["beta"]).map(float),
    epsilon=st.sampled_from(GRIDS["epsilon"]).map(float),
    spread=st.sampled_from(GRIDS["spread"]).map(float),
    outlier=st.booleans(),
)
def test_mean_and_deviation_of_the_output_are_what_the_formula_promises(**given_values):
    result = run(Settings(**given_values))
    np.testing.assert_allclose(result.means[3], given_values["beta"], atol=1e-9)
    np.testing.assert_allclose(result.stds[3], result.promised_std, atol=1e-7)


@pytest.mark.parametrize("outlier", [False, True])
@pytest.mark.parametrize("control", CONTROLS)
def test_a_sweep_is_one_run_per_value(control, outlier):
    settings = Settings(gamma=-0.7, beta=1.2, spread=1.3, offset=-2, outlier=outlier)
    values = grid(settings, control)
    table = sweep(settings, control, values)
    kind = int if control == "trace" else float
    for step in (0, len(values) // 3, len(values) - 1):
        single = run(Settings(**{**vars(settings), control: kind(values[step])}))
        for name in vars(single):
            if name != "settings":
                np.testing.assert_array_equal(getattr(table.at(step), name), getattr(single, name), err_msg=name)


def test_keras_agrees(keras):
    settings = Settings(gamma=-1.3, beta=0.7, epsilon=0.05, spread=1.7, offset=-3.2, outlier=True)
    result = run(settings)
    layer = keras.layers.BatchNormalization(
        epsilon=0.05,
        gamma_initializer=keras.initializers.Constant(-1.3),
        beta_initializer=keras.initializers.Constant(0.7),
        dtype="float64",
    )
    y = layer(result.stations[0][:, None], training=True)
    np.testing.assert_allclose(result.stations[3], np.asarray(y)[:, 0], atol=1e-10)


def test_spread_and_offset_leave_the_output_alone_when_epsilon_is_small():
    settings = Settings(epsilon=1e-5)
    for control in ("spread", "offset"):
        table = sweep(settings, control, GRIDS[control][GRIDS[control] != 0])
        assert np.abs(table.stations[:, 3] - table.stations[0, 3]).max() < 2e-3


def test_one_outlier_moves_every_other_output_and_no_other_input():
    result = run(Settings(outlier=True))
    np.testing.assert_array_equal(result.stations[0, :6], result.alone[0])
    assert np.all(np.abs(result.stations[3, :6] - result.alone[3]) > 0.05)
    np.testing.assert_array_equal(run(Settings()).stations, result.alone)
    far = sweep(Settings(outlier=True), "outlier_value", GRIDS["outlier_value"])
    assert np.abs(far.stations[:, 2, 6]).max() < np.sqrt(6)  # however far, no x_hat exceeds the root of N - 1


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "scaled"),
        ({"gamma": 1.0, "beta": 0.0}, "standard"),
        ({"gamma": -1.0}, "mirrored"),
        ({"gamma": 0.0}, "flat"),
        ({"epsilon": 1.0}, "shrunk"),
        ({"spread": 0.0}, "constant"),
        ({"batch": (0.1,) * 10}, "constant"),
        ({"outlier": True}, "outlier"),
        ({"gamma": 2.0, "beta": 5.0}, "undone"),
        ({"gamma": 2.0, "beta": 5.0, "offset": 1.0}, "scaled"),
    ],
)
def test_verdicts(changes, verdict):
    assert run(Settings(**changes)).verdict == verdict


def test_undone_means_that_no_output_is_far_from_its_input_and_the_batch_has_a_spread():
    reached = run(Settings(gamma=2.0, beta=5.0))
    assert reached.undone
    assert np.abs(reached.stations[3] - reached.stations[0]).max() <= UNDONE
    assert not run(Settings(gamma=2.0, beta=4.8)).undone
    assert not run(Settings(spread=0.0, beta=5.0)).undone


def test_the_traced_value_stops_at_the_end_of_the_batch():
    assert run(Settings(trace=17)).traced == 5
    assert run(Settings(trace=17, outlier=True)).path[0] == Settings().outlier_value
    assert list(grid(Settings(outlier=True), "trace")) == [1, 2, 3, 4, 5, 6, 7]


def test_every_grid_holds_the_default_and_spans_what_the_settings_allow():
    for name, values in GRIDS.items():
        assert getattr(Settings(), name) in values
        Settings(**{name: float(values[0])})
        Settings(**{name: float(values[-1])})
        assert np.all(np.diff(values) > 0)


@pytest.mark.parametrize("batch", [(1.0,), (1.0,) * 17, (1.0, 21.0), (1.0, float("nan")), [1.0, 2.0]])
def test_a_batch_that_is_none_is_refused(batch):
    with pytest.raises(ValueError, match="batch must be"):
        Settings(batch=batch)
