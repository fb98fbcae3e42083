"""Each step by hand, the gradients by central differences, and the identities that the closed forms imply."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bn_core import steps

EPSILON = 1e-3
X = np.array([2.0, 4, 4, 5, 7, 8])


def test_four_steps_by_hand():
    x_hat = steps.normalize(X, mean=np.array([5.0]), var=np.array([3.0]), epsilon=1.0)
    np.testing.assert_array_equal(x_hat, [-1.5, -0.5, -0.5, 0, 1, 1.5])
    y = steps.scale_and_shift(x_hat, gamma=np.array([2.0]), beta=np.array([-1.0]))
    np.testing.assert_array_equal(y, [-4, -2, -2, -1, 1, 2])


def test_momentum_is_the_share_of_the_old_average_that_is_kept():
    old, batch = steps.Statistics(np.array([10.0]), np.array([1.0])), steps.Statistics(np.array([0.0]), np.array([3.0]))
    new = steps.update_running(old, batch, momentum=0.75)
    assert (new.mean, new.var) == (7.5, 1.5)
    assert steps.update_running(old, batch, momentum=0.0) == batch
    assert steps.update_running(old, batch, momentum=1.0) == old


def test_backward_by_hand():
    """x = -1, 0, 1 with var + epsilon = 1 (epsilon 1/3), so x_hat = x; d_y = 0, 0, 3 and gamma = 2."""
    x_hat, var, epsilon = np.array([-1.0, 0, 1]), np.array([2 / 3]), 1 / 3
    d_x, d_gamma, d_beta = steps.backward(np.array([0.0, 0, 3]), x_hat, var, np.array([2.0]), epsilon, 0)
    np.testing.assert_allclose(d_x, [0, -2, 2], atol=1e-15)  # 2 * (d_y - 1 - x_hat * 1)
    assert (d_gamma, d_beta) == (3, 3)


def test_masked_statistics_by_hand_and_whatever_the_masked_values_are():
    """Keras divides by the count + 1e-7."""
    mask = np.array([True, True, False, True, False])
    mean, var = steps.batch_statistics(np.array([1.0, 3, np.nan, 8, np.inf]), 0, mask)
    np.testing.assert_allclose([mean[0], var[0]], [4, (9 + 1 + 16) / 3], rtol=1e-7)
    assert mean[0] == 12 / (3 + 1e-7)
    np.testing.assert_array_equal(steps.batch_statistics([1.0, 3, 0, 8, 0], 0, [2, 1, 0, 0.5, 0]), (mean, var))


def test_a_batch_that_is_masked_throughout_has_mean_and_variance_zero():
    assert steps.batch_statistics(np.array([1.0, 3]), 0, np.array([False, False])) == (0, 0)


@pytest.mark.parametrize(("shape", "axes"), [((5, 3), 0), ((3, 2, 4), (0, 1)), ((3, 2, 4), (0, 2))])
def test_masked_gradients_agree_with_central_differences(shape, axes):
    rng = np.random.default_rng(4)
    x, weights, mask = rng.normal(2, 3, shape), rng.normal(size=shape), rng.random(shape) < 0.6
    batch = steps.batch_statistics(x, axes, mask)
    gamma, beta = rng.normal(size=batch.mean.shape), rng.normal(size=batch.mean.shape)

    def loss(x, gamma, beta):
        mean, var = steps.batch_statistics(x, axes, mask)
        return np.sum(weights * steps.scale_and_shift(steps.normalize(x, mean, var, EPSILON), gamma, beta))

    x_hat = steps.normalize(x, *batch, EPSILON)
    for place, gradient in enumerate(steps.backward(weights, x_hat, batch.var, gamma, EPSILON, axes, mask)):
        numeric = central_differences(loss, [x, gamma, beta], place)
        np.testing.assert_allclose(gradient, numeric, atol=1e-7 * max(1, np.abs(numeric).max()))


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize(("shape", "axes"), [((5, 3), 0), ((3, 2, 4), (0, 1)), ((3, 2, 4), (0, 2)), ((2, 4, 2, 3), 1)])
def test_gradients_agree_with_central_differences(shape, axes, frozen):
    rng = np.random.default_rng(3)
    x, weights = rng.normal(2, 3, shape), rng.normal(size=shape)
    batch = steps.batch_statistics(x, axes)
    gamma, beta = rng.normal(size=batch.mean.shape), rng.normal(size=batch.mean.shape)
    fixed = steps.Statistics(batch.mean + 1, batch.var * 2)

    def loss(x, gamma, beta):
        mean, var = fixed if frozen else steps.batch_statistics(x, axes)
        return np.sum(weights * steps.scale_and_shift(steps.normalize(x, mean, var, EPSILON), gamma, beta))

    mean, var = fixed if frozen else batch
    backward = steps.backward_frozen if frozen else steps.backward
    gradients = backward(weights, steps.normalize(x, mean, var, EPSILON), var, gamma, EPSILON, axes)
    for place, gradient in enumerate(gradients):
        numeric = central_differences(loss, [x, gamma, beta], place)
        np.testing.assert_allclose(gradient, numeric, atol=1e-7)


def central_differences(function, arguments, place, step=1e-5):
    """The gradient of a scalar function with respect to the argument at `place`."""
    gradient = np.zeros_like(arguments[place])
    for index in np.ndindex(gradient.shape):
        up, down = ([argument.copy() for argument in arguments] for _ in range(2))
        up[place][index] += step
        down[place][index] -= step
        gradient[index] = (function(*up) - function(*down)) / (2 * step)
    return gradient


@pytest.mark.parametrize(("dtype", "expected"), [("f2", "f4"), ("f4", "f4"), ("f8", "f8"), ("i4", "f8")])
def test_results_have_the_dtype_of_their_input_and_statistics_are_double(dtype, expected):
    x = np.arange(6).reshape(3, 2).astype(dtype)
    batch = steps.batch_statistics(x, 0)
    x_hat = steps.normalize(x, *batch, EPSILON)
    y = steps.scale_and_shift(x_hat, np.ones((1, 2)), np.zeros((1, 2)))
    gradients = steps.backward(x_hat, x_hat, batch.var, np.ones((1, 2)), EPSILON, 0)
    assert {array.dtype for array in (x_hat, y, gradients.d_x)} == {np.dtype(expected)}
    assert {array.dtype for array in (*batch, gradients.d_gamma, gradients.d_beta)} == {np.dtype("f8")}


def test_lists_are_taken_for_arrays():
    x, d_y = [[1.0, 2], [3, 5]], [[1, 0], [2, 2]]
    mean, var = batch = steps.batch_statistics(x, 0)
    np.testing.assert_array_equal(batch, [[[2, 3.5]], [[1, 2.25]]])
    x_hat = steps.normalize(x, mean, var, EPSILON)
    np.testing.assert_array_equal(steps.scale_and_shift(x_hat.tolist(), [3], [1]), 3 * x_hat + 1)
    for function in (steps.backward, steps.backward_frozen):
        expected = function(np.array(d_y), x_hat, var, np.array([3]), EPSILON, 0)
        for mine, other in zip(function(d_y, x_hat.tolist(), var, [3], EPSILON, 0), expected, strict=True):
            np.testing.assert_array_equal(mine, other)


# Identities of the closed forms, for any batch: whole numbers, so that hypothesis cannot hide a bug in rounding.
batches = st.lists(st.integers(-50, 50), min_size=1, max_size=12)
scales = st.floats(0.1, 3) | st.floats(-3, -0.1)
epsilons = st.sampled_from([1e-5, 1e-3, 0.5])


def through(values, gamma, epsilon, seed=0):
    """x, d_y, x_hat, var and the gradients of one random loss."""
    x = np.array(values, float)
    d_y = np.random.default_rng(seed).normal(size=x.shape)
    mean, var = steps.batch_statistics(x, 0)
    x_hat = steps.normalize(x, mean, var, epsilon)
    return x, d_y, x_hat, var, steps.backward(d_y, x_hat, var, np.array([gamma]), epsilon, 0)


@given(batches, scales, epsilons)
def test_gradients_of_a_batch_sum_to_zero(values, gamma, epsilon):
    *_, var, gradients = through(values, gamma, epsilon)
    size = abs(gamma) / np.sqrt(var + epsilon)
    np.testing.assert_allclose(gradients.d_x.sum() / size, 0, atol=1e-12)


@given(batches, scales, epsilons)
def test_gradients_along_x_hat_are_what_epsilon_lets_through(values, gamma, epsilon):
    *_, x_hat, var, gradients = through(values, gamma, epsilon)
    size = gamma / np.sqrt(var + epsilon)
    expected = size * epsilon / (var + epsilon) * gradients.d_gamma
    np.testing.assert_allclose(np.sum(gradients.d_x * x_hat) / size, expected / size, atol=1e-11)


@given(batches, epsilons)
def test_no_value_lies_further_out_than_the_root_of_n_minus_one(values, epsilon):
    _, _, x_hat, *_ = through(values, 1.0, epsilon)
    assert np.abs(x_hat).max() <= np.sqrt(len(values) - 1) + 1e-12


@given(batches, scales, st.floats(-5, 5), epsilons)
def test_output_has_mean_beta_and_the_deviation_that_gamma_and_epsilon_leave(values, gamma, beta, epsilon):
    _, _, x_hat, var, _ = through(values, gamma, epsilon)
    y = steps.scale_and_shift(x_hat, np.array([gamma]), np.array([beta]))
    np.testing.assert_allclose(y.mean(), beta, atol=1e-12)
    np.testing.assert_allclose(y.std(), abs(gamma) * np.sqrt(var[0] / (var[0] + epsilon)), atol=1e-12)


@given(batches, st.integers(1, 9), st.integers(-100, 100))
def test_units_do_not_matter_once_epsilon_is_measured_in_them(values, factor, offset):
    _, _, here, *_ = through(values, 1.0, 1e-3)
    _, _, there, *_ = through([factor * value + offset for value in values], 1.0, 1e-3 * factor**2)
    np.testing.assert_allclose(here, there, atol=1e-12)
