"""What a training run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass

from bn_core.experiments.settings import check, choice, integer, number

LEARNING_RATES = (*(float(f"{digit}e{power}") for power in range(-4, 1) for digit in (1, 2, 3, 5)), 10.0)
BATCH_SIZES = (2, 4, 8, 16, 32, 64, 128, 256)
"""What the controls offer; anything within the fields' ranges may come from the URL."""


@dataclass(frozen=True)
class Settings:
    """Two networks, without and with batch norm, trained on the same batches. Raises ValueError for a bad value.

    noise is the deviation of the points of the 2-D sets (the digits ignore it); placement says where the batch norm
    stands relative to the activation; momentum is Keras's (the share of the old running statistic that is kept); pace
    is slow enough to watch, or as fast as it can.
    """

    data: str = choice("digits", "digits", "moons", "circles", "spirals", "xor")
    learning_rate: float = number(0.1, 1e-4, 10.0)
    batch_size: int = integer(64, 2, 256)
    epochs: int = integer(30, 1, 200)
    layers: int = integer(4, 1, 6)
    width: int = integer(32, 1, 64)
    activation: str = choice("relu", "relu", "tanh", "sigmoid")
    placement: str = choice("before", "before", "after")
    momentum: float = number(0.99, 0.0, 0.999)
    noise: float = number(0.1, 0.0, 0.5)
    seed: int = integer(0, 0, 9999)
    pace: str = choice("slow", "slow", "fast")

    def __post_init__(self) -> None:
        check(self)
