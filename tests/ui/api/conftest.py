"""What the tests of the tables share."""

import pytest

from tests.ui.api.table_bench import Bench


@pytest.fixture
def bench(monkeypatch):
    return Bench(monkeypatch)
