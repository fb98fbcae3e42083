"""Training news as server-sent events: one event per poll, from where a lost connection broke off, until the end."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import Request

from ui import events


class Job:
    """An engine with one job, "known", that tells one more thing at each poll and is over after three."""

    def __init__(self):
        self.asked = []

    def poll(self, job, since):
        if job != "known":
            raise KeyError(job)
        self.asked.append(since)
        told = since + 1
        return {"n": told, "status": "running" if told < 3 else "finished"}


@pytest.fixture
def engine(monkeypatch):
    job = Job()
    monkeypatch.setattr(events.jobs, "engine", lambda: job)
    monkeypatch.setattr(events, "PER_SECOND", 1000)
    yield job
    events.closing.clear()


def asked(job, **headers):
    """The answer to a request for the job's events, and what it streams."""
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": fields, "path_params": {"job": job}}

    async def read():
        response = await events.events(Request(scope))
        return response, [part async for part in response.body_iterator] if response.status_code == 200 else []

    with ThreadPoolExecutor(1) as thread:  # Playwright keeps an event loop of its own in the main thread
        return thread.submit(asyncio.run, read()).result()


def test_each_poll_is_one_event_until_the_job_is_over(engine):
    response, parts = asked("known")
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-accel-buffering"] == "no"
    assert [part.split("\n")[0] for part in parts] == ["id: 1", "id: 2", "id: 3"]
    assert json.loads(parts[-1].split("data: ")[1]) == {"n": 3, "status": "finished"}
    assert all(part.endswith("\n\n") for part in parts)


@pytest.mark.parametrize(("last", "since"), [("2", 2), ("", 0), ("-1", 0), ("x", 0), ("9" * 400, 0), ("²", 0)])
def test_a_lost_connection_is_taken_up_where_it_broke_off(engine, last, since):
    asked("known", last_event_id=last)
    assert engine.asked[0] == since


def test_an_unknown_job_is_not_found(engine):
    assert asked("unknown")[0].status_code == 404


def test_a_closing_server_ends_its_streams(engine):
    events.closing.set()
    assert asked("known")[1] == []
