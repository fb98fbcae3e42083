"""Folds batch norm, in inference, into the linear layer before it, so that the net has one layer less.

With fixed statistics, batch norm is y = k·(x − mean) + beta with k = gamma / √(var + epsilon), one number per channel.
Where x = W·input + bias comes straight from a linear layer, W' = k·W and bias' = k·(bias − mean) + beta do both at
once. (Folding forwards, into a linear layer that follows, is another matter: its padding is zeros behind batch norm
but not zeros before it, so that the result is right inside an image and wrong along its edges.)
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from bn_core.internals import arguments, ranges
from bn_core.internals.statistics import is_float
from bn_core.internals.weights import NOT_BUILT
from bn_core.layer import BatchNormalization
from bn_core.steps import Statistics

Array = np.ndarray

CHANNEL_AXES: dict[str, tuple[int, ...]] = {
    "Dense": (-1,),
    "Conv1D": (-1,),
    "Conv2D": (-1,),
    "Conv3D": (-1,),
    "DepthwiseConv1D": (-2, -1),
    "DepthwiseConv2D": (-2, -1),
    "Conv1DTranspose": (-2,),
    "Conv2DTranspose": (-2,),
    "Conv3DTranspose": (-2,),
}
"""The axes of a Keras layer's kernel that hold its output channels, by the layer's class, for either `data_format`.

Kernels are (in, out), (h, w, in, out), depthwise (h, w, in, multiplier), with output channel number in · multiplier +
its index, and transposed (h, w, out, in). Grouped convolutions are no exception. The batch norm after a SeparableConv
folds into its pointwise kernel, as into that of a Conv.
"""


class Folded(NamedTuple):
    """The weights of one linear layer that does what the linear layer and its batch norm did; `bias`: (channels,)."""

    kernel: Array
    bias: Array


def fold(
    kernel: Array,
    bias: Array | None,
    running: Statistics,
    gamma: Array | None,
    beta: Array | None,
    epsilon: float,
    kind: str = "Dense",
    activation: str | None = None,
) -> Folded:
    """The kernel and bias of a layer that replaces both, in the kernel's floating dtype, computed in float64.

    kernel, bias, kind, activation: the linear layer's, in Keras's layout; bias None without `use_bias`, `kind` a key of
    CHANNEL_AXES. An `activation` other than None or "linear" is between the two, which then cannot be folded.
    running, gamma, beta, epsilon: the batch norm's, with one number per channel; None without `scale`, `center`.
    Raises ValueError for another kind or activation, an epsilon not above 0, a variance below 0 (often because running
    mean and variance are swapped), and a wrong number of channels.
    """
    kernel = np.asarray(kernel)
    shape = _channels(kernel, kind)
    arguments.positive("epsilon", epsilon)
    if activation not in (None, "linear"):
        raise ValueError(f"activation must be None or linear: batch norm cannot be folded through {activation!r}")
    bias = _per_channel("bias", bias, 0, shape)
    mean, var = (_per_channel(f"running.{name}", getattr(running, name), 0, shape) for name in running._fields)
    ranges.variance("running.var", var)
    gamma, beta = _per_channel("gamma", gamma, 1, shape), _per_channel("beta", beta, 0, shape)
    k = gamma / np.sqrt(var + epsilon)
    dtype = kernel.dtype if is_float(kernel.dtype) else np.dtype(np.float64)
    new_bias = k * (bias - mean) + beta
    return Folded((k * kernel).astype(dtype), new_bias.reshape(-1).astype(dtype))


def fold_layer(
    kernel: Array, bias: Array | None, layer: BatchNormalization, kind: str = "Dense", activation: str | None = None
) -> Folded:
    """`fold` for a batch norm layer with its running statistics. Raises ValueError also where it is not built."""
    if not layer.built:
        raise ValueError(NOT_BUILT)
    running = Statistics(layer.moving_mean, layer.moving_variance)
    return fold(kernel, bias, running, layer.gamma, layer.beta, layer.epsilon, kind, activation)


def _channels(kernel: Array, kind: str) -> tuple[int, int]:
    """The shape of numbers per channel that broadcasts to the kernel's last two axes; 1 where they hold none."""
    if kind not in CHANNEL_AXES:
        raise ValueError(f"kind must be one of {', '.join(CHANNEL_AXES)}; got {kind!r}")
    if kernel.ndim < 2:
        raise ValueError(f"kernel must have 2 axes or more; got the shape {kernel.shape}")
    return tuple(kernel.shape[axis] if axis in CHANNEL_AXES[kind] else 1 for axis in (-2, -1))


def _per_channel(name: str, values: Array | None, default: float, shape: tuple[int, int]) -> Array:
    """`values`, or `default` for each channel, as float64 in `shape`."""
    values = np.full(shape, default) if values is None else np.asarray(values)
    if values.size != math.prod(shape):
        raise ValueError(f"{name} must have {math.prod(shape)} numbers, one per channel; got {values.size}")
    return values.astype(np.float64).reshape(shape)
