"""Training: lanes are independent runs, a diverged lane is reported and disturbs no other, any step can be repeated."""

import numpy as np
import pytest

from bn_core import datasets
from bn_core.nets import learning
from bn_core.nets.learning import accuracy, infer, start, train
from bn_core.nets.mlp import MLP
from bn_core.nets.noise import draw
from bn_core.nets.optimizers import SGD, Adam

X, Y = datasets.points("moons", 120, 0.1, seed=1)
BATCHES = np.random.default_rng(2).integers(0, len(X), (40, 16))
SIZES = {"inputs": 2, "hidden": (8, 6), "classes": 2}
CHANCY = {"dropout": (0.2, 0.0, 0.4), "noise_shift": (0.0, 0.3, 0.1)}
NORMED = {"placement": "before", "momentum": (0.9, 0.0, 0.99), "epsilon": (1e-3, 1e-5, 0.1)}
PER_LANE = [
    ({}, SGD((0.1, 0.01, 0.3), momentum=(0.9, 0.0, 0.5), nesterov=True)),
    ({"dropout": 0.3}, Adam((0.1, 0.01, 0.03), weight_decay=(0.0, 0.1, 0.2))),
    (NORMED, SGD((0.1, 0.01, 0.3))),
    (NORMED | CHANCY, Adam((0.1, 0.01, 0.03))),
    (NORMED | CHANCY | {"placement": "after", "activation": "tanh"}, SGD(0.1, momentum=(0.9, 0.0, 0.5))),
]
SEEDS = (5, 6, 7)


def of_lane(settings, lane):
    """`settings` with one lane's share of what is given per lane."""
    return {name: value[lane] if isinstance(value, tuple) else value for name, value in settings.items()}


def assert_same(state, other, **tolerance):
    for mine, theirs in zip(arrays(state), arrays(other), strict=True):
        np.testing.assert_allclose(mine, theirs, **tolerance)


def arrays(state):
    return [state.parameters, *state.slots, *state.running, np.array(state.step)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("settings", "optimizer"), PER_LANE)
def test_lanes_with_their_own_settings_seeds_and_batches_are_runs_of_their_own(settings, optimizer, dtype):
    net, scales = MLP(**SIZES, **settings), (1.0, 1.4, 0.7)
    batches = np.random.default_rng(3).integers(0, len(X), (40, 3, 16))
    began = start(net, optimizer, net.draw(SEEDS, scales, dtype))
    together, history = train(net, optimizer, began, X, Y, batches, SEEDS)
    logits = infer(net, together, X)
    for lane, seed in enumerate(SEEDS):
        own = MLP(**SIZES, **of_lane(settings, lane))
        alone = type(optimizer)(**of_lane(vars(optimizer), lane))
        end = start(own, alone, own.draw([seed], scales[lane], dtype))
        end, told = train(own, alone, end, X, Y, batches[:, lane], [seed])
        tolerance = {"rtol": 1e-12, "atol": 1e-12} if dtype == np.float64 else {"rtol": 1e-4, "atol": 1e-5}
        np.testing.assert_allclose(history.loss[:, lane], told.loss[:, 0], **tolerance)
        np.testing.assert_allclose(logits[lane], infer(own, end, X)[0], **tolerance)
        np.testing.assert_allclose(together.running.var[lane], end.running.var[0], **tolerance)


@pytest.mark.parametrize("placement", [None, "before", "after"])
def test_a_lane_that_diverges_is_told_with_its_step_and_disturbs_nobody(placement):
    """A lane's loss overflows at a known step: its batch in that step holds an infinite value."""
    x = np.concatenate([X, [[np.inf, 1.0]]])
    batches = np.stack([BATCHES, BATCHES], axis=1)
    batches[11, 1, 3] = len(X)
    net, optimizer = MLP(**SIZES, placement=placement), SGD(0.1, momentum=0.9)
    began = start(net, optimizer, net.draw([1, 1]))
    first, early = train(net, optimizer, began, x, np.append(Y, 0), batches[:10])
    end, late = train(net, optimizer, first, x, np.append(Y, 0), batches[10:])
    assert early.diverged.tolist() == [-1, -1]
    assert late.diverged.tolist() == [-1, 11]
    alone, _ = train(net, optimizer, start(net, optimizer, net.draw([1])), X, Y, BATCHES)
    np.testing.assert_array_equal(end.parameters[0], alone.parameters[0])
    assert np.isnan(end.parameters[1]).any()
    assert np.isfinite(end.running.mean).all()
    assert np.isfinite(end.running.var).all()
    assert accuracy(infer(net, end, X), Y)[0] > accuracy(infer(net, end, X), Y)[1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_learning_rate_far_too_large_ends_in_no_error_and_no_warning(activation, dtype):
    net, optimizer = MLP(**SIZES, activation=activation), SGD((0.1, 1e30))
    parameters = net.draw([1, 1], dtype=dtype)
    end, history = train(net, optimizer, start(net, optimizer, parameters), X, Y, BATCHES)
    assert history.diverged[0] == -1
    assert np.isfinite(history.loss[:, 0]).all()
    assert not np.isfinite(history.loss[-1, 1]) or history.loss[-1, 1] > 1e20
    infer(net, end, X)


@pytest.mark.parametrize(("settings", "optimizer"), PER_LANE)
def test_a_run_resumed_or_forked_at_any_step_is_the_run_itself_bit_for_bit(settings, optimizer):
    net = MLP(**SIZES, **settings)
    began = start(net, optimizer, net.draw(SEEDS))
    whole, history = train(net, optimizer, began, X, Y, BATCHES, SEEDS)
    half, first = train(net, optimizer, began, X, Y, BATCHES[:13], SEEDS)
    for _ in range(2):
        rest, second = train(net, optimizer, half, X, Y, BATCHES[13:], SEEDS)
        assert_same(rest, whole, rtol=0, atol=0)
        np.testing.assert_array_equal(np.concatenate([first.loss, second.loss]), history.loss)


def test_chances_passed_in_are_those_that_seeds_would_have_drawn():
    net, optimizer = MLP(**SIZES, dropout=0.3), Adam(0.01)
    began = start(net, optimizer, net.draw([1, 2]))
    chances = (draw(net, [5, 6], step, BATCHES.shape[1]) for step in range(len(BATCHES)))
    given, _ = train(net, optimizer, began, X, Y, BATCHES, chances=chances)
    seeded, _ = train(net, optimizer, began, X, Y, BATCHES, seeds=np.array([5, 6]))
    assert_same(given, seeded, rtol=0, atol=0)
    with pytest.raises(ValueError, match="shorter"):
        train(net, optimizer, began, X, Y, BATCHES, chances=[draw(net, [5, 6], 0, BATCHES.shape[1])])


def test_rate_and_momentum_may_be_changed_between_two_trainings():
    net, first, then = MLP(**SIZES), SGD(0.1), SGD(0.05, momentum=0.9)
    half, _ = train(net, first, start(net, first, net.draw([1])), X, Y, BATCHES[:20])
    _, history = train(net, then, half, X, Y, BATCHES[20:], watch=lambda moment: moment)
    one = history.watched[0]
    assert np.any(half.slots[0])
    np.testing.assert_allclose(one.after.parameters, half.parameters + 0.9 * half.slots[0] - 0.05 * one.gradients)


def test_watch_sees_each_step_before_and_after_and_changes_nothing():
    net, optimizer = MLP(**SIZES, placement="after"), SGD(0.1)
    began = start(net, optimizer, net.draw([1, 2]))
    blind, unwatched = train(net, optimizer, began, X, Y, BATCHES)
    seen, history = train(net, optimizer, began, X, Y, BATCHES, watch=lambda moment: moment)
    assert_same(seen, blind, rtol=0, atol=0)
    assert unwatched.watched == []
    assert [moment.state.step for moment in history.watched] == list(range(40))
    for moment in history.watched:
        step = moment.state.parameters - 0.1 * moment.gradients
        np.testing.assert_array_equal(step, moment.after.parameters)
    assert net.norms(history.watched[0].gradients).shape == (2, 3)


def test_no_array_handed_in_is_written_into_and_batches_may_differ_in_size():
    net, optimizer = MLP(**SIZES, placement="before"), SGD(0.1, momentum=0.9)
    began = start(net, optimizer, net.draw([1]))
    for array in arrays(began):
        array.setflags(write=False)
    end, history = train(net, optimizer, began, X, Y, [BATCHES[0], BATCHES[1][:5], BATCHES[2]])
    assert end.step == len(history.loss) == 3


def test_no_batches_give_an_empty_history_and_the_same_state():
    net, optimizer = MLP(**SIZES), SGD(0.1)
    began = start(net, optimizer, net.draw([1, 2]))
    end, history = train(net, optimizer, began, X, Y, [])
    assert end is began
    assert history.loss.shape == (0, 2)
    assert history.diverged.tolist() == [-1, -1]


def test_it_learns_the_moons_with_and_without_batch_norm():
    batches = np.random.default_rng(4).integers(0, len(X), (300, 32))
    for placement in (None, "before", "after"):
        net, optimizer = MLP(2, (16, 16), 2, placement=placement, momentum=0.9), Adam(0.01)
        end, history = train(net, optimizer, start(net, optimizer, net.draw([1, 2], 1.4)), X, Y, batches)
        assert history.loss[-20:].mean(axis=0).max() < 0.1 < history.loss[0].min()
        assert np.all(accuracy(infer(net, end, X), Y) > 0.97)


def test_accuracy_counts_rows_and_takes_nan_for_wrong():
    logits = np.array([[[1.0, 2], [3, 0], [0, 1], [np.nan, 0]]])
    np.testing.assert_array_equal(accuracy(logits, np.array([1, 0, 0, 0])), [0.5])


@pytest.mark.parametrize(
    ("settings", "arguments", "message"),
    [
        ({"inputs": 3}, {}, "this net has"),
        ({}, {"x": X[:, :1]}, r"x must be \(n, 2\)"),
        ({}, {"y": Y[:-1]}, "x must be"),
        ({}, {"y": Y + 1}, "whole numbers from 0 to 1"),
        ({}, {"y": Y - 1}, "whole numbers"),
        ({}, {"y": Y / 2}, "whole numbers"),
        ({"dropout": 0.1}, {}, "need seeds"),
        ({"dropout": 0.1}, {"seeds": [1, 2, 3]}, "one per lane, 2; got 3"),
        ({"epsilon": (0.1, 0.1, 0.1)}, {}, "epsilon must be one number or one per lane, 2; got 3"),
        ({}, {"optimizer": SGD((0.1, 0.2, 0.3))}, "learning_rate must be one number or one per lane, 2; got 3"),
        ({}, {"optimizer": Adam(beta_1=(0.9,))}, "beta_1 must be one number or one per lane, 2; got 1"),
    ],
)
def test_what_does_not_fit_is_refused(settings, arguments, message):
    fitting = {"optimizer": SGD(0.1), "x": X, "y": Y, "batches": BATCHES}
    state = learning.start(MLP(**SIZES), SGD(0.1), MLP(**SIZES).draw([1, 2]))
    with pytest.raises(ValueError, match=message):
        train(MLP(**SIZES | settings), state=state, **fitting | arguments)


def test_data_may_be_lists():
    net, optimizer = MLP(**SIZES), SGD(0.1)
    state = start(net, optimizer, net.draw([1]))
    (listed, _), (expected, _) = (
        train(net, optimizer, state, x, y, BATCHES[:3]) for x, y in ((X.tolist(), Y.tolist()), (X, Y))
    )
    np.testing.assert_array_equal(listed.parameters, expected.parameters)
