"""Training news as server-sent events: an event for all that is new, continuing after a lost connection."""

import asyncio
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from tests.browser.conftest import serving
from tests.ui.asgi import ask
from tests.ui.requests import get, run
from training.sweeps.sweep import sweeps
from ui.api import events
from ui.components.static import PLOTLY_PATH


class Job:
    """An engine with one job, "known", that tells one more thing at each second poll and is over after three."""

    def __init__(self):
        self.looks = []
        self.asked = []
        self.layers = set()

    def job(self, job):
        return None

    def follow(self, job, since, layer):
        if job != "known":
            raise KeyError(job)
        self.asked.append(since)
        self.layers.add(layer)
        told = since + len(self.asked) % 2
        return {
            "n": told,
            "since": since,
            "status": "running" if told < 3 else "finished",
            "looks": self.looks[told:],
        }, '"points":[1,2]'


@pytest.fixture
def engine(monkeypatch):
    job = Job()
    monkeypatch.setattr(events, "engine", lambda: job)
    monkeypatch.setattr(events, "PER_SECOND", 1000)
    yield job
    events.closing.clear()


def asked(job, query="", **headers):
    """The answer to a request for the job's events, and what it streams."""
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": fields, "path_params": {"job": job}}
    scope["query_string"] = query.encode()

    async def read():
        response = await events.events(Request(scope))
        return response, [part async for part in response.body_iterator] if response.status_code == 200 else []

    with ThreadPoolExecutor(1) as thread:  # Playwright keeps an event loop of its own in the main thread
        return thread.submit(asyncio.run, read()).result()


def test_all_that_is_new_is_one_event_until_the_job_is_over(engine):
    response, parts = asked("known")
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-accel-buffering"] == "no"
    assert [part.split("\n")[0] for part in parts] == ["id: 1", "id: 2", "id: 3"], "nothing new, no event"
    last = json.loads(parts[-1].split("data: ")[1])
    assert last == {"n": 3, "since": 2, "status": "finished", "looks": [], "points": [1, 2]}
    assert all(part.endswith("\n\n") for part in parts)


def test_where_there_is_nothing_to_tell_a_comment_keeps_the_connection(engine, monkeypatch):
    monkeypatch.setattr(events, "SIGN_OF_LIFE", 0.0)
    assert ":\n\n" in asked("known")[1]


@pytest.mark.parametrize(("last", "since"), [("2", 2), ("", 0), ("-1", 0), ("x", 0), ("9" * 400, 0), ("²", 0)])
def test_a_lost_connection_is_taken_up_where_it_broke_off(engine, last, since):
    asked("known", last_event_id=last)
    assert engine.asked[0] == since


@pytest.mark.parametrize(
    ("query", "headers", "since"),
    [("since=2", {}, 2), ("since=2", {"last_event_id": "1"}, 1), ("since=x", {}, 0), ("since=", {}, 0)],
)
def test_one_who_knows_the_rest_asks_for_what_came_later(engine, query, headers, since):
    asked("known", query, **headers)
    assert engine.asked[0] == since


def test_a_stream_of_a_run_that_is_over_waits_for_the_looks_that_are_to_come(engine):
    engine.looks = [7, 7, 7, 7, 7]
    parts = asked("known", "since=3&layer=0")[1]
    told = [json.loads(part.split("data: ")[1]) for part in parts]
    assert [(one["n"], one["looks"], one["status"]) for one in told] == [(4, [7], "finished"), (5, [], "finished")]


@pytest.mark.parametrize(("query", "layer"), [("layer=0", 0), ("layer=3", 3), ("", None), ("other=1", None)])
def test_snapshots_are_asked_for_by_layer(engine, query, layer):
    assert asked("known", query)[0].status_code == 200
    assert engine.layers == {layer}


@pytest.mark.parametrize("layer", ["-1", "x", "1000", "1.5", "", "²", "9" * 400])
def test_a_layer_that_is_none_is_refused(engine, layer):
    assert asked("known", f"layer={layer}")[0].status_code == 400


class SnapshotEngine:
    """An engine that knows the snapshots of the job "known"."""

    def snapshots(self, job, layer):
        return {"known": f'{{"snapshots":["of layer {layer}"]}}'}[job]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("known/snapshots?layer=3", 200, {"snapshots": ["of layer 3"]}),
        ("nobody's/snapshots?layer=3", 404, {"error": "unknown job"}),
        ("known/snapshots?layer=x", 400, {"error": "layer must be a whole number below 100"}),
        ("known/snapshots", 400, {"error": "layer must be a whole number below 100"}),
    ],
)
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_the_snapshots_of_a_layer_are_served_compressed_where_the_browser_can(monkeypatch, path, status, said, coding):
    monkeypatch.setattr(events, "engine", SnapshotEngine)
    app = Starlette(routes=[Route("/api/jobs/{job}/snapshots", events.snapshots)])
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(ask, app, f"/api/jobs/{path}", accept_encoding=coding).result()
    assert (answer.status, json.loads(answer.content)) == (status, said)
    if status == 200:
        assert answer.headers.get("content-encoding", "identity") == coding
        assert answer.headers["cache-control"] == "no-store"


def test_an_unknown_job_is_not_found(engine):
    assert asked("unknown")[0].status_code == 404


def test_a_closing_server_tells_who_watches_and_ends_its_streams(engine):
    events.closing.set()
    (part,) = asked("known")[1]
    told = json.loads(part.split("data: ")[1])
    assert (told["status"], told["reason"], told["looks"]) == ("stopped", "closing", [])
    assert told["points"], "with what it has not told yet"


def test_news_that_a_browser_could_not_read_are_not_sent():
    with pytest.raises(ValueError, match="JSON"):
        events.event({"n": 1, "loss": float("nan")}, "")


def test_what_ails_the_lanes_and_the_ways_back_come_with_the_news(engine, monkeypatch):
    engine.job = {"known": "a job"}.get
    monkeypatch.setattr(events, "findings", lambda job: [f"findings of {job}"])
    monkeypatch.setattr(events, "mishaps", lambda job: [f"mishaps of {job}"])
    monkeypatch.setattr(events, "offers", lambda job: [f"ways back of {job}"])
    news, _ = events.news_of("known", 0, None)
    assert news["findings"] == ["findings of a job", "mishaps of a job"]
    assert news["rewinds"] == ["ways back of a job"]


SWEEPS = Starlette(routes=[Route("/api/sweeps/{sweep}/events", events.progress)])


class Slow:
    """A sweep of three cells, of which one is over at each fifth look."""

    looks = 0

    def advance(self):
        self.looks += 1

    @property
    def finished(self):
        return self.looks // 5

    @property
    def going(self):
        return self.finished < 3


@pytest.fixture
def slow(monkeypatch):
    monkeypatch.setattr(events, "SWEEP_SECONDS", 0.0)
    sweeps["slow"] = sweep = Slow()
    return sweep


def events_in(body: bytes) -> list[dict]:
    return [json.loads(part.removeprefix("data: ")) for part in body.decode().split("\n\n") if part.startswith("data")]


def test_an_event_is_a_cell_that_is_over(slow):
    answer = run(get(SWEEPS, "/api/sweeps/slow/events"))
    assert events_in(answer.body) == [{"finished": cells, "going": cells < 3} for cells in range(4)]
    assert slow.looks == 15
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_cells_that_are_over_between_two_looks_are_one_event(slow, monkeypatch):
    monkeypatch.setattr(Slow, "finished", property(lambda self: 3))
    assert events_in(run(get(SWEEPS, "/api/sweeps/slow/events")).body) == [{"finished": 3, "going": False}]


def test_while_nothing_happens_a_comment_shows_that_somebody_listens(slow, monkeypatch):
    monkeypatch.setattr(events, "SIGN_OF_LIFE", 0.0)
    assert run(get(SWEEPS, "/api/sweeps/slow/events")).body.count(b":\n\n") >= 3


def test_a_sweep_whose_session_is_gone_is_not_found():
    assert run(get(SWEEPS, "/api/sweeps/gone/events")).status == 404


def test_a_browser_that_has_stopped_reading_keeps_no_server_from_ending(tmp_path):
    """`serving` fails where it does."""
    with socket.socket() as browser, serving(tmp_path, BN_LAB_SLOTS="1") as running:
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        browser.connect(("127.0.0.1", urlsplit(running.url).port))
        ask = f"GET /{PLOTLY_PATH.lstrip('/')} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        browser.sendall(8 * ask.encode())  # more than the system's buffers hold
        assert browser.recv(12) == b"HTTP/1.1 200"
