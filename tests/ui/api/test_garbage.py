"""Contract: garbage is collected after work, when the process is idle; not under load, nor without any work."""

import asyncio
from types import SimpleNamespace

import pytest

from ui.api import garbage
from ui.api.garbage import LOOK_SECONDS, QUIET, collect_when_quiet

BUSY, CALM = 2 * QUIET * LOOK_SECONDS, QUIET * LOOK_SECONDS / 2
"""Processor time between two looks (s)."""


@pytest.fixture
def collections(monkeypatch):
    """A function from (processor time, young collections) between the looks to the looks that collect."""

    def of(*between):
        now = SimpleNamespace(wall=0.0, busy=0.0, young=0, looks=0)
        collected, coming = [], iter(between)

        async def sleep(seconds):
            took = next(coming, None)
            if took is None:
                raise asyncio.CancelledError
            now.wall, now.busy, now.young = now.wall + seconds, now.busy + took[0], now.young + took[1]
            now.looks += 1

        clocks = {"monotonic": lambda: now.wall, "process_time": lambda: now.busy}
        monkeypatch.setattr(garbage, "time", SimpleNamespace(**clocks))
        monkeypatch.setattr(garbage, "asyncio", SimpleNamespace(sleep=sleep))
        full = {"collect": lambda: collected.append(now.looks), "get_stats": lambda: [{"collections": now.young}]}
        monkeypatch.setattr(garbage, "gc", SimpleNamespace(**full))
        with pytest.raises(asyncio.CancelledError):
            collect_when_quiet().send(None)
        return collected

    return of


def test_the_first_quiet_look_after_work_collects_once(collections):
    assert collections((BUSY, 3), (CALM, 0), (CALM, 0), (CALM, 0)) == [2]


def test_little_work_is_work_too(collections):
    assert collections((CALM, 1), (CALM, 0), (CALM, 1)) == [1, 3]


def test_under_load_nothing_is_collected(collections):
    assert collections(*[(BUSY, 5)] * 10) == []


def test_who_has_nothing_to_do_does_nothing(collections):
    assert collections(*[(CALM, 0)] * 10) == []
