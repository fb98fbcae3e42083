"""SGD and Adam step as Keras's own optimizers do, by hand and beside them, each lane with its own settings."""

import numpy as np
import pytest

from bn_core.nets.optimizers import SGD, Adam

SETTINGS = [
    ("SGD", SGD, {"learning_rate": 0.25}),
    ("SGD", SGD, {"learning_rate": 0.25, "momentum": 0.75}),
    ("SGD", SGD, {"learning_rate": 0.25, "momentum": 0.75, "nesterov": True, "weight_decay": 0.125}),
    ("Adam", Adam, {"learning_rate": 0.25, "beta_1": 0.875, "beta_2": 0.9375}),
    ("Adam", Adam, {"learning_rate": 0.25, "beta_1": 0.5, "beta_2": 0.75, "epsilon": 0.5, "weight_decay": 0.125}),
]


def steps_of(optimizer, parameters, gradients):
    """The parameters after each of `gradients` (steps, lanes, P)."""
    slots = optimizer.slots(parameters)
    for step, gradient in enumerate(gradients):
        parameters, slots = optimizer.update(parameters, gradient, slots, step)
        yield parameters


@pytest.mark.parametrize(("name", "ours", "settings"), SETTINGS)
def test_thirty_steps_are_those_of_keras_to_1e_14(keras, name, ours, settings):
    rng = np.random.default_rng(1)
    parameters, gradients = rng.normal(size=(1, 7)), rng.normal(size=(30, 1, 7)) * np.exp(rng.normal(0, 3, (30, 1, 7)))
    variable = keras.Variable(parameters, dtype="float64")
    theirs = getattr(keras.optimizers, name)(**settings)
    for gradient, mine in zip(gradients, steps_of(ours(**settings), parameters, gradients), strict=True):
        theirs.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        np.testing.assert_allclose(mine, variable, rtol=1e-14, atol=1e-14)


def test_defaults_are_those_of_keras(keras):
    for name, ours in [("SGD", SGD()), ("Adam", Adam())]:
        theirs = getattr(keras.optimizers, name)().get_config()
        for field, value in vars(ours).items():
            assert value == pytest.approx(theirs[field] or 0, rel=1e-6), field


def test_two_steps_of_momentum_by_hand():
    """v = −0.5·2 = −1, w = 9; then v = 0.5·(−1) − 0.5·2 = −1.5, w = 7.5."""
    steps = steps_of(SGD(0.5, momentum=0.5), np.array([[10.0]]), np.full((2, 1, 1), 2.0))
    np.testing.assert_array_equal(np.concatenate(list(steps)), [[9], [7.5]])


def test_adam_divides_by_the_root_of_v_before_its_correction_plus_epsilon():
    """g = 4, beta_1 = beta_2 = 0.75: m = 1, v = 4, √(1 − 0.75)/(1 − 0.75) = 2, so −0.5·2·1/(2 + 3) = −0.2."""
    (after,) = steps_of(Adam(0.5, 0.75, 0.75, epsilon=3.0), np.array([[1.0]]), np.full((1, 1, 1), 4.0))
    assert after[0, 0] == pytest.approx(0.8, abs=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "ours", "settings"), SETTINGS)
def test_lanes_with_their_own_settings_are_runs_of_their_own(name, ours, settings, dtype):
    rng = np.random.default_rng(2)
    parameters, gradients = rng.normal(size=(3, 5)).astype(dtype), rng.normal(size=(6, 3, 5)).astype(dtype)
    numbers = {field: value for field, value in settings.items() if field != "nesterov"}
    shares = (1.0, 0.5, 0.25)
    words = {field: value for field, value in settings.items() if field == "nesterov"}
    together = ours(**{field: [value * share for share in shares] for field, value in numbers.items()}, **words)
    for lane, share in enumerate(shares):
        alone = ours(**{field: value * share for field, value in numbers.items()}, **words)
        own = steps_of(alone, parameters[[lane]], gradients[:, [lane]])
        for mine, other in zip(steps_of(together, parameters, gradients), own, strict=True):
            assert mine.dtype == dtype
            np.testing.assert_array_equal(mine[[lane]], other)


@pytest.mark.parametrize(("name", "ours", "settings"), SETTINGS)
def test_nothing_handed_in_is_written_into(name, ours, settings):
    parameters, gradients = np.ones((2, 3)), np.full((2, 3), 0.5)
    optimizer = ours(**settings)
    arrays = [parameters, gradients, *optimizer.slots(parameters)]
    for array in arrays:
        array.setflags(write=False)
    optimizer.update(parameters, gradients, tuple(arrays[2:]), 0)


@pytest.mark.parametrize(
    ("ours", "arguments", "message"),
    [
        (SGD, {"learning_rate": -1.0}, "learning_rate must be 0 or more"),
        (SGD, {"learning_rate": (0.1, float("inf"))}, "learning_rate must be"),
        (SGD, {"momentum": 1.1}, "momentum must be from 0 to 1"),
        (SGD, {"weight_decay": float("nan")}, "weight_decay must be 0 or more"),
        (Adam, {"beta_1": 1.0}, "beta_1 must be 0 or more and below 1"),
        (Adam, {"beta_2": -0.1}, "beta_2 must be 0 or more and below 1"),
        (Adam, {"epsilon": 0.0}, "epsilon must be above 0"),
    ],
)
def test_settings_out_of_range_are_refused_by_name(ours, arguments, message):
    with pytest.raises(ValueError, match=message):
        ours(**arguments)
