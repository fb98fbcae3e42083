"""The layer: statistics, parameters and what they do to an array, with Keras's names and behavior."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from bn_core import conventions
from bn_core.conventions import FROM_CONVENTION
from bn_core.internals import arguments, kernels, renorm, tiling
from bn_core.internals.arguments import Constraint, Initializer, Regularizer
from bn_core.internals.config import Configured
from bn_core.internals.statistics import MASK_EPSILON

Array = np.ndarray


class _Call(NamedTuple):
    """What `backward` needs from the forward call."""

    x: Array  # a view of the caller's array, channels last, like `mask`
    mask: Array | None
    dtype: np.dtype  # of y
    mean: Array
    deviation: Array  # sqrt(var + epsilon)
    scale: Array  # the factor on x_hat, with gamma as it was
    used_batch: bool
    centered: Array | None
    correction: renorm.Correction | None


class BatchNormalization(Configured):
    """Batch normalization with the arguments, names, defaults and behavior of Keras's `BatchNormalization` (3.15).

    **During training** (`training=True` and `trainable`) each channel is normalized with the mean and the biased
    variance of the batch, and the running statistics move: `moving = moving * momentum + batch * (1 - momentum)`.
    **During inference** (`training` False or None), and while `trainable` is False, the running statistics are used
    and stay as they are.

    Args:
        axis: the axis that is kept (the channels), not those averaged over; negative counts from the end. -1.
        momentum: share of the old running statistics that a training call keeps, from 0 to 1. 0.99.
        epsilon: added to the variance, above 0. 1e-3.
        center, scale: whether there is a `beta`, a `gamma`; without, the attribute is None.
        *_initializer: Keras's name or config of one, or a function from the shape (channels,) to an array.
        *_regularizer: None, Keras's name or config, or a function from the weight to a number, which `losses` lists;
            whoever adds it to a loss adds its derivative to `d_gamma` or `d_beta`, which are those of the output alone.
        *_constraint: None, Keras's name or config, or a function from the weight to that allowed, for
            `apply_constraints`.
        renorm, renorm_clipping, renorm_momentum: batch renormalization (`bn_core.internals.renorm`).
        synchronized: False; statistics of several replicas are pooled by `bn_core.population`.
        trainable: as the attribute, which may be changed between calls.
        dtype: of the outputs; None means that of each input, float64 for integers. "mixed_float16" is float16 here.
        name: as in Keras; it stands in the config.
        store_nonfinite: whether statistics that are NaN or infinite enter the running ones, as they do in Keras.
        convention: "keras", "pytorch", "onnx" or "paper" (`bn_core.conventions`): whose defaults axis, momentum and
            epsilon have, what momentum means, and whether moving_variance is unbiased; if it is, a training batch of
            one value per channel raises ValueError. All else is Keras's: names, `trainable`, `training=None`.

    Attributes (float64 arrays of shape (channels,)): `gamma, beta, moving_mean, moving_variance`; with renorm
    `moving_stddev, renorm_mean, renorm_stddev`; after `backward` the gradients `d_gamma, d_beta`. `batches_seen`,
    the training batches so far, by channel once one was refused, weighs the next one where momentum is None.

    `x` is kept by reference for `backward`, as in PyTorch: do not write to it before. The layer itself never does.

    Where it differs from Keras, on purpose:
        - Arguments that Keras takes and that mean nothing raise ValueError: momentum and renorm_momentum outside 0 to
          1, epsilon not above 0, an axis that is no whole number or that the input lacks, clipping limits out of order,
          variances below 0.
        - A regularizer's derivative is not in `d_gamma` and `d_beta`. Random initializers draw NumPy's numbers.
        - Inputs have 2 to 5 axes (Keras: any number). An empty batch in training raises ValueError (Keras: NaN is
          stored for ever). A batch with one value per channel gives beta, silently, as in Keras.
        - A channel whose batch statistics are not finite leaves its running statistics as they were, unless
          `store_nonfinite`: one NaN in one batch does not spoil inference for ever. Outputs are NaN as in Keras.
        - Weights and statistics are float64 whatever the dtype, so a float16 layer's moving_variance cannot overflow.
        - The output has the floating dtype of its input (Keras: of the layer, float32 unless told otherwise). With
          `dtype`, the result alone is rounded to it (Keras: the input first).
        - A mask works with one channel and any axis (Keras squeezes the channel away); one that does not broadcast
          raises ValueError in inference too. As in Keras, a batch that is masked throughout has mean and variance 0,
          and these are stored.
        - `synchronized=True` raises ValueError: within one process there is nothing to synchronize.
    """

    d_gamma: Array | None = None
    d_beta: Array | None = None
    batches_seen: Array | int = 0
    _call: _Call | None = None

    def __init__(
        self,
        axis: int = FROM_CONVENTION,
        momentum: float | None = FROM_CONVENTION,
        epsilon: float = FROM_CONVENTION,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Initializer = "zeros",
        gamma_initializer: Initializer = "ones",
        moving_mean_initializer: Initializer = "zeros",
        moving_variance_initializer: Initializer = "ones",
        beta_regularizer: Regularizer | None = None,
        gamma_regularizer: Regularizer | None = None,
        beta_constraint: Constraint | None = None,
        gamma_constraint: Constraint | None = None,
        renorm: bool = False,
        renorm_clipping: Mapping[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        *,
        trainable: bool = True,
        dtype: str | np.dtype | type | None = None,
        name: str | None = None,
        store_nonfinite: bool = False,
        convention: str = "keras",
    ) -> None:
        self._convention, self.convention = conventions.convention(convention), convention
        axis, self.momentum, epsilon = self._convention.settled(axis, momentum, epsilon)
        self.axis, self.epsilon = arguments.axis(axis), arguments.positive("epsilon", epsilon)
        self.center, self.scale, self.trainable = bool(center), bool(scale), bool(trainable)
        moving = moving_mean_initializer, moving_variance_initializer
        self._keep("initializer", beta_initializer, gamma_initializer, *moving)
        self._keep("regularizer", beta_regularizer, gamma_regularizer)
        self._keep("constraint", beta_constraint, gamma_constraint)
        self.renorm, self.renorm_clipping = arguments.renorm(renorm, convention), arguments.clipping(renorm_clipping)
        self.renorm_momentum = arguments.share("renorm_momentum", renorm_momentum)
        self.synchronized, self.store_nonfinite = arguments.synchronized(synchronized), bool(store_nonfinite)
        self.dtype, self.name = arguments.result_dtype(dtype), arguments.name(name)
        self._given = {"dtype": dtype, "renorm_clipping": renorm_clipping and dict(renorm_clipping)}

    @property
    def stores_unbiased(self) -> bool:
        """Whether the running variance averages variances divided by N − 1, as in PyTorch and in the paper."""
        return self._convention.unbiased

    def __call__(self, x: Array, training: bool | None = None, mask: Array | None = None) -> Array:
        """y, of the shape of `x`.

        `mask` is true where a value counts; the others are normalized too, but are left out of the statistics. It has
        one axis less than `x`: it is given a last axis of length 1 and broadcasts to the shape of `x`.
        Raises ValueError where `x` or `mask` does not fit the layer.
        """
        x = np.asarray(x)
        dtype = arguments.output_dtype(x.dtype, self.dtype)
        self._fit(x.shape)
        mask = None if mask is None else self._channels_last(arguments.fitting_mask(mask, x.shape))
        with np.errstate(invalid="ignore", over="ignore"):  # NaN and inf travel through their channel, as in Keras
            tiling.fit_buffer(x)
            return self._channels_back(self._forward(self._channels_last(x), mask, training, dtype))

    def backward(self, d_y: Array) -> Array:
        """d_x for the last call, given the gradient `d_y` of its output; sets `d_gamma` and `d_beta`.

        Raises RuntimeError before any call, ValueError where `d_y` does not have that output's shape.
        """
        if self._call is None:
            raise RuntimeError("backward needs a call of the layer first")
        d_y = np.asarray(d_y)
        arguments.output_dtype(d_y.dtype, None)
        shape = self._channels_back(self._call.x).shape
        if d_y.shape != shape:
            raise ValueError(f"d_y must have the shape of the last output, {shape}; got {d_y.shape}")
        with np.errstate(invalid="ignore", over="ignore"):
            tiling.fit_buffer(d_y)
            return self._channels_back(self._backward(self._channels_last(d_y)))

    def _channels_last(self, x: Array) -> Array:
        return x if self.axis in (-1, x.ndim - 1) else np.moveaxis(x, self.axis, -1)

    def _channels_back(self, x: Array) -> Array:
        return x if self.axis in (-1, x.ndim - 1) else np.moveaxis(x, -1, self.axis)

    def _forward(self, x: Array, mask: Array | None, training: bool | None, dtype: np.dtype) -> Array:
        """y, channels last like x and mask. It is computed last, when temporary arrays are free again."""
        gamma, beta, centered, correction = self.gamma, self.beta, None, None
        used_batch = bool(training) and self.trainable
        if used_batch:
            statistics, centered = self._batch(x, mask)
            if self.renorm:
                correction = renorm.correction(statistics, self._running, self.renorm_clipping, self.epsilon)
                gamma, beta = renorm.composed(correction, gamma, beta)
            self._store(self._moved(statistics, x, mask))
        else:
            statistics = self._running[:2]
        mean, var = statistics
        deviation = np.sqrt(var + self.epsilon)
        scale = (1.0 if gamma is None else gamma) / deviation
        y = np.empty_like(x, dtype, subok=False)
        kernels.normalize(x, y, mean, scale, 0.0 if beta is None else beta, centered)
        self._call = _Call(x, mask, dtype, mean, deviation, scale, used_batch, centered, correction)
        return y

    def _batch(self, x: Array, mask: Array | None) -> kernels.Batch:
        if not x.size:
            raise ValueError(f"an empty batch has no statistics; got the shape {x.shape}, channels last")
        return kernels.batch_statistics(x, mask)

    def _moved(self, batch: Array, x: Array, mask: Array | None) -> Array:
        """The running statistics after one more batch."""
        if self.renorm:
            return renorm.remember(self._running, batch, self.momentum, self.renorm_momentum, self.epsilon)
        kept = self._convention.kept(self.momentum, self.batches_seen)
        if self.stores_unbiased:
            n = x.size // x.shape[-1] if mask is None else kernels.kept(mask)
            batch = np.stack([batch[0], self._convention.stored_variance(batch[1], n)])
        return kept * self._running + (1 - kept) * batch

    def _store(self, moved: Array) -> None:
        """Take over new running statistics, but only for channels in which all of them are finite."""
        if self.store_nonfinite or kernels.is_finite(moved):
            self._running = moved
            self.batches_seen = self.batches_seen + 1
            return
        finite = np.isfinite(moved).all(axis=0)
        self._running = np.where(finite, moved, self._running)
        self.batches_seen = self.batches_seen + finite

    def _backward(self, d_y: Array) -> Array:
        """d_x, after setting `d_gamma` and `d_beta`; arrays are channels last."""
        call = self._call
        d_beta, d_gamma = kernels.gradient_sums(d_y, call.x, call.mean, call.centered)
        d_gamma /= call.deviation
        d_x = np.empty_like(call.x, call.dtype, subok=False)
        if call.used_batch:
            self._through_statistics(d_y, d_x, d_gamma, d_beta)
        else:
            kernels.gradient_frozen(d_y, d_x, call.scale)
        if call.correction is not None:
            d_gamma = call.correction.r * d_gamma + call.correction.d * d_beta
        self.d_gamma = d_gamma if self.scale else None
        self.d_beta = d_beta if self.center else None
        return d_x

    def _through_statistics(self, d_y: Array, d_x: Array, d_gamma: Array, d_beta: Array) -> None:
        """d_x = scale · (d_y − mean of d_y − (x_hat − its mean) · mean of d_y · x_hat), means over unmasked values.

        `d_gamma` and `d_beta` are the sums of d_y · x_hat and d_y over all values.
        """
        x, mask, _, mean, deviation, scale, _, centered, _ = self._call
        n, off = x.size // x.shape[-1], 0.0
        if mask is not None:
            n = kernels.kept(mask) + MASK_EPSILON
            off = mean / deviation * MASK_EPSILON / n  # x_hat's mean, which with Keras's count is not quite 0
        slope, level = d_gamma / n, (d_beta - off * d_gamma) / n
        kernels.gradient(d_y, x, d_x, mean, slope / deviation, level, scale, mask, centered)
