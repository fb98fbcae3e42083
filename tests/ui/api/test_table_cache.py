"""Contract of shared work: a client that leaves harms no other, and there are bounds."""

import asyncio
import functools

import pytest

from tests.ui.api.table_bench import LIGHT, Bench, address
from tests.ui.requests import get, run
from ui.api.table_cache import TableCache


def test_two_students_with_one_state_at_the_same_time_cause_one_computation(bench):
    async def class_():
        bench.quick.gate = asyncio.Event()
        requests = [asyncio.create_task(get(bench.app, address("momentum", seed=7))) for _ in range(20)]
        requests += [asyncio.create_task(get(bench.app, address("momentum", pace="x", seed="7.0"))) for _ in range(5)]
        await bench.waiting(25)
        assert len(bench.quick.requested) == 1
        bench.quick.gate.set()
        return await asyncio.gather(*requests)

    answers = run(class_())
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == len(bench.quick.requested) == 1


def leaving_while_others_stay(bench, stays, pause):
    """Two clients ask for a state; one leaves; the other asks before (`stays`), right after, or not at all."""

    async def class_():
        bench.quick.gate, gone = asyncio.Event(), asyncio.Event()
        requests = [asyncio.create_task(get(bench.app, address("momentum"), gone))]
        if stays == "before":
            requests.append(asyncio.create_task(get(bench.app, address("momentum"))))
        await bench.waiting(len(requests))
        gone.set()
        for _ in range(pause):
            await asyncio.sleep(0)
        if stays == "after":
            requests.append(asyncio.create_task(get(bench.app, address("momentum"))))
        await requests[0]
        await bench.waiting(len(requests) - 1)
        bench.quick.gate.set()
        return [answer.status for answer in await asyncio.gather(*requests)]

    return run(class_())


def test_who_leaves_does_not_take_it_from_the_others(bench):
    assert leaving_while_others_stay(bench, "before", 0)[1] == 200
    assert len(bench.quick.requested) == 1


def test_who_asks_while_the_last_one_leaves_is_answered(monkeypatch):
    """However many turns of the event loop later."""
    for pause in range(8):
        assert leaving_while_others_stay(Bench(monkeypatch), "after", pause)[1] == 200, pause


def test_what_everyone_left_is_made_when_somebody_asks_again(bench):
    leaving_while_others_stay(bench, "never", 0)
    assert bench.get(address("momentum")).status == 200


def test_what_failed_is_not_kept(bench):
    bench.quick.failures = [MemoryError()]
    with pytest.raises(MemoryError):
        bench.get(address("momentum"))
    assert bench.get(address("momentum")).status == 200
    assert len(bench.quick.requested) == 2


def test_all_who_wait_for_what_fails_hear_of_it(bench):
    async def class_():
        bench.quick.gate, bench.quick.failures = asyncio.Event(), [MemoryError()]
        requests = [asyncio.create_task(get(bench.app, address("momentum"))) for _ in range(3)]
        await bench.waiting(3)
        bench.quick.gate.set()
        return await asyncio.gather(*requests, return_exceptions=True)

    assert [type(answer) for answer in run(class_())] == [MemoryError] * 3


async def bytes_of(size):
    return "tag", b"x" * size


def test_the_cache_is_bounded_in_bytes_and_the_longest_unasked_goes_first():
    async def requests():
        cache = TableCache(room=100)
        for name in "ab":
            await cache.get(name, functools.partial(bytes_of, 40))
        await cache.get("a", functools.partial(bytes_of, 40))
        await cache.get("c", functools.partial(bytes_of, 40))
        return cache

    cache = run(requests())
    assert set(cache.stored) == {"a", "c"}
    assert cache.stored.currsize == 80


def test_what_is_larger_than_the_cache_is_served_and_not_kept():
    async def requests():
        cache = TableCache(room=100)
        await cache.get("a", functools.partial(bytes_of, 40))
        return cache, await cache.get("large", functools.partial(bytes_of, 101))

    cache, (_, body) = run(requests())
    assert len(body) == 101
    assert set(cache.stored) == {"a"}


def test_many_states_leave_the_cache_within_its_bounds(monkeypatch):
    bench = Bench(monkeypatch, room=20_000)
    for seed in range(12):
        assert bench.get(address("momentum", seed=seed)).status == 200
    assert len(bench.requested) == 12
    assert 1 < len(bench.cache.stored) < 12
    assert sum(len(body) for _, body in bench.cache.stored.values()) <= 20_000


def asking_for(bench, *seeds, host="10.0.0.1"):
    return [asyncio.create_task(get(bench.app, address("momentum", seed=seed), client=host)) for seed in seeds]


def test_too_many_at_once_are_told_to_come_again(monkeypatch):
    bench = Bench(monkeypatch, most=2)

    async def class_():
        bench.quick.gate = asyncio.Event()
        requests = [*asking_for(bench, 0), *asking_for(bench, 1, host="10.0.0.2")]
        await bench.waiting(2)
        refused = await get(bench.app, address("momentum", seed=3))
        same = asyncio.create_task(get(bench.app, address("momentum", seed=0)))
        bench.quick.gate.set()
        served = await asyncio.gather(*requests, same)
        return refused, served, await get(bench.app, address("momentum", seed=3))

    refused, served, again = run(class_())
    assert refused.status == 503
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["cache-control"] == "no-store"
    assert [answer.status for answer in (*served, again)] == [200] * 4, "also for who asks for what is under way"


def test_one_address_leaves_a_quarter_of_the_places_to_the_others(monkeypatch):
    bench = Bench(monkeypatch, most=4)

    async def class_():
        bench.quick.gate = asyncio.Event()
        requests = asking_for(bench, 0, 1, 2)
        await bench.waiting(3)
        (fourth,) = await asyncio.gather(*asking_for(bench, 3))
        requests += asking_for(bench, 3, host="10.0.0.2")
        await bench.waiting(4)
        bench.quick.gate.set()
        return fourth.status, [answer.status for answer in await asyncio.gather(*requests)]

    assert run(class_()) == (503, [200] * 4)


def test_slow_tables_that_wait_hinder_no_quick_one(monkeypatch):
    bench = Bench(monkeypatch, slow_most=1)
    slow = address("activations", along="weight_scale", **LIGHT)

    async def class_():
        bench.slow.gate = asyncio.Event()
        requests = [asyncio.create_task(get(bench.app, slow))]
        await bench.waiting(1)
        refused, quick = await get(bench.app, slow + "&seed=7"), await get(bench.app, address("momentum"))
        bench.slow.gate.set()
        return [refused.status, quick.status, (await requests[0]).status]

    assert run(class_()) == [503, 200, 200]


def test_a_request_that_is_cancelled_is_no_browser_that_left_and_leaves_nothing_behind(bench):
    async def ending():
        before, bench.quick.gate = asyncio.all_tasks(), asyncio.Event()
        requests = asyncio.create_task(get(bench.app, address("momentum")))
        await bench.waiting(1)
        requests.cancel()
        (end,) = await asyncio.gather(requests, return_exceptions=True)
        await bench.waiting(0)
        while asyncio.all_tasks() - before:
            await asyncio.sleep(0)
        return type(end)

    assert run(ending()) is asyncio.CancelledError
