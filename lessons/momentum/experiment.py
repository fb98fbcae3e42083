"""What running statistics remember of a stream of batches, and what `momentum` leaves unchanged."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from bn_core.layer import BatchNormalization
from bn_core.running import START, batch_weights, half_life, running_statistics, start_share
from bn_core.steps import Statistics, normalize
from lessons.fields import Checked, choice, integer, number
from lessons.momentum import streams
from lessons.table import Answers

EPSILON = 1e-3  # Keras's default, in both conventions: only the meaning of `momentum` is compared here
TOLERANCE = 0.1  # a total error below this share of the spread (or of the variance) counts as none
FORGOTTEN, CALM = 0.01, 0.2  # the check's goal: the start value's share, and the wobble over a single batch's

NEW_WEIGHTS = np.array([float(f"{10 ** (-step / 20):.2g}") for step in range(61)])
MOMENTA = np.round(1 - NEW_WEIGHTS, 5)
"""The grid of the dragged control, 0 to 0.999: evenly spaced in log(1 − momentum), with all of LANDMARKS."""
LANDMARKS = (0.0, 0.5, 0.9, 0.99, 0.999)
MARKS = {"article": 0.0, "torch.{convention}": 0.9, "keras.{convention}": 0.99}
"""Momenta, in Keras's meaning, with a label under the control."""
VERDICTS = ("last", "settled", "filling", "small", "start", "stale", "noisy", "biased")


@dataclass(frozen=True)
class Settings(Checked):
    """A stream of batches and the average kept of it. `momentum` has Keras's meaning: the share of the old average."""

    momentum: float = number(0.99, 0, 0.999)
    convention: str = choice("Keras", "Keras", "PyTorch")
    stream: str = choice("steady", *streams.STREAMS)
    statistic: str = choice("mean", "mean", "variance")
    batch_size: int = integer(16, 2, 256)
    steps: int = integer(100, 20, 500)
    mean: float = number(2.0, -5, 5)
    sd: float = number(1.5, 0.1, 5)
    factor: float = number(2.0, 0.1, 4)
    sample: float = number(4.0, -10, 10)
    seed: int = integer(3, 0, 999)

    @property
    def unbiased(self) -> bool:
        """Whether the stored variance is divided by B − 1, as PyTorch's is, and not by B, as Keras's is."""
        return self.convention == "PyTorch"

    def shown(self, statistics: Statistics) -> np.ndarray:
        """The mean or the variance, whichever the reader looks at."""
        return statistics.mean if self.statistic == "mean" else statistics.var


@dataclass(frozen=True)
class Result(Answers):
    """What n batches leave behind. `…` is nothing for `run` and one axis, the momenta, for `sweep`.

    batch, true, expected: Statistics of (n,): what each batch adds to the average, what it was drawn from, and what
    such a batch adds on average. running: Statistics of (…, n + 1), from the start value on.
    weights (…, n), start_share (…): what the last running statistic is made of. half_life (…): in batches.
    wobble (…), batch_wobble: standard deviation of the last running and of the last batch statistic over all draws.
    training_output (n,), inference_output (…, n + 1), true_output (n,): what the watched value becomes.
    training_difference: largest difference between the training outputs of real layers at the momenta of LANDMARKS.
    """

    settings: Settings
    momentum: np.ndarray
    batch: Statistics
    true: Statistics
    expected: Statistics
    running: Statistics
    weights: np.ndarray
    start_share: np.ndarray
    half_life: np.ndarray
    wobble: np.ndarray
    batch_wobble: float
    training_output: np.ndarray
    inference_output: np.ndarray
    true_output: np.ndarray
    training_difference: float

    def only(self, step: int) -> Result:
        """One step of a sweep, as a sweep with a single step."""
        here = slice(step, step + 1)
        swept = ("momentum", "weights", "start_share", "half_life", "wobble", "inference_output")
        running = Statistics(self.running.mean[here], self.running.var[here])
        return dataclasses.replace(self, running=running, **{name: getattr(self, name)[here] for name in swept})

    @property
    def facts(self) -> dict[str, object]:
        """The numbers that a sentence may quote about a sweep, after the last batch: one value or (steps,)."""
        shown, keras = self.settings.shown, self.settings.convention == "Keras"
        share = [f"{in_convention(each, self.settings.convention):g}" for each in self.momentum]
        rest = [f"(1 − {each})" for each in share]
        return {
            **{name: getattr(self.settings, name) for name in ("statistic", "sample", "batch_size")},
            "batches": self.settings.steps,
            "old": share if keras else rest,
            "new": rest if keras else share,
            "start": shown(START),
            "start_share": self.start_share,
            "half_life": self.half_life,
            "wobble": self.wobble,
            "batch_wobble": self.batch_wobble,
            "batch": shown(self.batch)[-1],
            "running": shown(self.running)[:, -1],
            "true": shown(self.true)[-1],
            "expected": shown(self.expected)[-1],
            "inference": self.inference_output[:, -1],
            "training": self.training_output[-1],
            "ideal": self.true_output[-1],
            "difference": self.training_difference,
        }

    @property
    def truth(self) -> np.ndarray:
        """The running statistic (…, marks) at the marks of the reader's prediction."""
        return self.settings.shown(self.running)[..., streams.marked(self.settings.steps)]

    @property
    def shares(self) -> np.ndarray:
        """The percentages (…, n + 1) that make up the last running statistic: the start value's, then every batch's."""
        return 100 * np.concatenate([self.start_share[..., None], self.weights], axis=-1)

    @property
    def relative_weights(self) -> np.ndarray:
        """The weight (…, n) of every batch over that of the newest batch."""
        return self.weights / self.weights[..., -1:]

    @property
    def reached(self) -> np.ndarray:
        """Whether (…) the start value is forgotten and the wobble calm: the goal of the check question."""
        return (self.start_share < FORGOTTEN) & (self.wobble < CALM * self.batch_wobble)

    @property
    def verdict(self) -> np.ndarray:
        """The main reason (…) why the last running statistic is not the true one; "settled" where there is no error.

        "filling": old batches, though the start value has more than half the weight. "small": noise, though the average
        is over so many batches that it would be calm if each batch's noise were the same.
        """
        names, errors = np.array(list(self.errors)), np.stack(list(self.errors.values()))
        spread = np.sqrt(self.true.var[-1]) if self.settings.statistic == "mean" else self.true.var[-1]
        worst = names[np.argmax(errors, axis=0)]
        cases = {
            "last": self.momentum == 0,
            "settled": np.sum(errors, axis=0) < TOLERANCE * spread,
            "filling": (worst == "stale") & (self.half_life > self.settings.steps),
            "small": (worst == "noisy") & (np.sqrt(np.sum(self.weights**2, axis=-1)) < CALM),
        }
        return np.select(list(cases.values()), list(cases), worst)

    @property
    def errors(self) -> dict[str, np.ndarray]:
        """The parts (…) of the last running statistic's expected error: start value, old batches, noise, divisor."""
        expected, true = self.settings.shown(self.expected), self.settings.shown(self.true)
        return {
            "start": np.abs(self.start_share * (self.settings.shown(START) - expected[-1])),
            "stale": np.abs(self.weights @ (expected - expected[-1])),
            "noisy": self.wobble,
            "biased": np.full(self.momentum.shape, np.abs(expected[-1] - true[-1])),
        }


def run(settings: Settings) -> Result:
    """The running statistics of the stream at one momentum."""
    return _result(settings, np.asarray(settings.momentum))


def printed(settings: Settings) -> dict[str, list[float]]:
    """The numbers that the script prints, by the beginning of their line, under the chosen framework's rule."""
    result = run(settings)
    mean, var, inference = result.running.mean[-1], result.running.var[-1], result.inference_output[-1]
    value, own = f"{settings.sample:g}", f"PyTorch's rule, momentum={1 - settings.momentum:.5g}:"
    of_keras = {"running mean:": [mean], "running variance:": [var], f"inference output of {value}:": [inference]}
    of_torch = {own: [mean, var], f"PyTorch's rule, inference output of {value}:": [inference]}
    return {
        "start value left:": [result.start_share],
        f"training output of {value}:": [result.training_output[-1]],
        "training outputs against momentum=0.0 differ by:": [result.training_difference],
        **(of_torch if settings.unbiased else of_keras),
    }


def sweep(settings: Settings, control: str, values: np.ndarray) -> Result:
    """The running statistics at all `values` of the control "momentum". Raises ValueError for another control."""
    if control != "momentum":
        raise ValueError(f"only momentum is swept; got {control!r}")
    return _result(settings, np.asarray(values, dtype=float))


def step_of(momentum: float) -> int:
    """The step of MOMENTA nearest to `momentum` on the control's scale."""
    return int(np.argmin(np.abs(np.log(NEW_WEIGHTS) - np.log(1 - momentum))))


def in_convention(momentum: float, convention: str) -> float:
    """The momentum in Keras's or PyTorch's convention: the share of the old average, or that of the new batch."""
    return float(momentum if convention == "Keras" else np.round(1 - momentum, 5))


def training_difference(x: np.ndarray, momenta: tuple[float, ...] = LANDMARKS) -> float:
    """The largest difference between training outputs of layers that differ only in momentum, on batches x (n, B).

    Each batch is its own channel, which is quick; the second call has the batches in reverse order, so the layers'
    running statistics differ by then, and each channel has those of another batch.
    """
    outputs = []
    for momentum in momenta:
        layer = BatchNormalization(momentum=momentum, epsilon=EPSILON)
        outputs.append([layer(batches.T, training=True) for batches in (x, x[::-1])])
    return float(np.max(np.ptp(outputs, axis=0)))


def _result(settings: Settings, momentum: np.ndarray) -> Result:
    scale = streams.scale(settings.stream, settings.steps, settings.factor)
    x = streams.draw(scale, settings.batch_size, settings.mean, settings.sd, settings.seed)
    true = streams.true_statistics(scale, settings.mean, settings.sd)
    expected = streams.expected(true, settings.batch_size, settings.unbiased)
    noise = settings.shown(streams.noise(expected, true, settings.batch_size))
    batch = streams.stored_statistics(x, settings.unbiased)
    running = running_statistics(batch, momentum)
    weights = batch_weights(momentum, settings.steps)
    return Result(
        settings=settings,
        momentum=momentum,
        batch=batch,
        true=true,
        expected=expected,
        running=running,
        weights=weights,
        start_share=start_share(momentum, settings.steps),
        half_life=half_life(momentum),
        wobble=np.sqrt(weights**2 @ noise**2),
        batch_wobble=float(noise[-1]),
        training_output=_output(settings, streams.stored_statistics(x, unbiased=False)),
        inference_output=_output(settings, running),
        true_output=_output(settings, true),
        training_difference=training_difference(x),
    )


def _output(settings: Settings, statistics: Statistics) -> np.ndarray:
    """The watched value normalized with these statistics (in training with the biased variance)."""
    return normalize(np.asarray(settings.sample), statistics.mean, statistics.var, EPSILON)
