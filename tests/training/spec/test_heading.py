"""Contract: the reader overrules what the first row was taken for, and a wide table is read like any other."""

import numpy as np

from tests.training.spec.good_table import GOOD
from training.spec import tables


def test_a_wide_table_is_trained_on_whole_or_without_the_columns_that_are_left_out():
    rows = [[*range(row, row + 1000), "ab"[row % 2]] for row in range(20)]
    raw = "\n".join(",".join(map(str, row)) for row in [[*(f"x{i}" for i in range(1000)), "label"], *rows]).encode()
    name = tables.store(tables.read(raw))
    np.testing.assert_array_equal(tables.load(name).x, [row[:-1] for row in rows])
    assert tables.load(name, "label=1001;out=3-1000").features == ("x0", "x1")


def test_the_reader_overrules_what_the_first_row_was_taken_for():
    named, nameless = tables.read(GOOD.encode()), tables.read(GOOD.encode(), named=False)
    assert (len(nameless.lines), nameless.lines[0], nameless.names[0]) == (len(named.lines) + 1, 1, "column 1")
    assert nameless.columns[0].odd[0] == "height"
    data = GOOD.partition("\n")[2].encode()
    again = tables.read(data, named=True)
    assert tables.read(data).names == ("column 1", "column 2", "column 3")
    assert (again.names, len(again.lines)) == (("0", "-3.5", "a"), len(named.lines) - 1)
    assert len({tables.store(sheet) for sheet in (named, nameless, again)}) == 3, "each is a table of its own in links"
