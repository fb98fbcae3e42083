"""A running app and a browser, for the tests that need both; without a browser they are skipped, in CI they fail."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.browser import studio_visit
from tests.waiting import DEADLINE, until

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "test-results"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--no-opt --no-maglev",  # no page stays long enough for faster code to pay
    "--process-per-site",  # a page that stays lends the next its compiled scripts
]
PROBES = re.compile(r"/[^/]+/_stcore/(health|host-config)$")
"""Requests by Streamlit itself below a deep link's path, which get 404."""


@dataclass
class Server:
    """A running app: its address, its process and its log."""

    url: str
    process: subprocess.Popen
    log_file: Path

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")


@dataclass
class Complaints:
    """Errors in a page: on its console, and requests that left the machine."""

    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def watch(self, page) -> None:
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        page.on("request", lambda request: self.follow(request.url))

    def hear(self, message) -> None:
        if message.type == "error" and not PROBES.search(message.location.get("url", "")):
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def follow(self, address: str) -> None:
        if not address.startswith(("http://localhost:", "ws://localhost:", "data:", "blob:")):
            self.strangers.append(address)


@dataclass
class Visitors:
    """Browser contexts that are used again, so that the app's scripts are fetched and compiled once; no test sees what
    another test left there.
    """

    browser: Any
    address: str
    idle: dict[tuple, list] = field(default_factory=dict)
    options: dict[Any, tuple] = field(default_factory=dict)

    def come(self, options: dict[str, Any]):
        """A blank page of a new visitor; options: Playwright's, for a context."""
        key = tuple(sorted(options.items()))
        if self.idle.get(key):
            return self.idle[key].pop().new_page()
        context = self.browser.new_context(base_url=self.address, viewport={"width": 1280, "height": 900}, **options)
        context.set_default_timeout(1000 * DEADLINE)
        self.options[context] = key
        context.new_page().goto("/api/health")
        return context.new_page()

    def leave(self, context) -> None:
        """Close the visitor's pages and forget what the app has stored there, but not its files."""
        stays, *pages = context.pages
        for page in pages:
            page.close()
        stored = {"origin": self.address, "storageTypes": "cookies,local_storage"}
        context.new_cdp_session(stays).send("Storage.clearDataForOrigin", stored)
        self.idle.setdefault(self.options[context], []).append(context)


@contextmanager
def serving(home: Path, app: Path = ROOT / "app.py", **environment: str) -> Iterator[Server]:
    """`streamlit run app` on a free port, with `home` as its home folder, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(port)]
    log_file = home / "server.log"
    with log_file.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # as a terminal or systemd starts it; see tests/conftest.py
            env={**os.environ, "HOME": str(home), **environment},
        )
    server = Server(f"http://localhost:{port}", process, log_file)
    try:
        wait_until_healthy(server)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            pytest.fail(f"the app did not end by itself:\n{server.log()}")


def wait_until_healthy(server: Server) -> None:
    """Return once /api/health answers. Raises RuntimeError, with the log, where that takes too long."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/api/health", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the app did not start:\n{server.log()}")


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    """The app with one training slot, and nothing in its folders yet; for all tests of this process."""
    home = tmp_path_factory.mktemp("home")
    folders = {name: str(home / name.lower()) for name in ("BN_LAB_TABLES", "BN_LAB_SWEEPS")}
    grace = "20"  # a test waits until the one before is no longer trained for
    with serving(home, BN_LAB_SLOTS="1", BN_LAB_GRACE_SECONDS=grace, **folders) as running:
        yield running


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium or Chrome."""
    playwright_api = pytest.importorskip("playwright.sync_api")
    from tests.browser.find import executable

    with playwright_api.sync_playwright() as playwright:
        path = executable(playwright)
        if path is None:
            reason = "no Chromium or Chrome: apt install chromium, or .venv/bin/playwright install chromium"
            pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
        playwright_api.expect.set_options(timeout=1000 * DEADLINE)
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def complaints() -> Complaints:
    """The errors of the test's pages."""
    return Complaints()


@pytest.fixture(scope="session")
def visitors(browser, server) -> Visitors:
    """Visitors of the app, for all tests of this process."""
    return Visitors(browser, server.url)


@pytest.fixture
def new_page(visitors, complaints, request):
    """A function that opens a new visitor's page with Playwright's context options: `new_page(color_scheme="dark")`."""
    contexts = []

    def open_page(**options):
        page = visitors.come(options)
        contexts.append(page.context)
        complaints.watch(page)
        return page

    yield open_page
    failed = getattr(request.node, "failed", False)
    for number, context in enumerate(contexts):
        for page in context.pages[1:] if failed else ():
            page.screenshot(path=RESULTS / f"{request.node.name}-{number}.png", full_page=True)
        visitors.leave(context)


@pytest.fixture
def page(new_page):
    """One visitor's page, light theme."""
    return new_page()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Let fixtures know that their test failed, so that they can save a screenshot."""
    report = yield
    item.failed = getattr(item, "failed", False) or report.failed
    return report


@pytest.fixture(scope="session")
def idle():
    """`idle(page)` waits until Streamlit has run the page and drawn it."""
    return wait_until_idle


def wait_until_idle(page) -> None:
    page.wait_for_function(IDLE, polling=100)


IDLE = """() => {
  const app = document.querySelector("[data-testid=stApp]");
  const idle = app?.dataset.testScriptState === "notRunning" && app?.dataset.testConnectionState === "CONNECTED"
    && !document.querySelector("[data-stale=true]") && document.querySelector("[data-testid=stCaptionContainer]");
  const since = window.idleSince = idle ? window.idleSince ?? performance.now() : undefined;
  return since !== undefined && performance.now() - since > 250;
}"""


@pytest.fixture
def lab(server) -> Server:
    """The app, its worker ready."""
    until(lambda: studio_visit.health(server)["ready"] == 1)
    return server


@pytest.fixture
def visitor(lab, new_page, idle):
    """A function that opens the studio as another visitor; `alone`: once nothing is being trained."""

    def come(query: str = studio_visit.SMALL, alone: bool = True, **options) -> studio_visit.Visitor:
        if "seed" not in query:  # a run that is known already is not trained again, and cannot be paused
            query += f"&studio.seed={next(studio_visit.seeds)}"
        if alone:
            until(studio_visit.calm(lab))
        return studio_visit.Visitor(new_page(**options), lab, query, idle)

    return come
