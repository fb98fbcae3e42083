"""The proxy's rules in front of two small servers: which one answers, what is cached, compressed or blocked."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import urllib.error
import urllib.request
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.deploy.proxy import free_port, nginx
from tests.waiting import DEADLINE, until


class Process(ThreadingHTTPServer):
    """Reports its port and the request; counts the requests by path."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.asked: Counter = Counter()
        self.left = threading.Event()
        """Set when a browser has left a response that never ends."""
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def die(self) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked[self.path] += 1
        if "for_ever" in self.path:
            self.connection.settimeout(DEADLINE)
            if self.connection.recv(1) == b"":
                self.server.left.set()
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps({"port": self.server.server_port, "headers": headers, "padding": "x" * 2000}).encode()
        self.send_response(200)
        if self.path.startswith(("/static", "/vendor", "/components", "/api/tables", "/api/figures")):
            self.send_header("Cache-Control", "public, max-age=31536000, immutable")
            self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args) -> None:
        pass


class Visitor:
    """A browser with a jar for the one cookie."""

    def __init__(self, address: str) -> None:
        self.address, self.cookie = address, ""

    def get(self, path: str, **headers: str):
        """The answer's headers, and its body as JSON."""
        fields = {**headers, **({"Cookie": self.cookie} if self.cookie else {})}
        request = urllib.request.Request(self.address + path, headers=fields)
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            self.cookie = (answer.headers["Set-Cookie"] or self.cookie).partition(";")[0]
            body = answer.read()
            coded = answer.headers["Content-Encoding"] == "gzip"
            return answer.headers, json.loads(gzip.decompress(body) if coded else body)

    def at(self, path: str) -> int:
        return self.get(path)[1]["port"]


@contextmanager
def running(*ports: int):
    processes = {port: Process(port) for port in ports}
    try:
        yield processes
    finally:
        for process in processes.values():
            process.die()


@pytest.fixture
def house(tmp_path):
    """Two processes by port, and the address of the proxy before them."""
    with running(free_port(), free_port()) as processes, nginx(tmp_path, [*processes]) as address:
        yield processes, address


def test_newcomers_are_spread_and_stay_where_they_are(house):
    processes, address = house
    visitors = [Visitor(address) for _ in range(6)]
    at = [visitor.at("/momentum") for visitor in visitors]
    assert Counter(at) == {port: 3 for port in processes}
    for _ in range(3):
        assert [visitor.at("/_stcore/health") for visitor in visitors] == at
        assert [visitor.at("/") for visitor in visitors] == at


def test_a_browser_without_cookies_stays_too(house):
    _, address = house
    assert len({Visitor(address).at("/api/jobs/1/events") for _ in range(6)}) == 1


def test_a_dead_process_hands_its_visitors_over_and_they_stay_when_it_is_back(house):
    processes, address = house
    mover, stayer = Visitor(address), Visitor(address)
    first, other = mover.at("/"), stayer.at("/")
    processes.pop(first).die()
    assert [mover.at("/_stcore/health"), mover.at("/api/x"), stayer.at("/api/x")] == [other] * 3
    with running(first):
        assert [mover.at("/"), stayer.at("/")] == [other] * 2
        assert Visitor(address).get("/", Cookie=f"bn_lab_process={first}")


def test_the_cookie_is_sent_only_where_it_is_new(house):
    visitor = Visitor(house[1])
    assert "SameSite=Lax" in visitor.get("/")[0]["Set-Cookie"]
    assert visitor.get("/")[0]["Set-Cookie"] is None


KEPT = ["/static/js/a.js", "/vendor/p.js?v=1", "/components/1/b/a.js", "/api/tables/momentum?a=1", "/api/figures/b"]


@pytest.mark.parametrize("path", KEPT)
def test_what_is_the_same_for_all_is_asked_once(house, path):
    processes, address = house
    for _ in range(3):
        Visitor(address).get(path, **{"Accept-Encoding": "gzip, br"})
        Visitor(address).get(path, **{"Accept-Encoding": "br, gzip;q=0.5"})
    assert sum(process.asked[path] for process in processes.values()) == 1


def test_modules_are_asked_of_the_process_that_has_run_the_page(house):
    """The other may have another version, while they are restarted one after the other."""
    _, address = house
    for number in range(6):
        visitor = Visitor(address)
        page = visitor.at("/momentum")
        assert {visitor.at(f"/components/{number}/{file}.js") for file in "abcd"} == {page}


def test_a_table_along_a_control_is_asked_of_one_process(house):
    """Whoever asks for it; another table may be with the other process."""
    processes, address = house
    asked = [{Visitor(address).at(f"/api/tables/a?along=b&seed={seed}") for _ in range(4)} for seed in range(16)]
    assert {len(ports) for ports in asked} == {1}
    assert set.union(*asked) == set(processes)


def test_who_hangs_up_is_no_longer_worked_for(house):
    processes, address = house
    host, port = address.partition("//")[2].split(":")
    path = "/api/tables/activations?along=weight_scale&for_ever=1"
    with socket.create_connection((host, int(port)), DEADLINE) as browser:
        browser.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        until(lambda: sum(process.asked[path] for process in processes.values()))
    until(lambda: any(process.left.is_set() for process in processes.values()))


def test_what_a_page_asks_for_is_asked_each_time(house):
    processes, address = house
    visitor = Visitor(address)
    for _ in range(3):
        visitor.get("/api/health")
    assert sum(process.asked["/api/health"] for process in processes.values()) == 3


def test_what_came_compressed_is_not_given_to_who_cannot_read_it(house):
    visitor = Visitor(house[1])
    for reads, coding in (("br, gzip", "gzip"), ("identity", None), ("gzip", "gzip")):
        headers, body = visitor.get("/static/js/a.js", **{"Accept-Encoding": reads})
        assert headers["Content-Encoding"] == coding
        assert body["headers"].get("accept-encoding") == coding, "asked for with one of two codings, each kept"


def test_a_long_answer_is_compressed_for_who_can_read_it(house):
    visitor = Visitor(house[1])
    campus = {"Via": "1.1 proxy.example.edu"}
    assert visitor.get("/api/health", **{"Accept-Encoding": "gzip", **campus})[0]["Content-Encoding"] == "gzip"
    assert visitor.get("/api/health")[0]["Content-Encoding"] is None


def test_a_client_cannot_say_it_is_another(house):
    headers = Visitor(house[1]).get("/api/health", **{"X-Forwarded-For": "6.6.6.6"})[1]["headers"]
    assert (headers["x-forwarded-for"], headers["x-forwarded-proto"]) == ("127.0.0.1", "http")
    assert headers["host"] == house[1].partition("//")[2]


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/interact"])
def test_what_is_the_operators_does_not_pass(house, path):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        Visitor(house[1]).get(path)
