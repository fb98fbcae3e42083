"""The running statistics of a whole stream against the step-by-step loop, and the closed forms of its memory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bn_core import running
from bn_core.steps import Statistics, update_running

MOMENTA = np.array([0.0, 0.01, 0.5, 0.9, 0.99, 0.9999, 1.0])
momenta = st.floats(0, 0.9999)


def stream(n: int, lanes: tuple[int, ...] = (), seed: int = 0) -> Statistics:
    rng = np.random.default_rng(seed)
    return Statistics(rng.normal(-30, 7, (n, *lanes)), rng.uniform(0.1, 40, (n, *lanes)))


def stepwise(batch: Statistics, momentum: float, start: Statistics = running.START) -> Statistics:
    """The running statistics by one call of `update_running` per batch."""
    trail = [start]
    for mean, var in zip(*batch, strict=True):
        trail.append(update_running(trail[-1], Statistics(mean, var), momentum))
    return Statistics(*(np.stack(values, axis=-1) for values in zip(*trail, strict=True)))


@pytest.mark.parametrize("n", [0, 1, 2000])
def test_every_momentum_gives_to_the_last_bit_what_the_loop_over_the_steps_gives(n):
    batch = stream(n)
    table = running.running_statistics(batch, MOMENTA)
    assert table.mean.shape == table.var.shape == (len(MOMENTA), n + 1)
    for lane, momentum in enumerate(MOMENTA):
        one = stepwise(batch, momentum)
        np.testing.assert_array_equal(table.mean[lane], one.mean)
        np.testing.assert_array_equal(table.var[lane], one.var)


def test_two_batches_worked_by_hand_from_a_start_of_ones_own():
    """Means 2 and 7, variances 1 and 4, momentum 0.75, from 8 and 5."""
    batch, start = Statistics(np.array([2.0, 7]), np.array([1.0, 4])), Statistics(np.array(8.0), np.array(5.0))
    mean, var = running.running_statistics(batch, np.array(0.75), start)
    np.testing.assert_array_equal(mean, [8, 6.5, 6.625])
    np.testing.assert_array_equal(var, [5, 4, 4])


def test_streams_momenta_and_starts_of_different_shapes_run_side_by_side():
    """Three channels with a start value each, under every momentum."""
    batch, start = stream(40, (3,)), Statistics(np.array([1.0, 2, 3]), np.array(4.0))
    table = running.running_statistics(batch, MOMENTA[:, None], start)
    assert table.var.shape == (len(MOMENTA), 3, 41)
    for lane, momentum in enumerate(MOMENTA):
        for channel in range(3):
            alone = Statistics(batch.mean[:, channel], batch.var[:, channel])
            one = stepwise(alone, momentum, Statistics(start.mean[channel], start.var))
            np.testing.assert_allclose(table.mean[lane, channel], one.mean, rtol=1e-12)
            np.testing.assert_allclose(table.var[lane, channel], one.var, rtol=1e-12)


def test_a_stream_is_not_changed_and_whole_numbers_are_not_rounded():
    batch = Statistics(np.array([2, 7]), np.array([1, 4]))
    mean, _ = running.running_statistics(batch, np.array([0.75]))
    np.testing.assert_array_equal(mean, [[0, 0.5, 2.125]])
    np.testing.assert_array_equal(batch.mean, [2, 7])
    np.testing.assert_array_equal(running.START, [0, 1])


@pytest.mark.parametrize("bad", [-0.1, 1.5, np.nan])
def test_a_momentum_that_is_no_share_is_refused_everywhere(bad):
    momentum = np.array([0.5, bad])
    for function, *rest in [
        (lambda m: running.running_statistics(stream(3), m),),
        (running.batch_weights, 3),
        (running.start_share, 3),
        (running.half_life,),
        (running.deviation_factor,),
    ]:
        with pytest.raises(ValueError, match="momentum is the share"):
            function(momentum, *rest)


@pytest.mark.parametrize("function", [running.batch_weights, running.start_share, running.deviation_factor])
def test_fewer_batches_than_none_are_refused(function):
    with pytest.raises(ValueError, match="steps is a number of batches"):
        function(0.5, -1)
    function(0.5, 0)


@pytest.mark.parametrize(
    "function", [lambda *s: running.running_statistics(s[0], 0.9, s[1]), running.cumulative_statistics]
)
def test_a_variance_below_zero_is_refused(function):
    with pytest.raises(ValueError, match=r"batch\.var must be 0 or more; got -2"):
        function(Statistics(np.ones(3), np.array([1.0, -2, 1])), running.START)
    with pytest.raises(ValueError, match=r"start\.var must be 0 or more"):
        function(stream(3), Statistics(np.array(0.0), np.array(-1.0)))


@given(momenta, st.integers(1, 300))
def test_start_share_and_weights_make_up_the_last_running_statistic(momentum, n):
    batch, start = stream(n, seed=n), Statistics(np.array(11.0), np.array(6.0))
    share, weights = running.start_share(momentum, n), running.batch_weights(momentum, n)
    np.testing.assert_allclose(share + weights.sum(), 1, rtol=1e-12)
    last = running.running_statistics(batch, momentum, start)
    np.testing.assert_allclose(last.mean[-1], share * start.mean + weights @ batch.mean, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(last.var[-1], share * start.var + weights @ batch.var, rtol=1e-10)


@given(st.floats(1e-3, 0.9999))
def test_after_a_half_life_half_is_left(momentum):
    assert momentum ** running.half_life(momentum) == pytest.approx(0.5)


def test_half_lives_at_the_ends_and_at_known_momenta():
    np.testing.assert_allclose(running.half_life(MOMENTA[[0, 2, 3, 4, 6]]), [0, 1, 6.5788, 68.968, np.inf], rtol=1e-4)


@given(momenta, st.integers(1, 300))
def test_the_deviation_factor_is_the_root_of_the_summed_squared_weights(momentum, n):
    weights = running.batch_weights(momentum, n)
    assert running.deviation_factor(momentum, n) == pytest.approx(np.sqrt(weights @ weights), rel=1e-9)


def test_the_deviation_factor_is_what_many_streams_show():
    """4,000 streams of 60 batches at once: 5 % is more than four times the estimate's own deviation, 1 / √8,000."""
    means = np.random.default_rng(5).normal(3, 2, (60, 4000))
    for momentum in (0.0, 0.5, 0.8):
        last = running.running_statistics(Statistics(means, means**2), momentum).mean[:, -1]
        assert last.std() / 2 == pytest.approx(running.deviation_factor(momentum), rel=0.05)
    np.testing.assert_allclose(running.deviation_factor(np.array([0, 0.6, 1])), [1, 0.5, 0])


def test_the_cumulative_average_weighs_all_batches_alike_and_forgets_the_start():
    batch, start = stream(25, (2,)), Statistics(np.array(100.0), np.array([7.0, 8.0]))
    mean, var = running.cumulative_statistics(batch, start)
    assert mean.shape == var.shape == (2, 26)
    np.testing.assert_array_equal(mean[:, 0], [100, 100])
    np.testing.assert_array_equal(var[:, 0], [7, 8])
    for n in range(1, 26):
        np.testing.assert_allclose(mean[:, n], batch.mean[:n].mean(axis=0), rtol=1e-13)
        np.testing.assert_allclose(var[:, n], batch.var[:n].mean(axis=0), rtol=1e-13)


def test_the_cumulative_average_is_the_update_with_momentum_one_minus_one_over_n():
    """PyTorch's rule for momentum=None: the weight of the new batch is 1 / num_batches_tracked."""
    batch, kept = stream(50), running.START
    averages = running.cumulative_statistics(batch)
    for n, (mean, var) in enumerate(zip(*batch, strict=True), start=1):
        kept = update_running(kept, Statistics(mean, var), 1 - 1 / n)
        np.testing.assert_allclose([averages.mean[n], averages.var[n]], kept, rtol=1e-12)


def test_the_cumulative_average_of_a_constant_far_out_is_that_constant():
    constant = np.full(1000, 1234567.8)
    mean, _ = running.cumulative_statistics(Statistics(constant, constant))
    np.testing.assert_array_equal(mean[1:], constant)
