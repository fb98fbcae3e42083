"""Contract: each small table here is read, or refused, as the .toml file beside it says; pandas reads the same."""

import numpy as np
import pandas as pd
import pytest

from lessons.content import read
from tests.tables.cases import CASES, READ
from training.spec import tables
from training.spec.reading import proposal
from training.spec.reading.choice import CHOICE
from training.spec.reading.faults import faults, mended
from training.spec.reading.table import made
from training.spec.tables import TableError
from ui.studio.own_table import panel

KEYS = {"says", "label", "features", "classes", "rows", "first", "lines", "left_out", "faults", "mended", "pandas"}


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.name)
def test_a_table_is_read_right_or_refused_for_its_true_cause(file):
    case = CASES[file]
    if "refused" in case:
        with pytest.raises(TableError) as caught:
            tables.read(file.read_bytes())
        assert caught.value.reason == case["refused"]
        assert case.get("facts", {}).items() <= caught.value.facts.items()
        assert read("studio/tables").say(caught.value.reason, **caught.value.facts)
        return
    assert set(case) <= KEYS
    sheet = tables.read(file.read_bytes())
    choice = proposal.proposed(sheet)
    assert sheet.names[choice.label] == case["label"]
    left_out = {sheet.names[place]: why for place, why in proposal.left_out(sheet, choice.label).items()}
    assert left_out == case.get("left_out", {})
    assert described(sheet, faults(sheet, choice)) == case.get("faults", [])
    if "rows" not in case:
        assert mended(sheet, choice) is None
        return
    good = mended(sheet, choice)
    if "mended" in case:
        assert CHOICE.spelled(good) == case["mended"]
    table = made(sheet, good)
    assert [*table.features] == case["features"]
    assert [*table.classes] == case["classes"]
    assert (len(table.x), len(table.y)) == (case["rows"], case["rows"])
    if "first" in case:
        np.testing.assert_allclose(table.x[0], case["first"])
    assert set(table.y) == set(range(len(case["classes"])))


def described(sheet, found) -> list[dict]:
    """The faults as the .toml files spell them; their sentences and buttons have words."""
    texts, each = read("studio/tables"), []
    for fault in found:
        assert panel.sentence(texts, sheet, fault)
        assert all(panel.mend_label(texts, mend) for mend in fault.mends)
        columns = [sheet.names[one.column] for one in fault.found]
        each.append({"reason": fault.reason, "columns": columns, "count": sum(one.count for one in fault.found)})
        if fault.reason not in ("words", "constant", "one class"):
            each[-1]["rows"] = [*fault.found[0].lines]
        if fault.reason in ("no number", "huge"):
            each[-1]["example"] = fault.found[0].example
    return each


@pytest.mark.parametrize("file", READ, ids=lambda file: file.name)
def test_pandas_reads_the_same_numbers(file):
    """Told where the data begin and what separates them, pandas finds the same numbers and gaps in every column."""
    case, sheet = CASES[file], tables.read(file.read_bytes())
    how = {"sep": ",", "encoding": "utf-8", **case.get("pandas", {})}
    drop, coerce = how.pop("drop", []), how.pop("coerce", False)
    frame = pd.read_csv(file, header=None, skiprows=case["lines"], **how).drop(index=drop)
    assert len(frame) == len(sheet.lines)
    for place in range(len(sheet.names)):
        theirs, ours = frame.iloc[:, place].reset_index(drop=True), sheet.values[:, place]
        numbers = pd.to_numeric(theirs, errors="coerce").to_numpy(float)
        numbers = np.where(np.isfinite(numbers) & (np.abs(numbers) < 1e30), numbers, np.nan)
        np.testing.assert_array_equal(ours, numbers, err_msg=sheet.names[place])
    assert not coerce or np.isnan(sheet.values).any()
