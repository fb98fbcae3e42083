"""Contract: the choices about a table have one short spelling in links; a bad one is repaired or refused by name."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as some

from training.spec.reading.choice import CHOICE, ColumnChoice
from training.spec.settings import Settings

columns = some.frozensets(some.integers(0, 1000), max_size=9)
choices = some.builds(
    ColumnChoice, some.integers(0, 1000), columns, columns, columns, some.booleans(), some.booleans(), some.booleans()
)


@given(choices)
def test_a_choice_reads_back_from_its_spelling(choice):
    text = CHOICE.spelled(choice)
    assert CHOICE.chosen(text) == choice
    assert CHOICE.read(text) == text == CHOICE.nearest(text)
    assert len(CHOICE.spelled(ColumnChoice(0, out=frozenset(range(1, 100))))) < 20


def test_the_longest_choice_of_the_widest_table_has_room():
    every_other = ColumnChoice(
        0, frozenset(range(1, 1001, 4)), frozenset(range(2, 1001, 4)), frozenset(range(3, 1001, 2))
    )
    longest = dataclasses.replace(every_other, ragged=True, rare=True, named=True)
    assert CHOICE.chosen(CHOICE.read(CHOICE.spelled(longest))) == longest


@pytest.mark.parametrize(
    ("text", "offence"),
    [
        *(
            ("out=1", "label=column"),
            ("label=0", "label=0"),
            ("label=1002", "from 1 to 1001"),
            ("label=1,2", "label=1,2"),
        ),
        *(("label=1;out=5-3", "out=5-3"), ("label=1;fill=x", "fill=x"), ("label=1;label=2", "label once")),
        *(("label=1;rows=all", "rows=all"), ("label=1;gaps=none", "gaps=none"), ("x" * 5101, "label=column")),
    ],
)
def test_a_bad_one_is_refused_saying_what_is_allowed(text, offence):
    with pytest.raises(ValueError, match=f"columns must .*{offence}"):
        Settings(columns=text)


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("label=3;out=x;fill=2", "label=3;fill=2"),
        ("label=3;;rows=rare,ragged;junk", "label=3;rows=ragged,rare"),
        ("out=1-3,2;label=07", "label=7;out=1-3"),
        ("out=1", None),
        ("", None),
    ],
)
def test_what_is_good_in_a_bad_one_is_kept(text, repaired):
    assert CHOICE.nearest(text) == repaired
