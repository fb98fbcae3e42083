"""Contract of the makers' processes: the same bytes as in this process, and an answer even if one is killed."""

import asyncio
import os
import signal

import pytest

from lessons import making
from lessons.catalog import LESSONS
from tests.ui.requests import run
from ui.api.maker import Maker


def test_the_makers_process_makes_the_same_bytes_and_a_killed_one_is_replaced():
    """Killed while at work and while idle: nobody who waits goes without an answer."""
    given = (making.code, "momentum", LESSONS["momentum"].settings())

    async def asking():
        maker = Maker(1)
        try:
            first, pid = await maker.make(*given), await maker.make(os.getpid)
            assert pid != os.getpid()
            os.kill(pid, signal.SIGKILL)
            second, other = await maker.make(*given), await maker.make(os.getpid)
            return first, second, pid, other
        finally:
            maker.close()

    first, second, pid, other = run(asking())
    assert first == second == making.code(*given[1:])
    assert pid != other


def test_all_who_wait_for_a_killed_process_get_their_answer():
    states = [LESSONS["momentum"].settings(seed=seed) for seed in range(6)]

    async def asking():
        maker = Maker(1)
        try:
            pid = await maker.make(os.getpid)
            waiting = [asyncio.create_task(maker.make(making.table, "momentum", state, None)) for state in states]
            await asyncio.sleep(0)
            os.kill(pid, signal.SIGKILL)
            return await asyncio.gather(*waiting)
        finally:
            maker.close()

    assert run(asking()) == [making.table("momentum", state, None) for state in states]


def test_what_a_made_function_raises_is_raised_here():
    async def asking():
        maker = Maker(1)
        try:
            await maker.make(making.figures, "nothing", None)
        finally:
            maker.close()

    with pytest.raises(KeyError, match="nothing"):
        run(asking())
