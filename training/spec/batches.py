"""Which rows each step of a run trains on. NumPy only.

The recipe of the batches, to repeat it in a plain script (n is the number of training examples):

    shuffle = np.random.default_rng(seed)
    for each epoch:
        rows = shuffle.permutation(n)[: n // size * size]               # the incomplete last batch is left out
        if sorted_batches:                                              # nearly every batch of one class
            rows = rows[np.argsort(y[rows], kind="stable")]
        batches = rows.reshape(-1, size)
        if sorted_batches:
            batches = shuffle.permutation(batches)                      # the batches in random order

`size` is the batch size, at most n. When the batch size changes at a step, the present epoch ends there and the next
one begins. An epoch cut short does not count towards the epochs in the settings, so that a change does not shorten a
run. A change of another field applies to all lanes that have no value of their own for that field.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.spec.settings import CHANGES, MOST_STEPS, Settings


@dataclass(frozen=True)
class Span:
    """Steps begin … end−1 with the same batch size; the number of their first epoch, and the steps per epoch."""

    begin: int
    end: int
    batch_size: int
    per_epoch: int
    epoch: int


class Shuffles:
    """The batches of each epoch; see the recipe above. Going back to an earlier epoch starts the shuffling again."""

    def __init__(self, y: np.ndarray, seed: int, in_order: bool, sizes: dict[int, int]) -> None:
        self._y, self._seed, self._sorted, self._sizes = y, seed, in_order, sizes
        self._begin()

    def batches(self, epoch: int, size: int) -> np.ndarray:
        """Row numbers (n // size, size) int32 of an epoch."""
        if epoch < self._next - 1:
            self._begin()
        while self._next <= epoch:
            self._last = self._draw(self._size(self._next))
            self._next += 1
        return self._last

    def _begin(self) -> None:
        self._rng, self._next, self._last = np.random.default_rng(self._seed), 0, None

    def _size(self, epoch: int) -> int:
        return next(size for first, size in reversed(self._sizes.items()) if first <= epoch)

    def _draw(self, size: int) -> np.ndarray:
        n = len(self._y)
        rows = self._rng.permutation(n)[: n // size * size]
        if self._sorted:
            rows = rows[np.argsort(self._y[rows], kind="stable")]
        batches = rows.reshape(-1, size)
        return (self._rng.permutation(batches) if self._sorted else batches).astype(np.int32)


def spanned(settings: Settings, n: int) -> tuple[Span, ...]:
    """The spans of a run on `n` examples, up to its last step or epoch, at most MOST_STEPS steps."""
    sizes = {0: settings.batch_size}
    sizes |= {step: value for step, name, value in CHANGES.entries(settings.changes) if name == "batch_size"}
    spans: list[Span] = []
    begin, epoch, whole = 0, 0, 0
    for start, after in zip(sizes, [*list(sizes)[1:], None], strict=True):
        size = min(sizes[start], n)
        last = last_step(settings, begin, n // size, whole)
        end = last if after is None else min(after, last)
        if end > begin:
            spans.append(Span(begin, end, size, n // size, epoch))
            epoch += -(-(end - begin) // (n // size))
            whole += (end - begin) // (n // size)
            begin = end
        if end == last:
            break
    return tuple(spans)


def last_step(settings: Settings, begin: int, per_epoch: int, done: int) -> int:
    """The last step, if from step `begin` on, after `done` full epochs, epochs have `per_epoch` steps."""
    if settings.stop_at == "steps":
        return settings.steps
    whole = max(0, MOST_STEPS - begin) // per_epoch * per_epoch
    return min(begin + (settings.epochs - done) * per_epoch, begin + whole if whole else MOST_STEPS)
