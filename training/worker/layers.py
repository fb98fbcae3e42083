"""Layers that Keras does not have, or that keep the statistics of their last batch. Imports Keras."""

from __future__ import annotations

from typing import Any

import keras

SHIFT, SCALE = 0.5, 0.25
"""Noisy batch norm: the most by which units, and then single values, are shifted and scaled."""
RENORM_CLIPPING = {"rmin": 1 / 3, "rmax": 3.0, "dmax": 5.0}
"""Batch renorm's bounds: the final ones of Ioffe (2017, section 4), used from the first step on."""


class BatchNorm(keras.layers.BatchNormalization):
    """Keras's own layer, which also keeps the statistics of its last training batch.

    seen: the batch's mean and variance (units,). besides: other factors on the values, by name: batch renorm's "r" and
    "d" (units,), noisy batch norm's "scale" and "shift", one for each value.
    """

    seen: tuple[Any, Any] | None = None
    besides: tuple[tuple[str, Any], ...] = ()

    def _moments(self, inputs: Any, mask: Any) -> tuple[Any, Any]:
        # Kept, so that the moments are not computed a second time.
        self.seen = super()._moments(inputs, mask)
        return self.seen

    def _renorm_correction_and_moments(self, mean: Any, variance: Any) -> tuple[Any, ...]:
        r, d, *moments = super()._renorm_correction_and_moments(mean, variance)
        self.besides = ("r", r), ("d", d)
        return r, d, *moments


class NoisyBatchNorm(BatchNorm):
    """Batch norm whose output is scaled and shifted at random in each training step, similar to Santurkar et al. 2018,
    section 2.1: each value of each example has its own draws, from a distribution that changes in every step.

    Each step draws for each unit a mean scale from U(1, 1.25) and a mean shift from U(−0.5, 0.5). Around these each
    value draws its own, ± 0.25 and ± 0.5, because the next batch norm would remove what all values of a batch share.
    `seed` and `seed` + 1 are for the units' shifts and scales, `seed` + 2 and `seed` + 3 for the values'. Inference is
    plain.
    """

    def __init__(self, *, seed: int, **given: Any) -> None:
        super().__init__(**given)
        self.unit_shift, self.unit_scale, self.value_shift, self.value_scale = (
            keras.random.SeedGenerator(seed + number) for number in range(4)
        )

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        outputs = super().call(inputs, training=training, mask=mask)
        if not training:
            return outputs
        units, values = inputs.shape[-1:], keras.ops.shape(inputs)
        scale = keras.random.uniform(units, 1, 1 + SCALE, seed=self.unit_scale)
        scale += keras.random.uniform(values, -SCALE, SCALE, seed=self.value_scale)
        shift = keras.random.uniform(units, -SHIFT, SHIFT, seed=self.unit_shift)
        shift += keras.random.uniform(values, -SHIFT, SHIFT, seed=self.value_shift)
        self.besides = ("scale", scale), ("shift", shift)
        return outputs * scale + shift


def seeds(layer: keras.layers.Layer) -> list[keras.random.SeedGenerator]:
    """The seed generators of a layer, each of which draws once in a training step."""
    return [own for own in vars(layer).values() if isinstance(own, keras.random.SeedGenerator)]


def groups(units: int) -> int:
    """The number of groups in group norm: the most, up to 8, that divide the units into equal groups of 2 or more."""
    return max([count for count in range(1, 9) if units % count == 0 and units // count >= 2], default=1)
