"""What the tests of several pages share."""

import sys

import pytest

from tests.pages.studio_page import ROOT
from training.server import engine as engines

FAKE = (sys.executable, str(ROOT / "tests" / "training" / "fake_worker.py"))


@pytest.fixture
def engine(monkeypatch):
    """An engine with a pretending worker in the place of the server's own."""
    pretended = engines.Engine(1, FAKE)
    monkeypatch.setattr(engines, "_engine", pretended)
    yield pretended
    pretended.close()
