"""`python -m benchmarks.numerics`: how far float32 results lie from the truth, ours beside those of the frameworks.

Relative errors of mean, variance and output in training mode, as `benchmarks.cases.Errors` defines them. The truth is
computed in extended precision from the very float32 values that everyone gets. Mean and variance are what the layer
stores when it keeps nothing of the old ones: float64 with us, float32 with the frameworks. Keras runs on TensorFlow;
PyTorch and Flax are shown where they are installed. Ours is "best" where no error is smaller, "tied" where it exceeds
the smallest by at most 2⁻²⁴ = 6e-8, which is what rounding a number to float32 may cost.
"""

from __future__ import annotations

import importlib.util
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks import cases
from benchmarks.cases import EPSILON, ROUNDING, Case, Contender, Errors, Normalized
from bn_core import BatchNormalization

WIDTH = 46


def ours(case: Case) -> Normalized:
    layer = BatchNormalization(axis=case.axis, momentum=0.0, epsilon=EPSILON)
    return trained(layer, case)


def of_keras(case: Case) -> Normalized:
    import keras

    layer = keras.layers.BatchNormalization(axis=case.axis, momentum=0.0, epsilon=EPSILON)
    return trained(layer, case)


def trained(layer, case: Case) -> Normalized:
    """One training call of our layer or Keras's."""
    layer.build(case.x.shape)
    zeros = np.zeros_like(case.gamma)
    layer.set_weights([case.gamma, case.beta, zeros, zeros])
    y = layer(case.x, training=True)
    return result(*layer.get_weights()[2:], y)


def of_torch(case: Case) -> Normalized:
    import torch

    with_channels_second = np.moveaxis(case.x, case.axis, 1)
    if min(with_channels_second.strides) < 0:
        with_channels_second = with_channels_second.copy()  # PyTorch has no negative strides
    x = torch.from_numpy(with_channels_second)
    layer = (torch.nn.BatchNorm1d if x.ndim == 2 else torch.nn.BatchNorm2d)(x.shape[1], eps=EPSILON, momentum=1.0)
    with torch.no_grad():
        layer.weight[:], layer.bias[:] = torch.from_numpy(case.gamma), torch.from_numpy(case.beta)
        y = layer(x).numpy()
    n = case.x.size // len(case.gamma)
    var = layer.running_var.numpy().astype(np.float64) * (n - 1) / n  # what it stores is divided by n - 1
    return result(layer.running_mean.numpy(), var, np.moveaxis(y, 1, case.axis))


def of_flax(case: Case) -> Normalized:
    from flax import linen

    layer = linen.BatchNorm(use_running_average=False, axis=case.axis, momentum=0.0, epsilon=EPSILON)
    zeros = np.zeros_like(case.gamma)
    weights = {"params": {"scale": case.gamma, "bias": case.beta}, "batch_stats": {"mean": zeros, "var": zeros}}
    y, stored = layer.apply(weights, case.x, mutable=["batch_stats"])
    return result(stored["batch_stats"]["mean"], stored["batch_stats"]["var"], y)


def result(mean, var, y) -> Normalized:
    return Normalized(*(np.asarray(array, dtype=np.float64) for array in (mean, var, y)))


FRAMEWORKS: dict[str, tuple[str, Contender]] = {
    "Keras": ("keras", of_keras),
    "PyTorch": ("torch", of_torch),
    "Flax": ("flax", of_flax),
}


def contenders() -> dict[str, Contender]:
    """Ours first, then the frameworks that are installed."""
    installed = {name: run for name, (module, run) in FRAMEWORKS.items() if importlib.util.find_spec(module)}
    return {"ours": ours} | installed


def errors(case: Case, run: Contender) -> Errors:
    with np.errstate(over="ignore", invalid="ignore"):
        return cases.errors(run(case), cases.truth(case), case.axis)


def verdict(shares: list[float]) -> str:
    """The verdict on our error, the first of `shares`: "best", "tied" or "WORSE" than another framework's."""
    return "best" if shares[0] <= min(shares) else "tied" if shares[0] <= min(shares) + ROUNDING else "WORSE"


def main() -> int:
    """Print the table; returns 1 if ours is worse than another somewhere."""
    runs = contenders()
    print(__doc__.partition("\n\n")[2])
    print(f"{'':{WIDTH}}{'of':6}" + "".join(f"{name:>10}" for name in runs))
    verdicts = []
    for case in cases.cases():
        table = [errors(case, run) for run in runs.values()]
        for place, quantity in enumerate(Errors._fields):
            shares = [row[place] for row in table]
            verdicts.append(verdict(shares))
            label = case.name if place == 0 else ""
            numbers = "".join(f"{share:10.1e}" for share in shares)
            print(f"{label:{WIDTH}}{quantity:6}{numbers}  {verdicts[-1]}")
    print("\n" + ", ".join(f"{verdicts.count(word)} {word}" for word in ("best", "tied", "WORSE")))
    return int("WORSE" in verdicts)


if __name__ == "__main__":
    sys.exit(main())
