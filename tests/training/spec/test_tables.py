"""A reader's own table: what is read from it, and that each fault is named with its place."""

import csv
import math
import stat
import string
import tempfile
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from pandas._libs.parsers import STR_NA_VALUES

from lessons.content import read
from training.spec import data, tables
from training.spec.reading import dialect, proposal
from training.spec.reading.cells import is_gap
from training.spec.reading.faults import faults
from training.spec.reading.table import made
from training.spec.settings import Settings
from training.spec.tables import TableError

GOOD = "height,weight,label\n" + "".join(f"{i},{i * i - 3.5},{'ab'[i % 2]}\n" for i in range(24))


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path))
    return tmp_path


def parsed(text: str):
    """The table in it, with what is proposed."""
    sheet = tables.read(text.encode())
    return made(sheet, proposal.proposed(sheet))


def replaced(row: int, line: str) -> bytes:
    lines = GOOD.splitlines()
    lines[row - 1] = line
    return "\n".join(lines).encode()


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


@pytest.mark.parametrize(
    ("raw", "reason", "facts"),
    [
        (b"", "empty", {}),
        (b"  \n ", "empty", {}),
        (b"x" * 5_000_001, "large", {}),
        ("x,y".encode("utf-16"), "few rows", {"rows": 0}),
        ((GOOD * 50 + "\0").encode(), "not text", {}),
        (GOOD.encode("latin-1") + b"\xff\x02", "not text", {}),
        (b"\n<!DOCTYPE html>\n<html>a,b</html>", "web page", {}),
        (b"PK\x03\x04\0\0", "not text", {}),
        (b"just words\n1\n2\n", "one column", {"first": "just words"}),
        ((",".join(f"c{i}" for i in range(1002)) + "\n").encode(), "many columns", {"columns": 1002}),
        (replaced(5, "1," * 2000), "many columns", {"columns": 2001}),
        (b"1,2,0\n2,3,1\n", "few rows", {"rows": 2}),
        (b"5.1,3.5,setosa\n", "few rows", {"rows": 1}),
        (("w" * 101 + ",label\n1,x\n").encode(), "long name", {"letters": 101}),
        (b"a,b,label\n1,2,x\n", "few rows", {"rows": 1}),
        (("a,label\n" + "1,x\n" * 20_001).encode(), "many rows", {}),
        (replaced(5, '"1,2,a'), "broken", {"row": 5}),
        (replaced(5, '"1"2,2,a'), "broken", {"row": 5}),
        (replaced(5, '"' + "1" * 140_000 + '",2,a'), "long cell", {"row": 5}),
    ],
)
def test_a_file_that_is_no_table_is_refused_for_its_true_cause(raw, reason, facts):
    with pytest.raises(TableError) as caught:
        tables.read(raw)
    assert caught.value.reason == reason
    assert facts.items() <= caught.value.facts.items()
    assert read("studio/tables").say(reason, **caught.value.facts)


@pytest.mark.parametrize(
    ("raw", "reason", "column", "row", "example"),
    [
        (replaced(4, "1,2"), "ragged", None, 4, ""),
        (replaced(4, "1,2,a,9"), "ragged", None, 4, ""),
        (b"\n\n" + replaced(5, "1,2"), "ragged", None, 7, ""),
        (replaced(6, "1,,a"), "gaps", "weight", 6, ""),
        (replaced(6, "1,2,"), "label gaps", "label", 6, ""),
        (replaced(7, "tall,2,a"), "no number", "height", 7, "tall"),
        (replaced(7, "1_0,2,a"), "no number", "height", 7, "1_0"),
        (replaced(7, "inf,2,a"), "gaps", "height", 7, ""),
        (replaced(7, "1e400,2,a"), "gaps", "height", 7, ""),
        (replaced(7, "1,NaN,a"), "gaps", "weight", 7, ""),
        (replaced(7, "1,#N/A,a"), "gaps", "weight", 7, ""),
        (replaced(7, "1,-1e31,a"), "huge", "weight", 7, "-1e31"),
        (GOOD.replace(",", ";").replace("12.5", "12,5").encode(), "style", "weight", 6, "12,5"),
        (replaced(7, '"1,234.5",2,a'), "style", "height", 7, "1,234.5"),
        (replaced(7, "1.234.567,2,a"), "style", "height", 7, "1.234.567"),
        (replaced(7, "1 234,2,a"), "style", "height", 7, "1 234"),
        (replaced(7, "01.05.2024,2,a"), "no number", "height", 7, "01.05.2024"),
        (replaced(7, "1" * 100_000 + "x,2,a"), "no number", "height", 7, "1" * 23 + "…"),
        (replaced(3, "1,2,c"), "rare", "label", 3, ""),
    ],
)
def test_each_fault_is_told_with_its_place_and_can_be_mended(raw, reason, column, row, example):
    sheet = tables.read(raw)
    choice = proposal.proposed(sheet)
    (fault,) = faults(sheet, choice)
    assert (fault.reason, fault.found[0].lines, fault.found[0].example) == (reason, (row,), example)
    assert column is None or sheet.names[fault.found[0].column] == column
    for mend in fault.mends:
        assert not faults(sheet, mend.choice), mend.kind
    assert fault.mends


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("a,b,label\n" + "".join(f"7,{i},{i % 2}\n" for i in range(30)), "constant", "a"),
        ("a,b,label\n" + "".join(f"{1.7e9 + i},{i % 7},{i % 2}\n" for i in range(30)), "precision", "a"),
        ("a,b,label\n" + "".join(f"{i}e-50,{i % 7},{i % 2}\n" for i in range(30)), "precision", "a"),
        ("a,label\n" + "".join(f"{i},x\n" for i in range(30)), "one class", "label"),
        ("a,b\n" + "".join(f"{i},{i * 0.5}\n" for i in range(30)), "many classes", "b"),
        (GOOD.replace(",a", "," + "a" * 101), "long name", "label"),
        ("a,b,label\n" + "".join(f"{i % 7},{'?' if i % 5 else i},{i % 2}\n" for i in range(30)), "mostly gaps", "b"),
    ],
)
def test_what_no_row_is_to_blame_for_is_told_of_its_column(text, reason, column):
    sheet = tables.read(text.encode())
    (fault,) = faults(sheet, proposal.proposed(sheet))
    assert (fault.reason, sheet.names[fault.found[0].column]) == (reason, column)


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


def test_a_choice_that_leaves_faults_is_refused_and_one_of_columns_that_are_not_there_fits_as_far_as_it_can():
    name = tables.store(tables.read(replaced(6, "1,,a")))
    with pytest.raises(TableError, match="unmended"):
        tables.load(name, "label=3")
    assert len(tables.load(name, "label=3;drop=2").x) == 23
    assert tables.load(name, "label=77;out=2,50").features == ("height",)


class CountingReader:
    """A csv.reader that counts the rows of all of its kind."""

    rows = 0

    def __init__(self, lines, made=csv.reader, **how):
        self.reader = made(lines, **how)

    def __iter__(self):
        return self

    def __next__(self):
        CountingReader.rows += 1
        return next(self.reader)

    @property
    def line_num(self) -> int:
        return self.reader.line_num


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        *(
            ("\n", "many rows"),
            ("a\r", "many rows"),
            ("a\r\n", "many rows"),
            ("\n,\n", "many rows"),
            ("1\n2,", "many rows"),
        ),
        *(
            (",", "many columns"),
            ("a,", "many columns"),
            ('"a",', "many columns"),
            ('"', "long cell"),
            ('a"b\n', "many rows"),
        ),
    ],
    ids=repr,
)
def test_a_nasty_file_is_refused_before_it_costs_others_their_time(piece, reason, monkeypatch):
    """Five megabytes of empty lines took 4.4 s; what costs that is counted: the rows that are cut into cells."""
    monkeypatch.setattr(dialect.csv, "reader", CountingReader)
    CountingReader.rows = 0
    with pytest.raises(TableError) as caught:
        tables.read(("a,b,label\n" + piece * (4_999_000 // len(piece)) + "1,2").encode())
    assert caught.value.reason == reason
    assert CountingReader.rows < 50_000


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


def test_a_stored_table_comes_back_whole_and_twice_is_once(own_folder):
    sheet, table = tables.read(GOOD.encode()), parsed(GOOD)
    name = tables.store(sheet)
    assert tables.store(sheet) == name
    assert len(list(own_folder.iterdir())) == 1
    back = tables.load(name)
    np.testing.assert_array_equal(back.x, table.x)
    np.testing.assert_array_equal(back.y, table.y)
    assert (back.features, back.classes, back.label) == (table.features, table.classes, table.label)


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


def test_tables_that_differ_in_the_labels_name_alone_are_two():
    ids = [tables.store(tables.read(GOOD.replace("label", name).encode())) for name in ("label", "class")]
    assert [tables.load(one).label for one in ids] == ["label", "class"]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 24, "A" * 24, "0" * 5000])
def test_an_unknown_id_is_refused_in_words(name):
    with pytest.raises(TableError) as caught:
        tables.load(name)
    assert read("studio/tables").say(caught.value.reason, **caught.value.facts)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", None])
def test_what_an_earlier_version_kept_or_half_a_file_is_unknown(own_folder, content):
    file = own_folder / f"{'0' * 24}.npz"
    np.savez(file, x=np.zeros(3)) if content is None else file.write_bytes(content)
    with pytest.raises(TableError, match="unknown"):
        tables.load(file.stem)


def test_a_table_that_cannot_be_written_is_refused_and_leaves_nothing(monkeypatch, own_folder):
    def full(file, **arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables.np, "savez_compressed", full)
    with pytest.raises(TableError) as refused:
        tables.store(tables.read(GOOD.encode()))
    assert refused.value.reason == "no room"
    assert not list(own_folder.iterdir())


def test_a_folder_that_may_not_be_written_to_is_named(monkeypatch, own_folder):
    def read_only(file, **arrays):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(tables.np, "savez_compressed", read_only)
    with pytest.raises(TableError) as refused:
        tables.store(tables.read(GOOD.encode()))
    assert (refused.value.reason, refused.value.facts) == ("read only", {"path": str(own_folder)})


def test_a_folder_that_cannot_be_made_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path / "file" / "tables"))
    with pytest.raises(TableError) as refused:
        tables.store(tables.read(GOOD.encode()))
    assert (refused.value.reason, refused.value.facts) == ("read only", {"path": str(tmp_path / "file" / "tables")})
    assert "{path}" in read("studio/tables")["read only"]


def test_the_usual_folder_must_be_private_and_the_operators_need_not(monkeypatch, tmp_path):
    monkeypatch.setenv("BN_LAB_TABLES", "")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept = tables.folder()
    assert kept.parent == tmp_path
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    kept.chmod(0o755)
    with pytest.raises(TableError) as caught:
        tables.store(tables.read(GOOD.encode()))
    assert str(kept) in read("studio/tables").say(caught.value.reason, **caught.value.facts)
    monkeypatch.setenv("BN_LAB_TABLES", str(kept))
    assert tables.folder() == kept


@given(some.binary(max_size=300) | some.text(string.printable, max_size=300).map(str.encode))
def test_any_bytes_give_a_table_or_a_named_fault(raw):
    try:
        sheet = tables.read(raw)
        said = faults(sheet, proposal.proposed(sheet)) or parsed(raw.decode()).classes
    except TableError as error:
        said = read("studio/tables").say(error.reason, **error.facts)
    assert said
