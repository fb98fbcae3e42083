"""A layer converted between frameworks comes back unchanged, computes the same, and learns on as in the target."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bn_core import BatchNormalization, onnx
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


KERAS_OWN = {
    "beta_regularizer": "l1",
    "gamma_regularizer": "l2",
    "beta_constraint": "non_neg",
    "gamma_constraint": "unit_norm",
    "renorm": True,
    "renorm_clipping": {"rmax": 3.0},
    "trainable": False,
}
"""Settings that neither PyTorch nor ONNX has."""


@pytest.mark.parametrize("target", ["pytorch", "onnx"])
def test_all_of_keras_config_is_taken_and_what_is_left_is_named_with_what_to_do(keras, target):
    theirs = keras.layers.BatchNormalization(axis=1, dtype="float64", **KERAS_OWN)
    x = np.random.default_rng(5).normal(3, 2, (4, 3, 5))
    theirs.trainable = True
    theirs(x, training=True)
    theirs.trainable = False
    with pytest.warns(UserWarning, match=f"{target} has no place for") as told:
        settings, weights = convert_layer(theirs.get_config(), theirs.get_weights(), "keras", target)
    (warning,) = told
    assert [name for name in KERAS_OWN if f"{name} (" not in str(warning.message)] == ["renorm_clipping"]
    assert "leave it in inference mode" in str(warning.message)
    assert warning.filename == __file__
    if target == "onnx":
        np.testing.assert_allclose(onnx.batch_normalization(x, **weights, **settings), theirs(x), **SAME)
    plain = convert_layer({"axis": 1}, theirs.get_weights()[:4], "keras", target)
    assert settings == plain.settings
    for name, array in plain.weights.items():
        np.testing.assert_array_equal(weights[name], array)


@pytest.mark.parametrize("target", ["pytorch", "onnx"])
def test_a_config_that_says_nothing_of_its_own_is_carried_without_a_word(keras, target):
    theirs = keras.layers.BatchNormalization(gamma_initializer="he_normal", name="mine", dtype="mixed_float16")
    theirs.build((None, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        told = convert_layer(theirs.get_config(), theirs.get_weights(), "keras", target)
    assert "name" not in told.settings


def test_to_keras_all_that_keras_said_goes_along(keras):
    theirs = keras.layers.BatchNormalization(axis=-1, dtype="float64", **KERAS_OWN)
    theirs.build((None, 3))
    settings, weights = convert_layer(theirs.get_config(), theirs.get_weights(), "keras", "keras", axis=-1)
    assert settings == theirs.get_config()
    again = keras.layers.BatchNormalization(**settings)
    again.build((None, 3))
    again.set_weights(weights)
    for mine, other in zip(again.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_layer_of_ours_is_carried_by_its_config():
    layer = BatchNormalization(momentum=0.7, epsilon=0.02)
    layer.build((None, 2))
    settings, _ = convert_layer(layer.get_config(), layer.get_weights(), "keras", "pytorch")
    assert settings["momentum"] == pytest.approx(0.3)
    assert settings["eps"] == 0.02


def test_pytorchs_arguments_that_say_nothing_of_the_layer_are_taken():
    """PyTorch's device and dtype say nothing that the arrays do not say themselves."""
    keras_settings, weights = a_keras_layer()
    settings, state = convert_layer(keras_settings, weights, "keras", "pytorch")
    also = {"track_running_stats": True, "device": None, "dtype": "torch.float64", "process_group": None}
    expected = convert_layer(settings, state, "pytorch", "keras")
    assert_same_layer(convert_layer(settings | also, state, "pytorch", "keras"), expected)


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
        (
            lambda: convert_layer({"track_running_stats": False}, torch_weights, "pytorch", "keras"),
            "no running statistics to carry: take them from data with bn_core.population",
        ),
        (
            lambda: convert_layer({"num_features": 4}, torch_weights, "pytorch", "onnx"),
            "num_features is 4; got weights",
        ),
        (
            lambda: convert_layer(settings, [*weights[:3], -weights[3]], "keras", "onnx"),
            "the running variance must be 0 or more; got .* are running_mean and running_var swapped",
        ),
        (lambda: convert_layer({"renorm": True}, weights, "keras", "onnx"), "weights must be 7 arrays"),
        (lambda: convert_layer({"axis": [3]}, weights, "keras", "onnx"), r"got \[3\]: give 3"),
        (lambda: convert_layer(settings, weights, "keras", "keras", axis=[1, 2]), "axis must be one whole number"),
    ]:
        with pytest.raises(ValueError, match=message):
            refused()
