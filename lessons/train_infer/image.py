"""One held-out image: its x_hat in a unit of the first batch norm, and the net's probabilities, in both modes.

layers: the net; place: the snapshot, an index of STEPS; row: the image's row; unit: counted from 1; mates (batches,
others): the training images beside it.
"""

from __future__ import annotations

import numpy as np

from bn_core.nets.passes import forward
from bn_core.steps import batch_statistics, normalize
from lessons.train_infer import net

Array = np.ndarray


def normalized(layers: int, place: int, row: int, unit: int, mates: Array) -> Array:
    """The image's x_hat (batches,) in training mode, in a batch with each row of `mates`."""
    mixed, held = (values[:, unit - 1] for values in net.entering(layers, place))
    batch = beside(held[row], mixed[mates])
    return normalize(batch[:, :1], *batch_statistics(batch, axes=1), net.COURSES[layers].net.epsilon)[:, 0]


def predicted(layers: int, place: int, row: int, mates: Array) -> Array:
    """The image's probabilities (batches, 10) in training mode, in a batch with each row of `mates`."""
    mixed, held = net.entering(layers, place)
    return net.softmax(net.in_training(layers, place, beside(held[row], mixed[mates]), first=True)[:, 0])


def beside(own: Array, others: Array) -> Array:
    """The image's own values (…), then those of its mates (batches, others, …): (batches, 1 + others, …)."""
    return np.concatenate([np.broadcast_to(own, (len(others), 1, *own.shape)), others], axis=1)


def inferred(layers: int, row: int, unit: int, again: bool) -> tuple[Array, Array]:
    """The image's x_hat (STEPS,) and probabilities (STEPS, 10) in inference mode, by running or re-estimated
    statistics."""
    state, x = net.snapshots(layers, again), net.digits().held_x[None, row : row + 1]
    passed = forward(net.COURSES[layers].net, state.parameters, x, state.running)
    return passed.layers[0].norm.x_hat[:, 0, unit - 1], net.softmax(passed.logits[:, 0])
