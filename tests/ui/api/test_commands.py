"""Commands over HTTP: carried out if they are valid, possible and from our own page; else refused with a reason."""

import asyncio
import itertools
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tests.training.engines import FAKE, QUICK, asked
from training.server.engine import Engine as Trainer
from training.server.engine import NotYetError
from ui.api import commands


class Engine:
    """Takes orders for the job "known", of which 7 steps are computed."""

    def __init__(self):
        self.taken = []

    def stop(self, job):
        return self.record(job, "stop")

    def show(self, job, step):
        if step > 7:
            raise NotYetError("step 8 is not computed yet; 7 are")
        return self.record(job, step)

    def record(self, job, what):
        if job != "known":
            raise KeyError(job)
        self.taken.append(what)
        return {"status": "stopped", "position": 7, "changes": ""}


@pytest.fixture
def engine(monkeypatch):
    pretended = Engine()
    monkeypatch.setattr(commands, "engine", lambda: pretended)
    return pretended


@dataclass
class Answer:
    status_code: int
    body: bytes
    taken: int
    """How many pieces of the request were read."""

    def json(self):
        return json.loads(self.body)


APP = Starlette(routes=[Route("/api/jobs/{job}/orders", commands.orders, methods=["POST"])])


def post(job: str, *pieces: bytes, method: str = "POST", **headers: str) -> Answer:
    """What the app answers to a request at lab.example:8501 whose body comes in pieces."""
    fields = {"host": "lab.example:8501", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {"type": "http", "method": method, "path": f"/api/jobs/{job}/orders", "query_string": b""}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in fields.items()]
    waiting, sent = list(pieces), []

    async def receive():
        piece = waiting.pop(0) if waiting else b""
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    with ThreadPoolExecutor(1) as thread:  # Playwright keeps an event loop of its own in the main thread
        thread.submit(asyncio.run, APP(scope, receive, send)).result()
    body = b"".join(message.get("body", b"") for message in sent)
    return Answer(sent[0]["status"], body, len(pieces) - len(waiting))


JSON = {"content_type": "application/json"}
STOP = b'{"do":"stop"}'


@pytest.mark.parametrize(
    ("order", "taken"), [({"do": "stop"}, "stop"), ({"do": "submit", "look": 7}, 7), ({"do": "submit", "look": 0}, 0)]
)
def test_an_order_is_carried_out_and_answered_with_how_the_run_stands(engine, order, taken):
    answer = post("known", json.dumps(order).encode(), **JSON)
    assert (answer.status_code, answer.json()) == (200, {"status": "stopped", "position": 7, "changes": ""})
    assert engine.taken == [taken]


@pytest.mark.parametrize(
    ("job", "order", "status", "said"),
    [
        ("nobody's", {"do": "stop"}, 404, {"error": "unknown job"}),
        ("nobody's", {"do": "submit", "look": 1}, 404, {"error": "unknown job"}),
        (
            *("known", {"do": "submit", "look": 8}, 409),
            {
                "error": "not possible now: step 8 is not computed yet; 7 are",
                "reason": "step 8 is not computed yet; 7 are",
            },
        ),
    ],
)
def test_what_cannot_be_done_is_said(engine, job, order, status, said):
    answer = post(job, json.dumps(order).encode(), **JSON)
    assert (answer.status_code, answer.json()) == (status, said)
    assert engine.taken == []


@pytest.mark.parametrize(
    "order",
    [
        *(
            {"do": do}
            for do in ("pause", "resume", "step", "step_back", "goto", "change", "pace", "follow", "submit", 1)
        ),
        *({"do": "submit", "look": step} for step in (-1, 20_001, "7", 7.5, True, None, [7])),
        *({"do": "stop", "look": 7}, {"do": "submit", "look": 7, "settings": {}}, {"look": 7}, {}),
        *([], "stop", None, 7, [{"do": "stop"}]),
    ],
)
def test_three_verbs_are_all_that_there_is_and_the_rest_is_refused_in_words(engine, order):
    answer = post("known", json.dumps(order).encode(), **JSON)
    assert answer.status_code == 400
    assert all(word in answer.json()["error"] for word in ('{"do": "stop"}', '{"do": "submit", "look"', "20000"))
    assert engine.taken == []


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://lab.example", "https://lab.example:8502", "null", ""]
)
def test_another_sites_page_gives_no_orders(engine, origin):
    answer = post("known", STOP, origin=origin, **JSON)
    assert answer.status_code == 403
    assert engine.taken == []


@pytest.mark.parametrize("origin", ["http://lab.example:8501", "https://lab.example:8501"])
def test_our_own_page_does_also_behind_tls(engine, origin):
    answer = post("known", STOP, origin=origin, **JSON)
    assert answer.status_code == 200


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_only_json_is_taken_which_no_other_site_can_send_unasked(engine, kind):
    headers = {"content_type": kind} if kind else {}
    assert post("known", STOP, **headers).status_code == 415
    assert engine.taken == []


def test_json_may_name_its_encoding(engine):
    assert post("known", STOP, content_type="Application/JSON; charset=utf-8").status_code == 200


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 4000])
def test_what_is_no_json_is_refused(engine, content):
    assert post("known", content, **JSON).status_code == 400
    assert engine.taken == []


def test_a_long_body_is_not_read_to_its_end(engine):
    answer = post("known", *[b" " * 1024] * 1000, **JSON)
    assert answer.status_code == 413
    assert "4096" in answer.json()["error"]
    assert answer.taken == 5
    assert engine.taken == []


def test_an_order_is_answered_while_others_come_to_see_the_run_and_leave(monkeypatch):
    engine = Trainer(1, FAKE, QUICK)
    monkeypatch.setattr(commands, "engine", lambda: engine)
    run, over, usual = asked(twentieths=200), threading.Event(), sys.getswitchinterval()
    job = engine.submit(run, "ann")

    def come_and_go(owner: str) -> None:
        for number in itertools.takewhile(lambda _: not over.is_set(), itertools.count()):
            engine.stop(engine.submit(run, f"{owner} {number}"))

    others = [threading.Thread(target=come_and_go, args=(owner,)) for owner in ("bob", "cyd")]
    try:
        sys.setswitchinterval(1e-5)
        for other in others:
            other.start()
        assert {post(job, b'{"do": "submit", "look": 0}', **JSON).status_code for _ in range(200)} == {200}
    finally:
        over.set()
        sys.setswitchinterval(usual)
        for other in others:
            other.join()
        engine.close()


def test_other_methods_are_not_allowed(engine):
    assert post("known", method="GET").status_code == 405
