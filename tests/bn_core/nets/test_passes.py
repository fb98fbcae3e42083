"""Every gradient is what central differences say, at random gamma and beta, with dropout and noise, frozen or not."""

import numpy as np
import pytest

from bn_core.nets.mlp import MLP
from bn_core.nets.noise import draw
from bn_core.nets.passes import backward, cross_entropy, forward
from bn_core.steps import Statistics

SIZES = {"inputs": 3, "hidden": (4, 5), "classes": 3}
LANES, BATCH = 2, 6
CASES = [
    {"placement": placement, "activation": activation}
    for placement in (None, "before", "after")
    for activation in ("relu", "tanh", "sigmoid")
] + [
    {"placement": None, "activation": "tanh", "dropout": (0.0, 0.5), "use_bias": False},
    {"placement": "before", "activation": "relu", "dropout": 0.3, "noise_shift": 0.5, "noise_scale": (0.0, 0.25)},
    {"placement": "after", "activation": "sigmoid", "dropout": 0.3, "noise_shift": 0.5, "noise_scale": 0.25},
]


def drawn(net, seed=3):
    """Parameters, x and one-hot targets, all random, of two lanes; and running statistics."""
    rng = np.random.default_rng(seed)
    parameters = net.draw([1, 2], 1.3) + rng.normal(0, 0.4, (LANES, net.size))
    x, target = rng.normal(0.5, 2, (LANES, BATCH, net.inputs)), np.eye(net.classes)[rng.integers(0, 3, (LANES, BATCH))]
    units = sum(net.hidden)
    return parameters, x, target, Statistics(rng.normal(size=(LANES, units)), rng.uniform(0.5, 2, (LANES, units)))


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("settings", CASES)
def test_the_gradient_by_every_parameter_is_the_central_difference(settings, frozen):
    net = MLP(**SIZES, **settings, epsilon=(0.01, 0.1))
    parameters, x, target, running = drawn(net)
    known = running if frozen else None
    chances = draw(net, [4, 5], 0, BATCH)

    def loss(parameters):
        return cross_entropy(forward(net, parameters, x, known, chances).logits, target).value

    passed = forward(net, parameters, x, known, chances)
    gradients = backward(net, parameters, passed, cross_entropy(passed.logits, target).d_logits)
    for place in range(net.size):
        nudge = 1e-6 * np.eye(net.size)[place]
        numeric = (loss(parameters + nudge) - loss(parameters - nudge)) / 2e-6
        np.testing.assert_allclose(gradients[:, place], numeric, atol=2e-8)


def test_cross_entropy_by_hand_and_at_logits_that_would_overflow():
    """Logits 0, 0 give ln 2 whichever class is right; 0 against ln 3 gives ln 4 and derivatives −3/4, 3/4."""
    logits = np.array([[[0.0, 0.0], [0.0, np.log(3)]], [[1e4, 0], [0, 1e4]]])
    loss = cross_entropy(logits, np.array([[[0.0, 1.0], [1.0, 0.0]]]))
    np.testing.assert_allclose(loss.value, [(np.log(2) + np.log(4)) / 2, 1e4])
    np.testing.assert_allclose(loss.d_logits[0], [[0.25, -0.25], [-0.375, 0.375]])
    np.testing.assert_allclose(loss.d_logits[1], [[0.5, -0.5], [-0.5, 0.5]])


def test_a_pass_keeps_what_a_lesson_looks_at():
    net = MLP(**SIZES, placement="before", activation="tanh", epsilon=0.1)
    parameters, x, _, _ = drawn(net)
    first, second = forward(net, parameters, x).layers
    weights = net.views(parameters)[0]
    np.testing.assert_allclose(first.z, x @ weights.kernel + weights.bias)
    np.testing.assert_allclose(first.norm.statistics.var, first.z.var(axis=1, keepdims=True))
    np.testing.assert_allclose(first.norm.x_hat.mean(axis=1), 0, atol=1e-14)
    np.testing.assert_allclose(first.enters, weights.gamma * first.norm.x_hat + weights.beta)
    np.testing.assert_array_equal(first.a, np.tanh(first.enters))
    assert second.x is first.leaves


def test_a_bias_before_batch_norm_gets_no_gradient():
    """bn_facts B.1: the mean takes it out again."""
    net = MLP(**SIZES, placement="before", activation="tanh")
    parameters, x, target, _ = drawn(net)
    passed = forward(net, parameters, x)
    gradients = net.views(backward(net, parameters, passed, cross_entropy(passed.logits, target).d_logits))
    for layer in gradients[:-1]:
        assert abs(layer.bias).max() < 1e-15
        assert abs(layer.beta).max() > 1e-3


@pytest.mark.parametrize("settings", CASES)
def test_float32_stays_float32_and_agrees_to_its_digits(settings):
    net = MLP(**SIZES, **settings)
    parameters, x, target, _ = drawn(net)
    results = []
    for dtype in (np.float64, np.float32):
        chances = draw(net, [4, 5], 0, BATCH, dtype)
        own = parameters.astype(dtype)
        passed = forward(net, own, x.astype(dtype), chances=chances)
        loss = cross_entropy(passed.logits, target.astype(dtype))
        results.append((passed.logits, loss.value, backward(net, own, passed, loss.d_logits)))
    for double, single in zip(*results, strict=True):
        assert single.dtype == np.float32
        np.testing.assert_allclose(single, double, rtol=1e-3, atol=1e-4)
    assert {array.dtype for array in passed.layers[-1][:5]} == {np.dtype(np.float32)}


def test_nothing_handed_in_is_written_into():
    net = MLP(**SIZES, placement="after", dropout=0.3, noise_scale=0.2)
    parameters, x, target, _ = drawn(net)
    for array in (parameters, x, target):
        array.setflags(write=False)
    passed = forward(net, parameters, x, chances=draw(net, [1, 1], 0, BATCH))
    backward(net, parameters, passed, cross_entropy(passed.logits, target).d_logits)
