"""The layer under each `convention`: against PyTorch where it is installed, everywhere against the documents in loops.

The loops are in longdouble, one channel at a time, and ask nothing of the engine.
"""

import numpy as np
import pytest

from bn_core import BatchNormalization, onnx
from bn_core.conventions import CONVENTIONS, convert_momentum, convert_variance

CLOSE = {"rtol": 1e-11, "atol": 1e-11}
SHAPES = [(6, 3), (4, 3, 5), (3, 3, 2, 4), (2, 3, 2, 2, 3)]
EPSILON = 0.02


class Loops:
    """PyTorch's BatchNorm by its documentation; with `unbiased` False and a momentum of 1 − m ONNX's operator."""

    def __init__(self, momentum, gamma, beta, mean, var, unbiased=True):
        self.momentum, self.gamma, self.beta, self.unbiased, self.seen = momentum, gamma, beta, unbiased, 0
        self.mean, self.var = (values.astype(np.longdouble) for values in (mean, var))

    def __call__(self, x, training):
        y = np.empty(x.shape, np.longdouble)
        self.seen += training
        for c in range(x.shape[1]):
            values = np.moveaxis(x, 1, 0)[c].astype(np.longdouble)
            mean, var = self.mean[c], self.var[c]
            if training:
                mean = sum(values.ravel()) / values.size
                var = sum((value - mean) ** 2 for value in values.ravel()) / values.size
                self.learn(c, mean, var, values.size)
            np.moveaxis(y, 1, 0)[c] = (values - mean) / np.sqrt(var + EPSILON) * self.gamma[c] + self.beta[c]
        return y.astype(float)

    def learn(self, c, mean, var, n):
        new = np.longdouble(1) / self.seen if self.momentum is None else np.longdouble(self.momentum)
        observed = var * n / (n - 1) if self.unbiased else var
        self.mean[c] = (1 - new) * self.mean[c] + new * mean
        self.var[c] = (1 - new) * self.var[c] + new * observed


def a_layer_for(shape, seed, **arguments):
    """A layer for inputs of `shape` with three channels, and its random weights."""
    layer = BatchNormalization(epsilon=EPSILON, **arguments)
    layer.build(shape)
    weights = np.random.default_rng(seed).normal(size=(4, 3))
    weights[3] = weights[3] ** 2 + 0.1
    layer.set_weights(list(weights))
    return layer, weights


def assert_same_life(layer, loops, shape, seed):
    """Several batches in training, inference in between and at the end."""
    rng = np.random.default_rng(seed)
    for training in (True, True, False, True, False):
        x = rng.normal(3, 2, shape)
        np.testing.assert_allclose(layer(x, training=training), loops(x, training), **CLOSE)
        np.testing.assert_allclose(layer.moving_mean, loops.mean.astype(float), **CLOSE)
        np.testing.assert_allclose(layer.moving_variance, loops.var.astype(float), **CLOSE)


@pytest.mark.parametrize("momentum", [0.1, 0.37, 0.0, 1.0, None])
@pytest.mark.parametrize("shape", SHAPES)
def test_pytorchs_convention_by_its_documentation(shape, momentum):
    layer, weights = a_layer_for(shape, 1, convention="pytorch", momentum=momentum)
    assert_same_life(layer, Loops(momentum, *weights), shape, seed=2)


@pytest.mark.parametrize("shape", SHAPES)
def test_onnx_convention_by_its_specification_and_as_the_operator(shape):
    layer, weights = a_layer_for(shape, 3, convention="onnx", momentum=0.7)
    assert_same_life(layer, Loops(0.3, *weights, unbiased=False), shape, seed=4)
    x = np.random.default_rng(5).normal(3, 2, shape)
    weights = layer.get_weights()
    np.testing.assert_allclose(layer(x), onnx.batch_normalization(x, *weights, EPSILON, 0.7), **CLOSE)
    y, mean, var = onnx.batch_normalization(x, *weights, EPSILON, 0.7, training_mode=1)
    np.testing.assert_allclose(layer(x, training=True), y, **CLOSE)
    np.testing.assert_allclose([layer.moving_mean, layer.moving_variance], [mean, var], **CLOSE)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_papers_convention_is_algorithm_2(shape):
    """E[x] and Var[x] over the training batches, m/(m − 1) included, then y by the paper's line 11."""
    layer, (gamma, beta, *_) = a_layer_for(shape, 6, convention="paper", axis=1)
    rng = np.random.default_rng(7)
    batches = [rng.normal(3, 2, shape) for _ in range(5)]
    for x in batches:
        layer(x, training=True)
    x, m = rng.normal(3, 2, shape), batches[0].size // 3
    for c in range(3):
        values = [np.moveaxis(x, 1, 0)[c].astype(np.longdouble) for x in batches]
        mean = sum(value.mean() for value in values) / 5
        var = sum(((value - value.mean()) ** 2).mean() for value in values) / 5 * m / (m - 1)
        slope = gamma[c] / np.sqrt(var + EPSILON)
        expected = slope * np.moveaxis(x, 1, 0)[c] + (beta[c] - slope * mean)
        np.testing.assert_allclose(np.moveaxis(layer(x), 1, 0)[c], expected.astype(float), **CLOSE)


@pytest.mark.parametrize("momentum", [0.1, 0.37, None])
@pytest.mark.parametrize("shape", SHAPES)
def test_pytorchs_convention_is_that_of_pytorch(shape, momentum, worst):
    torch = pytest.importorskip("torch")
    layer, (gamma, beta, mean, var) = a_layer_for(shape, 8, convention="pytorch", momentum=momentum)
    kind = {2: torch.nn.BatchNorm1d, 3: torch.nn.BatchNorm1d, 4: torch.nn.BatchNorm2d, 5: torch.nn.BatchNorm3d}
    module = kind[len(shape)](3, EPSILON, momentum, dtype=torch.float64)
    state = {"weight": gamma, "bias": beta, "running_mean": mean, "running_var": var, "num_batches_tracked": 0}
    module.load_state_dict({name: torch.as_tensor(value) for name, value in state.items()})
    rng = np.random.default_rng(9)
    for training in (True, True, False, True, False):
        x, d_y = torch.tensor(rng.normal(3, 2, shape), requires_grad=True), rng.normal(size=shape)
        module.zero_grad()
        y = module.train(training)(x)
        y.backward(torch.tensor(d_y))
        ours = [layer(x.detach().numpy(), training=training), layer.backward(d_y), layer.d_gamma, layer.d_beta]
        ours += [layer.moving_mean, layer.moving_variance]
        theirs = [y.detach(), x.grad, module.weight.grad, module.bias.grad, module.running_mean, module.running_var]
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine, other.numpy(), **CLOSE)
            worst.append(np.abs(mine - other.numpy()).max())


@pytest.fixture(scope="module")
def worst(summary):
    """A list of differences from PyTorch; the largest is printed below the results."""
    differences = []
    yield differences
    if differences:
        summary.append(f"layer, convention='pytorch': worst difference from PyTorch, float64: {max(differences):.1e}")


def test_defaults_are_the_conventions_and_what_is_given_counts():
    for name, record in CONVENTIONS.items():
        layer = BatchNormalization(convention=name)
        assert (layer.axis, layer.momentum, layer.epsilon) == (record.axis, record.momentum, record.epsilon)
    layer = BatchNormalization(-1, 0.99, 1e-3, convention="pytorch")  # Keras's own numbers, and meant
    assert (layer.axis, layer.momentum, layer.epsilon) == (-1, 0.99, 1e-3)
    assert BatchNormalization().momentum == 0.99


def test_the_outputs_of_a_training_batch_are_the_same_in_every_convention():
    x = np.random.default_rng(10).normal(3, 2, (4, 3, 5))
    first, *others = (a_layer_for(x.shape, 11, axis=1, convention=name)[0](x, training=True) for name in CONVENTIONS)
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_two_conventions_store_different_variances_and_converting_makes_them_equal():
    keras, pytorch = (
        a_layer_for((4, 3), 12, axis=1, convention=name, momentum=convert_momentum(0.8, "keras", name))[0]
        for name in ("keras", "pytorch")
    )
    start, rng = keras.moving_variance.copy(), np.random.default_rng(13)
    for _ in range(3):
        x = rng.normal(3, 2, (4, 3))
        keras(x, training=True)
        pytorch(x, training=True)
    np.testing.assert_allclose(keras.moving_mean, pytorch.moving_mean, **CLOSE)
    assert np.abs(keras.moving_variance - pytorch.moving_variance).min() > 0.1
    converted = convert_variance(keras.moving_variance, 4, "keras", "pytorch", initial=0.8**3 * start)
    np.testing.assert_allclose(converted, pytorch.moving_variance, **CLOSE)


@pytest.mark.parametrize("name", ["pytorch", "paper"])
def test_one_value_per_channel_is_refused_where_the_variance_is_unbiased_and_nothing_is_learned(name):
    layer, _ = a_layer_for((1, 3), 14, convention=name)
    before = layer.get_weights()
    with pytest.raises(ValueError, match="two values or more per channel"):
        layer(np.ones((1, 3)), training=True)
    np.testing.assert_array_equal(layer.get_weights(), before)
    assert layer(np.ones((1, 3))).shape == (1, 3)
    layer.trainable = False
    assert layer(np.ones((1, 3)), training=True).shape == (1, 3)
    for other in ("keras", "onnx"):
        layer, (_, beta, *_) = a_layer_for((1, 3), 14, convention=other)
        np.testing.assert_allclose(layer(np.ones((1, 3)), training=True), [beta])


def test_an_average_of_all_batches_leaves_out_those_that_were_refused_channel_by_channel():
    layer = BatchNormalization(convention="pytorch", momentum=None)
    for low, high in [(np.nan, 4), (2, 6), (4, 8)]:
        layer(np.array([[low, 1.0], [high, 3.0]]), training=True)
    np.testing.assert_allclose(layer.moving_mean, [5, 2])  # of 4 and 6; the first batch had NaN
    np.testing.assert_allclose(layer.moving_variance, [8, 2])
    np.testing.assert_array_equal(layer.batches_seen, [2, 3])


def test_masked_values_do_not_count_for_the_unbiased_variance():
    layer = BatchNormalization(convention="pytorch", momentum=1.0)
    layer(np.array([[1.0], [3], [5], [99]]), training=True, mask=np.array([True, True, True, False]))
    np.testing.assert_allclose([layer.moving_mean, layer.moving_variance], [[3], [4]], rtol=1e-6)


def test_batches_seen_may_be_carried_over_from_pytorch():
    """After 3 batches the next one weighs a quarter."""
    layer = BatchNormalization(convention="pytorch", momentum=None)
    layer.build((None, 1))
    layer.set_weights([[1], [0], [8], [3]])
    layer.batches_seen = 3
    layer(np.array([[-1.0], [1]]), training=True)
    np.testing.assert_allclose([layer.moving_mean, layer.moving_variance], [[6], [2.75]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"convention": "caffe"}, "convention must be one of keras, pytorch, onnx, paper; got 'caffe'"),
        ({"momentum": None}, "momentum must be a number in the convention 'keras'"),
        ({"convention": "onnx", "momentum": None}, "momentum must be a number in the convention 'onnx'"),
        ({"convention": "paper", "momentum": 0.9}, "momentum must be None"),
        ({"convention": "pytorch", "momentum": 1.5}, "share of the new batch, from 0 to 1; got 1.5"),
        ({"convention": "pytorch", "momentum": "0.1"}, "share of the new batch, from 0 to 1; got '0.1'"),
        ({"convention": "pytorch", "renorm": True}, "renorm is Keras's"),
        ({"convention": "onnx", "axis": 1.5}, "axis must be one whole number"),
    ],
)
def test_what_a_convention_does_not_know_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        BatchNormalization(**arguments)
