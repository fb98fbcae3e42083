"""How long a training step takes, from finished runs; the estimated waits are made from it."""

from __future__ import annotations

import collections
import statistics

from training.spec.settings import Settings

WORK = (
    *("data", "network", "layers", "width", "batch_size", "activation", "optimizer", "lane_1", "lane_2", "lane_3"),
    *("stop_at", "epochs", "steps"),
)
"""The settings that decide the average duration of a step. The run's length is one of them, since snapshots take a
larger share of a short run."""
RECENT, KINDS = 9, 64


class Pace:
    """Seconds per step: the median over the last finished runs, of the same kind where there are any. The median,
    because a run that had to be traced first takes five times as long as the next one."""

    def __init__(self, usual: float) -> None:
        self._usual = usual
        self._all: collections.deque[float] = collections.deque(maxlen=RECENT)
        self._kinds: dict[tuple, collections.deque[float]] = {}

    def note(self, settings: Settings, seconds: float) -> None:
        """Note that a run with these settings took that many seconds per step."""
        kind = kind_of(settings)
        self._kinds[kind] = self._kinds.pop(kind, collections.deque(maxlen=RECENT))
        for known in (self._all, self._kinds[kind]):
            known.append(seconds)
        if len(self._kinds) > KINDS:
            del self._kinds[next(iter(self._kinds))]

    def of(self, settings: Settings) -> float:
        """The approximate seconds per step of a run with these settings."""
        known = self._kinds.get(kind_of(settings)) or self._all
        return statistics.median_low(known) if known else self._usual


def kind_of(settings: Settings) -> tuple:
    return tuple(getattr(settings, name) for name in WORK)
