"""Caps: each stops what is too much and says when to come back; a class of 200 behind one address is let through."""

import asyncio
import json
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from tests.ui.asgi import scope
from ui.api import caps
from ui.api.caps import MIB, Allowance, Caps, Guard

UPLOAD, STREAM, SOCKET = "/_stcore/upload_file/ann/1", "/api/jobs/1/events", "/_stcore/stream"
TABLE = scope("/api/tables/momentum")
PAGE = {"accept": "text/html,*/*"}
GOES_ON = ("websocket", STREAM, UPLOAD)
"""Requests that the app below does not finish until they are cancelled."""


async def app(scope, receive, send):
    if {scope["type"], scope["path"]} & {*GOES_ON}:
        await asyncio.Event().wait()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def guard(held=(0, 0), **limits):
    return Guard(app, Caps(**limits), lambda session: held)


def socket(**headers):
    return {**scope(SOCKET, kind="websocket", **headers), "extensions": {"websocket.http.response": {}}}


async def answer(guard, where):
    """Status, headers and body; of what goes on, nothing but status 0."""
    sent = []

    async def send(message):
        sent.append(message)

    task = asyncio.create_task(guard(where, None, send))
    await asyncio.wait([task], timeout=0.001 if {where["type"], where["path"]} & {*GOES_ON} else None)
    if not task.done():
        task.cancel()
        return SimpleNamespace(status=0)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return SimpleNamespace(status=sent[0]["status"], headers=headers, body=sent[1]["body"].decode())


@asynccontextmanager
async def going_on(guard, *scopes):
    """As long as the block lasts, the app is not done with these."""
    tasks = [asyncio.create_task(guard(where, None, None)) for where in scopes]
    await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def error_of(answer):
    return json.loads(answer.body)["error"]


def test_a_full_house_refuses_a_session_and_says_so_on_a_page_that_comes_back():
    async def visit():
        full, reader = guard(open_sessions=2, retry_seconds=7), scope("/momentum", **PAGE)
        async with going_on(full, socket(), socket()):
            page, refused, data = [await answer(full, one) for one in (reader, socket(), scope("/api/health"))]
        return page, refused, data, await answer(full, reader), await answer(full, socket())

    page, refused, data, later, seat = asyncio.run(visit())
    assert (page.status, page.headers["retry-after"]) == (503, "7")
    assert "All 2 places" in page.body
    assert '<meta http-equiv="refresh" content="7">' in page.body
    assert (refused.status, json.loads(refused.body)["retry_after_seconds"]) == (503, 7)
    assert data.status == 200, "who has a place fetches on"
    assert (later.status, seat.status) == (200, 0), "a place is free as soon as its tab is closed"


def test_a_reload_finds_its_place_again_in_a_full_house():
    """The browser asks for the page while the one before is still open."""

    async def reload():
        full, mine = guard(open_sessions=2), {"accept": "text/html", "cookie": f"a=1; {caps.SEAT}=mine"}
        async with going_on(full, socket(cookie=mine["cookie"]), socket()):
            pages = [scope("/", **mine), scope("/", **{**mine, "cookie": f"{caps.SEAT}=other"}), scope("/", **PAGE)]
            return [(await answer(full, page)).status for page in pages]

    assert asyncio.run(reload()) == [200, 503, 503]


def test_one_client_leaves_places_to_the_others():
    async def visit():
        house, reader = guard(open_sessions=3, sessions_per_client=2), scope("/momentum", **PAGE)
        async with going_on(house, socket(), socket()):
            page, refused = await answer(house, reader), await answer(house, socket())
            other = {**socket(), "client": ("10.0.0.2", 1)}
            return page, refused, await answer(house, other), await answer(house, scope("/", client="10.0.0.2", **PAGE))

    page, refused, elsewhere, its_page = asyncio.run(visit())
    assert (page.status, refused.status) == (429, 429)
    assert "2 pages are open from your network" in page.body
    assert (elsewhere.status, its_page.status) == (0, 200)


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only while somebody sleeps."""
    time = SimpleNamespace(now=0.0)

    async def sleep(seconds):
        time.now += seconds

    monkeypatch.setattr(caps.time, "monotonic", lambda: time.now)
    monkeypatch.setattr(caps.asyncio, "sleep", sleep)
    return time


def received(messages, clock, **limits):
    """When the app receives each of the messages that a browser sends all at once."""
    arrivals = []

    async def listening(where, receive, send):
        while (message := await receive())["type"] == "websocket.receive":
            arrivals.append((clock.now, message["bytes"]))

    async def receive():
        return messages.pop(0)

    house = Guard(listening, Caps(**limits), lambda session: (0, 0))
    asyncio.run(house({**socket(), "path": "/_stcore/other"}, receive, None))
    return arrivals


def test_a_browser_that_says_too_much_at_once_waits_and_nothing_is_lost(clock):
    messages = [{"type": "websocket.receive", "bytes": bytes([n])} for n in range(6)]
    arrivals = received([*messages, {"type": "websocket.disconnect"}], clock, burst_moves=3, moves_per_second=2)
    assert arrivals == [(at, bytes([n])) for n, at in enumerate((0, 0, 0, 0.5, 1, 1.5))]


def test_a_frame_of_text_ends_its_session_without_a_trace(clock):
    messages = [{"type": "websocket.receive", "text": "{}"}, {"type": "websocket.receive", "bytes": b"later"}]
    assert received(messages, clock) == []


def test_one_client_watches_so_many_streams_and_another_is_not_hindered():
    async def watch():
        crowded = guard(streams_per_client=2)
        async with going_on(crowded, scope(STREAM), scope(STREAM)):
            third, other = await answer(crowded, scope(STREAM)), await answer(crowded, scope(STREAM, client="10.0.0.2"))
        return third, other, await answer(crowded, scope(STREAM))

    third, other, later = asyncio.run(watch())
    assert (third.status, third.headers["retry-after"]) == (429, "15")
    assert error_of(third).startswith("2 trainings")
    assert (other.status, later.status) == (0, 0)


@pytest.mark.parametrize(
    ("held", "size", "status"),
    [
        ((0, 0), "100", 0),
        ((900, 900), "100", 0),
        ((901, 901), "100", 413),  # of this session
        ((0, 1901), "100", 413),  # of all of them
        ((0, 0), "1001", 413),
        ((0, 0), None, 413),  # Streamlit would take 5 MB
        ((0, 0), "-1", 413),
    ],
)
def test_uploads_are_bounded_by_session_and_in_all(held, size, status):
    limited = guard(held, upload_bytes_per_session=1000, upload_bytes=2000)
    put = scope(UPLOAD, "PUT", **({"content_length": size} if size else {}))
    assert asyncio.run(answer(limited, put)).status == status


def test_what_is_on_its_way_takes_room_already():
    async def send():
        limited, put = guard(upload_bytes_per_session=MIB), scope(UPLOAD, "PUT", content_length=str(MIB // 2 + 1))
        async with going_on(limited, put):
            second = await answer(limited, put)
        return second, await answer(limited, put)

    second, later = asyncio.run(send())
    assert second.status == 413
    assert "1 MB of tables" in error_of(second)
    assert later.status == 0


def test_uploads_are_bounded_by_session_and_minute(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(caps.time, "monotonic", lambda: clock.now)
    limited = guard(uploads_per_minute_per_session=2)

    def send(session="bob"):
        put = scope(UPLOAD.replace("ann", session), "PUT", content_length="10")
        return asyncio.run(answer(limited, put))

    assert [send().status for _ in range(3)] == [200, 200, 429]
    assert (send().headers["retry-after"], send("eve").status) == ("30", 200)
    assert "More than 2 tables within a minute" in error_of(send())
    clock.now = 30.0
    assert [send().status for _ in range(2)] == [200, 429]


def test_a_hurried_client_waits_until_its_next_request_is_due(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(caps.time, "monotonic", lambda: clock.now)
    quick = guard(requests_per_second_per_client=0.5, burst_requests_per_client=2)

    def ask(**more):
        return asyncio.run(answer(quick, scope("/api/health", **more)))

    assert [ask().status for _ in range(4)] == [200, 200, 429, 429]
    assert (ask().headers["retry-after"], ask(client="10.0.0.2").status) == ("2", 200)
    assert "Try again in 2 s" in ask(accept="text/html").body
    clock.now = 2.0
    assert [ask().status for _ in range(2)] == [200, 429]


def test_a_socket_counts_as_a_request():
    hurried = guard(burst_requests_per_client=0, requests_per_second_per_client=0.1)
    assert asyncio.run(answer(hurried, socket())).status == 429


def test_few_clients_are_remembered_those_seen_last():
    allowance = Allowance(burst=1, per_second=0.1, remembered=2)
    assert [allowance.take(client, 0.0) > 0 for client in "abacab"] == [False, False, True, False, True, False]
    assert set(allowance._left) == {"a", "b"}


def test_what_is_over_takes_no_memory():
    async def visits():
        calm = guard()
        async with going_on(calm, socket(), *(scope(STREAM, client=f"10.0.1.{n}") for n in range(9))):
            assert (len(calm.streams), calm.sessions.total()) == (9, 1)
        return calm

    calm = asyncio.run(visits())
    assert (len(calm.streams), len(calm.sessions)) == (0, 0)


def test_a_class_of_200_behind_one_address_is_not_stopped(monkeypatch):
    """Each opens with 15 requests and a socket within 3 s, watches a training, and moves every 5 s for three minutes.

    A move may fetch nine tables: four times as many as it does.
    """
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(caps.time, "monotonic", lambda: clock.now)
    opening = [(n / 1000, TABLE) for n in range(3000)]
    moves = [(3 + n / 40 + k / 100, TABLE) for n in range(7200) for k in range(9)]

    async def lesson():
        house = guard()
        statuses = set()
        async with going_on(house, *(where for _ in range(200) for where in (socket(), scope(STREAM)))):
            for clock.now, where in sorted(opening + moves, key=lambda one: one[0]):
                await house(where, None, lambda message: statuses.add(message.get("status")) or asyncio.sleep(0))
        return statuses - {None}

    assert asyncio.run(lesson()) == {200}


def test_streamlit_itself_is_asked_what_it_holds(monkeypatch):
    files = {"ann": {"1": SimpleNamespace(data=b"abc"), "2": SimpleNamespace(data=b"d")}, "bob": {}}
    runtime = SimpleNamespace(uploaded_file_mgr=SimpleNamespace(file_storage=files))
    monkeypatch.setattr(caps.Runtime, "instance", lambda: runtime)
    assert (caps.streamlit_holds("ann"), caps.streamlit_holds("eve")) == ((4, 4), (0, 4))
