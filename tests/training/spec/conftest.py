"""A folder of its own for the tables of each test."""

import pytest


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path))
    return tmp_path
