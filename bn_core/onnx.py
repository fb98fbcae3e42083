"""ONNX's operator BatchNormalization by its specification (opset 15), with ONNX's own names for the arguments."""

from __future__ import annotations

import numpy as np

from bn_core.conventions import CONVENTIONS
from bn_core.internals import arguments, ranges
from bn_core.internals.statistics import is_float
from bn_core.steps import Statistics, batch_statistics, normalize, scale_and_shift, update_running

Array = np.ndarray


def batch_normalization(
    x: Array,
    scale: Array,
    B: Array,
    input_mean: Array,
    input_var: Array,
    epsilon: float = 1e-5,
    momentum: float = 0.9,
    training_mode: int = 0,
) -> Array | tuple[Array, Array, Array]:
    """ONNX's operator BatchNormalization, opset 15: Y, or with training_mode 1 (Y, running_mean, running_var).

    x is (N, C, …) or (N,), which is one channel; the others are (C,). Any may be float16, bfloat16 (of ml_dtypes),
    float32 or float64. Y has the dtype of x, the running statistics those of `input_mean` and `input_var`; short floats
    are computed wider and rounded at the end. Raises ValueError for other shapes, numbers that are not floating point,
    an input_var below 0, epsilon not above 0, momentum not from 0 to 1, training_mode neither 0 nor 1, and an empty
    training batch.
    """
    x, *vectors = (np.asarray(array) for array in (x, scale, B, input_mean, input_var))
    _check(x, dict(zip(("scale", "B", "input_mean", "input_var"), vectors, strict=True)), epsilon, training_mode)
    kept = CONVENTIONS["onnx"].kept(momentum)
    axes, along = (0, *range(2, x.ndim)), (-1, *[1] * (x.ndim - 2)) if x.ndim > 1 else (-1,)
    wide = [vector.astype(np.float64) for vector in vectors]
    gamma, beta, *running = (vector.reshape(along) for vector in wide)
    values = x.astype(np.float64) if x.dtype.itemsize < 4 else x
    with np.errstate(invalid="ignore", over="ignore"):  # NaN and inf travel through their channel
        batch = batch_statistics(values, axes) if training_mode else Statistics(*running)
        y = scale_and_shift(normalize(values, *batch, epsilon), gamma, beta).astype(x.dtype, copy=False)
        if not training_mode:
            return y
        moved = update_running(Statistics(*wide[2:]), Statistics(*(v.reshape(-1) for v in batch)), kept)
        return y, *(new.astype(old.dtype) for new, old in zip(moved, vectors[2:], strict=True))


def _check(x: Array, vectors: dict[str, Array], epsilon: float, training_mode: int) -> None:
    channels = (x.shape[1] if x.ndim > 1 else 1,)
    if x.ndim < 1 or not is_float(x.dtype):
        raise ValueError(f"x must be floating-point numbers of one axis or more; got {x.dtype} {x.shape}")
    for name, array in vectors.items():
        if array.shape != channels or not is_float(array.dtype):
            raise ValueError(f"{name} must be floating-point numbers {channels}; got {array.dtype} {array.shape}")
    ranges.variance("input_var", vectors["input_var"])
    arguments.positive("epsilon", epsilon)
    if training_mode not in (0, 1):
        raise ValueError(f"training_mode must be 0 or 1; got {training_mode!r}")
