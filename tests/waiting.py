"""Waits for an effect of a test: no longer than it takes, and giving up only where it surely never comes."""

import time
from collections.abc import Callable
from typing import Any

DEADLINE = 120
"""Seconds until a test gives up, even on a busy machine. This is no promise: a test of a time measures that time."""


def until(truth: Callable[[], Any], seconds: float = DEADLINE) -> Any:
    """Wait until `truth()` is true, and return it; fail if that takes too long."""
    end = time.monotonic() + seconds
    while not (found := truth()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found
