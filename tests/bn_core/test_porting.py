"""A layer carried from framework to framework: it comes back, computes the same, and learns on as the other would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bn_core import onnx
from bn_core.porting import convert_layer

FRAMEWORKS = ("keras", "pytorch", "onnx")
SAME = {"rtol": 1e-12, "atol": 1e-12}


def a_keras_layer(seed=1, channels=3, **settings):
    """Settings and weights of a Keras layer with everything, at random numbers."""
    rng = np.random.default_rng(seed)
    settings = {"axis": 1, "momentum": 0.7, "epsilon": 0.02, "center": True, "scale": True} | settings
    gamma, beta, mean, var = rng.normal(size=(4, channels))
    return settings, [*[gamma] * settings["scale"], *[beta] * settings["center"], mean, var**2 + 0.1]


def assert_same_layer(ours, expected):
    assert ours[0] == pytest.approx(expected[0])
    names = ours[1].keys() if isinstance(ours[1], dict) else range(len(ours[1]))
    assert len(ours[1]) == len(expected[1])
    for name in names:
        np.testing.assert_allclose(ours[1][name], expected[1][name], rtol=1e-14)


@given(st.sampled_from(FRAMEWORKS), st.sampled_from(FRAMEWORKS), st.integers(0, 99), st.integers(2, 500) | st.none())
def test_a_layer_comes_back_from_every_other_framework(here, there, seed, n):
    layer = convert_layer(*a_keras_layer(seed), "keras", here)
    away = convert_layer(*layer, here, there, n=n, initial=0.05)
    assert_same_layer(convert_layer(*away, there, here, n=n, initial=0.05), layer)


def test_the_words_of_each_framework():
    settings, (gamma, beta, mean, var) = a_keras_layer()
    told = convert_layer(settings, [gamma, beta, mean, var], "keras", "pytorch")
    assert told.settings == {
        "num_features": 3,
        "eps": 0.02,
        "momentum": pytest.approx(0.3),
        "affine": True,
        "bias": True,
    }
    assert list(told.weights) == ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    np.testing.assert_array_equal(list(told.weights.values())[:4], [gamma, beta, mean, var])
    told = convert_layer(settings, [gamma, beta, mean, var], "keras", "onnx")
    assert told.settings == {"epsilon": 0.02, "momentum": 0.7}
    assert list(told.weights) == ["scale", "B", "input_mean", "input_var"]
    np.testing.assert_array_equal(list(told.weights.values()), [gamma, beta, mean, var])


def test_settings_left_out_are_the_sources_defaults():
    _, weights = a_keras_layer()
    assert convert_layer({}, weights, "keras", "keras").settings == {
        "axis": 1, "momentum": 0.99, "epsilon": 1e-3, "center": True, "scale": True
    }  # fmt: skip
    pytorch = convert_layer({}, weights, "keras", "pytorch").weights
    assert convert_layer({}, pytorch, "pytorch", "keras", axis=-1).settings == {
        "axis": -1, "momentum": 0.9, "epsilon": 1e-5, "center": True, "scale": True
    }  # fmt: skip


@pytest.mark.parametrize(("center", "scale"), [(True, True), (True, False), (False, True), (False, False)])
def test_inference_gives_the_same_outputs_in_keras_and_onnx(keras, center, scale):
    settings, weights = a_keras_layer(center=center, scale=scale)
    x = np.random.default_rng(2).normal(size=(4, 3, 5))
    theirs = keras.layers.BatchNormalization(**settings, dtype="float64")
    theirs.build(x.shape)
    theirs.set_weights(weights)
    attributes, inputs = convert_layer(settings, weights, "keras", "onnx")
    np.testing.assert_allclose(onnx.batch_normalization(x, **inputs, **attributes), theirs(x), **SAME)


@pytest.mark.parametrize(("center", "scale"), [(True, True), (True, False), (False, True), (False, False)])
def test_pytorch_takes_what_comes_out_and_gives_the_same_outputs(keras, center, scale):
    torch = pytest.importorskip("torch")
    settings, weights = a_keras_layer(center=center, scale=scale)
    x = np.random.default_rng(3).normal(size=(4, 3, 5))
    theirs = keras.layers.BatchNormalization(**settings, dtype="float64")
    theirs.build(x.shape)
    theirs.set_weights(weights)
    module = pytorch_module(torch, *convert_layer(settings, weights, "keras", "pytorch"))
    np.testing.assert_allclose(module.eval()(torch.tensor(x)).detach().numpy(), theirs(x), **SAME)
    back = convert_layer({"eps": 0.02, "momentum": module.momentum, "affine": module.affine}
                         | {"bias": module.bias is not None or not module.affine}, module.state_dict(),
                         "pytorch", "keras")  # fmt: skip
    theirs = keras.layers.BatchNormalization(**back.settings, dtype="float64")
    theirs.build(x.shape)
    theirs.set_weights(back.weights)
    np.testing.assert_allclose(theirs(x), module(torch.tensor(x)).detach().numpy(), **SAME)


def pytorch_module(torch, settings, weights):
    module = torch.nn.BatchNorm1d(**settings, dtype=torch.float64)
    module.load_state_dict({name: torch.as_tensor(array) for name, array in weights.items()})
    return module


def test_a_keras_layer_trained_and_then_carried_over_is_the_pytorch_layer_trained_on_the_same_batches(keras):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(4)
    theirs = keras.layers.BatchNormalization(axis=1, momentum=0.8, epsilon=1e-5, dtype="float64")
    module = torch.nn.BatchNorm1d(3, momentum=0.2, dtype=torch.float64)
    for _ in range(3):
        x = rng.normal(3, 2, (4, 3, 5))
        theirs(x, training=True)
        module(torch.tensor(x))
    settings = {"axis": 1, "momentum": 0.8, "epsilon": 1e-5}
    told = convert_layer(settings, theirs.get_weights(), "keras", "pytorch", n=20, initial=0.8**3)
    for name in ("weight", "bias", "running_mean", "running_var"):
        np.testing.assert_allclose(told.weights[name], module.state_dict()[name], **SAME)


def test_weights_are_copied_and_keep_their_type():
    settings, weights = a_keras_layer()
    weights = [weight.astype(np.float32) for weight in weights]
    told = convert_layer(settings, weights, "keras", "pytorch", n=4)
    assert {told.weights[name].dtype for name in ("weight", "bias", "running_mean", "running_var")} == {np.dtype("f4")}
    told.weights["running_mean"][:] = 7
    assert not np.any(weights[2] == 7)
    np.testing.assert_allclose(told.weights["running_var"], weights[3] * 4 / 3, rtol=1e-6)


def test_what_cannot_be_carried_is_refused():
    settings, weights = a_keras_layer()
    torch_settings, torch_weights = convert_layer(settings, weights, "keras", "pytorch")
    for refused, message in [
        (
            lambda: convert_layer(settings, weights, "keras", "paper"),
            "carried between keras, pytorch, onnx; got 'paper'",
        ),
        (lambda: convert_layer({"eps": 1}, weights, "keras", "onnx"), "settings of keras are .*; got eps"),
        (lambda: convert_layer(settings, weights[:3], "keras", "onnx"), "weights must be 4 arrays"),
        (lambda: convert_layer(settings, [*weights[:3], np.ones(2)], "keras", "onnx"), r"same shape .*var \(2,\)"),
        (
            lambda: convert_layer({"affine": False}, torch_weights, "pytorch", "onnx"),
            "weights must be running_mean, run",
        ),
        (lambda: convert_layer({"momentum": None}, torch_weights, "pytorch", "keras"), "momentum must be a number"),
        (lambda: convert_layer(torch_settings, torch_weights, "pytorch", "keras", n=1), "n of two values or more"),
        (lambda: convert_layer({"momentum": 2}, weights, "keras", "onnx"), "from 0 to 1; got 2"),
    ]:
        with pytest.raises(ValueError, match=message):
            refused()
