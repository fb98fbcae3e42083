"""A reader's own table: each fault is named with its place, can be mended, and costs no other reader time."""

import csv
import string

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lessons.content import read
from tests.training.spec.good_table import GOOD, parsed, replaced
from training.spec import tables
from training.spec.reading import dialect, proposal
from training.spec.reading.faults import faults
from training.spec.tables import TableError


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
    """Five megabytes of empty lines took 4.4 s; the test counts what costs that time: rows cut into cells."""
    monkeypatch.setattr(dialect.csv, "reader", CountingReader)
    CountingReader.rows = 0
    with pytest.raises(TableError) as caught:
        tables.read(("a,b,label\n" + piece * (4_999_000 // len(piece)) + "1,2").encode())
    assert caught.value.reason == reason
    assert CountingReader.rows < 50_000


@given(some.binary(max_size=300) | some.text(string.printable, max_size=300).map(str.encode))
def test_any_bytes_give_a_table_or_a_named_fault(raw):
    try:
        sheet = tables.read(raw)
        said = faults(sheet, proposal.proposed(sheet)) or parsed(raw.decode()).classes
    except TableError as error:
        said = read("studio/tables").say(error.reason, **error.facts)
    assert said
