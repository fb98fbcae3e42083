"""What the tests of several pages share."""

import sys

import pytest

from tests.pages.studio_page import ROOT
from training.server import engine as engines
from training.spec.settings import Settings

FAKE = (sys.executable, str(ROOT / "tests" / "training" / "fake_worker.py"))


@pytest.fixture
def engine(monkeypatch):
    """An engine with a pretending worker in the place of the server's own."""
    pretended = engines.Engine(1, FAKE)
    monkeypatch.setattr(engines, "_engine", pretended)
    yield pretended
    pretended.close()


class CutShortError(Exception):
    """Another request has come: the script ends here."""


class Session(dict):
    """Stands in for Streamlit's session, at any access to which another request may end the script.

    accesses: how many more succeed; None: all.
    """

    accesses: int | None = None

    def reached(self) -> None:
        if self.accesses is not None:
            self.accesses -= 1
            if self.accesses < 0:
                raise CutShortError

    def __getitem__(self, name):
        self.reached()
        return super().__getitem__(name)

    def __setitem__(self, name, value):
        self.reached()
        super().__setitem__(name, value)

    def __contains__(self, name):
        self.reached()
        return super().__contains__(name)

    def get(self, name, default=None):
        self.reached()
        return super().get(name, default)

    def pop(self, name, default=None):
        self.reached()
        return super().pop(name, default)


@pytest.fixture
def session(monkeypatch):
    """A session and an address without a page, to ask what the component may ask."""
    state, address = Session(), {}
    monkeypatch.setattr("ui.studio.session.owner", lambda: "ann")
    context = type("context", (), {"ip_address": None})
    page = {"session_state": state, "query_params": address, "context": context, "warning": lambda said: None}
    for module in ("ui.studio.session", "ui.state.widgets", "ui.state.url_state"):
        monkeypatch.setattr(f"{module}.st", type("st", (), page))
    return state


@pytest.fixture
def job(engine):
    return engine.job(engine.submit(Settings(seed=0, epochs=200, learning_rate=3.0), "ann"))
