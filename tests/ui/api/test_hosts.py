"""Which host names and origins are answered: no other site can read the app through a name of its own."""

import asyncio

import pytest

from tests.ui.asgi import ask, scope
from ui.api.hosts import Hosts, hosts, names, own_names
from ui.api.routes import middleware
from ui.components.shell import html

OWN = frozenset({"localhost", "*.localhost", "desk", "desk.local"})


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def door(named=""):
    return Hosts(app, names(named), OWN)


def status(named="", path="/", **headers):
    return ask(door(named), path, **headers).status


@pytest.mark.parametrize(
    "host", ["localhost:8501", "LOCALHOST", "a.localhost", "127.0.0.1:8501", "[::1]:8501", "10.1.2.3"]
)
def test_this_machine_is_answered_without_a_setting(host):
    assert status(host=host, origin=f"http://{host}") == 200


@pytest.mark.parametrize("host", ["desk:8501", "desk.local", "desk.local."])
def test_a_class_may_use_the_name_of_the_teachers_machine(host):
    assert status(host=host) == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "desk.evil", "localhost@evil.example", "a/localhost", "", "[x]", ":80"],
)
def test_a_name_that_another_site_points_here_is_refused_and_the_setting_is_named(host):
    answer = ask(door(), "/", host=host)
    assert (answer.status, b"BN_LAB_HOSTS" in answer.body) == (421, True)


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("bn.example.edu", 200),
        ("BN.example.edu:443", 200),
        ("x.labs.example", 200),
        ("labs.example", 421),
        ("example.edu", 421),
    ],
)
def test_the_operators_names_are_answered_too(host, answered):
    assert status("bn.example.edu, *.labs.example", host=host, origin=f"https://{host}") == answered


def test_any_name_is_answered_where_the_operator_says_so():
    assert status("*", host="evil.example", origin="http://evil.example") == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://6.6.6.6", "null", "http://localhost.evil.example", "x"]
)
@pytest.mark.parametrize("named", ["", "*"])
def test_a_page_of_another_site_is_refused(named, origin):
    assert status(named, host="localhost:8501", origin=origin) == 403


def test_a_proxy_may_give_us_another_name_than_the_page_has_where_that_one_is_named():
    assert status(host="127.0.0.1:8501", origin="https://bn.example.edu") == 403
    assert status("bn.example.edu", host="127.0.0.1:8501", origin="https://bn.example.edu") == 200


def test_what_asks_without_a_name_is_no_browser():
    assert status() == 200


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"host": "localhost", "origin": "http://evil.example"}])
def test_a_websocket_is_refused_likewise(headers):
    told = []

    async def send(message):
        told.append(message)

    where = {**scope("/_stcore/stream", kind="websocket", **headers), "extensions": {"websocket.http.response": {}}}
    asyncio.run(door()(where, None, send))
    assert (told[0]["type"], told[0]["status"] in (403, 421)) == ("websocket.http.response.start", True)


PRIVATE = [
    "/_stcore/metrics",
    "/_stcore/metrics/",
    "/base/_stcore/metrics",
    "/_stcore/agent/openapi.json",
    "/_stcore/agent/mcp",
]


@pytest.mark.parametrize("path", PRIVATE)
def test_streamlits_numbers_and_its_interface_for_programs_are_not_public(path):
    assert status(path=path, host="localhost") == 404


@pytest.mark.parametrize("path", ["/_stcore/health", "/_stcore/stream", "/_stcore/host-config", "/api/health"])
def test_what_a_page_needs_is_served(path):
    assert status(path=path, host="localhost") == 200


def test_the_page_does_not_link_to_it():
    page = html()
    assert "_stcore/agent" not in page
    assert "You need to enable JavaScript" in page
    assert '<div id="root"></div>' in page


@pytest.mark.parametrize("bad", ["https://bn.example.edu", "bn.example.edu:8501", "a b/c", "bn.*"])
def test_a_setting_that_is_no_list_of_names_is_refused_at_the_start(bad, monkeypatch):
    monkeypatch.setenv("BN_LAB_HOSTS", bad)
    with pytest.raises(ValueError, match="BN_LAB_HOSTS must be names"):
        hosts()


def test_the_app_has_it_before_anything_that_answers(monkeypatch):
    monkeypatch.setenv("BN_LAB_HOSTS", "bn.example.edu")
    kinds = [each.cls.__name__ for each in middleware()]
    assert kinds.index("Hosts") == 1, "after the headers that every answer carries"
    assert hosts().kwargs == {"named": frozenset({"bn.example.edu"}), "own": own_names()}
