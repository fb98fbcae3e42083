"""The training lesson's few settings, and the run for them: without and with batch norm, on the same batches."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from lessons.fields import Checked, choice, integer, number
from training.spec import settings as studio

LEARNING_RATES = tuple(rate for rate in studio.LEARNING_RATES if rate >= 1e-4)
BATCH_SIZES = (2, 4, 8, 16, 32, 64, 128, 256)
"""The options of the control; the URL may hold any value within the fields' ranges."""


@dataclass(frozen=True)
class Settings(Checked):
    """Two networks, without and with batch norm, trained on the same batches. Raises ValueError for a bad value.

    noise is the std of the points of the 2-D sets (the digits ignore it); placement says where batch norm is relative
    to the activation; momentum is Keras's (the share of the old running statistic that is kept).
    """

    data: str = choice("digits", "digits", "moons", "circles", "spirals", "xor")
    learning_rate: float = number(0.5, 1e-4, 10.0)
    batch_size: int = integer(64, 2, 256)
    epochs: int = integer(30, 1, 200)
    layers: int = integer(4, 1, 6)
    width: int = integer(32, 1, 64)
    activation: str = choice("relu", "relu", "tanh", "sigmoid")
    placement: str = choice("before", "before", "after")
    momentum: float = number(0.99, 0.0, 0.999)
    noise: float = number(0.1, 0.0, 0.5)
    seed: int = integer(0, 0, 9999)

    def studio(self) -> studio.Settings:
        """The settings of the run, for the training engine."""
        shared = {name: value for name, value in dataclasses.asdict(self).items() if name != "placement"}
        return studio.Settings(**shared, lane_1="none", lane_2=self.placement)

    @classmethod
    def of(cls, run: studio.Settings) -> Settings:
        """The lesson's settings that belong to `run`."""
        names = [field.name for field in dataclasses.fields(cls) if field.name != "placement"]
        return cls(**{name: getattr(run, name) for name in names}, placement=run.lane_2)


REACHING = Settings(batch_size=2, epochs=10, learning_rate=0.05)
"""The settings that reach the lesson's goal by its hint."""
