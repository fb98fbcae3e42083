"""Contract: a take-home script reads a table exactly as the studio trained on it, to the last bit."""

import csv
import re
from unittest.mock import Mock

import numpy as np
import pytest

from tests.tables.cases import TRAINED
from training.export import script as export
from training.spec import plan, tables
from training.spec.reading import proposal
from training.spec.reading.choice import CHOICE
from training.spec.reading.faults import mended
from training.spec.settings import Settings


def read_by_the_script(text: str, monkeypatch, folder) -> dict:
    """The names that the script has once it has read its data; without Keras, which it only names."""
    monkeypatch.chdir(folder)
    (reading,) = re.findall(r"^# %% The run\n.*?(?=^# %% Networks)", text, flags=re.MULTILINE | re.DOTALL)
    names = {"csv": csv, "re": re, "np": np, "keras": Mock()}
    assert set(re.findall(r"^import (csv|re)$", text, flags=re.MULTILINE)) >= {"csv"}
    exec(compile(reading, "script", "exec"), names)
    return names


@pytest.mark.parametrize("file", TRAINED, ids=lambda file: file.name)
def test_the_script_reads_the_same_numbers(file, tmp_path, monkeypatch):
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path / "kept"))
    sheet = tables.read(file.read_bytes())
    choice = mended(sheet, proposal.proposed(sheet))
    run = Settings(data="own", own=tables.store(sheet), columns=CHOICE.spelled(choice), train_share=0.7, seed=3)
    (tmp_path / "table.csv").write_bytes(file.read_bytes())
    here, there = plan.make(run), export.script(plan.make(run), ["1", "2"])
    found = read_by_the_script(there, monkeypatch, tmp_path)
    for name in ("x", "y", "x_valid", "y_valid"):
        theirs = found[{"x": "x_train", "y": "y_train"}.get(name, name)]
        np.testing.assert_array_equal(theirs, getattr(here, name))
        assert theirs.dtype == getattr(here, name).dtype
    assert ("re.sub" in there) == sheet.dialect.stray


def test_a_clean_tables_script_says_nothing_of_gaps(tmp_path, monkeypatch):
    (file,) = [file for file in TRAINED if file.name == "iris.csv"]
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path))
    run = Settings(data="own", own=tables.store(tables.read(file.read_bytes())))
    script = export.script(plan.make(run), ["1", "2"])
    for stranger in ("nan", "re.sub", "row_width", "without_gaps", "decimal", "def number"):
        assert stranger not in script
