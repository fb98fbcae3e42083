"""A class behind the proxy of deploy/: two web processes, trainings on dask, and one process dies during the lesson."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from benchmarks.classroom.student import Student
from tests.browser.conftest import Server, serving
from tests.browser.studio_visit import health
from tests.deploy.proxy import nginx
from tests.training.conftest import Dask
from tests.waiting import DEADLINE, until

STUDENTS = 20
BACK_SECONDS = 10.0
SHORT = {"studio.data": "moons", "studio.layers": 2, "studio.width": 8, "studio.epochs": 8, "studio.pace": "fast"}
LONG = {**SHORT, "studio.layers": 6, "studio.width": 128, "studio.stop_at": "steps", "studio.steps": 20_000}


class Learner:
    """A student in the studio, with a browser's cookies and address."""

    def __init__(self, proxy: str, number: int, address: dict[str, object] = SHORT, cookies: str = "") -> None:
        self.proxy, self.cookies, self.tab, self.visits = proxy, SimpleCookie(cookies), ExitStack(), 0
        self.address, self.taste = dict(address), (1 + number % 2) / 10
        self.come()

    def come(self) -> None:
        """Open the page at the address; whichever process answers, its cookie is kept."""
        with self.asked("/studio") as page:
            for cookie in page.headers.get_all("Set-Cookie", []):
                self.cookies.load(cookie)
        stream = f"{self.proxy.replace('http', 'ws', 1)}/_stcore/stream"
        how = {"subprotocols": ["streamlit"], "max_size": None, "additional_headers": {"Cookie": self.header}}
        socket = self.tab.enter_context(connect(stream, **how))
        self.student = Student(socket, "studio", urlencode(self.address))
        self.visits += 1

    def come_back(self) -> None:
        """Try until it works; OSError or ConnectionClosed while no process answers."""
        until(self.came, BACK_SECONDS)

    def came(self) -> bool:
        try:
            self.come()
        except (OSError, ConnectionClosed):
            return False
        return True

    def move(self, dropout: float) -> None:
        """Let a slider go; the browser writes it into the address."""
        self.student.slide("studio.dropout", dropout)
        self.address["studio.dropout"] = dropout

    @property
    def shows(self) -> float:
        """The slider's value on the page now."""
        return self.student.shown["studio.live"]["run"]["dropout"]

    @property
    def process(self) -> int:
        """The port of the process that it is at."""
        return int(self.cookies["bn_lab_process"].value)

    @property
    def header(self) -> str:
        return "; ".join(f"{name}={cookie.value}" for name, cookie in self.cookies.items())

    def asked(self, path: str):
        request = urllib.request.Request(self.proxy + path, headers={"Cookie": self.header, "Accept": "text/html"})
        return urllib.request.urlopen(request, timeout=30)

    def train(self) -> Iterator[str]:
        """Press Train; the news of the run as they come."""
        self.student.press("Train")
        with self.asked(f"/api/jobs/{self.student.shown['studio.live']['job']}/events") as lines:
            yield from (json.loads(line[6:])["status"] for line in lines if line.startswith(b"data: "))


@dataclass
class Department:
    """The address of the proxy, and the web processes behind it by port."""

    proxy: str
    processes: dict[int, Server]


@contextmanager
def department(folder) -> Iterator[Department]:
    """Each dask worker takes one worker process of each web process."""
    cluster = Dask(folder)
    with ExitStack() as stack:
        stack.callback(cluster.end)
        cluster.start(workers=0)
        for name in ("machine-1", "machine-2"):
            options = ("--nthreads", "2", "--no-nanny", "--no-dashboard", "--name", name)
            cluster.run("worker", cluster.address, *options)
        homes = [folder / "web-1", folder / "web-2"]
        shared = {"BN_LAB_TABLES": str(folder / "tables"), "BN_LAB_SWEEPS": str(folder / "sweeps")}
        servers = []
        for home in homes:
            home.mkdir()
            servers.append(stack.enter_context(serving(home, BN_LAB_SCHEDULER=cluster.address, **shared)))
        processes = {int(server.url.rpartition(":")[2]): server for server in servers}
        yield Department(stack.enter_context(nginx(folder, [*processes])), processes)


def test_a_class_moves_and_trains_and_outlives_a_process(tmp_path):
    pytest.importorskip("distributed")
    with department(tmp_path) as house, ThreadPoolExecutor(STUDENTS) as crowd:
        learners = list(crowd.map(lambda number: Learner(house.proxy, number), range(STUDENTS)))
        assert {learner.process for learner in learners} == house.processes.keys()
        list(crowd.map(lambda one: one.move(one.taste), learners))
        assert [one.shows for one in learners] == [one.taste for one in learners]
        # Four processes import Keras, nice to all others.
        until(lambda: all(health(server)["ready"] == 2 for server in house.processes.values()), 3 * DEADLINE)
        told = list(crowd.map(lambda one: list(one.train()), learners))
        assert {news[-1] for news in told} == {"finished"}
        outlives(house, crowd, learners)
        for learner in learners:
            learner.tab.close()


def outlives(house: Department, crowd, learners) -> None:
    gone, kept = house.processes
    struck, spared = ([one for one in learners if one.process == port] for port in (gone, kept))
    watcher = Learner(house.proxy, 0, LONG, spared[0].header)
    running = watcher.train()
    assert next(running) in ("queued", "running")
    house.processes[gone].process.kill()
    begun = time.monotonic()
    list(crowd.map(Learner.come_back, struck))
    assert time.monotonic() - begun < BACK_SECONDS
    assert {one.process for one in struck} == {kept}
    assert [one.shows for one in struck] == [one.taste for one in struck]
    list(crowd.map(lambda one: one.move(0.4), learners))
    assert {one.shows for one in struck} == {0.4}
    assert {one.visits for one in spared} == {1}
    assert [next(running) for _ in range(3)][-1] == "running"
    learners.append(watcher)
