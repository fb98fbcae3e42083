"""Contract: a field refuses what it does not allow, and repairs a text to the nearest allowed value or to none."""

from dataclasses import dataclass

import pytest

from lessons.fields import Checked, Choice, Flag, Number, Numbers, choice, defaults, integer, kinds, number


@dataclass(frozen=True)
class Example(Checked):
    momentum: float = number(0.99, 0.0, 0.999)
    depth: int = integer(10, 1, 20)
    activation: str = choice("relu", "relu", "tanh")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"momentum": 1.5}, "momentum must be a number from 0 to 0.999; got 1.5"),
        ({"momentum": float("nan")}, "momentum must be a number from 0 to 0.999; got nan"),
        ({"momentum": "0.9"}, "momentum must be a number"),
        ({"depth": 2.5}, "depth must be a whole number from 1 to 20; got 2.5"),
        ({"depth": True}, "depth must be a whole number"),
        ({"activation": "gelu"}, "activation must be one of relu, tanh; got 'gelu'"),
    ],
)
def test_a_bad_value_is_refused_by_name_and_range(wrong, message):
    with pytest.raises(ValueError, match=message):
        Example(**wrong)


def test_kinds_and_defaults_are_told_by_field_name():
    assert kinds(Example)["depth"] == Number(1, 20, whole=True)
    assert defaults(Example) == {"momentum": 0.99, "depth": 10, "activation": "relu"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("inf", 20),
        ("-inf", 1),
        ("1e400", 20),
        ("9" * 400, 20),
        ("7", 7),
        ("7.6", 8),
        ("nan", None),
        ("", None),
        ("x", None),
    ],
)
def test_whole_numbers_survive_anything_a_url_can_hold(text, value):
    nearest = Number(1, 20, whole=True).nearest(text)
    assert nearest == value
    assert nearest is None or isinstance(nearest, int)


def test_reading_a_number_refuses_what_repairing_would_change():
    assert Number(0, 1).read("0.25") == 0.25
    assert Number(1, 20, whole=True).read("7.0") == 7
    for text in ("2", "nan", "x"):
        with pytest.raises(ValueError, match=r"."):
            Number(0, 1).read(text)


def test_choices_forgive_case_and_outer_spaces_only():
    kind = Choice(("relu", "tanh"))
    assert kind.nearest(" ReLU ") == "relu"
    assert kind.nearest("gelu") is None


def test_flags_read_the_spellings_of_yes_and_no():
    assert [Flag().nearest(text) for text in ("true", "1", "No", "maybe")] == [True, True, False, None]
    assert Flag().read("yes") is True
    with pytest.raises(ValueError, match="true or false"):
        Flag().read("maybe")


def test_a_row_of_numbers_names_the_word_that_is_wrong():
    kind = Numbers(-100, 100, least=2, most=4)
    assert kind.read("2, 4; -1.5") == (2.0, 4.0, -1.5)
    with pytest.raises(ValueError, match="'abc' is not a number from -100 to 100"):
        kind.read("2, abc")
    with pytest.raises(ValueError, match=r"2 to 4 numbers.*got 1"):
        kind.read("2")
    assert kind.nearest("2, 1e9") is None
