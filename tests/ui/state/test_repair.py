"""Whatever the address holds, the page comes up with allowed settings and says what it replaced."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from lessons.fields import kinds
from tests.ui.query_settings import Settings
from tests.waiting import DEADLINE
from ui.state.repair import checked_value, notice, quoted, spelled

PAGE = f"""
import runpy
from tests.ui.query_settings import Settings
from ui.state.repair import repair_address
from ui.state.url_state import arrive
repair_address("lab", Settings)
arrive("lab")
runpy.run_path({str(Path(__file__).parents[1] / "query_page.py")!r})
"""
BAD = {
    "nan": "nan",
    "inf": "inf",
    "-inf": "-inf",
    "1e400": "1e400",
    "400 digits": "9" * 400,
    "empty": "",
    "text": "many",
    "markup": "<script>alert(1)</script>",
    "markdown": "`**[x](javascript:y)**` :material/home: $x$",
    "unicode": "\u202eγ\u0660\U0001f600",
    "null byte": "1\x002",
    "long": "x" * 1500,
}
FIELDS = list(kinds(Settings))
DRAWN = [name for name in FIELDS if name != "row"]


def opened(**texts):
    """The page as it comes up with these fields in its address."""
    page = AppTest.from_string(PAGE, default_timeout=DEADLINE)
    for name, text in texts.items():
        page.query_params[f"lab.{name}"] = text
    page.run()
    assert not page.exception
    return page


def value(page, name):
    return page.session_state[f"lab.{name}"]


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_bad_value_is_replaced_and_named(text):
    """In every field at once, which is one page instead of eight."""
    page = opened(**dict.fromkeys(FIELDS, text))
    assert len(page.warning) == 1
    lines = page.warning[0].value.split("\n\n")
    for name, line in zip(FIELDS, lines, strict=True):
        assert f"gave {name.replace('_', ' ')} =" in line
        assert kinds(Settings)[name].described() in line
    for name in DRAWN:
        kinds(Settings)[name].read(spelled(value(page, name)))


@pytest.mark.parametrize(
    ("name", "text", "used"),
    [
        ("real", "99", 3.0),
        ("real", "-inf", -2.0),
        ("typed_real", "1e400", 3.0),
        ("whole", "3.7", 4),
        ("whole", "9" * 400, 20),
        ("typed_whole", "inf", 20),
        ("typed_whole", "-1e400", 1),
        ("typed_whole", "nan", 4),
        ("word", "TANH", "tanh"),
        ("switch", "maybe", True),
    ],
)
def test_the_nearest_allowed_value_else_the_default_stands_in(name, text, used):
    assert value(opened(**{name: text}), name) == used


@pytest.mark.parametrize(
    ("name", "text", "used"),
    [
        ("real", "-1.25", -1.25),
        ("typed_real", "2", 2.0),
        ("whole", "7", 7),
        ("typed_whole", "20", 20),
        ("word", "sigmoid", "sigmoid"),
        ("switch", "false", False),
        ("switch", "0", False),
    ],
)
def test_a_good_value_is_taken_in_silence(name, text, used):
    page = opened(**{name: text})
    assert value(page, name) == used
    assert not page.warning


def test_of_a_repeated_value_the_last_is_taken():
    good = {name: "2" for name in FIELDS} | {"word": "tanh", "switch": "false", "row": "5, 6"}
    page = opened(**{name: ["junk", good[name]] for name in FIELDS})
    for name in DRAWN:
        assert value(page, name) == kinds(Settings)[name].read(good[name])
    assert page.warning[0].value.count("given once") == len(FIELDS)


def test_the_notice_stays_while_the_reader_moves_on():
    page = opened(whole="99")
    page.button[0].click().run()
    assert len(page.warning) == 1


def test_a_bad_value_that_comes_while_its_widget_is_on_the_page_is_written_over_by_the_widget():
    page = opened(typed_whole="3")
    page.query_params["lab.typed_whole"] = "1e400"
    page.run()
    assert not page.exception
    assert not page.warning
    assert value(page, "typed_whole") == 3
    assert page.query_params["lab.typed_whole"] in ("3", ["3"])


def test_unknown_names_are_ignored():
    page = AppTest.from_string(PAGE, default_timeout=DEADLINE)
    page.query_params["lab.nothing"] = page.query_params["elsewhere.real"] = "inf"
    assert not page.run().warning


def test_later_moves_win_over_the_address():
    page = opened(whole="99")
    page.slider(key="lab.whole").set_value(3).run()
    assert value(page, "whole") == 3
    assert page.query_params["lab.whole"] in ("3", ["3"])


@given(text=some.text(max_size=60), name=some.sampled_from(FIELDS))
def test_any_text_gives_a_readable_value(text, name):
    """Also: repairing twice changes nothing, and a notice is one harmless paragraph."""
    used, repair = checked_value(Settings, name, [text])
    kinds(Settings)[name].read(used)
    assert checked_value(Settings, name, [used]) == (used, None)
    if repair:
        assert "\n" not in notice([repair])
        assert len(notice([repair])) < 300


@given(text=some.text(max_size=100))
def test_a_quote_cannot_break_out(text):
    inside = quoted(text).removeprefix("`").removesuffix("`")
    assert "`" not in inside
    assert len(inside) <= 32
