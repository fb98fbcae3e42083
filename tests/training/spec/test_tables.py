"""A reader's own table: what is read from it, and that each fault is named with its place."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from pandas._libs.parsers import STR_NA_VALUES

from tests.training.spec.good_table import GOOD, parsed
from training.spec import data, tables
from training.spec.reading import dialect, proposal
from training.spec.reading.cells import is_gap
from training.spec.reading.faults import faults
from training.spec.settings import Settings


def test_a_table_is_read():
    table = parsed(GOOD)
    np.testing.assert_array_equal(table.x[:3], [[0, -3.5], [1, -2.5], [2, 0.5]])
    np.testing.assert_array_equal(table.y[:4], [0, 1, 0, 1])
    assert (table.features, table.classes, table.label) == (("height", "weight"), ("a", "b"), "label")
    assert (table.x.dtype, table.y.dtype) == (np.float32, np.int32)


@pytest.mark.parametrize(
    "variant",
    [
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD + "\n\n",
        "\n \n,,\n" + GOOD,
        GOOD.replace("a\n", '"a"\n'),
    ],
)
def test_separators_marks_line_ends_and_quotes_make_no_difference(variant):
    expected, given = parsed(GOOD), parsed(variant)
    np.testing.assert_array_equal(given.x, expected.x)
    np.testing.assert_array_equal(given.y, expected.y)
    assert given.classes == expected.classes


def test_the_label_may_stand_anywhere_and_numbers_are_ordered_as_numbers():
    text = "Class,x\n" + "".join(f"{10 if i % 2 else 9},{i}\n" for i in range(20))
    table = parsed(text)
    assert (table.label, table.features, table.classes) == ("Class", ("x",), ("9", "10"))
    assert table.y[0] == 0


def test_a_gap_takes_the_median_of_the_rows_that_train_and_of_no_others(monkeypatch):
    text = "a,b,label\n" + "".join(f"{i % 7},{'' if i % 4 == 0 else i * i},{i % 2}\n" for i in range(40))
    name = tables.store(tables.read(text.encode()))
    run = Settings(data="own", own=name, columns="label=3;fill=2", train_share=0.6, seed=5)
    (x, _), (x_valid, _), _ = data.load(run)
    order = np.random.default_rng(5).permutation(40)
    train, valid = order[:24], order[24:]
    median = np.median([row * row for row in train if row % 4])
    np.testing.assert_array_equal(x[:, 1], [row * row if row % 4 else median for row in train])
    np.testing.assert_array_equal(x_valid[:, 1], [row * row if row % 4 else median for row in valid])


@pytest.mark.parametrize("spelling", sorted(STR_NA_VALUES))
def test_pandas_gaps_are_gaps(spelling):
    assert is_gap(spelling)
    assert is_gap(spelling.upper())


@given(
    some.sampled_from(("inf", "infinity", "nan")),
    some.sampled_from(("", "+", "-")),
    some.lists(some.booleans(), min_size=8),
)
def test_whatever_float_makes_something_not_finite_of_is_a_gap(word, sign, large):
    cell = sign + "".join(c.upper() if up else c for c, up in zip(word, large, strict=False)) + word[len(large) :]
    assert not math.isfinite(float(cell))
    assert is_gap(cell)


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        (["1,5;2,5;0", "0,5;1,0;1"], ["1,5", "2,5", "0"]),
        (["1.5,Action|War,a", "2.5,War|Love,b"], ["1.5", "Action|War", "a"]),
        (["1.5\tDoe, John\ta", "2.5\tRoe, Jane\tb"], ["1.5", "Doe, John", "a"]),
        (["1.5, x y, a", "2.5, y z, b"], ["1.5", "x y", "a"]),
        (["1.5  2 a", "2.5  3 b"], ["1.5", "2", "a"]),
    ],
)
def test_the_separator_is_the_one_that_cuts_evenly_into_the_most_cells(rows, cells):
    assert dialect.split("\n".join(rows)).rows[0].cells == cells


def test_blank_rows_are_not_counted():
    text = "a,label\n" + "".join(f"{i},{i % 2}\n" for i in range(20_000)) + "\n\n"
    assert len(parsed(text).x) == 20_000


def test_whole_numbers_may_name_columns_as_pandas_does():
    text = "0,1,species\n" + "".join(f"{i},{i * i},{'ab'[i % 2]}\n" for i in range(20))
    assert parsed(text).features == ("0", "1")


def test_one_long_cell_does_not_make_every_cell_as_wide():
    row = ",".join(["1"] * 19)
    lines = [f"{i}.5,{row},{i % 2}" for i in range(500)]
    lines[7] = "1" * 3_000 + lines[7]
    raw = "\n".join([",".join(f"c{i}" for i in range(20)) + ",label", *lines]).encode()
    tracemalloc.start()
    try:
        sheet = tables.read(raw)
        assert tracemalloc.get_traced_memory()[1] < 10e6, "as texts of 3,000 letters they took 120 MB"
    finally:
        tracemalloc.stop()
    assert [fault.reason for fault in faults(sheet, proposal.proposed(sheet))] == ["gaps", "constant"]
