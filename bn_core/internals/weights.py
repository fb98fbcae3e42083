"""The layer's weights: creation, get and set, regularizers, and constraints."""

from __future__ import annotations

import numpy as np

from bn_core.internals import arguments, by_name, ranges
from bn_core.internals.arguments import Constraint, Initializer, Regularizer

Array = np.ndarray

NOT_BUILT = "the layer has no weights yet: call build(shape) first"
SPREADS = ("moving_variance", "moving_stddev", "renorm_stddev")
"""The statistics that are never below 0."""


class _Running:
    """A row of the running statistics as an attribute. All share one array, so that they are updated in one step.

    Assigned values are checked; values written into a row in place are not.
    """

    def __init__(self, row: int) -> None:
        self.row = row

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, layer: Weights, owner: type | None = None) -> Array | None:
        running = layer._running
        return None if running is None or self.row >= len(running) else running[self.row]

    def __set__(self, layer: Weights, values: Array) -> None:
        if layer._running is None:
            raise ValueError(NOT_BUILT)
        if self.row >= len(layer._running):
            raise ValueError("moving_stddev, renorm_mean and renorm_stddev need renorm=True")
        if self.name in SPREADS:
            ranges.variance(self.name, values)
        layer._running = layer._running.copy()  # so that a reference to the old row keeps the old values
        layer._running[self.row] = values


class Weights:
    """What `BatchNormalization` keeps between calls: float64 arrays (channels,), or None where the layer has none."""

    axis: int
    center: bool
    scale: bool
    renorm: bool
    trainable: bool
    beta_initializer: Initializer
    gamma_initializer: Initializer
    moving_mean_initializer: Initializer
    moving_variance_initializer: Initializer
    beta_regularizer: Regularizer | None
    gamma_regularizer: Regularizer | None
    beta_constraint: Constraint | None
    gamma_constraint: Constraint | None

    gamma: Array | None = None
    beta: Array | None = None
    moving_mean = _Running(0)
    moving_variance = _Running(1)
    moving_stddev = _Running(2)
    renorm_mean = _Running(3)
    renorm_stddev = _Running(4)
    _rank: int | None = None
    _running: Array | None = None  # (2 or, with renorm, 5, channels)

    @property
    def built(self) -> bool:
        """Whether the weights exist, that is, the number of channels is known."""
        return self._rank is not None

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create the weights for inputs of `shape`, of which only the number of channels must be known.

        Raises ValueError for a wrong shape, and where an initializer returns a wrong shape or a variance below 0.
        """
        rank = len(shape)
        if not 2 <= rank <= 5:
            raise ValueError(f"the input must have 2 to 5 axes; got the shape {tuple(shape)}")
        if not -rank <= self.axis < rank:
            raise ValueError(f"axis {self.axis} does not exist in an input of shape {tuple(shape)}")
        channels = shape[self.axis]
        if not channels:
            raise ValueError(f"axis {self.axis} holds the channels and needs a known length; got {tuple(shape)}")
        first = {name: self._initial(name, (channels,)) for name in self._weight_names()}
        self._running = np.empty((5 if self.renorm else 2, channels))
        for name, values in first.items():
            setattr(self, name, values)
        self._rank = rank

    def _fit(self, shape: tuple[int, ...]) -> None:
        """Build on the first call; afterwards, raise ValueError where rank or number of channels differ."""
        if self._rank is None:
            self.build(shape)
        if len(shape) != self._rank or shape[self.axis] != self._running.shape[1]:
            raise ValueError(
                f"the layer was built for {self._rank} axes with {self._running.shape[1]} channels "
                f"on axis {self.axis}; got the shape {shape}"
            )

    @property
    def losses(self) -> list[float]:
        """The regularizers' penalties for gamma and beta, in this order; empty while frozen, as in Keras."""
        pairs = [(self.gamma_regularizer, self.gamma), (self.beta_regularizer, self.beta)]
        used = [(function, weight) for function, weight in pairs if function is not None and weight is not None]
        return [function(weight) for function, weight in used] if self.trainable else []

    def apply_constraints(self) -> None:
        """Apply the constraints to gamma and beta: for an optimizer, after each of its steps. Not while frozen."""
        for name in self._affine_names() if self.trainable else ():
            constraint = getattr(self, f"{name}_constraint")
            if constraint is not None:
                setattr(self, name, arguments.weight(name, constraint(getattr(self, name)), self.moving_mean.shape))

    def get_weights(self) -> list[Array]:
        """Copies of gamma, beta, moving_mean, moving_variance, in this order, without those the layer does not have.

        With renorm, moving_stddev, renorm_mean and renorm_stddev follow.
        """
        return [getattr(self, name).copy() for name in self._weight_names()] if self.built else []

    def set_weights(self, weights: list[Array]) -> None:
        """Take over arrays in the order of `get_weights`.

        Raises ValueError where number or shapes differ, or a variance or std is below 0; all weights are then
        unchanged.
        """
        if not self.built:
            raise ValueError(NOT_BUILT)
        names = self._weight_names()
        if len(weights) != len(names):
            raise ValueError(f"expected {len(names)} weights ({', '.join(names)}); got {len(weights)}")
        shape = self.moving_mean.shape
        arrays = [_checked(name, weight, shape) for name, weight in zip(names, weights, strict=True)]
        for name, array in zip(names, arrays, strict=True):
            setattr(self, name, array)

    def _keep(self, kind: str, *given: Initializer | Regularizer | Constraint | None) -> None:
        """Store functions of one kind: for beta, gamma and, if initializers, moving_mean and moving_variance.

        None stays None, except for initializers. Raises ValueError.
        """
        for weight, value in zip(("beta", "gamma", "moving_mean", "moving_variance"), given, strict=False):
            name = f"{weight}_{kind}"
            absent = value is None and kind != "initializer"
            setattr(self, name, None if absent else by_name.looked_up(name, kind, value))

    def _affine_names(self) -> list[str]:
        return ["gamma"] * self.scale + ["beta"] * self.center

    def _weight_names(self) -> list[str]:
        renorm = ["moving_stddev", "renorm_mean", "renorm_stddev"] * self.renorm
        return [*self._affine_names(), "moving_mean", "moving_variance", *renorm]

    def _initial(self, name: str, shape: tuple[int, ...]) -> Array:
        """A weight's first value; stds start as the root of the variance, renorm's mean as the running one."""
        if name.endswith("stddev"):
            return np.sqrt(self._initial("moving_variance", shape))
        initializer = getattr(self, f"{name.replace('renorm', 'moving')}_initializer")
        return _checked(name, initializer(shape), shape)


def _checked(name: str, values: Array, shape: tuple[int, ...]) -> Array:
    array = arguments.weight(name, values, shape)
    return ranges.variance(name, array) if name in SPREADS else array
