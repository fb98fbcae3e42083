"""What the tests of several pages share."""

import sys

import pytest

from tests.pages.studio_page import ROOT
from training import jobs

FAKE = (sys.executable, str(ROOT / "tests" / "training" / "fake_worker.py"))


@pytest.fixture
def engine(monkeypatch):
    """An engine with a pretending worker in the place of the server's own."""
    pretended = jobs.Engine(1, FAKE)
    monkeypatch.setattr(jobs, "_engine", pretended)
    yield pretended
    pretended.close()
