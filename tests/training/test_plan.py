"""Contract of a plan: the same settings give the same run, every epoch shuffles anew, records are bounded."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from training.plan import MOST_POINTS, MOST_STEPS, MOST_VALIDATIONS, make, score, shuffled
from training.settings import Settings

SETS = ("digits", "moons", "circles", "spirals", "xor")


@pytest.mark.parametrize("name", SETS)
def test_the_same_settings_give_the_same_run_and_another_seed_another(name):
    one, same, other = (make(Settings(data=name, seed=seed, epochs=2)) for seed in (3, 3, 4))
    for field in ("x", "y", "x_valid", "y_valid", "batches"):
        np.testing.assert_array_equal(getattr(one, field), getattr(same, field))
    assert not np.array_equal(one.batches, other.batches)
    assert not np.array_equal(one.x, other.x)


@given(some.integers(2, 300), some.integers(2, 40), some.integers(1, 5), some.integers(0, 99))
def test_an_epoch_sees_a_row_at_most_once_and_leaves_out_less_than_a_batch(n, batch_size, epochs, seed):
    batch_size = min(batch_size, n)
    batches = shuffled(n, batch_size, epochs, seed)
    per_epoch = n // batch_size
    assert batches.shape == (epochs * per_epoch, batch_size)
    for epoch in range(epochs):
        rows = batches[epoch * per_epoch : (epoch + 1) * per_epoch].ravel()
        assert len(set(rows)) == len(rows) > n - batch_size


@given(some.sampled_from((2, 3, 16, 256)), some.integers(1, 200), some.sampled_from(SETS))
def test_steps_points_and_validations_are_bounded(batch_size, epochs, name):
    plan = make(Settings(data=name, batch_size=batch_size, epochs=epochs))
    assert plan.steps == plan.epochs * plan.steps_per_epoch <= MOST_STEPS
    assert plan.epochs <= epochs
    assert plan.steps / plan.record_every <= MOST_POINTS
    assert len(plan.validation_steps()) <= MOST_VALIDATIONS
    assert all(step % plan.steps_per_epoch == 0 for step in plan.validation_steps())


def test_a_watched_run_takes_about_twenty_seconds_and_a_short_one_less():
    plan = make(Settings(epochs=30))
    assert plan.steps * plan.pause == pytest.approx(20)
    short = make(Settings(epochs=2))
    assert short.steps * short.pause < 5
    assert make(Settings(pace="fast")).pause == 0


def test_score_by_hand():
    loss, accuracy = score(np.array([[0.0, np.log(3.0)], [np.log(3.0), 0.0]]), np.array([1, 1]))
    assert loss == pytest.approx((np.log(4 / 3) + np.log(4)) / 2)
    assert accuracy == 0.5


def test_score_of_large_logits_does_not_overflow_and_of_nan_is_nan():
    assert score(np.array([[1e30, 0.0]]), np.array([1]))[0] == pytest.approx(1e30)
    assert np.isnan(score(np.array([[np.nan, 0.0]]), np.array([1]))[0])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("batch_size", 513), ("batch_size", 0), ("learning_rate", float("nan")), ("learning_rate", -1.0)),
        *(("learning_rate", 1e6), ("layers", 0), ("width", 129), ("data", "mnist"), ("seed", 1.5), ("momentum", 1.0)),
    ],
)
def test_what_keras_would_swallow_in_silence_is_refused(field, value):
    with pytest.raises(ValueError, match=field):
        dataclasses.replace(Settings(), **{field: value})
