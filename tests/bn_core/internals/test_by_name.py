"""Initializers, regularizers and constraints by Keras's names, beside those that Keras finds by the same names."""

import importlib

import numpy as np
import pytest

from bn_core.internals import by_name

WEIGHT = np.array([0.5, -3.0, 0.0, 2.0, -0.25])
SETTINGS = {
    "L1": [{"l1": 0.3}],
    "L2": [{"l2": 0.7}, {"l2": 0}],
    "L1L2": [{"l1": 0.3, "l2": 0.7}],
    "MaxNorm": [{"max_value": 1.5}, {"max_value": 9}, {"max_value": 1.5, "axis": None}, {"axis": [0]}],
    "UnitNorm": [{"axis": -1}, {"axis": None}],
    "MinMaxNorm": [{"min_value": 5, "max_value": 6}, {"min_value": 1, "max_value": 2, "rate": 0.25, "axis": None}],
    "Constant": [{"value": -1.5}],
}
"""Arguments to try besides none, by class."""


def keras_names(keras, kind):
    """Every name that Keras knows with its class, without abstract classes."""
    module = importlib.import_module(f"keras.src.{kind}s")
    return {name: each for name, each in module.ALL_OBJECTS_DICT.items() if each.__name__.lower() != kind}


def theirs(keras, kind, value):
    return getattr(keras, f"{kind}s").get(value)


@pytest.mark.parametrize("kind", by_name.KINDS)
def test_every_name_of_keras_is_known_or_said_to_be_for_matrices(keras, kind):
    known, of_keras = by_name.names(kind), keras_names(keras, kind)
    assert set(known) <= set(of_keras)
    for name in set(of_keras) - set(known):
        with pytest.raises(ValueError, match="gamma_thing is for vectors"):
            by_name.looked_up("gamma_thing", kind, name)
        with pytest.raises(ValueError):  # noqa: PT011 - whatever Keras says of it
            theirs(keras, kind, name)(*[(5,)] if kind == "initializer" else [WEIGHT])


@pytest.mark.parametrize("kind", by_name.KINDS)
def test_each_has_keras_arguments_defaults_and_config(keras, kind):
    for name, settings in cases(keras, kind):
        given = {"class_name": name, "config": settings}
        told = by_name.config(kind, by_name.looked_up("x", kind, given))
        expected = getattr(keras, f"{kind}s").serialize(theirs(keras, kind, given))
        assert told | {"config": 0} == expected | {"config": 0}
        assert rounded(told["config"]) == rounded(expected["config"])


def rounded(config):
    """Numbers to six digits: of L1's factor Keras keeps a float32."""
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in config.items()}


def cases(keras, kind):
    """The names, each without arguments, except Constant, whose config Keras does not read without a value."""
    known = {name: each.__name__ for name, each in keras_names(keras, kind).items() if name in by_name.names(kind)}
    return [
        (name, settings)
        for name, own in known.items()
        for settings in [*[{}] * (own != "Constant"), *SETTINGS.get(own, [])]
    ]


def test_regularizers_and_constraints_give_keras_numbers(keras):
    for kind in ("regularizer", "constraint"):
        found = cases(keras, kind)
        assert len(found) > 8
        for name, settings in found:
            given = {"class_name": name, "config": settings}
            ours = by_name.looked_up("x", kind, given)(WEIGHT)
            np.testing.assert_allclose(
                ours, theirs(keras, kind, given)(WEIGHT), rtol=1e-6, err_msg=f"{name} {settings}"
            )


@pytest.mark.parametrize("name", ["zeros", "zero", "ones", "one"])
def test_initializers_give_keras_numbers(keras, name):
    ours, other = by_name.looked_up("x", "initializer", name), theirs(keras, "initializer", name)
    np.testing.assert_array_equal(ours((3,)), other((3,)))


BOUNDED = [
    ("RandomUniform", {"minval": -1, "maxval": 5}),
    ("TruncatedNormal", {"mean": 2.0, "stddev": 3.0}),
    ("VarianceScaling", {"scale": 4.0, "mode": "fan_out"}),
    ("VarianceScaling", {"distribution": "uniform", "mode": "fan_avg", "input_axes": [], "output_axes": [0]}),
    *((f"{paper}_{kind}", {}) for paper in ("glorot", "he", "lecun") for kind in ("uniform", "normal")),
    *((name, {}) for name in ("uniform", "truncated_normal", "variance_scaling")),
]
ENDLESS = [
    ("RandomNormal", {"mean": 2.0, "stddev": 3.0}),
    ("VarianceScaling", {"distribution": "untruncated_normal", "input_axes": [], "output_axes": [0]}),
    ("normal", {}),
]


@pytest.mark.parametrize(("name", "settings"), BOUNDED + ENDLESS)
def test_random_initializers_have_keras_distribution(keras, name, settings):
    """Its mean, std, deciles and ends; for a vector, n is its length."""
    n, given = 400_000, {"class_name": name, "config": settings | {"seed": 7}}
    ours = by_name.looked_up("x", "initializer", given)((n,))
    other = np.asarray(theirs(keras, "initializer", given)((n,)), float)
    spread = other.std()
    assert ours.mean() == pytest.approx(other.mean(), abs=6 * spread / np.sqrt(n))
    assert ours.std() == pytest.approx(spread, rel=0.01)
    tenths = np.arange(0.1, 1, 0.1)
    np.testing.assert_allclose(np.quantile(ours, tenths), np.quantile(other, tenths), atol=0.02 * spread)
    if (name, settings) in BOUNDED:
        np.testing.assert_allclose([ours.min(), ours.max()], [other.min(), other.max()], atol=0.01 * spread)


def test_equal_seeds_draw_equal_numbers():
    first, again, other = (
        by_name.looked_up("x", "initializer", {"class_name": "RandomNormal", "config": {"seed": seed}})((5,))
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.any(first == other)


def test_functions_and_classes_are_taken_as_keras_takes_them(keras):
    assert by_name.looked_up("x", "constraint", np.abs) is np.abs
    np.testing.assert_array_equal(
        by_name.looked_up("x", "constraint", keras.constraints.NonNeg)(WEIGHT), np.maximum(WEIGHT, 0)
    )


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("regularizer", "l3", "gamma_x must be a function, or by Keras's names one of l1, l2, l1l2; got 'l3'"),
        ("regularizer", "l1_l2", "one of l1, l2, l1l2"),
        ("regularizer", 0.01, "gamma_x must be a function"),
        ("constraint", {"config": {}}, "one of max_norm, non_neg, unit_norm, min_max_norm"),
        ("constraint", {"class_name": "MaxNorm", "config": {"max": 2}}, "MaxNorm takes max_value, axis; got max"),
        ("constraint", {"class_name": "NonNeg", "config": {"axis": 0}}, "NonNeg takes nothing; got axis"),
        ("regularizer", {"class_name": "L1", "config": {"l1": -1}}, "l1 must be 0 or more and finite; got -1"),
        ("regularizer", {"class_name": "L2", "config": {"l2": "much"}}, "l2 must be a number"),
        ("initializer", None, "gamma_x must be a function, or by Keras's names one of zeros"),
        ("initializer", "orthogonal", "gamma_x is for vectors; 'orthogonal' needs a matrix"),
        ("initializer", {"class_name": "VarianceScaling", "config": {"mode": "fan"}}, "mode is one of fan_in"),
    ],
)
def test_what_keras_does_not_know_is_refused_with_what_it_knows(kind, value, message):
    with pytest.raises(ValueError, match=message):
        by_name.looked_up("gamma_x", kind, value)


def test_a_seed_is_a_whole_number():
    with pytest.raises(ValueError, match="seed must be None or a whole number"):
        by_name.looked_up("x", "initializer", {"class_name": "RandomNormal", "config": {"seed": "a"}})((2,))
