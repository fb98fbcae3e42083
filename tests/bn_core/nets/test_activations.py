"""Each activation is Keras's, and the derivative beside it is what central differences give."""

import numpy as np
import pytest

from bn_core.nets.activations import ACTIVATIONS, sigmoid

NAMES = sorted(ACTIVATIONS)
Z = np.concatenate([np.random.default_rng(1).normal(0, 3, 200), [-40.0, 40.0]])


@pytest.mark.parametrize("name", NAMES)
def test_each_is_keras_activation_of_that_name(keras, name):
    theirs = np.asarray(keras.activations.get(name)(keras.ops.convert_to_tensor(Z, dtype="float64")))
    np.testing.assert_allclose(ACTIVATIONS[name].function(Z), theirs, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_the_slope_told_from_the_output_is_the_central_difference(name):
    function, slope = ACTIVATIONS[name]
    numeric = (function(Z + 1e-6) - function(Z - 1e-6)) / 2e-6
    np.testing.assert_allclose(slope(function(Z)), numeric, atol=1e-9)


def test_at_its_kink_a_relu_has_slope_0_as_in_keras(keras, tensorflow):
    zero = tensorflow.constant(0.0)
    with tensorflow.GradientTape() as tape:
        tape.watch(zero)
        a = keras.activations.relu(zero)
    function, slope = ACTIVATIONS["relu"]
    assert slope(function(np.zeros(1)))[0] == float(tape.gradient(a, zero)) == 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_and_slopes_keep_the_type(name, dtype):
    function, slope = ACTIVATIONS[name]
    a = function(Z.astype(dtype))
    assert (a.dtype, slope(a).dtype) == (dtype, dtype)


def test_a_sigmoid_overflows_nowhere():
    np.testing.assert_array_equal(sigmoid(np.array([-1e308, 0, 1e308])), [0, 0.5, 1])
