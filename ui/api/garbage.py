"""When Python looks for garbage: in quiet moments, not after every run of a page.

Streamlit's own collection after every run is off (.streamlit/config.toml, runner.postScriptGC): it walked everything
that all sessions hold, a quarter of the processor time under load. Python's usual, rarer one stays for busy hours.
"""

from __future__ import annotations

import asyncio
import gc
import time

LOOK_SECONDS = 5.0
QUIET = 0.1
"""The share of one core under which the process counts as having nothing to do."""


async def collect_when_quiet() -> None:
    """Collect all garbage whenever there was work and now is none; runs until it is cancelled."""
    worked = 0
    while True:
        wall, busy = time.monotonic(), time.process_time()
        await asyncio.sleep(LOOK_SECONDS)
        share = (time.process_time() - busy) / (time.monotonic() - wall)
        if share < QUIET and worked != (worked := young_collections()):
            gc.collect()


def young_collections() -> int:
    """How often the youngest generation was collected, which only work brings about."""
    return gc.get_stats()[0]["collections"]
