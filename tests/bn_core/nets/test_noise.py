"""Dropout masks and noise have the right size, and are the same for the same seed and step, wherever a run resumes."""

from dataclasses import replace

import numpy as np
import pytest

from bn_core.nets.mlp import MLP
from bn_core.nets.noise import Noise, draw
from bn_core.nets.passes import forward

NET = MLP(2, (300, 20), 2, placement="before", dropout=(0.0, 0.25), noise_shift=(0.5, 0.0), noise_scale=(0.0, 0.25))


def test_masks_hold_0_in_the_share_asked_for_and_keep_the_mean():
    first, second = draw(NET, [1, 2], 0, 500)
    assert (first.mask.shape, second.mask.shape) == ((2, 500, 300), (2, 500, 20))
    assert np.all(first.mask[0] == 1)
    assert set(np.unique(first.mask[1])) == {0, 1 / 0.75}
    assert np.mean(first.mask[1] == 0) == pytest.approx(0.25, abs=0.005)


def test_noise_is_each_values_own_around_its_units_and_within_its_range_lane_by_lane():
    first, _ = draw(NET, [1, 2], 0, 500)
    assert first.scale.shape == first.shift.shape == (2, 500, 300)
    assert np.all(first.scale[0] == 1)
    assert np.all(first.shift[1] == 0)
    shift, scale = first.shift[0].mean(axis=0), first.scale[1].mean(axis=0)
    assert (shift.min(), shift.max()) == pytest.approx((-0.5, 0.5), abs=0.05)
    assert (scale.min(), scale.max()) == pytest.approx((1, 1.25), abs=0.03)
    assert np.abs(first.shift[0] - shift).max() == pytest.approx(0.5, abs=0.1)
    assert np.abs(first.scale[1] - scale).max() == pytest.approx(0.25, abs=0.05)


def test_the_next_batch_norm_cannot_take_the_noise_away():
    """What a whole batch shares is all but gone in layer 2's x_hat; what each value has of its own is still there."""
    x, quiet = np.random.default_rng(0).normal(size=(1, 256, 8)), MLP(8, (64, 64), 2, placement="before")
    parameters = quiet.draw([0])
    noisy = replace(quiet, noise_shift=0.5, noise_scale=0.25)
    own = draw(noisy, [3], 0, 256)
    shared = [Noise(None, *(each.mean(axis=1, keepdims=True) for each in noise[1:])) for noise in own]
    still, *shaken = (
        forward(noisy, parameters, x, chances=chances).layers[1].norm.x_hat.ravel() for chances in (None, shared, own)
    )
    assert np.corrcoef(still, shaken[0])[0, 1] > 0.97
    assert np.corrcoef(still, shaken[1])[0, 1] < 0.93


def test_a_lanes_chance_depends_on_its_seed_and_the_step_alone():
    net = MLP(2, (5,), 2, dropout=0.5)
    (together,), (alone,) = draw(net, [7, 8, 7], 3, 4), draw(net, [8], 3, 4)
    np.testing.assert_array_equal(together.mask[1], alone.mask[0])
    np.testing.assert_array_equal(together.mask[0], together.mask[2])
    assert not np.array_equal(together.mask[0], together.mask[1])
    assert not np.array_equal(draw(net, [8], 4, 4)[0].mask, alone.mask)


def test_lanes_of_one_seed_share_one_draw_that_serves_all():
    assert draw(MLP(2, (5,), 2, dropout=0.5), [7, 7, 7], 3, 4)[0].mask.shape == (1, 4, 5)


def test_without_dropout_and_noise_there_is_no_chance():
    assert draw(MLP(2, (5, 3), 2), [1], 0, 4) == [Noise(), Noise()]


def test_dropout_on_or_off_leaves_the_noise_as_it_is():
    settings = {"placement": "before", "noise_shift": 0.5}
    with_dropout, without = (draw(MLP(2, (5,), 2, dropout=rate, **settings), [7], 3, 4)[0] for rate in (0.5, 0.0))
    np.testing.assert_array_equal(with_dropout.shift, without.shift)


def test_what_is_dropped_tells_nothing_about_the_noise():
    """Drawn from the same numbers, the units dropped in the first row would be those whose scale is small."""
    (chance,) = draw(MLP(2, (1000,), 2, placement="before", dropout=0.5, noise_scale=1.0), [7], 3, 1)
    assert np.mean((chance.mask[0, 0] == 0) == (chance.scale[0, 0] < 1.5)) == pytest.approx(0.5, abs=0.05)
