"""Waiting for what a test has brought about: as short as it takes, and given up only where it surely never comes."""

import time
from collections.abc import Callable
from typing import Any

DEADLINE = 120
"""Seconds after which waiting is in vain, however busy the machine. No promise: whoever promises a time measures it."""


def until(truth: Callable[[], Any], seconds: float = DEADLINE) -> Any:
    """Wait until `truth()` holds, and return it; fail where it does not in time."""
    end = time.monotonic() + seconds
    while not (found := truth()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found
