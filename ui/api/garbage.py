"""Runs Python's garbage collection in quiet moments, not after every run of a page.

Streamlit's own collection after every run is off (.streamlit/config.toml, runner.postScriptGC): it went through all
that all sessions hold, and took a quarter of the processor time under load. Python's usual, rarer one stays for busy
hours.
"""

from __future__ import annotations

import asyncio
import gc
import time

LOOK_SECONDS = 5.0
QUIET = 0.1
"""The process counts as idle when it uses less than this share of one core."""


async def collect_when_quiet() -> None:
    """Collect all garbage whenever the process is idle after some work; runs until it is cancelled."""
    worked = 0
    while True:
        wall, busy = time.monotonic(), time.process_time()
        await asyncio.sleep(LOOK_SECONDS)
        share = (time.process_time() - busy) / (time.monotonic() - wall)
        if share < QUIET and worked != (worked := young_collections()):
            gc.collect()


def young_collections() -> int:
    """The number of collections of the youngest generation so far, which only work causes."""
    return gc.get_stats()[0]["collections"]
