"""Everything about a training run that is decided before it starts, in NumPy: data, batches, what is recorded when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bn_core import datasets
from training.settings import Settings

LANES = ("without", "with")
"""The two networks, in the order in which every record lists them: without and with batch normalization."""

MOST_STEPS = 20_000
MOST_POINTS = 1_000
MOST_VALIDATIONS = 100
WATCHED_SECONDS, LONGEST_PAUSE = 20.0, 0.05
TRAIN_SHARE = 0.75
POINTS = 800
GRID = 48
"""Points along each side of the decision-boundary picture."""


@dataclass(frozen=True)
class Plan:
    """A run, ready to be carried out.

    x (n, features) float32 and y (n,) int32, to train and to validate on; batches (steps, batch_size) int32: the rows
    of `x` that each step sees, a fresh shuffle every epoch, the incomplete last batch left out; `epochs` may be fewer
    than asked for (MOST_STEPS). Every `record_every`-th step becomes a point of the curves, every `validate_every`-th
    epoch is validated. `pause` is how many seconds a step should last at least.
    """

    settings: Settings
    x: np.ndarray
    y: np.ndarray
    x_valid: np.ndarray
    y_valid: np.ndarray
    classes: int
    batches: np.ndarray
    steps_per_epoch: int
    epochs: int
    record_every: int
    validate_every: int
    pause: float

    @property
    def steps(self) -> int:
        return len(self.batches)

    @property
    def grid(self) -> np.ndarray | None:
        """The points (GRID · GRID, 2) at which the decision of a 2-D set is drawn, row by row; None for the digits."""
        return mesh() if self.x.shape[1] == 2 else None

    def validation_steps(self) -> range:
        """After how many steps the networks are validated: every so many epochs. The end of the run is extra."""
        every = self.steps_per_epoch * self.validate_every
        return range(every, self.steps, every)


def make(settings: Settings) -> Plan:
    """The run that the settings describe; the same settings always give the same run."""
    (x, y), (x_valid, y_valid), classes = data(settings)
    per_epoch = len(x) // settings.batch_size
    epochs = min(settings.epochs, max(1, MOST_STEPS // per_epoch))
    steps = epochs * per_epoch
    return Plan(
        settings,
        *(x, y, x_valid, y_valid, classes),
        batches=shuffled(len(x), settings.batch_size, epochs, settings.seed),
        steps_per_epoch=per_epoch,
        epochs=epochs,
        record_every=-(-steps // MOST_POINTS),
        validate_every=-(-epochs // MOST_VALIDATIONS),
        pause=min(WATCHED_SECONDS / steps, LONGEST_PAUSE) if settings.pace == "slow" else 0.0,
    )


def data(settings: Settings) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray], int]:
    """((x, y) to train on, (x, y) to validate on, number of classes); digits as 64 pixels from 0 to 1."""
    if settings.data == "digits":
        pixels, y = datasets.digits()
        x = pixels / 16.0
    else:
        x, y = datasets.points(settings.data, POINTS, settings.noise, settings.seed)
    parts = datasets.split(x.astype(np.float32), y.astype(np.int32), TRAIN_SHARE, settings.seed)
    return *parts, int(y.max()) + 1


def shuffled(n: int, batch_size: int, epochs: int, seed: int) -> np.ndarray:
    """Row numbers (epochs · (n // batch_size), batch_size): every epoch shuffles anew and leaves out the remainder."""
    rng = np.random.default_rng(seed)
    whole = n // batch_size * batch_size
    return np.concatenate([rng.permutation(n)[:whole].reshape(-1, batch_size) for _ in range(epochs)]).astype(np.int32)


def mesh() -> np.ndarray:
    """GRID × GRID points over the square ±2, where the 2-D sets live: (GRID · GRID, 2) float32, y changing slowest."""
    side = np.linspace(-2.0, 2.0, GRID, dtype=np.float32)
    across, up = np.meshgrid(side, side)
    return np.stack([across.ravel(), up.ravel()], axis=1)


def score(logits: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Mean cross-entropy in nats and accuracy of logits (n, classes) for the labels y (n,)."""
    z = logits.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        z = z - z.max(axis=1, keepdims=True)
        loss = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]
    return float(loss.mean()), float((logits.argmax(axis=1) == y).mean())
