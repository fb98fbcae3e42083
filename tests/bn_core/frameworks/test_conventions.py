"""Each convention against its own framework where it is installed, and always against its documents, as plain loops.

The loops follow the documents (PyTorch's BatchNorm, the paper's Algorithm 2), in longdouble and one channel at a time,
without the engine.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bn_core import conventions
from bn_core.conventions import CONVENTIONS, Convention, convert_momentum, convert_variance
from bn_core.steps import Statistics, batch_statistics

CLOSE = {"rtol": 1e-12, "atol": 1e-12}
SHAPES = [(6, 3), (4, 3, 5), (3, 3, 2, 4), (2, 3, 2, 2, 3)]


def channels(x):
    """The values of each channel (axis 1) in longdouble, flat."""
    return [np.moveaxis(x, 1, 0)[c].ravel().astype(np.longdouble) for c in range(x.shape[1])]


def moments_in_loops(values):
    mean = sum(values) / len(values)
    return mean, sum((value - mean) ** 2 for value in values) / len(values)


def statistics_in_loops(x):
    return np.array([moments_in_loops(values) for values in channels(x)]).T


def stream(shape, batches, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(3, 2, shape) for _ in range(batches)]


def run(name, batches, momentum, start):
    """The engine's running statistics (mean, var) of shape (channels,) after some batches (N, C, ...)."""
    running = Statistics(*start)
    for seen, x in enumerate(batches):
        batch = batch_statistics(x, (0, *range(2, x.ndim)))
        flat = Statistics(batch.mean.ravel(), batch.var.ravel())
        running = CONVENTIONS[name].next_running(running, flat, x.size // x.shape[1], momentum, seen)
    return running


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("momentum", [0.0, 0.1, 0.37, 1.0])
def test_pytorchs_running_statistics_by_its_documentation(shape, momentum):
    """new = (1 - momentum) * old + momentum * observed, the observed variance divided by N - 1."""
    batches = stream(shape, 4, seed=1)
    mean, var = np.array([0.3, -1, 2], np.longdouble), np.array([0.5, 1, 3], np.longdouble)
    ours = run("pytorch", batches, momentum, (mean.astype(float), var.astype(float)))
    for x in batches:
        n = x.size // 3
        batch_mean, batch_var = statistics_in_loops(x)
        mean = (1 - momentum) * mean + momentum * batch_mean
        var = (1 - momentum) * var + momentum * batch_var * n / (n - 1)
    np.testing.assert_allclose(ours, [mean.astype(float), var.astype(float)], **CLOSE)


@pytest.mark.parametrize("shape", SHAPES)
def test_pytorchs_momentum_none_is_the_plain_average_of_all_batches_so_far(shape):
    batches = stream(shape, 5, seed=2)
    n = batches[0].size // 3
    told = np.array([statistics_in_loops(x) for x in batches])
    ours = run("pytorch", batches, None, (np.full(3, 7.0), np.full(3, 9.0)))
    np.testing.assert_allclose(ours.mean, told[:, 0].mean(axis=0).astype(float), **CLOSE)
    np.testing.assert_allclose(ours.var, (told[:, 1].mean(axis=0) * n / (n - 1)).astype(float), **CLOSE)


@pytest.fixture(scope="module")
def worst(summary):
    """A list of differences from PyTorch; the largest is printed below the results."""
    differences = []
    yield differences
    if differences:
        summary.append(f"conventions: worst difference from PyTorch, float64: {max(differences):.1e}")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("momentum", [0.1, 0.37, 1.0, 0.0, None])
def test_pytorchs_running_statistics_are_those_of_pytorch(shape, momentum, worst):
    torch = pytest.importorskip("torch")
    kind = {2: torch.nn.BatchNorm1d, 3: torch.nn.BatchNorm1d, 4: torch.nn.BatchNorm2d, 5: torch.nn.BatchNorm3d}
    theirs = kind[len(shape)](3, momentum=momentum, dtype=torch.float64)
    batches = stream(shape, 4, seed=3)
    for x in batches:
        theirs(torch.tensor(x))
    ours = run("pytorch", batches, momentum, (np.zeros(3), np.ones(3)))
    theirs = [theirs.running_mean.numpy(), theirs.running_var.numpy()]
    np.testing.assert_allclose(ours, theirs, **CLOSE)
    worst.append(np.abs(np.array(ours) - theirs).max())


def test_the_records_are_what_the_frameworks_say(keras):
    layer, record = keras.layers.BatchNormalization(), CONVENTIONS["keras"]
    assert (layer.axis, layer.momentum, layer.epsilon) == (record.axis, record.momentum, record.epsilon)
    x = np.random.default_rng(4).normal(3, 2, (5, 2))
    layer = keras.layers.BatchNormalization(momentum=0.0, dtype="float64")
    layer(x, training=True)
    np.testing.assert_allclose(layer.moving_variance, record.stored_variance(x.var(axis=0), 5), **CLOSE)


def test_pytorchs_record_is_what_pytorch_says():
    torch = pytest.importorskip("torch")
    layer, record = torch.nn.BatchNorm1d(2), CONVENTIONS["pytorch"]
    assert (layer.momentum, layer.eps) == (record.momentum, record.epsilon)
    assert record.unbiased
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        layer(torch.ones(1, 2))


def test_what_a_momentum_keeps_and_what_is_stored_by_hand():
    keras, pytorch, onnx, paper = (CONVENTIONS[name] for name in ("keras", "pytorch", "onnx", "paper"))
    assert [keras.kept(0.75), pytorch.kept(0.25), onnx.kept(0.75)] == [0.75] * 3
    assert [pytorch.kept(None, seen) for seen in range(4)] == [paper.kept(None, seen) for seen in range(4)]
    assert [paper.kept(None, seen) for seen in (0, 1, 3)] == [0, 0.5, 0.75]
    assert [record.stored_variance(1.25, 4) for record in (keras, onnx)] == [1.25, 1.25]
    np.testing.assert_allclose([record.stored_variance(1.25, 4) for record in (pytorch, paper)], 5 / 3, rtol=1e-15)
    moved = pytorch.next_running(Statistics(8.0, 3.0), Statistics(0.0, 3.0), 4, 0.25)
    assert moved == (6.0, 3.25)  # 3 · 3/4 + 4 · 1/4


def test_pytorchs_default_momentum_is_keras_0_9_and_keras_default_is_pytorchs_0_01():
    assert convert_momentum(0.1, "pytorch", "keras") == 0.9
    assert convert_momentum(0.99, "keras", "pytorch") == pytest.approx(0.01)
    assert convert_momentum(0.9, "onnx", "keras") == 0.9
    assert convert_momentum(None, "pytorch", "paper") is None


numbered = st.sampled_from(["keras", "pytorch", "onnx"])
named = st.sampled_from(list(CONVENTIONS))


@given(st.floats(0, 1), numbered, numbered)
def test_a_momentum_comes_back_and_keeps_the_same_share_meanwhile(momentum, source, target):
    there = convert_momentum(momentum, source, target)
    assert convert_momentum(there, target, source) == pytest.approx(momentum, abs=1e-15)
    assert CONVENTIONS[target].kept(there) == pytest.approx(CONVENTIONS[source].kept(momentum), abs=1e-15)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=5), st.integers(2, 10**6), named, named, st.floats(0, 1))
def test_a_running_variance_comes_back(values, n, source, target, initial):
    var = np.array(values) + initial
    there = convert_variance(var, n, source, target, initial)
    np.testing.assert_allclose(convert_variance(there, n, target, source, initial), var, rtol=1e-14)


@given(st.integers(0, 99), st.sampled_from([0.0, 0.5, 0.9, 0.99]), st.integers(1, 5), numbered, numbered)
def test_a_converted_variance_is_what_the_target_would_have_stored(seed, kept, steps, source, target):
    """Also before the start value is forgotten, if its share is given."""
    batches, start = stream((4, 3), steps, seed), (np.zeros(3), np.ones(3))
    here, there = (run(name, batches, convert_momentum(kept, "keras", name), start) for name in (source, target))
    converted = convert_variance(here.var, 4, source, target, initial=kept**steps)
    np.testing.assert_allclose(converted, there.var, rtol=1e-13)
    np.testing.assert_allclose(here.mean, there.mean, atol=1e-13)


def test_infinitely_many_values_need_no_correction():
    assert convert_variance(3.0, math.inf, "keras", "pytorch") == 3.0


def test_algorithm_2_by_hand():
    """Batches 0, 2 and 4, 10 (m = 2): means 1 and 7, variances 1 and 9: E = 4 and Var = 2/1 · 5."""
    statistics = conventions.algorithm_2([np.array([[0.0], [2]]), np.array([[4.0], [10]])], 0)
    np.testing.assert_array_equal(statistics.mean, [[4]])
    np.testing.assert_array_equal(statistics.var, [[10]])


@pytest.mark.parametrize("shape", SHAPES)
def test_algorithm_2_in_loops_and_as_the_papers_running_statistics(shape):
    batches = stream(shape, 6, seed=5)
    m = batches[0].size // 3
    told = np.array([statistics_in_loops(x) for x in batches])
    expected = [told[:, 0].mean(axis=0).astype(float), (told[:, 1].mean(axis=0) * m / (m - 1)).astype(float)]
    ours = conventions.algorithm_2(batches, (0, *range(2, len(shape))))
    np.testing.assert_allclose([values.ravel() for values in ours], expected, **CLOSE)
    running = run("paper", batches, None, (np.full(3, 7.0), np.full(3, 9.0)))
    np.testing.assert_allclose(running, expected, **CLOSE)


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (lambda: conventions.convention("caffe"), "convention must be one of keras, pytorch, onnx, paper; got 'caffe'"),
        (lambda: CONVENTIONS["keras"].kept(1.5), "share of the old average that is kept, from 0 to 1; got 1.5"),
        (lambda: CONVENTIONS["pytorch"].kept(-0.1), "share of the new batch, from 0 to 1"),
        (lambda: CONVENTIONS["pytorch"].kept(math.nan), "from 0 to 1; got nan"),
        (lambda: CONVENTIONS["paper"].kept(0.9), "momentum must be None .every batch weighs the same. in the"),
        (lambda: convert_momentum(None, "pytorch", "keras"), "momentum must be a number in the convention 'keras'"),
        (lambda: convert_momentum(0.1, "pytorch", "paper"), "momentum must be None"),
        (lambda: convert_variance(1.0, 1, "keras", "pytorch"), "n of two values or more"),
        (
            lambda: CONVENTIONS["paper"].stored_variance(np.ones(2), np.array([2, 1])),
            "two values or more per channel; got 1",
        ),
        (lambda: convert_variance(-1.0, 4, "keras", "pytorch"), "var must be 0 or more; got -1.*swapped"),
        (
            lambda: CONVENTIONS["keras"].next_running(Statistics(0.0, -1.0), Statistics(0.0, 1.0), 4, 0.9),
            r"running\.var must be 0 or more",
        ),
        (
            lambda: CONVENTIONS["keras"].next_running(Statistics(0.0, 1.0), Statistics(0.0, -1.0), 4, 0.9),
            r"batch\.var must be 0 or more",
        ),
        (lambda: conventions.algorithm_2([], 0), "one batch or more"),
        (lambda: conventions.algorithm_2([np.ones((2, 1)), np.ones((3, 1))], 0), r"one size m; got the sizes \[2, 3\]"),
        (lambda: conventions.algorithm_2([np.ones((1, 1))], 0), "n of two values or more"),
    ],
)
def test_what_a_convention_does_not_know_is_refused(refused, message):
    with pytest.raises(ValueError, match=message):
        refused()


def test_a_record_cannot_be_changed():
    with pytest.raises(AttributeError):
        CONVENTIONS["keras"].momentum = 0.5
    assert isinstance(CONVENTIONS["keras"], Convention)
