"""The layer: the pure steps together with the parameters and running statistics they read and write."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bn_core import steps
from bn_core.statistics import float_dtype
from bn_core.steps import Statistics

Initializer = str | Callable[[tuple[int, ...]], np.ndarray]
INITIALIZERS = {"zeros": np.zeros, "ones": np.ones}


class _Call(NamedTuple):
    """What `backward` needs to know of the forward call; `gamma` as it was then."""

    x_hat: np.ndarray
    var: np.ndarray
    gamma: np.ndarray
    used_batch: bool


class BatchNormalization:
    """Batch normalization with the names, defaults and behaviour of `keras.layers.BatchNormalization` (3.15).

    **During training** (`training=True` and `trainable`) each channel is normalized with the mean and the biased
    variance of the batch, and the running statistics move: `moving = moving * momentum + batch * (1 - momentum)`.
    **During inference**, and while `trainable` is False, the running statistics are used and stay as they are.

    Args:
        axis: the axis that is kept (the channels), not the one averaged over; negative counts from the end.
        momentum: share of the old running statistics that a training call keeps, from 0 to 1.
        epsilon: added to the variance, above 0.
        center, scale: whether there is a `beta`, a `gamma`; without, the attribute is None.
        *_initializer: "zeros", "ones" or a function from the shape (channels,) to an array.

    Attributes (float64 arrays of shape (channels,)): `gamma, beta, moving_mean, moving_variance`, and after
    `backward` the gradients `d_gamma, d_beta`.

    On purpose unlike Keras: bad arguments and an empty training batch raise ValueError, as do ranks other than 2 to 5;
    and a channel whose batch statistics are not finite leaves its running statistics as they were, so one NaN in one
    batch does not spoil inference for ever. A batch of one value per channel gives beta, as in Keras.
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Initializer = "zeros",
        gamma_initializer: Initializer = "ones",
        moving_mean_initializer: Initializer = "zeros",
        moving_variance_initializer: Initializer = "ones",
    ) -> None:
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum is the share of the old average that is kept, from 0 to 1; got {momentum!r}")
        if not 0 < epsilon < np.inf:
            raise ValueError(f"epsilon must be above 0 and finite; got {epsilon!r}")
        self.axis, self.momentum, self.epsilon = int(axis), momentum, epsilon
        self.center, self.scale, self.trainable = center, scale, True
        self._initializers = {
            "gamma": gamma_initializer,
            "beta": beta_initializer,
            "moving_mean": moving_mean_initializer,
            "moving_variance": moving_variance_initializer,
        }
        self.gamma = self.beta = self.moving_mean = self.moving_variance = None
        self.d_gamma = self.d_beta = None
        self._input_shape: tuple[int | None, ...] | None = None
        self._call: _Call | None = None

    @property
    def built(self) -> bool:
        """Whether the weights exist, that is, the number of channels is known."""
        return self._input_shape is not None

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the weights for inputs of `shape`, in which only the channels' length must be known."""
        rank = len(shape)
        if not 2 <= rank <= 5:
            raise ValueError(f"the input must have 2 to 5 axes; got the shape {tuple(shape)}")
        if not -rank <= self.axis < rank:
            raise ValueError(f"axis {self.axis} does not exist in an input of shape {tuple(shape)}")
        channels = shape[self.axis]
        if not channels:
            raise ValueError(f"axis {self.axis} holds the channels and needs a known length; got {tuple(shape)}")
        self._input_shape = tuple(shape)
        for name in self._weight_names():
            setattr(self, name, _initial(name, self._initializers[name], (channels,)))

    def __call__(self, x: np.ndarray, training: bool = False, mask: np.ndarray | None = None) -> np.ndarray:
        """y, of the shape of `x`.

        Raises ValueError where `x` does not fit the layer, NotImplementedError for a mask.
        """
        if mask is not None:
            raise NotImplementedError("mask is not supported yet; leave the masked positions out of the batch")
        x = np.asarray(x)
        dtype = float_dtype(x)
        self._fit(x.shape)
        gamma, beta = self._affine()
        use_batch = bool(training) and self.trainable
        with np.errstate(invalid="ignore", over="ignore"):  # NaN and inf travel through their channel, as in Keras
            mean, var = self._learn(x) if use_batch else self._running()
            x_hat = steps.normalize(x, mean, var, self.epsilon)
            y = steps.scale_and_shift(x_hat, gamma, beta)
        self._call = _Call(x_hat, var, gamma, use_batch)
        return y.astype(dtype, copy=False)

    def backward(self, d_y: np.ndarray) -> np.ndarray:
        """d_x of the last call, whose output's gradient `d_y` is; sets `d_gamma` and `d_beta`.

        Raises RuntimeError before any call, ValueError where `d_y` has another shape than that output.
        """
        if self._call is None:
            raise RuntimeError("backward needs a call of the layer first")
        x_hat, var, gamma, used_batch = self._call
        d_y = np.asarray(d_y)
        if d_y.shape != x_hat.shape:
            raise ValueError(f"d_y must have the shape of the last output, {x_hat.shape}; got {d_y.shape}")
        backward = steps.backward if used_batch else steps.backward_frozen
        d_x, d_gamma, d_beta = backward(d_y, x_hat, var, gamma, self.epsilon, self._reduced())
        self.d_gamma = d_gamma.reshape(-1) if self.scale else None
        self.d_beta = d_beta.reshape(-1) if self.center else None
        return d_x

    def get_weights(self) -> list[np.ndarray]:
        """Copies of gamma, beta, moving_mean, moving_variance, in this order, less those the layer has not."""
        return [getattr(self, name).copy() for name in self._weight_names()] if self.built else []

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Take over arrays in the order of `get_weights`. Raises ValueError where number or shapes differ."""
        if not self.built:
            raise ValueError("the layer has no weights yet: call build(shape) first")
        names = self._weight_names()
        if len(weights) != len(names):
            raise ValueError(f"expected {len(names)} weights ({', '.join(names)}); got {len(weights)}")
        arrays = [_weight(name, weight, self.moving_mean.shape) for name, weight in zip(names, weights, strict=True)]
        for name, array in zip(names, arrays, strict=True):
            setattr(self, name, array)

    def _weight_names(self) -> list[str]:
        affine = ["gamma"] * self.scale + ["beta"] * self.center
        return [*affine, "moving_mean", "moving_variance"]

    def _fit(self, shape: tuple[int, ...]) -> None:
        """Build on the first call; afterwards, raise ValueError where rank or number of channels differ."""
        if not self.built:
            self.build(shape)
        if len(shape) != len(self._input_shape) or shape[self.axis] != len(self.moving_mean):
            raise ValueError(
                f"the layer was built for {len(self._input_shape)} axes with {len(self.moving_mean)} channels "
                f"on axis {self.axis}; got the shape {shape}"
            )

    def _learn(self, x: np.ndarray) -> Statistics:
        """The batch's statistics, after the running ones have moved towards them."""
        batch = steps.batch_statistics(x, self._reduced())
        moved = steps.update_running(self._running(), batch, self.momentum)
        finite = (np.isfinite(batch.mean) & np.isfinite(batch.var)).reshape(-1)
        self.moving_mean = np.where(finite, moved.mean.reshape(-1), self.moving_mean)
        self.moving_variance = np.where(finite, moved.var.reshape(-1), self.moving_variance)
        return batch

    def _running(self) -> Statistics:
        return Statistics(self._along_axis(self.moving_mean), self._along_axis(self.moving_variance))

    def _affine(self) -> tuple[np.ndarray, np.ndarray]:
        """gamma and beta ready to broadcast; ones and zeros where the layer has none."""
        gamma = self.gamma if self.scale else np.ones_like(self.moving_mean)
        beta = self.beta if self.center else np.zeros_like(self.moving_mean)
        return self._along_axis(gamma), self._along_axis(beta)

    def _along_axis(self, weight: np.ndarray) -> np.ndarray:
        shape = [1] * len(self._input_shape)
        shape[self.axis] = -1
        return weight.reshape(shape)

    def _reduced(self) -> tuple[int, ...]:
        rank = len(self._input_shape)
        return tuple(axis for axis in range(rank) if axis != self.axis % rank)


def _initial(name: str, initializer: Initializer, shape: tuple[int, ...]) -> np.ndarray:
    """A weight's first value. Raises ValueError for an unknown name or a function's result of another shape."""
    if isinstance(initializer, str):
        if initializer not in INITIALIZERS:
            raise ValueError(f"{name}_initializer must be one of {', '.join(INITIALIZERS)} or a function of the shape")
        initializer = INITIALIZERS[initializer]
    return _weight(name, initializer(shape), shape)


def _weight(name: str, values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """`values` as a float64 array of the layer's own. Raises ValueError where the shape is another."""
    array = np.array(values, dtype=np.float64)
    if array.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}; got {array.shape}")
    return array
