"""Statistics of many batches against extended precision over all the data; re-estimation against a pass by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bn_core import BatchNormalization, moments, population, steps
from bn_core.moments import Moments

OFFSETS = [0, 1e2, 1e4, 1e6, 1e7]
SIZES = (1, 7, 64, 500, 3)


def draw(sizes=SIZES, offset=0.0, dtype=np.float64, seed=0):
    """Batches (n, 2, 3) of different sizes, means and deviations."""
    rng = np.random.default_rng(seed)
    return [(offset + rng.normal() + rng.uniform(0.5, 2) * rng.normal(size=(n, 2, 3))).astype(dtype) for n in sizes]


def truth(batches, axes, weights=None):
    """Mean and variance of everything, computed in 80-bit floats."""
    x = np.concatenate(batches).astype(np.longdouble)
    w = np.ones_like(x) if weights is None else np.concatenate(weights).astype(np.longdouble) * np.ones_like(x)
    mean = (w * x).sum(axes, keepdims=True) / w.sum(axes, keepdims=True)
    return mean, (w * (x - mean) ** 2).sum(axes, keepdims=True) / w.sum(axes, keepdims=True)


def assert_exact(statistics, expected, rtol=1e-13):
    """Right to rtol of the variance and, for the mean, of the deviation, or to the last bit of the offset."""
    mean, var = (np.asarray(values, dtype=float) for values in expected)
    assert np.all(np.abs(statistics.mean - mean) <= rtol * np.sqrt(var) + np.spacing(np.abs(mean)))
    np.testing.assert_allclose(statistics.var, var, rtol=rtol)


# Merging.


def test_two_parts_worked_by_hand():
    """1, 3 and 5, 6, 10: mean 5, squared distances 16 + 4 + 0 + 1 + 25."""
    first, second = (moments.moments(np.array(values), 0) for values in ([1.0, 3], [5.0, 6, 10]))
    assert (first, second) == (Moments(2, 2, 2), Moments(3, 7, 14))
    whole = moments.merge(first, second)
    assert whole == Moments(5, 5, 46)
    assert whole.statistics() == (5, 9.2)
    assert whole.statistics(unbiased=True) == (5, 11.5)


parts = st.lists(st.lists(st.integers(-1000, 1000), min_size=1, max_size=8), min_size=1, max_size=8)
offsets = st.sampled_from([0.0, 12345.0, -1e7])


def of(values, offset=0.0):
    return moments.moments(np.array(values, float) + offset, 0)


def assert_same(one, other, offset):
    """Equal but for the rounding of the means, which is that of the offset."""
    slip = np.spacing(abs(offset) + 1000) * 100
    np.testing.assert_array_equal(one.count, other.count)
    np.testing.assert_allclose(one.mean, other.mean, rtol=0, atol=slip)
    np.testing.assert_allclose(one.m2, other.m2, rtol=1e-12, atol=slip * 1000 * one.count.item())


@given(parts, offsets)
def test_any_partition_merges_into_the_whole(values, offset):
    whole = of([value for part in values for value in part], offset)
    assert_same(moments.merge(*(of(part, offset) for part in values)), whole, offset)


@given(parts, offsets, st.randoms(use_true_random=False))
def test_the_order_of_the_parts_does_not_matter(values, offset, random):
    shuffled = random.sample(values, len(values))
    one, other = (moments.merge(*(of(part, offset) for part in order)) for order in (values, shuffled))
    assert_same(one, other, offset)


@given(st.tuples(*[st.lists(st.integers(-1000, 1000), min_size=1, max_size=8)] * 3), offsets)
def test_how_the_parts_are_grouped_does_not_matter(values, offset):
    a, b, c = (of(part, offset) for part in values)
    assert_same(moments.merge(moments.merge(a, b), c), moments.merge(a, moments.merge(b, c)), offset)


def test_a_part_that_counts_nothing_changes_nothing():
    x = np.array([[1e7, 3.0], [1e7 + 1, 5.0]])
    some, none = moments.moments(x, 0), moments.moments(x, 0, weights=np.zeros((2, 1)))
    np.testing.assert_array_equal(none, np.zeros((3, 1, 2)))
    for merged in (moments.merge(some, none), moments.merge(none, some), moments.merge(none, none, some, none)):
        np.testing.assert_array_equal(merged, some)
    with pytest.raises(ValueError, match="count above 0"):
        moments.merge(none, none).statistics()


def test_what_has_no_statistics_is_refused():
    with pytest.raises(ValueError, match="one part"):
        moments.merge()
    with pytest.raises(ValueError, match="empty batch"):
        moments.moments(np.zeros((0, 2)), 0)
    with pytest.raises(ValueError, match="count above 1"):
        of([4]).statistics(unbiased=True)
    for function in (population.pooled_statistics, population.averaged_statistics):
        with pytest.raises(ValueError, match="one batch or more"):
            function([], 0)


@pytest.mark.parametrize("bad", [[-1.0, 1.0], [np.nan, 1.0], [np.inf, 1.0], [1.0, 1.0, 1.0]])
def test_weights_that_are_no_weights_are_refused(bad):
    with pytest.raises(ValueError, match=r"weights must|shape mismatch"):
        moments.moments(np.ones((2, 4)), 0, np.array(bad)[:, None])
    with pytest.raises(ValueError, match="weights must broadcast"):
        moments.moments(np.ones((1, 4)), 0, np.ones((3, 1)))


# Pooling.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", OFFSETS)
def test_precise_statistics_are_those_of_all_data_at_once(offset, dtype):
    batches = draw(offset=offset, dtype=dtype)
    for axes in (0, (0, 1), (0, 1, 2)):
        assert_exact(population.pooled_statistics(iter(batches), axes), truth(batches, axes))


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_thousand_small_batches_lose_no_digits(offset):
    batches = draw(sizes=[2] * 1000, offset=offset)
    assert_exact(population.pooled_statistics(batches, (0, 1)), truth(batches, (0, 1)), rtol=1e-12)


@pytest.mark.parametrize("offset", OFFSETS)
def test_fractional_weights_count_as_often_as_they_say(offset):
    batches, rng = draw(offset=offset, dtype=np.float32), np.random.default_rng(8)
    weights = [rng.uniform(0, 3, (len(x), 2, 1)) * rng.integers(0, 2, (len(x), 2, 1)) for x in batches]
    weights[0][:] = 0.5
    assert_exact(population.pooled_statistics(batches, (0, 1), weights), truth(batches, (0, 1), weights))


def test_a_mask_leaves_out_padding_whatever_stands_there():
    batches, rng = draw(), np.random.default_rng(9)
    masks = [rng.integers(0, 2, x.shape[:2]).astype(bool) for x in batches]
    masks[0][:], masks[1][:] = False, True  # the first batch has nothing at all to say
    kept = population.pooled_statistics([x[mask] for x, mask in zip(batches, masks, strict=True) if mask.any()], 0)
    padded = [np.where(mask[..., None], x, np.nan) for x, mask in zip(batches, masks, strict=True)]
    mean, var = population.pooled_statistics(padded, (0, 1), [mask[..., None] for mask in masks])
    np.testing.assert_allclose(mean[0], kept.mean, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(var[0], kept.var, rtol=1e-12)


def test_whole_weights_are_repetitions():
    x, times = np.array([1.0, 4, 9, 16]), np.array([3, 0, 1, 2])
    weighted = moments.moments(x, 0, times).statistics(unbiased=True)
    repeated = np.repeat(x, times)
    np.testing.assert_allclose(np.ravel(weighted), [repeated.mean(), repeated.var(ddof=1)], rtol=1e-14)


def test_weighted_moments_correct_the_rounding_of_their_own_mean():
    """At 1e15 doubles are 0.125 apart; and a sum of 30,000 values of 1e7, each times 0.3, rounds at every step."""
    near = moments.moments(1e15 + np.array([0, 0.125, 0.125]), 0, np.ones(3)).statistics()
    np.testing.assert_allclose(near.var, [0.125**2 * 2 / 9], rtol=1e-12)
    x, weights = 1e7 + np.random.default_rng(4).normal(size=(30_000, 2)), np.full((30_000, 1), 0.3)
    assert_exact(moments.moments(x, 0, weights).statistics(), truth([x], 0), rtol=1e-12)


def test_a_constant_far_out_has_no_variance():
    batches = [np.full((n, 2), 1234567.8, np.float32) for n in (3, 7, 50)]
    for weights in (None, [np.full((n, 1), 0.3) for n in (3, 7, 50)]):
        mean, var = population.pooled_statistics(batches, 0, weights)
        np.testing.assert_array_equal(mean, batches[0][:1])
        np.testing.assert_allclose(var, 0, atol=1e-18)


def test_a_nan_spoils_its_own_channel_only():
    batches = draw()
    batches[2][0, 0, 1], batches[3][0, 0, 2] = np.nan, np.inf
    mean, var = population.pooled_statistics(batches, (0, 1))
    np.testing.assert_array_equal(np.isfinite([mean, var]), [[[[True, False, False]]]] * 2)


def test_each_batch_needs_its_weights():
    for n in (0, 1, 6):
        with pytest.raises(ValueError, match="weights must be as many as the batches"):
            population.pooled_statistics(draw(), (0, 1, 2), [np.ones(1)] * n)


def test_averaged_variances_lack_the_variance_between_the_means():
    """Two batches, each of one class: the variance within is 1, the variance of everything 26."""
    batches = [np.array([4.0, 6]), np.array([-6.0, -4])]
    assert population.averaged_statistics(batches, 0) == (0, 1)
    assert population.pooled_statistics(batches, 0) == (0, 26)
    same_size = draw(sizes=[9] * 6)
    averaged, pooled = (f(same_size, (0, 1)) for f in (population.averaged_statistics, population.pooled_statistics))
    between = np.var([x.mean(axis=(0, 1)) for x in same_size], axis=0)
    np.testing.assert_allclose(pooled.var, averaged.var + between, rtol=1e-13)
    np.testing.assert_allclose(pooled.mean, averaged.mean, rtol=1e-13)


def test_the_average_of_unbiased_variances_is_that_of_each_batch():
    batches = draw(sizes=[4, 9])
    expected = np.mean([x.var(axis=(0, 1), ddof=1) for x in batches], axis=0)
    np.testing.assert_allclose(population.averaged_statistics(batches, (0, 1), unbiased=True).var[0, 0], expected)


def test_synchronized_replicas_see_what_one_big_batch_sees():
    """Shares of 3, 5 and 8 examples, each normalized with the pooled statistics: the layer's output for all 16."""
    shares = draw(sizes=[3, 5, 8], offset=50)
    layer = BatchNormalization(epsilon=0.01)
    whole = layer(np.concatenate(shares), training=True)
    pooled = population.pooled_statistics(shares, (0, 1))
    np.testing.assert_allclose(np.concatenate([steps.normalize(x, *pooled, 0.01) for x in shares]), whole, atol=1e-12)


# Ghosts.


def test_ghosts_are_as_equal_as_possible_and_never_larger_than_asked():
    assert population.ghost_slices(33, 32) == [slice(0, 17), slice(17, 33)]
    for n in range(1, 40):
        for size in range(1, 45):
            ghosts = population.ghost_slices(n, size)
            lengths = [ghost.stop - ghost.start for ghost in ghosts]
            assert [i for ghost in ghosts for i in range(n)[ghost]] == list(range(n))
            assert max(lengths) <= size
            assert max(lengths) - min(lengths) <= 1
            assert len(ghosts) == int(np.ceil(n / size))


@pytest.mark.parametrize(("shape", "axes"), [((11, 3), 0), ((11, 4, 3), (0, 1)), ((11, 3, 2, 2), (-4, 2, 3))])
@pytest.mark.parametrize("size", [1, 4, 11, 100])
def test_each_ghost_is_normalized_as_a_batch_of_its_own(shape, axes, size):
    x = np.random.default_rng(2).normal(5, 3, shape)
    x_hat = population.ghost_normalize(x, axes, size, 0.02)
    for ghost in population.ghost_slices(11, size):
        alone = steps.normalize(x[ghost], *steps.batch_statistics(x[ghost], axes), 0.02)
        np.testing.assert_array_equal(x_hat[ghost], alone)


def test_ghosts_need_examples_along_a_reduced_axis_and_a_size():
    with pytest.raises(ValueError, match="along axis 0"):
        population.ghost_statistics(np.ones((4, 3)), 1, 2)
    for n, size in ((0, 2), (4, 0)):
        with pytest.raises(ValueError, match="one example or more"):
            population.ghost_slices(n, size)


# Re-estimation.


def network(seed=0):
    """Dense, batch norm, tanh, Dense, batch norm, with random weights and running statistics; and its batch norms."""
    rng = np.random.default_rng(seed)
    first, second = BatchNormalization(epsilon=0.02), BatchNormalization(axis=1, epsilon=0.1)
    for layer, width in ((first, 5), (second, 4)):
        layer.build((None, width))
        layer.set_weights(list(rng.uniform(0.5, 2, (4, width))))
    into, out = rng.normal(size=(3, 5)), rng.normal(size=(5, 4))
    return [lambda x: x @ into, first, np.tanh, lambda x: x @ out, second], first, second


def through(layers, x):
    for layer in layers:
        x = layer(x)
    return x


def shifted(seed=1):
    rng = np.random.default_rng(seed)
    return [40 + 6 * rng.normal(size=(n, 3)) for n in (8, 1, 30)]


def test_after_reestimation_every_layer_normalizes_the_shifted_data_exactly():
    """Also the second, though the first one's new statistics have changed what reaches it."""
    layers, first, second = network()
    before = [layer.get_weights() for layer in (first, second)]
    batches = shifted()
    population.reestimate(layers, iter(batches))
    for place, layer in ((1, first), (4, second)):
        enters = through(layers[:place], np.concatenate(batches))
        np.testing.assert_allclose(layer.moving_mean, enters.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(layer.moving_variance, enters.var(axis=0), rtol=1e-12)
        leaves = layer(enters)
        np.testing.assert_allclose(leaves.mean(axis=0), layer.beta, rtol=1e-12)
    for layer, weights in zip((first, second), before, strict=True):
        np.testing.assert_array_equal([layer.gamma, layer.beta], weights[:2])


def test_reestimation_is_one_training_pass_of_all_data_in_one_batch():
    """With momentum 0 that pass leaves its batch's statistics behind, layer after layer."""
    (ours, *own), (theirs, *layers) = network(), network()
    population.reestimate(ours, shifted())
    x = np.concatenate(shifted())
    for step in theirs:
        if step in layers:
            step.momentum = 0.0
        x = step(x, training=True) if step in layers else step(x)
    for mine, other in zip(own, layers, strict=True):
        np.testing.assert_allclose(mine.get_weights(), other.get_weights(), rtol=1e-12)


def test_a_layer_with_renorm_trains_on_from_the_new_statistics():
    """Their renormalized training output is that of inference, and a step that keeps everything changes nothing."""
    layer = BatchNormalization(renorm=True, momentum=1.0, epsilon=0.05)
    batches = shifted()
    population.reestimate([layer], batches)
    before = layer.get_weights()
    np.testing.assert_allclose(layer(batches[0], training=True), layer(batches[0]), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer.get_weights()[:5], before[:5], rtol=1e-13)


def test_padding_is_left_out_of_a_reestimation():
    layer, rng = BatchNormalization(), np.random.default_rng(7)
    x, mask = rng.normal(3, 2, (6, 5, 2)), rng.integers(0, 2, (6, 5)).astype(bool)
    population.reestimate([lambda x: 2 * x, layer], [x[:2], x[2:]], weights=[mask[:2, :, None], mask[2:, :, None]])
    np.testing.assert_allclose(layer.moving_mean, 2 * x[mask].mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(layer.moving_variance, 4 * x[mask].var(axis=0), rtol=1e-13)


def test_a_layer_of_pytorchs_convention_takes_over_the_unbiased_variance():
    layer = BatchNormalization(convention="pytorch")
    batches = [np.random.default_rng(n).normal(3, 2, (n, 4)) for n in (2, 3)]
    population.reestimate([layer], batches)
    np.testing.assert_allclose(layer.moving_variance, np.concatenate(batches).var(axis=0, ddof=1), rtol=1e-12)


def test_only_the_chosen_layers_are_reestimated():
    layers, first, second = network()
    before = first.get_weights()
    population.reestimate(layers, shifted(), chosen=[second])
    np.testing.assert_array_equal(first.get_weights(), before)
    enters = through(layers[:4], np.concatenate(shifted()))
    np.testing.assert_allclose(second.moving_mean, enters.mean(axis=0), rtol=1e-12)


def test_reestimation_builds_a_layer_and_reduces_all_axes_but_its_own():
    layer = BatchNormalization(axis=1)
    batches = [np.random.default_rng(n).normal(3, 2, (n, 4, 5)) for n in (2, 6)]
    population.reestimate([layer], batches)
    np.testing.assert_allclose(layer.moving_variance, np.concatenate(batches).var(axis=(0, 2)), rtol=1e-12)


def test_a_channel_that_is_not_finite_keeps_its_statistics():
    _, first, _ = network()
    old = first.get_weights()
    batches = shifted()
    batches[1][0, 0] = np.nan
    population.reestimate([first], [np.pad(x, [(0, 0), (0, 2)]) for x in batches])
    assert (first.moving_mean[0], first.moving_variance[0]) == (old[2][0], old[3][0])
    np.testing.assert_array_equal(first.moving_mean[3:], 0)
    asked = BatchNormalization(store_nonfinite=True)
    population.reestimate([asked], batches)
    np.testing.assert_array_equal(np.isfinite(asked.moving_mean), [False, True, True])


def test_reestimation_needs_data_and_a_layer_of_the_network():
    layers, *_ = network()
    with pytest.raises(ValueError, match="one batch or more"):
        population.reestimate(layers, [])
    with pytest.raises(ValueError, match="in the network"):
        population.reestimate(layers, shifted(), chosen=[BatchNormalization()])


def test_nothing_given_is_changed():
    batches, weights = draw(), [np.ones((len(x), 1, 1)) for x in draw()]
    for array in (*batches, *weights):
        array.setflags(write=False)
    population.pooled_statistics(batches, (0, 1), weights)
    population.pooled_statistics(batches, (0, 1))
    population.ghost_normalize(batches[2], (0, 1), 7, 0.1)
