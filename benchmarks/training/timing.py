"""Shared by the timings: the network to train, and the best of several repetitions."""

from __future__ import annotations

import time
from collections.abc import Callable

from training.spec.settings import Settings

SETTINGS = Settings(layers=4, width=32, batch_size=64, epochs=200)
REPEATS = 5
Rates = tuple[float, float]
"""Steps per second of wall clock, and of processor time."""


def best(measure: Callable[[], Rates]) -> Rates:
    return tuple(max(rates) for rates in zip(*(measure() for _ in range(REPEATS)), strict=True))


def timed(steps: int, work: Callable[[], object]) -> Rates:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return steps / (time.perf_counter() - wall), steps / (time.process_time() - cpu)
