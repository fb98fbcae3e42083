"""The layer: its modes, arguments and weights, by hand, against the steps, and as Keras has them.

Each test's name is the contract it checks. `test_against_keras` compares whole lives of layers with Keras's,
`test_degenerate` brings what a layer should not be given.
"""

import inspect

import numpy as np
import pytest

from bn_core import BatchNormalization, steps

SHAPES = [
    ((8, 3), -1),
    ((3, 8), 0),
    ((4, 5, 3), -1),
    ((4, 3, 5), 1),
    ((3, 4, 2, 3), -1),
    ((3, 3, 4, 2), -3),
    ((2, 3, 2, 2, 3), -1),
    ((2, 2, 2, 3, 2), -2),
]


def lively(shape, axis, seed, **arguments):
    """A layer of three channels with random weights, and these weights, shaped to broadcast against `shape`."""
    layer = BatchNormalization(axis=axis, momentum=0.7, epsilon=0.02, **arguments)
    layer.build(shape)
    weights = np.random.default_rng(seed).normal(size=(4, 3))
    weights[3] = weights[3] ** 2 + 0.1
    layer.set_weights(list(weights))
    along = [3 if place == axis % len(shape) else 1 for place in range(len(shape))]
    return layer, [weight.reshape(along) for weight in weights]


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_the_layer_does_what_the_steps_do_on_every_axis(shape, axis, training, masked):
    layer, (gamma, beta, *running) = lively(shape, axis, seed=1)
    rng = np.random.default_rng(2)
    axes = tuple(place for place in range(len(shape)) if place != axis % len(shape))
    running = steps.Statistics(*running)
    for _ in range(2):
        x, d_y = rng.normal(3, 2, shape), rng.normal(size=shape)
        mask = rng.random(shape[:-1]) < 0.7 if masked else None
        wide = None if mask is None else np.broadcast_to(mask[..., None], shape)
        batch = steps.batch_statistics(x, axes, wide) if training else running
        x_hat = steps.normalize(x, *batch, 0.02)
        expected = (
            steps.backward(d_y, x_hat, batch.var, gamma, 0.02, axes, wide)
            if training
            else steps.backward_frozen(d_y, x_hat, batch.var, gamma, 0.02, axes)
        )
        running = steps.update_running(running, batch, 0.7)
        y, d_x = layer(x, training=training, mask=mask), layer.backward(d_y)
        found = (y, d_x, layer.d_gamma, layer.d_beta, layer.moving_mean, layer.moving_variance)
        for mine, other in zip(found, (steps.scale_and_shift(x_hat, gamma, beta), *expected, *running), strict=True):
            np.testing.assert_allclose(mine, other.reshape(mine.shape), rtol=1e-12, atol=1e-12)


def test_a_frozen_layer_infers_and_lets_gradients_through_whatever_training_says():
    layer, _ = lively((6, 3), -1, seed=3)
    x, before = np.random.default_rng(4).normal(3, 2, (6, 3)), layer.get_weights()
    expected = layer(x, training=False), layer.backward(x)
    layer.trainable = False
    found = layer(x, training=True), layer.backward(x)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(layer.get_weights(), before)


def test_modes_differ_and_a_bare_call_is_inference():
    layer, x = BatchNormalization(), np.array([[2.0], [4], [4], [5], [7], [8]])
    np.testing.assert_array_equal(layer(x), layer(x, training=False))
    np.testing.assert_allclose(layer(x), x / np.sqrt(1.001))
    np.testing.assert_allclose(layer(x, training=True), (x - 5) / np.sqrt(4.001))
    np.testing.assert_allclose([layer.moving_mean, layer.moving_variance], [[0.05], [1.03]])


def test_without_gamma_or_beta_they_are_1_and_0_and_have_no_gradient():
    x, rng = np.array([[2.0], [4], [4], [5], [7], [8]]), np.random.default_rng(5)
    for center, scale in [(True, False), (False, True), (False, False)]:
        layer = BatchNormalization(center=center, scale=scale, epsilon=5.0)
        layer.build(x.shape)
        gamma, beta = rng.uniform(1.5, 2) if scale else 1.0, rng.uniform(1.5, 2) if center else 0.0
        layer.set_weights([[weight] for weight, there in ((gamma, scale), (beta, center)) if there] + [[0], [1]])
        np.testing.assert_allclose(layer(x, training=True), gamma * (x - 5) / 3 + beta)
        layer.backward(x)
        assert [layer.gamma is None, layer.d_gamma is None] == [not scale] * 2
        assert [layer.beta is None, layer.d_beta is None] == [not center] * 2


def test_weights_given_and_taken_are_copies():
    layer, given = BatchNormalization(), np.ones((4, 2))
    layer.build((None, 2))
    layer.set_weights(list(given))
    given[:] = 7
    taken = layer.get_weights()
    for weight in taken:
        weight[:] = 8
    np.testing.assert_array_equal(layer.get_weights(), np.ones((4, 2)))


def test_a_mask_works_with_one_channel_and_may_be_numbers():
    """Keras's torch, JAX and numpy backends crash with one channel, its TensorFlow backend with axis 1."""
    x = np.array([[[2.0, 4, 9]], [[6, 100, 9]]])
    layer = BatchNormalization(axis=1, momentum=0.0)
    y = layer(np.moveaxis(x, 1, -1).transpose(0, 2, 1), training=True, mask=np.array([[1], [0]]))
    np.testing.assert_allclose(layer.moving_mean, [5], rtol=1e-7)
    np.testing.assert_allclose(layer.moving_variance, [26 / 3], rtol=1e-6)
    np.testing.assert_allclose(y, (x - 5) / np.sqrt(26 / 3 + 1e-3), rtol=1e-6)


def test_gradients_belong_to_the_gamma_of_the_call():
    rng = np.random.default_rng(2)
    layer, x, d_y = BatchNormalization(), rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    layer(x, training=True)
    expected = layer.backward(d_y)
    layer(x, training=True)
    layer.gamma = layer.gamma * 7
    np.testing.assert_array_equal(layer.backward(d_y), expected)


def test_defaults_are_those_of_keras(keras):
    ours, theirs = BatchNormalization(), keras.layers.BatchNormalization()
    names = ("axis", "momentum", "epsilon", "center", "scale", "trainable", "renorm", "renorm_momentum", "synchronized")
    assert [getattr(ours, name) for name in names] == [getattr(theirs, name) for name in names]
    ours.build((None, 3))
    theirs.build((None, 3))
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_every_argument_of_keras_is_taken_in_keras_order(keras):
    mine, theirs = (
        list(inspect.signature(layer.__init__).parameters)
        for layer in (BatchNormalization, keras.layers.BatchNormalization)
    )
    assert mine[: len(theirs) - 1] == theirs[:-1]  # Keras's last is **kwargs: here trainable and dtype


@pytest.mark.parametrize("names", [("L1", "l2", "NonNeg", "max_norm"), ("l1", "L1L2", "unit_norm", "MinMaxNorm")])
def test_regularizers_and_constraints_by_keras_names_do_what_keras_layers_do(keras, names):
    arguments = ("beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint")
    arguments = dict(zip(arguments, names, strict=True))
    ours, theirs = BatchNormalization(**arguments), keras.layers.BatchNormalization(dtype="float64", **arguments)
    for layer in (ours, theirs):
        layer.build((None, 2))
        layer.set_weights([np.array([1.0, -2]), np.array([-1.0, 3]), np.zeros(2), np.ones(2)])
    np.testing.assert_allclose(ours.losses, theirs.losses)
    keras.optimizers.SGD(0.0).apply([v.value * 0 for v in theirs.trainable_variables], theirs.trainable_variables)
    ours.apply_constraints()
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-12)
    assert abs(ours.gamma[0]) < 1


@pytest.mark.parametrize("trainable", [True, False])
def test_regularizers_and_constraints_are_applied_where_keras_applies_them(keras, trainable):
    """Penalties are of the weights as they are; constraints act after an optimizer's step, not on the first values."""
    arguments = {
        "beta_regularizer": keras.regularizers.L1(0.3),
        "gamma_regularizer": keras.regularizers.L2(0.7),
        "beta_constraint": keras.constraints.NonNeg(),
        "gamma_constraint": keras.constraints.MaxNorm(0.5, axis=None),
    }
    theirs = keras.layers.BatchNormalization(dtype="float64", trainable=trainable, **arguments)
    ours = BatchNormalization(trainable=trainable, **arguments)
    weights = [np.array([1.0, -2]), np.array([-1.0, 3]), np.array([0.0, 0]), np.array([1.0, 1])]
    for layer in (ours, theirs):
        layer.build((None, 2))
        layer.set_weights(weights)
    np.testing.assert_allclose(ours.losses, theirs.losses)
    assert len(ours.losses) == 2 * trainable
    keras.optimizers.SGD(0.0).apply([v.value * 0 for v in theirs.trainable_variables], theirs.trainable_variables)
    ours.apply_constraints()
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-6)
    assert (ours.beta[0] == 0) is np.bool_(trainable)


def test_without_regularizers_and_constraints_nothing_is_lost_and_nothing_changes():
    layer = BatchNormalization(center=False, beta_regularizer=np.sum)
    layer.build((None, 2))
    layer.apply_constraints()
    assert layer.losses == []
    np.testing.assert_array_equal(layer.gamma, [1, 1])


def test_initializers_by_name_and_by_function():
    layer = BatchNormalization(beta_initializer="ones", gamma_initializer=lambda shape: np.full(shape, 0.3))
    layer.build((None, 2))
    np.testing.assert_array_equal(layer.get_weights(), [[0.3, 0.3], [1, 1], [0, 0], [1, 1]])


def test_running_statistics_are_assigned_and_written_like_any_array():
    layer = BatchNormalization(momentum=0.5)
    layer.build((None, 2))
    old = layer.moving_mean
    layer.moving_mean = [4.0, 6.0]
    layer.moving_variance[1] = 9.0
    np.testing.assert_array_equal(old, [0, 0])
    np.testing.assert_array_equal(layer.get_weights()[2:], [[4, 6], [1, 9]])
    held = layer.moving_mean
    layer(np.zeros((3, 2)), training=True)
    np.testing.assert_array_equal([held, layer.moving_mean], [[4, 6], [2, 3]])
    assert layer.moving_stddev is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"axis": 1.5}, "axis must be one whole number"),
        ({"axis": [-1]}, r"axis must be one whole number, that of the channels; got \[-1\]: give -1"),
        ({"axis": (1, 2)}, r"got \(1, 2\): reshape the input so that these axes become one"),
        ({"axis": []}, r"axis must be one whole number, that of the channels; got \[\]$"),
        ({"axis": None}, "axis must be one whole number"),
        ({"momentum": "0.9"}, "momentum"),
        ({"epsilon": "small"}, "epsilon must be a number"),
        (
            {"gamma_initializer": "random"},
            "gamma_initializer must be a function, or by Keras's names one of zeros, ones",
        ),
        ({"moving_mean_initializer": 0}, "moving_mean_initializer must be a function"),
        ({"beta_regularizer": "l3"}, "beta_regularizer must be a function, or by Keras's names one of l1, l2, l1l2"),
        ({"gamma_constraint": 3}, "gamma_constraint must be a function"),
        ({"synchronized": True}, "bn_core.population"),
        ({"name": 3}, "name must be None or a text"),
        ({"dtype": "int32"}, "dtype must be None, float16"),
        ({"dtype": "mixed_int8"}, "dtype must be None, float16"),
        ({"momentum": 1.5}, "momentum"),
        ({"momentum": -0.1}, "momentum"),
        ({"momentum": float("nan")}, "momentum"),
        ({"epsilon": 0}, "epsilon"),
        ({"epsilon": -1e-3}, "epsilon"),
        ({"epsilon": float("inf")}, "epsilon"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        BatchNormalization(**arguments)


@pytest.mark.parametrize(
    ("shape", "arguments", "message"),
    [
        ((), {}, "2 to 5 axes"),
        ((3,), {}, "2 to 5 axes"),
        ((2,) * 6, {}, "2 to 5 axes"),
        ((3, 4), {"axis": 2}, "axis 2 does not exist"),
        ((3, None), {}, "known length"),
        ((3, 2), {"beta_initializer": lambda shape: np.zeros(5)}, "beta must have the shape"),
        ((3, 2), {"moving_variance_initializer": lambda shape: np.array([1, -2])}, "moving_variance must be 0 or more"),
    ],
)
def test_a_shape_or_initializer_that_does_not_fit_is_refused(shape, arguments, message):
    layer = BatchNormalization(**arguments)
    with pytest.raises(ValueError, match=message):
        layer.build(shape)
    assert (layer.built, layer.gamma, layer.moving_mean) == (False, None, None)
