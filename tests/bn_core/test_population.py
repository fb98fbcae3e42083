"""Statistics of many batches against extended precision over all the data."""

import numpy as np
import pytest

from bn_core import BatchNormalization, population, steps

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


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("places", [(0,), (2,), (5,), (0, 0, 3, 5)])
def test_an_empty_batch_changes_nothing_wherever_it_comes(places, offset):
    """A worker's last share, or a loader's. First, it must not cost the digits that the offset occupies."""
    full, axes = draw(offset=offset), (0, 1)
    batches = list(full)
    for place in places:
        batches.insert(place, full[0][:0])
    assert_exact(population.pooled_statistics(batches, axes), truth(full, axes))
    weights = [np.full((len(x), 1, 1), 0.5) for x in batches]
    assert_exact(population.pooled_statistics(batches, axes, weights), truth(full, axes))


def test_a_channel_that_the_first_batches_leave_out_loses_no_digits():
    """Padding in one channel only: its shift is the mean of the first batch that has something to say of it."""
    batches = draw(offset=1e7)
    weights = [np.ones(x.shape) for x in batches]
    weights[0][..., 1], weights[1][..., 1] = 0, 0
    assert_exact(population.pooled_statistics(batches, (0, 1), weights), truth(batches, (0, 1), weights))


def test_nothing_but_empty_batches_have_no_statistics():
    with pytest.raises(ValueError, match="count above 0"):
        population.pooled_statistics([np.zeros((0, 3))] * 2, 0)


def test_no_batches_have_no_statistics():
    for function in (population.pooled_statistics, population.averaged_statistics):
        with pytest.raises(ValueError, match="one batch or more"):
            function([], 0)


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


def test_nothing_given_is_changed():
    batches, weights = draw(), [np.ones((len(x), 1, 1)) for x in draw()]
    for array in (*batches, *weights):
        array.setflags(write=False)
    population.pooled_statistics(batches, (0, 1), weights)
    population.pooled_statistics(batches, (0, 1))
    population.ghost_normalize(batches[2], (0, 1), 7, 0.1)
