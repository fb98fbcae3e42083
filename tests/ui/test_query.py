"""Whatever the address holds, the page comes up with allowed settings and says what it replaced."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from bn_core.experiments.settings import kinds
from tests.ui.query_settings import Settings
from ui.query import checked_value, limits, notice, options, quoted, spelled

PAGE = f"""
import runpy
from tests.ui.query_settings import Settings
from ui.query import sanitise
if sanitise("lab", Settings):
    runpy.run_path({str(Path(__file__).with_name("query_page.py"))!r})
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


def opened(**texts):
    """The page as it comes up with these fields in its address."""
    page = AppTest.from_string(PAGE, default_timeout=30)
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
    said = page.warning[0].value.split("\n\n")
    assert len(said) == len(FIELDS)
    for name, line in zip(FIELDS, said, strict=True):
        assert f"gave {name.replace('_', ' ')} =" in line
        assert kinds(Settings)[name].described() in line
        used = value(page, name)
        kinds(Settings)[name].read(used if name == "row" else spelled(used))


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
        ("radio", "gelu", "relu"),
        ("switch", "maybe", True),
        ("row", "1, 2, x", "1, 2, 4"),
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
        ("radio", "tanh", "tanh"),
        ("switch", "false", False),
        ("switch", "0", False),
        ("row", "5, 6.5", "5, 6.5"),
    ],
)
def test_a_good_value_is_taken_in_silence(name, text, used):
    page = opened(**{name: text})
    assert value(page, name) == used
    assert not page.warning


def test_of_a_repeated_value_the_last_is_taken():
    good = {name: "2" for name in FIELDS} | {"word": "tanh", "radio": "tanh", "switch": "false", "row": "5, 6"}
    page = opened(**{name: ["junk", good[name]] for name in FIELDS})
    for name in FIELDS:
        assert value(page, name) == (good[name] if name == "row" else kinds(Settings)[name].read(good[name]))
    assert page.warning[0].value.count("given once") == len(FIELDS)


def test_the_notice_stays_while_the_reader_moves_on():
    page = opened(whole="99")
    page.button[0].click().run()
    assert len(page.warning) == 1


def test_only_the_reader_ends_the_wait_of_a_bad_address_gone_back_to():
    """A run that comes by itself, before the browser has let its widgets go, must not take the question away."""
    page = opened(typed_whole="3")
    page.query_params["lab.typed_whole"] = "1e400"
    for _ in range(2):
        page.run()
        assert [button.label for button in page.button] == ["Go on with these"]
        assert "1e400" in page.warning[0].value
    page.button(key="query.go on").click().run()
    assert value(page, "typed_whole") == 20
    assert len(page.warning) == 1


def test_unknown_names_are_ignored():
    page = AppTest.from_string(PAGE, default_timeout=30)
    page.query_params["lab.nothing"] = page.query_params["elsewhere.real"] = "inf"
    assert not page.run().warning


def test_later_moves_win_over_the_address():
    page = opened(whole="99", row="1, x")
    page.slider(key="lab.whole").set_value(3).run()
    page.text_input(key="lab.row").set_value("not, numbers").run()
    assert value(page, "whole") == 3
    assert value(page, "row") == "not, numbers"  # what the reader types is the page's to answer
    assert not page.exception


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


def test_limits_and_options_come_from_the_settings():
    assert limits(Settings, "real") == {"min_value": -2.0, "max_value": 3.0, "value": 0.5}
    assert limits(Settings, "whole") == {"min_value": 1, "max_value": 20, "value": 4}
    assert all(isinstance(entry, int) for entry in limits(Settings, "whole").values())
    assert options(Settings, "word") == (("relu", "tanh", "sigmoid"), 0)
    with pytest.raises(TypeError, match=r"Settings\.word is not a number"):
        limits(Settings, "word")
