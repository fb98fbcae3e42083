"""Training news as server-sent events: an event for all that is new, from where a lost connection broke off."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import Request

from ui import events


class Job:
    """An engine with one job, "known", that tells one more thing at each second poll and is over after three."""

    def __init__(self):
        self.asked = []
        self.layers = set()

    def push(self, job, since, layer):
        if job != "known":
            raise KeyError(job)
        self.asked.append(since)
        self.layers.add(layer)
        told = since + len(self.asked) % 2
        return {"n": told, "since": since, "status": "running" if told < 3 else "finished"}, '"points":[1,2]'


@pytest.fixture
def engine(monkeypatch):
    job = Job()
    monkeypatch.setattr(events.jobs, "engine", lambda: job)
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
    assert last == {"n": 3, "since": 2, "status": "finished", "points": [1, 2]}
    assert all(part.endswith("\n\n") for part in parts)


def test_where_there_is_nothing_to_tell_a_comment_keeps_the_connection(engine, monkeypatch):
    monkeypatch.setattr(events, "SIGN_OF_LIFE", 0.0)
    assert ":\n\n" in asked("known")[1]


@pytest.mark.parametrize(("last", "since"), [("2", 2), ("", 0), ("-1", 0), ("x", 0), ("9" * 400, 0), ("²", 0)])
def test_a_lost_connection_is_taken_up_where_it_broke_off(engine, last, since):
    asked("known", last_event_id=last)
    assert engine.asked[0] == since


@pytest.mark.parametrize(("query", "layer"), [("layer=0", 0), ("layer=3", 3), ("", None), ("other=1", None)])
def test_snapshots_are_asked_for_by_layer(engine, query, layer):
    assert asked("known", query)[0].status_code == 200
    assert engine.layers == {layer}


@pytest.mark.parametrize("layer", ["-1", "x", "1000", "1.5", "", "²", "9" * 400])
def test_a_layer_that_is_none_is_refused(engine, layer):
    assert asked("known", f"layer={layer}")[0].status_code == 400


def test_an_unknown_job_is_not_found(engine):
    assert asked("unknown")[0].status_code == 404


def test_a_closing_server_ends_its_streams(engine):
    events.closing.set()
    assert asked("known")[1] == []


def test_news_that_a_browser_could_not_read_are_not_sent():
    with pytest.raises(ValueError, match="JSON"):
        events.event({"n": 1, "loss": float("nan")}, "")


@pytest.mark.parametrize(
    ("told", "cost"),
    [
        ({"replaces": 3, "all": False}, ", in place of lane 3"),
        ({"replaces": None, "all": True}, ", in all lanes without a rate of their own"),
        ({"replaces": None, "all": False}, ""),
    ],
)
def test_a_way_back_comes_with_what_it_costs_other_lanes(told, cost):
    (part,) = events.event({"n": 1, "rewinds": [{"lane": 0, **told}]}, '"points":[]').split("data: ")[1:]
    assert json.loads(part)["rewinds"] == [{"lane": 0, **told, "cost": cost}]
