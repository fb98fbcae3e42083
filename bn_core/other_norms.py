"""Layer, instance, group and RMS normalization: batch norm's steps, with other entries sharing a statistic.

No neighbor looks at another example, so none has running statistics or a second mode; what sets them apart is their
`sharing`. Sources: Ba et al. 2016 (layer), Ulyanov et al. 2016 (instance), Wu & He 2018 (group), Zhang & Sennrich 2019
(RMS, which subtracts no mean).
"""

from __future__ import annotations

import numpy as np

from bn_core.gradient import paths
from bn_core.internals import arguments
from bn_core.internals.statistics import Axes, total
from bn_core.reduction_groups import Sharing, as_axes, group_sharing, layer_sharing
from bn_core.steps import Gradients, batch_statistics, normalize, scale_and_shift

Array = np.ndarray

EPSILONS: dict[str, dict[str, float | None]] = {
    "layer": {"keras": 1e-3, "pytorch": 1e-5, "flax": 1e-6, "onnx": 1e-5},
    "group": {"keras": 1e-3, "pytorch": 1e-5, "flax": 1e-6, "onnx": 1e-5},
    "instance": {"keras": 1e-3, "pytorch": 1e-5, "flax": 1e-6, "onnx": 1e-5},
    "rms": {"keras": 1e-6, "pytorch": None, "flax": 1e-6, "onnx": 1e-5},
}
"""Each framework's default epsilon; None is the type's own (`np.finfo(dtype).eps`). The functions here take Keras's.

Also by default: Keras, Flax and ONNX normalize the last axis in a layer norm, PyTorch whatever `normalized_shape` says;
Keras and Flax make 32 groups, PyTorch and ONNX must be told; PyTorch's InstanceNorm has no gamma and beta; Keras has
no instance norm but `GroupNormalization(groups=-1)`.
"""


def layer_normalization(
    x: Array, gamma: Array | None = None, beta: Array | None = None, axis: Axes = -1, epsilon: float = 1e-3
) -> Array:
    """y, of the shape of `x`; each example normalized over `axis`.

    `gamma` and `beta` have the lengths of `axis` in rising order (one number per normalized entry); None: 1 and 0.
    Raises ValueError where they have not, an axis does not exist, or epsilon is not above 0.
    """
    return _forward(x, gamma, beta, layer_sharing(np.shape(x), axis), axis, epsilon)


def layer_normalization_backward(
    d_y: Array, x: Array, gamma: Array | None = None, axis: Axes = -1, epsilon: float = 1e-3
) -> Gradients:
    """Gradients of `layer_normalization`; `d_gamma`, `d_beta` have the lengths of `axis`, also where gamma is None."""
    return _backward(d_y, x, gamma, layer_sharing(np.shape(x), axis), axis, epsilon)


def group_normalization(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    groups: int = 32,
    axis: int = -1,
    epsilon: float = 1e-3,
) -> Array:
    """y, of the shape of `x`; each example and group of channels normalized over all its positions.

    `gamma` and `beta` have the shape (channels,); None: 1 and 0. Raises ValueError as `group_sharing` does and where
    they have another shape or epsilon is not above 0.
    """
    return _forward(x, gamma, beta, group_sharing(np.shape(x), groups, axis), axis, epsilon)


def group_normalization_backward(
    d_y: Array, x: Array, gamma: Array | None = None, groups: int = 32, axis: int = -1, epsilon: float = 1e-3
) -> Gradients:
    """Gradients of `group_normalization`; `d_gamma`, `d_beta` of shape (channels,), also where gamma is None."""
    return _backward(d_y, x, gamma, group_sharing(np.shape(x), groups, axis), axis, epsilon)


def instance_normalization(
    x: Array, gamma: Array | None = None, beta: Array | None = None, axis: int = -1, epsilon: float = 1e-3
) -> Array:
    """y, of the shape of `x`; each channel of each example by itself: a group norm of groups=-1."""
    return group_normalization(x, gamma, beta, -1, axis, epsilon)


def instance_normalization_backward(
    d_y: Array, x: Array, gamma: Array | None = None, axis: int = -1, epsilon: float = 1e-3
) -> Gradients:
    """Gradients of `instance_normalization`."""
    return group_normalization_backward(d_y, x, gamma, -1, axis, epsilon)


def rms_normalization(x: Array, gamma: Array | None = None, axis: Axes = -1, epsilon: float = 1e-6) -> Array:
    """y = gamma · x / √(mean of x² over `axis` + epsilon), of the shape of `x`: nothing is subtracted, nothing added.

    `gamma` (Keras: `scale`) as in `layer_normalization`, with the same errors. On purpose unlike Keras, which lays its
    scale along the last axes whatever `axis` is: here each normalized entry has its own.
    """
    return _forward(x, gamma, None, layer_sharing(np.shape(x), axis), axis, epsilon, centered=False)


def rms_normalization_backward(
    d_y: Array, x: Array, gamma: Array | None = None, axis: Axes = -1, epsilon: float = 1e-6
) -> Gradients:
    """Gradients of `rms_normalization`; `d_beta` is for a beta that would be added to y."""
    return _backward(d_y, x, gamma, layer_sharing(np.shape(x), axis), axis, epsilon, centered=False)


_quietly = np.errstate(invalid="ignore", over="ignore")
"""NaN and inf make all values with the same mean NaN, without a warning."""


@_quietly
def _forward(
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    sharing: Sharing,
    kept: Axes,
    epsilon: float,
    centered: bool = True,
) -> Array:
    gamma = _parameter("gamma", gamma, 1.0, sharing.shape, kept)
    beta = _parameter("beta", beta, 0.0, sharing.shape, kept)
    x_hat, _ = _normalized(x, sharing, epsilon, centered)
    return scale_and_shift(x_hat.reshape(sharing.shape), gamma, beta)


@_quietly
def _backward(
    d_y: Array, x: Array, gamma: Array | None, sharing: Sharing, kept: Axes, epsilon: float, centered: bool = True
) -> Gradients:
    """The gradients. Unlike in batch norm, gamma may vary within a statistic, so it is applied before `backward`."""
    d_y, gamma = np.asarray(d_y), _parameter("gamma", gamma, 1.0, sharing.shape, kept)
    if d_y.shape != sharing.shape:
        raise ValueError(f"d_y must have the shape of x, {sharing.shape}; got {d_y.shape}")
    x_hat, var = _normalized(x, sharing, epsilon, centered)
    d_x_hat = scale_and_shift(d_y, gamma, np.zeros(())).reshape(sharing.view)
    ways = paths(d_x_hat, x_hat, var, np.ones_like(var), epsilon, sharing.axes)
    d_x = ways.direct + ways.through_var + (ways.through_mean if centered else 0)
    kept = as_axes(sharing.shape, kept)
    others = tuple(axis for axis in range(len(sharing.shape)) if axis not in kept)
    lengths = [sharing.shape[axis] for axis in kept]
    d_gamma = total(d_y * x_hat.reshape(sharing.shape), others).reshape(lengths)
    return Gradients(d_x.reshape(sharing.shape), d_gamma, total(d_y, others).reshape(lengths))


def _normalized(x: Array, sharing: Sharing, epsilon: float, centered: bool) -> tuple[Array, Array]:
    """x_hat in the sharing's view, and its variance (if not centered: its mean square)."""
    arguments.positive("epsilon", epsilon)
    grouped = np.asarray(x).reshape(sharing.view)
    mean, var = batch_statistics(grouped, sharing.axes)
    if not centered:
        mean, var = np.zeros_like(mean), var + mean**2
    return normalize(grouped, mean, var, epsilon), var


def _parameter(name: str, values: Array | None, default: float, shape: tuple[int, ...], kept: Axes) -> Array:
    """gamma or beta, shaped to broadcast against the input."""
    kept = as_axes(shape, kept)
    lengths = tuple(shape[axis] for axis in kept)
    array = np.full(lengths, default) if values is None else np.asarray(values, dtype=np.float64)
    if array.shape != lengths:
        raise ValueError(f"{name} must have the shape {lengths}; got {array.shape}")
    return array.reshape([length if axis in kept else 1 for axis, length in enumerate(shape)])
