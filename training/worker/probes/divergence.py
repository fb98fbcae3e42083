"""Where the numbers of a diverging lane were first not finite."""

from __future__ import annotations

import numpy as np

from training.worker.probes.film import Inspection


def first_beyond(look: Inspection) -> tuple[str, int] | None:
    """The first (where, layer) that was not finite in the step that `look` saw; None where all was finite.

    In the order of the step: activations from the input on, the loss, gradients from the output back, weights after the
    update from the input on. layer counts hidden layers from 0; the output layer comes last, with the loss.
    """
    output = len(look["seen"])
    for layer, pair in enumerate(look["seen"]):
        if not all(np.isfinite(values).all() for values in pair):
            return "activation", layer
    if not np.isfinite(look["logits"]).all():
        return "activation", output
    if not np.isfinite(look["loss"]):
        return "loss", output
    after = look["weights"] + look["update"]
    for where, values, order in (("gradient", look["gradient"], -1), ("weight", after, 1)):
        for name, begin, end in look["layout"][::order]:
            if not np.isfinite(values[begin:end]).all():
                return where, number_of(name, output)
    return None


def gradient_norms(look: Inspection) -> list[float]:
    """The norm of each layer's kernel gradient: hidden layers first, then the output layer."""
    return [norm(look["gradient"][begin:end]) for name, begin, end in look["layout"] if name.endswith(".kernel")]


def norm(values: np.ndarray) -> float:
    """The Euclidean norm, summed in float64."""
    with np.errstate(over="ignore", invalid="ignore"):
        wide = values.astype(np.float64)
        return float(np.sqrt(wide @ wide))


def number_of(name: str, output: int) -> int:
    """The layer that a weight "hidden_3.kernel", "norm_3.gamma" or "output.bias" belongs to."""
    stage = name.partition(".")[0]
    return output if stage == "output" else int(stage.rpartition("_")[2])
