"""The layers of the lanes that Keras does not have, or that tell what they saw. With the worker, imports Keras."""

from __future__ import annotations

from typing import Any

import keras

SHIFT = (-0.5, 0.5)
SCALE = (1.0, 1.25)
RENORM_CLIPPING = {"rmin": 1 / 3, "rmax": 3.0, "dmax": 5.0}
"""Batch renorm's bounds: those that Ioffe (2017, section 4) reaches after his ramp, here fixed from the first step."""


class BatchNorm(keras.layers.BatchNormalization):
    """Keras's own layer, which tells of the batch that it was last trained on.

    seen: its mean and variance (units,). besides: by name what else changed its values, each (units,): batch renorm's
    "r" and "d", noisy batch norm's "scale" and "shift".
    """

    seen: tuple[Any, Any] | None = None
    besides: tuple[tuple[str, Any], ...] = ()

    def _moments(self, inputs: Any, mask: Any) -> tuple[Any, Any]:
        # So that instruments need not compute the moments a second time.
        self.seen = super()._moments(inputs, mask)
        return self.seen

    def _renorm_correction_and_moments(self, mean: Any, variance: Any) -> tuple[Any, ...]:
        r, d, *moments = super()._renorm_correction_and_moments(mean, variance)
        self.besides = ("r", r), ("d", d)
        return r, d, *moments


class NoisyBatchNorm(BatchNorm):
    """Batch norm whose output is scaled and shifted at random in each training step, in the manner of Santurkar et al.
    2018, section 2.2: after the layer and anew in every step, so that what batch norm evened out is uneven again.

    Each unit is multiplied by a draw from U(1, 1.25), then moved by one from U(−0.5, 0.5), the same for the whole batch
    (the paper draws for each example as well). `seed` is the shift's, `seed` + 1 the scale's. Inference is plain.
    """

    def __init__(self, *, seed: int, **given: Any) -> None:
        super().__init__(**given)
        self.shift_seed = keras.random.SeedGenerator(seed)
        self.scale_seed = keras.random.SeedGenerator(seed + 1)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        outputs = super().call(inputs, training=training, mask=mask)
        if not training:
            return outputs
        shape = (inputs.shape[-1],)
        scale = keras.random.uniform(shape, *SCALE, seed=self.scale_seed)
        shift = keras.random.uniform(shape, *SHIFT, seed=self.shift_seed)
        self.besides = ("scale", scale), ("shift", shift)
        return outputs * scale + shift


def seeds(layer: keras.layers.Layer) -> list[keras.random.SeedGenerator]:
    """The seed generators of a layer, each of which draws once in a training step."""
    return [own for own in vars(layer).values() if isinstance(own, keras.random.SeedGenerator)]


def groups(units: int) -> int:
    """How many groups group norm makes: the most, up to 8, that divide the units into equal groups of 2 or more."""
    return max([count for count in range(1, 9) if units % count == 0 and units // count >= 2], default=1)
