"""ONNX's operator against its specification in loops, written in longdouble and one channel at a time."""

import numpy as np
import pytest

from bn_core import onnx


def in_loops(x, scale, B, input_mean, input_var, epsilon, momentum, training_mode):
    """The operator by its document: current statistics over all axes but 1, population variance, momentum kept."""
    y, outputs = np.empty(x.shape, np.longdouble), []
    for c in range(x.shape[1]):
        values, mean, var = np.moveaxis(x, 1, 0)[c].ravel().astype(np.longdouble), input_mean[c], input_var[c]
        if training_mode:
            mean = sum(values) / len(values)
            var = sum((value - mean) ** 2 for value in values) / len(values)
        flat = [(value - mean) / np.sqrt(np.longdouble(var) + epsilon) * scale[c] + B[c] for value in values]
        np.moveaxis(y, 1, 0)[c] = np.reshape(flat, np.moveaxis(y, 1, 0)[c].shape)
        kept = np.longdouble(momentum)
        outputs.append((input_mean[c] * kept + mean * (1 - kept), input_var[c] * kept + var * (1 - kept)))
    return (y, *np.array(outputs).T) if training_mode else y


@pytest.mark.parametrize("training_mode", [0, 1])
@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5), (3, 3, 2, 4), (2, 3, 2, 2, 3)])
def test_by_its_specification(shape, training_mode):
    rng = np.random.default_rng(6)
    x, vectors = rng.normal(3, 2, shape), [rng.uniform(0.5, 2, 3) * sign for sign in (-1, -1, 1, 1)]
    ours = onnx.batch_normalization(x, *vectors, 0.02, 0.7, training_mode)
    expected = in_loops(x, *vectors, 0.02, 0.7, training_mode)
    assert isinstance(ours, tuple) is bool(training_mode)
    for mine, other in zip(*((r if training_mode else (r,)) for r in (ours, expected)), strict=True):
        np.testing.assert_allclose(mine, other.astype(float), rtol=1e-12, atol=1e-12)


def test_defaults_and_example_by_hand():
    """ONNX's own small example: x = -1, 0, 1 and 2, 3, 4; its running variance moves by the population's 2/3."""
    x = np.array([[[[-1, 0, 1]], [[2, 3, 4]]]], np.float32)
    scale, B, mean, var = (np.array(v, np.float32) for v in ([1, 1.5], [0, 1], [0, 3], [1, 1.5]))
    y = onnx.batch_normalization(x, scale, B, mean, var)
    assert y.dtype == np.float32
    root = np.sqrt(1.50001)
    np.testing.assert_allclose(y[0, 0, 0], np.array([-1, 0, 1]) / np.sqrt(1.00001), rtol=1e-6)
    np.testing.assert_allclose(y[0, 1, 0], [1 - 1.5 / root, 1, 1 + 1.5 / root], rtol=1e-6, atol=1e-6)
    y, running_mean, running_var = onnx.batch_normalization(x, scale, B, mean, var, training_mode=1)
    np.testing.assert_allclose(y[0, 0, 0], np.array([-1, 0, 1]) / np.sqrt(2 / 3 + 1e-5), rtol=1e-6)
    np.testing.assert_allclose(running_mean, [0, 3])
    np.testing.assert_allclose(running_var, [0.9 + 0.1 * 2 / 3, 1.35 + 0.1 * 2 / 3], rtol=1e-6)
    assert running_var.dtype == np.float32


def test_it_reads_one_axis_as_one_channel_and_keeps_float16():
    x = np.array([1, 3], np.float16)
    one = np.ones(1, np.float32)
    y, running_mean, _ = onnx.batch_normalization(x, 2 * one, one, 0 * one, one, training_mode=1)
    np.testing.assert_allclose(y, [-1, 3], atol=1e-3)
    assert (y.dtype, running_mean.dtype) == (np.float16, np.float32)
    np.testing.assert_allclose(running_mean, [0.2], rtol=1e-6)


def bfloat16():
    return pytest.importorskip("ml_dtypes").bfloat16


SHORT = [pytest.param(lambda: np.float16, 2.0**-11, id="float16"), pytest.param(bfloat16, 2.0**-8, id="bfloat16")]
"""The short floats, and half a unit in the last place of 1."""


@pytest.mark.parametrize("training_mode", [0, 1])
@pytest.mark.parametrize(("dtype", "half"), SHORT)
@pytest.mark.parametrize("vectors_short", [True, False])
def test_short_floats_are_computed_wider_and_rounded_once(dtype, half, vectors_short, training_mode):
    """Opset 15 takes them for x, for scale and B, for mean and var; beside the loops, nothing but the last rounding."""
    rng = np.random.default_rng(8)
    x = rng.normal(3, 2, (9, 40, 5)).astype(dtype())
    vectors = [rng.uniform(0.5, 2, 40).astype(dtype() if vectors_short else np.float32) for _ in range(4)]
    told = onnx.batch_normalization(x, *vectors, 1e-3, 0.7, training_mode)
    ours = told if training_mode else (told,)
    expected = in_loops(x.astype(float), *(v.astype(float) for v in vectors), 1e-3, 0.7, training_mode)
    assert [array.dtype for array in ours] == [x.dtype, *[v.dtype for v in vectors[2:]] * training_mode]
    for mine, other in zip(ours, expected if training_mode else (expected,), strict=True):
        size = np.abs(other.astype(float))
        error = np.abs(mine.astype(float) - other.astype(float))
        assert np.all(error <= half * 2.0 ** np.floor(np.log2(size)) * 1.001 + 1e-7)


def test_bfloat16_by_hand():
    """x − 1 over √(3 + 1) is −1, 0.5 and 4; 8 bits hold 2 · that + 0.5."""
    one = np.ones(1, bfloat16())
    y = onnx.batch_normalization(np.array([-1, 2, 9]).astype(bfloat16()), 2 * one, one / 2, one, 3 * one, epsilon=1.0)
    assert (y.dtype, y.tolist()) == (bfloat16(), [-1.5, 1.5, 8.5])


def test_it_spoils_only_the_channel_of_a_bad_value_and_changes_no_input():
    x, vectors = np.array([[np.inf, 1], [0, 3]]), [np.full(2, value) for value in (2.0, 1.0, 0.0, 1.0)]
    for array in (x, *vectors):
        array.setflags(write=False)
    y, *_ = onnx.batch_normalization(x, *vectors, training_mode=1)
    assert np.isnan(y[0, 0])
    np.testing.assert_allclose(y[:, 1], [-1, 3], atol=1e-4)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x": np.ones((2, 3), int)}, "x must be floating-point"),
        ({"x": np.array(1.0)}, "x must be floating-point numbers of one axis or more"),
        ({"scale": np.ones(2)}, r"scale must be floating-point numbers \(3,\); got float64 \(2,\)"),
        ({"input_mean": np.ones(3, int)}, "input_mean must be floating-point"),
        (
            {"input_var": np.array([1, -0.5, 2])},
            "input_var must be 0 or more; got -0.5: are running_mean and running_v",
        ),
        ({"input_var": np.ones((1, 3))}, r"input_var must be .*got float64 \(1, 3\)"),
        ({"epsilon": 0.0}, "epsilon must be above 0"),
        ({"momentum": 1.1}, "old average that is kept, from 0 to 1"),
        ({"momentum": None}, "momentum must be a number in the convention 'onnx'"),
        ({"training_mode": 2}, "training_mode must be 0 or 1"),
        ({"x": np.ones((0, 3)), "training_mode": 1}, "empty batch"),
    ],
)
def test_what_does_not_fit_the_operator_is_refused(changed, message):
    names = ("scale", "B", "input_mean", "input_var")
    arguments = {"x": np.ones((2, 3)), **{name: np.ones(3) for name in names}} | changed
    with pytest.raises(ValueError, match=message):
        onnx.batch_normalization(**arguments)
