"""`get_config` and `from_config`: what Keras writes of its layer makes ours, which writes the same again."""

import json

import numpy as np
import pytest

from bn_core import BatchNormalization

LAYERS = {
    "defaults": {},
    "everything": {
        **{
            "axis": 1,
            "momentum": 0.7,
            "epsilon": 0.02,
            "center": True,
            "scale": False,
            "name": "a",
            "trainable": False,
        },
        **{"beta_regularizer": "l1", "gamma_regularizer": "L2", "beta_constraint": "non_neg"},
        **{"gamma_constraint": "max_norm", "beta_initializer": "random_normal", "gamma_initializer": "he_uniform"},
        **{"moving_mean_initializer": "ones", "moving_variance_initializer": "zeros", "dtype": "float64"},
    },
    "configs": {
        "beta_regularizer": {"class_name": "L1L2", "config": {"l1": 0.25, "l2": 0.5}},
        "gamma_constraint": {"class_name": "MinMaxNorm", "config": {"rate": 0.5, "axis": [0]}},
        "gamma_initializer": {"class_name": "Constant", "config": {"value": 3.0}},
    },
    "renorm": {"renorm": True, "renorm_clipping": {"rmax": 3.0, "dmax": 5.0}, "renorm_momentum": 0.9},
    "renorm without limits": {"renorm": True},
    "mixed precision": {"dtype": "mixed_float16"},
    "short": {"dtype": "float16"},
}


@pytest.mark.parametrize("name", LAYERS)
def test_the_config_of_keras_makes_a_layer_that_writes_it_again_and_keras_reads_it(keras, name):
    theirs = keras.layers.BatchNormalization(**LAYERS[name]).get_config()
    ours = BatchNormalization.from_config(theirs)
    assert ours.get_config() == theirs
    assert json.loads(json.dumps(ours.get_config())) == theirs
    assert keras.layers.BatchNormalization.from_config(ours.get_config()).get_config() == theirs


@pytest.mark.parametrize("name", [name for name in LAYERS if name != "everything"])  # which draws its first weights
def test_both_then_are_the_same_layer(keras, name):
    theirs = keras.layers.BatchNormalization(**LAYERS[name])
    ours, x = BatchNormalization.from_config(theirs.get_config()), np.random.default_rng(0).normal(3, 2, (7, 4))
    for training in (True, False):
        mine, other = ours(x, training=training), np.asarray(theirs(x, training=training))
        assert mine.dtype == other.dtype
        np.testing.assert_allclose(mine, other, rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose([float(loss) for loss in theirs.losses], ours.losses, rtol=1e-6)
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"convention": "pytorch", "momentum": None},
        {"convention": "paper", "store_nonfinite": True},
        {"gamma_regularizer": np.sum, "beta_constraint": np.abs, "gamma_initializer": np.ones, "dtype": np.float32},
        {"renorm": True, "renorm_clipping": {"dmax": 1}, "name": "b", "axis": 1, "trainable": False},
    ],
)
def test_a_layer_of_ours_comes_back_from_its_config(arguments):
    layer = BatchNormalization(**arguments)
    config = layer.get_config()
    again = BatchNormalization.from_config(config)
    assert again.get_config() == config
    x = np.random.default_rng(1).normal(3, 2, (7, 4))
    np.testing.assert_array_equal(again(x, training=True), layer(x, training=True))
    for mine, other in zip(again.get_weights(), layer.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)
    assert again.momentum == layer.momentum


def test_keras_reads_a_config_of_ours_and_refuses_one_whose_words_mean_something_else(keras):
    ours = BatchNormalization(axis=1, gamma_regularizer="l2", renorm=True)
    theirs = keras.layers.BatchNormalization.from_config(ours.get_config())
    assert (theirs.axis, theirs.momentum, theirs.gamma_regularizer.l2, theirs.renorm) == (1, 0.99, 0.01, True)
    with pytest.raises(TypeError, match="convention"):
        keras.layers.BatchNormalization.from_config(BatchNormalization(convention="pytorch").get_config())


def test_keras_own_objects_are_written_as_keras_writes_them(keras):
    arguments = {
        "beta_regularizer": keras.regularizers.L1(0.25),
        "gamma_constraint": keras.constraints.MaxNorm(0.5, axis=None),
        "gamma_initializer": keras.initializers.RandomUniform(1, 2, seed=3),
    }
    theirs = keras.layers.BatchNormalization(name="c", dtype="float32", **arguments).get_config()
    assert BatchNormalization(name="c", dtype="float32", **arguments).get_config() == theirs


def test_what_the_config_holds_is_the_callers_own():
    limits = {"rmax": 3.0}
    layer = BatchNormalization(renorm=True, renorm_clipping=limits)
    limits["rmax"] = 9.0
    layer.get_config()["renorm_clipping"]["rmax"] = 8.0
    assert layer.get_config()["renorm_clipping"] == {"rmax": 3.0}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"fused": True}, "a config may hold axis, momentum, .*; got fused"),
        ({"axis": [3]}, r"axis must be one whole number, that of the channels; got \[3\]: give 3"),
        ({"dtype": {"class_name": "QuantizedDTypePolicy", "config": {}}}, "the config of a DTypePolicy"),
        ({"synchronized": True}, "bn_core.population"),
        ({"gamma_regularizer": {"class_name": "Mine", "config": {}}}, "gamma_regularizer must be a function"),
    ],
)
def test_what_a_config_cannot_say_is_refused(config, message):
    with pytest.raises(ValueError, match=message):
        BatchNormalization.from_config(config)
