"""The gradient's parts against the paper's chain rule in plain loops, central differences, and their invariants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bn_core import gradient, steps

EPSILON = 0.02
CASES = [((6, 3), 0), ((3, 2, 4), (0, 1)), ((3, 2, 4), (0, 2)), ((2, 4, 2, 3), (0, 1, 2))]


def batch(shape, axes, seed=1, masked=False):
    """Random x, d_y, gamma and, where asked for, a mask that leaves two values or more in every channel."""
    rng = np.random.default_rng(seed)
    x, d_y = rng.normal(3, 2, shape), rng.normal(size=shape)
    gamma = rng.normal(size=np.sum(x, axis=axes, keepdims=True).shape)
    mask = None
    if masked:
        mask = rng.uniform(size=shape) < 0.6
        mask[:2] = True
    return x, d_y, gamma, mask


def masked_statistics(x, axes, mask):
    """Written again here from the definition (with Keras's count), to be independent of the engine."""
    more = 0 if mask is None else 1e-7
    mask = np.ones_like(x) if mask is None else np.asarray(mask, float)
    n = mask.sum(axis=axes, keepdims=True) + more
    mean = (x * mask).sum(axis=axes, keepdims=True) / n
    return mean, ((x - mean) ** 2 * mask).sum(axis=axes, keepdims=True) / n


def forward(x, axes, gamma, mask, mean=None, var=None):
    """y; `mean` or `var` held where given."""
    own = masked_statistics(x, axes, mask)
    mean, var = own[0] if mean is None else mean, own[1] if var is None else var
    return gamma * (x - mean) / np.sqrt(var + EPSILON)


def parts(x, d_y, gamma, axes, mask):
    mean, var = masked_statistics(x, axes, mask)
    x_hat = (x - mean) / np.sqrt(var + EPSILON)
    return gradient.paths(d_y, x_hat, var, gamma, EPSILON, axes, mask)


def central_differences(function, x, step=1e-5):
    numeric = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[index] = step
        numeric[index] = (function(x + nudge) - function(x - nudge)) / (2 * step)
    return numeric


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("shape", "axes"), CASES)
def test_the_three_ways_add_up_to_the_slope_of_the_loss(shape, axes, masked):
    x, d_y, gamma, mask = batch(shape, axes, masked=masked)
    ways = parts(x, d_y, gamma, axes, mask)
    numeric = central_differences(lambda x: np.sum(d_y * forward(x, axes, gamma, mask)), x)
    np.testing.assert_allclose(ways.direct + ways.through_mean + ways.through_var, numeric, atol=1e-8)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("shape", "axes"), CASES)
def test_each_way_is_the_slope_with_the_other_ways_held(shape, axes, masked):
    x, d_y, gamma, mask = batch(shape, axes, seed=2, masked=masked)
    mean, var = masked_statistics(x, axes, mask)
    ways = parts(x, d_y, gamma, axes, mask)

    def loss(y):
        return np.sum(d_y * y)

    def by_the_mean(moved):
        return loss(forward(x, axes, gamma, mask, masked_statistics(moved, axes, mask)[0], var))

    def by_the_variance(moved):
        return loss(forward(x, axes, gamma, mask, mean, masked_statistics(moved, axes, mask)[1]))

    alone = central_differences(lambda x: loss(forward(x, axes, gamma, mask, mean, var)), x)
    np.testing.assert_allclose(ways.direct, alone, atol=1e-8)
    np.testing.assert_allclose(ways.through_mean, central_differences(by_the_mean, x), atol=1e-8)
    np.testing.assert_allclose(ways.through_var, central_differences(by_the_variance, x), atol=1e-8)
    d_mean = central_differences(lambda mean: loss(forward(x, axes, gamma, mask, mean, var)), mean)
    d_var = central_differences(lambda var: loss(forward(x, axes, gamma, mask, mean, var)), var)
    np.testing.assert_allclose(ways.d_mean, d_mean, atol=1e-8)
    np.testing.assert_allclose(ways.d_var, d_var, atol=1e-8)


def test_the_papers_chain_rule_in_plain_loops():
    """Section 3 line by line for one channel, with the second term of d_mean, which is always 0, left in."""
    x, d_y, gamma, _ = batch((7, 1), 0, seed=3)
    ways = parts(x, d_y, gamma, 0, None)
    x, d_y, gamma, m = x[:, 0].astype(np.longdouble), d_y[:, 0], gamma[0, 0], 7
    mean = sum(x) / m
    var = sum((xi - mean) ** 2 for xi in x) / m
    d_x_hat = [gamma * dy for dy in d_y]
    d_var = sum(d * (xi - mean) for d, xi in zip(d_x_hat, x, strict=True)) * -0.5 * (var + EPSILON) ** -1.5
    second_term = d_var * sum(-2 * (xi - mean) for xi in x) / m
    d_mean = sum(-d / np.sqrt(var + EPSILON) for d in d_x_hat) + second_term
    d_x = [
        d / np.sqrt(var + EPSILON) + d_var * 2 * (xi - mean) / m + d_mean / m for d, xi in zip(d_x_hat, x, strict=True)
    ]
    assert abs(second_term) < 1e-16
    np.testing.assert_allclose(ways.d_var, [[float(d_var)]], rtol=1e-13)
    np.testing.assert_allclose(ways.d_mean, [[float(d_mean)]], rtol=1e-13)
    np.testing.assert_allclose(sum(ways[:3])[:, 0], np.array(d_x, float), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("shape", "axes"), CASES)
def test_the_ways_add_up_to_the_steps_backward(shape, axes, masked):
    x, d_y, gamma, mask = batch(shape, axes, seed=4, masked=masked)
    mean, var = steps.batch_statistics(x, axes, mask)
    x_hat = steps.normalize(x, mean, var, EPSILON)
    ways = gradient.paths(d_y, x_hat, var, gamma, EPSILON, axes, mask)
    trained = steps.backward(d_y, x_hat, var, gamma, EPSILON, axes, mask).d_x
    frozen = steps.backward_frozen(d_y, x_hat, var, gamma, EPSILON, axes).d_x
    np.testing.assert_allclose(sum(ways[:3]), trained, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(ways.direct, frozen, rtol=1e-14)


def test_keras_count_leaves_the_papers_second_term_a_trace_which_is_kept():
    """Three values of which two count, far off 0, so that 1e-7 of them shows in the gradient's last digits."""
    x, d_y = np.array([[1e3], [1e3 + 1], [1e3 + 5]]), np.array([[1.0], [-2], [0.5]])
    mask, one = np.array([[True], [True], [False]]), np.ones((1, 1))
    mean, var = steps.batch_statistics(x, 0, mask)
    x_hat = steps.normalize(x, mean, var, EPSILON)
    ways = gradient.paths(d_y, x_hat, var, one, EPSILON, 0, mask)
    expected = steps.backward(d_y, x_hat, var, one, EPSILON, 0, mask).d_x
    np.testing.assert_allclose(sum(ways[:3]), expected, rtol=1e-12, atol=1e-14)
    without = ways.d_var * 2 * np.sqrt(var + EPSILON) * x_hat * mask / (2 + 1e-7)
    assert 1e-7 < np.abs(ways.through_var - without).max() < 1e-3


def test_a_channel_masked_throughout_has_the_direct_way_only():
    x_hat, d_y = np.array([[5.0], [7.0]]), np.array([[1.0], [2.0]])
    ways = gradient.paths(d_y, x_hat, np.zeros((1, 1)), np.full((1, 1), 3.0), 0.25, 0, mask=np.zeros((2, 1), bool))
    np.testing.assert_array_equal(ways.direct, [[6], [12]])
    np.testing.assert_array_equal([ways.through_mean, ways.through_var], np.zeros((2, 2, 1)))


def test_float32_in_float32_out_and_an_empty_batch_is_refused():
    x_hat, one = np.array([[-1.0], [1]], np.float32), np.ones((1, 1))
    ways = gradient.paths(x_hat, x_hat, one, one, 1e-3, 0)
    assert [way.dtype for way in ways] == [np.float32] * 3 + [np.float64] * 2
    with pytest.raises(ValueError, match="empty batch"):
        gradient.paths(np.zeros((0, 1)), np.zeros((0, 1)), one, one, 1e-3, 0)


@pytest.mark.parametrize("masked", [False, True])
def test_the_jacobian_is_each_outputs_slope_by_each_input(masked):
    x, d_y, _, mask = batch((6,), 0, seed=5, masked=masked)
    (mean,), (var,) = masked_statistics(x, 0, mask)
    x_hat = (x - mean) / np.sqrt(var + EPSILON)
    matrix = gradient.jacobian(x_hat, var, -1.7, EPSILON, mask)
    for i in range(6):
        row = central_differences(lambda x, i=i: forward(x, 0, -1.7, mask)[i], x)
        np.testing.assert_allclose(matrix[i], row, atol=1e-8)
    ways = gradient.paths(d_y, x_hat, var, np.array([-1.7]), EPSILON, 0, mask)
    np.testing.assert_allclose(matrix.T @ d_y, sum(ways[:3]), rtol=1e-12, atol=1e-14)


def test_one_channels_statistics_may_be_given_as_the_steps_make_them():
    x = [1.0, 3, 8]
    mean, var = steps.batch_statistics(x, 0)
    x_hat, gamma = steps.normalize(x, mean, var, EPSILON), np.array([-1.7])
    matrix = gradient.jacobian(x_hat.tolist(), var, gamma, EPSILON)
    np.testing.assert_array_equal(matrix, gradient.jacobian(x_hat, var.item(), -1.7, EPSILON))
    found, expected = (gradient.eigenvalues(3, *given, EPSILON) for given in ((var, gamma), (var.item(), -1.7)))
    np.testing.assert_array_equal(found, expected)
    ways = gradient.paths([1, 0, 2], x_hat.tolist(), var, gamma, EPSILON, 0)
    np.testing.assert_allclose(sum(ways[:3]), matrix @ [1, 0, 2], atol=1e-12)


def test_the_jacobian_of_more_than_one_channel_and_no_values_are_refused():
    with pytest.raises(ValueError, match=r"one channel, of shape \(N,\); got \(2, 3\)"):
        gradient.jacobian(np.zeros((2, 3)), 1.0, 1.0, EPSILON)
    with pytest.raises(ValueError, match="size 1"):
        gradient.jacobian(np.zeros(3), np.ones(2), 1.0, EPSILON)
    with pytest.raises(ValueError, match="n must be 1 or more"):
        gradient.eigenvalues(0, 1.0, 1.0, EPSILON)


def test_a_variance_below_zero_is_refused():
    x_hat, one = np.array([[-1.0], [1]]), np.ones((1, 1))
    for refused in (
        lambda: gradient.paths(x_hat, x_hat, -2 * one, one, 1e-3, 0),
        lambda: gradient.jacobian(x_hat[:, 0], -2.0, 1.0, 1e-3),
        lambda: gradient.eigenvalues(2, -2.0, 1.0, 1e-3),
    ):
        with pytest.raises(ValueError, match="var must be 0 or more; got -2"):
            refused()


# What any batch obeys (hypothesis): whole numbers, so that rounding cannot hide a fault.
batches = st.lists(st.integers(-50, 50), min_size=1, max_size=12)
scales = st.floats(0.1, 3) | st.floats(-3, -0.1)
epsilons = st.sampled_from([1e-5, 1e-3, 0.5])
seeds = st.integers(0, 999)


def one_channel(values, gamma, epsilon, seed):
    """x_hat, d_y, var and the three ways for one channel and one random loss."""
    x = np.array(values, float)
    d_y = np.random.default_rng(seed).normal(size=x.shape)
    mean, var = steps.batch_statistics(x, 0)
    x_hat = steps.normalize(x, mean, var, epsilon)
    return x_hat, d_y, var[0], gradient.paths(d_y, x_hat, var, np.array([gamma]), epsilon, 0)


@given(batches, scales, epsilons, seeds)
def test_eigenvalues_are_those_of_the_matrix(values, gamma, epsilon, seed):
    x_hat, _, var, _ = one_channel(values, gamma, epsilon, seed)
    matrix = gradient.jacobian(x_hat, var, gamma, epsilon)
    size = gamma / np.sqrt(var + epsilon)
    np.testing.assert_allclose(matrix, matrix.T)
    expected = gradient.eigenvalues(len(values), var, gamma, epsilon) / size
    np.testing.assert_allclose(np.linalg.eigvalsh(matrix / size), np.sort(expected), atol=1e-12)
    np.testing.assert_allclose(matrix @ x_hat / size, expected[1:2].sum() * x_hat, atol=1e-11)
    np.testing.assert_allclose(matrix.sum(axis=1) / size, 0, atol=1e-12)


@given(st.integers(-50, 50), st.integers(1, 50), epsilons, seeds)
def test_a_batch_of_two_gives_plus_and_minus_one_and_lets_only_epsilon_through(low, apart, epsilon, seed):
    x_hat, d_y, var, ways = one_channel([low, low + apart], 1.0, epsilon, seed)
    np.testing.assert_allclose(x_hat, np.array([-1, 1]) * np.sqrt(var / (var + epsilon)), rtol=1e-12)
    through = epsilon / (var + epsilon) ** 1.5
    np.testing.assert_allclose(sum(ways[:3]), through * (d_y - d_y.mean()), atol=1e-11)


def dense_then_norm(w, inputs, d_y, gamma, epsilon):
    """z = inputs · w through batch norm: y and the loss's gradient by w."""
    z = inputs @ w
    mean, var = steps.batch_statistics(z, 0)
    x_hat = steps.normalize(z, mean, var, epsilon)
    ways = gradient.paths(d_y, x_hat, var, np.array([gamma]), epsilon, 0)
    return gamma * x_hat, inputs.T @ sum(ways[:3]), np.sum(d_y * x_hat), var[0]


@given(st.integers(3, 9), scales, epsilons, seeds)
def test_weights_before_the_norm_feel_along_themselves_only_what_epsilon_lets_through(n, gamma, epsilon, seed):
    rng = np.random.default_rng(seed)
    w, inputs, d_y = rng.normal(size=4), rng.normal(size=(n, 4)), rng.normal(size=n)
    _, d_w, d_gamma, var = dense_then_norm(w, inputs, d_y, gamma, epsilon)
    np.testing.assert_allclose(w @ d_w, gamma * d_gamma * epsilon / (var + epsilon), atol=1e-11)


@given(st.integers(3, 9), scales, st.floats(0.1, 30), seeds)
def test_weights_a_times_as_large_change_nothing_and_get_gradients_a_times_as_small(n, gamma, a, seed):
    """Exact once epsilon is measured in the same units."""
    rng = np.random.default_rng(seed)
    w, inputs, d_y = rng.normal(size=4), rng.normal(size=(n, 4)), rng.normal(size=n)
    y, d_w, *_ = dense_then_norm(w, inputs, d_y, gamma, 1e-3)
    same_y, smaller, *_ = dense_then_norm(a * w, inputs, d_y, gamma, 1e-3 * a**2)
    np.testing.assert_allclose(same_y, y, atol=1e-10)
    np.testing.assert_allclose(smaller * a, d_w, atol=1e-9)
