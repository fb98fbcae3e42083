"""A reader's own table: what is read from it, and that each fault is named with its place."""

import os
import stat
import string
import tempfile
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import tables
from training.tables import TableError
from ui.words import read

GOOD = "height,weight,label\n" + "".join(f"{i},{i * i - 3.5},{'ab'[i % 2]}\n" for i in range(20))


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path))
    return tmp_path


def replaced(row: int, line: str) -> bytes:
    lines = GOOD.splitlines()
    lines[row - 1] = line
    return "\n".join(lines).encode()


def test_a_table_is_read():
    table = tables.parse(GOOD.encode())
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
    expected, given = tables.parse(GOOD.encode()), tables.parse(variant.encode())
    np.testing.assert_array_equal(given.x, expected.x)
    np.testing.assert_array_equal(given.y, expected.y)
    assert given.classes == expected.classes


def test_the_label_may_stand_anywhere_and_numbers_are_ordered_as_numbers():
    text = "Class,x\n" + "".join(f"{10 if i % 2 else 9},{i}\n" for i in range(20))
    table = tables.parse(text.encode())
    assert (table.label, table.features, table.classes) == ("Class", ("x",), ("9", "10"))
    assert table.y[0] == 0


@pytest.mark.parametrize(
    ("raw", "reason", "facts"),
    [
        (b"", "empty", {}),
        (b"  \n ", "empty", {}),
        (b"x" * 5_000_001, "large", {}),
        (b"\xff\xfeh\0e\0", "not text", {}),
        ((GOOD * 50 + "\0").encode(), "not text", {}),
        (b"\n<!DOCTYPE html>\n<html>a,b</html>", "web page", {}),
        (b"PK\x03\x04\0\0", "not text", {}),
        (b"a,label\n1,x\n2,caf\xe9\n", "encoding", {"row": 3}),
        (b"just words\n1\n2\n", "one column", {"first": "just words"}),
        ((",".join(f"c{i}" for i in range(102)) + "\n").encode(), "many columns", {"columns": 102}),
        (b"1,2,0\n2,3,1\n", "no header", {"first": "1, 2, 0"}),
        (b"5.1,3.5,setosa\n", "no header", {"first": "5.1, 3.5, setosa"}),
        (b"a,,label\n1,2,x\n", "nameless", {"column": 2}),
        (b"a,a,label\n1,2,x\n", "twice", {"column": "a"}),
        (("w" * 101 + ",label\n1,x\n").encode(), "long name", {"letters": 101}),
        (b"a,b,label\n1,2,x\n", "few rows", {"rows": 1}),
        (("a,label\n" + "1,x\n" * 20_001).encode(), "many rows", {}),
        (replaced(4, "1,2"), "ragged", {"row": 4, "cells": 2, "columns": 3}),
        (replaced(4, "1,2,a,9"), "ragged", {"row": 4, "cells": 4}),
        (replaced(5, '"1,2,a'), "broken", {"row": 5}),
        (replaced(5, '"1"2,2,a'), "broken", {"row": 5}),
        (replaced(5, '"' + "1" * 140_000 + '",2,a'), "long cell", {"row": 5}),
        (b"\n\n" + replaced(5, "1,2"), "ragged", {"row": 7}),
        (replaced(6, "1,,a"), "missing", {"row": 6, "column": "weight"}),
        (replaced(6, "1,2,"), "missing", {"row": 6, "column": "label"}),
        (replaced(7, "tall,2,a"), "no number", {"row": 7, "column": "height", "cell": "tall"}),
        (replaced(7, "1_0,2,a"), "no number", {"row": 7, "column": "height", "cell": "1_0"}),
        (replaced(7, "inf,2,a"), "not finite", {"row": 7, "cell": "inf"}),
        (replaced(7, "1e400,2,a"), "huge", {"row": 7}),
        (replaced(7, "1,NaN,a"), "gap", {"row": 7, "column": "weight", "cell": "NaN"}),
        (replaced(7, "1,#N/A,a"), "gap", {"row": 7}),
        (replaced(7, "1,-1e31,a"), "huge", {"row": 7, "cell": "-1e31"}),
        (GOOD.replace(",", ";").replace("12.5", "12,5").encode(), "style", {"row": 6, "cell": "12,5"}),
        (replaced(7, '"1,234.5",2,a'), "style", {"row": 7}),
        (replaced(7, "1.234.567,2,a"), "style", {"row": 7}),
        (replaced(7, "1 234,2,a"), "style", {"row": 7}),
        (replaced(7, "01.05.2024,2,a"), "no number", {"row": 7}),
        (replaced(7, "1" * 100_000 + "x,2,a"), "no number", {"row": 7}),
        (("a,b,label\n" + "".join(f"7,{i},{i % 2}\n" for i in range(30))).encode(), "constant", {"column": "a"}),
        (("a,label\n" + "".join(f"{1.7e9 + i},{i % 2}\n" for i in range(30))).encode(), "precision", {"column": "a"}),
        (("a,label\n" + "".join(f"{i}e-50,{i % 2}\n" for i in range(30))).encode(), "precision", {"column": "a"}),
        (("a,label\n" + "".join(f"{i},x\n" for i in range(30))).encode(), "one class", {"label": "x"}),
        (("a,b\n" + "".join(f"{i},{i * 0.5}\n" for i in range(30))).encode(), "many classes", {"classes": 30}),
        (replaced(3, "1,2,c"), "rare", {"label": "c"}),
        (GOOD.replace(",a", "," + "a" * 101).encode(), "long name", {"letters": 101}),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_place_and_has_words(raw, reason, facts):
    with pytest.raises(TableError) as caught:
        tables.parse(raw)
    assert caught.value.reason == reason
    assert facts.items() <= caught.value.facts.items()
    assert read("tables").say(reason, **caught.value.facts)


def test_a_stored_table_comes_back_whole_and_twice_is_once(own_folder):
    table = tables.parse(GOOD.encode())
    name = tables.store(table)
    assert tables.store(table) == name
    assert len(list(own_folder.iterdir())) == 1
    back = tables.load(name)
    np.testing.assert_array_equal(back.x, table.x)
    np.testing.assert_array_equal(back.y, table.y)
    assert (back.features, back.classes, back.label) == (table.features, table.classes, table.label)


def test_blank_rows_are_not_counted():
    text = "a,label\n" + "".join(f"{i},{i % 2}\n" for i in range(20_000)) + "\n\n"
    assert len(tables.parse(text.encode()).x) == 20_000


def test_whole_numbers_may_name_columns_as_pandas_does():
    text = "0,1,species\n" + "".join(f"{i},{i * i},{'ab'[i % 2]}\n" for i in range(20))
    assert tables.parse(text.encode()).features == ("0", "1")


def test_one_long_cell_does_not_make_every_cell_as_wide():
    row = ",".join(["1"] * 19)
    lines = [f"{i},{row},{i % 2}" for i in range(500)]
    lines[7] = "1" * 3_000 + lines[7]
    raw = "\n".join([",".join(f"c{i}" for i in range(20)) + ",label", *lines]).encode()
    tracemalloc.start()
    try:
        with pytest.raises(TableError, match="huge"):
            tables.parse(raw)
        assert tracemalloc.get_traced_memory()[1] < 10e6, "as texts of 3,000 letters they took 120 MB"
    finally:
        tracemalloc.stop()


def test_tables_that_differ_in_the_labels_name_alone_are_two():
    ids = [tables.store(tables.parse(GOOD.replace("label", name).encode())) for name in ("label", "class")]
    assert [tables.load(one).label for one in ids] == ["label", "class"]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 24, "A" * 24, "0" * 5000])
def test_an_unknown_id_is_refused_in_words(name):
    with pytest.raises(TableError) as caught:
        tables.load(name)
    assert read("tables").say(caught.value.reason, **caught.value.facts)


def test_a_table_that_cannot_be_written_is_refused_and_leaves_nothing(monkeypatch, own_folder):
    def full(file, **arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables.np, "savez_compressed", full)
    with pytest.raises(TableError) as refused:
        tables.store(tables.parse(GOOD.encode()))
    assert refused.value.reason == "no room"
    assert not list(own_folder.iterdir())


def test_the_oldest_make_room(monkeypatch, own_folder):
    first = tables.store(tables.parse(GOOD.encode()))
    monkeypatch.setattr(tables, "KEPT_BYTES", 100)
    second = tables.store(tables.parse(GOOD.replace("0", "4").encode()))
    assert [path.stem for path in own_folder.iterdir()] == [second] != [first]


def test_a_table_in_use_is_not_the_first_to_go(monkeypatch, own_folder):
    used, idle = (tables.store(tables.parse(GOOD.replace("0", digit).encode())) for digit in "45")
    for age, name in ((200, used), (100, idle)):
        past = time.time() - age
        os.utime(own_folder / f"{name}.npz", (past, past))
    tables.load(used)
    size = (own_folder / f"{used}.npz").stat().st_size
    monkeypatch.setattr(tables, "KEPT_BYTES", 2.5 * size)
    newest = tables.store(tables.parse(GOOD.replace("0", "6").encode()))
    assert {path.stem for path in own_folder.iterdir()} == {used, newest}


def test_the_usual_folder_must_be_private_and_the_operators_need_not(monkeypatch, tmp_path):
    monkeypatch.setenv("BN_LAB_TABLES", "")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept = tables.folder()
    assert kept.parent == tmp_path
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    kept.chmod(0o755)
    with pytest.raises(TableError) as caught:
        tables.store(tables.parse(GOOD.encode()))
    assert str(kept) in read("tables").say(caught.value.reason, **caught.value.facts)
    monkeypatch.setenv("BN_LAB_TABLES", str(kept))
    assert tables.folder() == kept


@given(st.binary(max_size=300) | st.text(string.printable, max_size=300).map(str.encode))
def test_any_bytes_give_a_table_or_a_named_fault(raw):
    try:
        said = tables.parse(raw).classes
    except TableError as error:
        said = read("tables").say(error.reason, **error.facts)
    assert said
