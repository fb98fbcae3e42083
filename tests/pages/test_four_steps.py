"""Lesson 1's page: every state is drawn, a bad batch is told and survived, the take-home script prints its numbers."""

import functools
import re

import pytest

from bn_core.experiments.four_steps import GRIDS, UNDONE, Settings, grid, run, sweep
from bn_core.experiments.settings import kinds
from tests.pages import opening
from tests.pages.opening import payload
from ui.words import read

NAME = "01_four_steps"
WORDS = read(NAME)
opened = functools.partial(opening.opened, NAME)


def test_nothing_is_revealed_before_the_reader_commits():
    page = opened(guess=None)
    assert not page.exception
    assert len(page.get("bidi_component")) == 0
    page.radio[0].set_value(WORDS.choices("predict")[0]).run()
    assert not page.exception
    assert len(payload(page)["figures"]) == 1
    assert any("mean 2.00, which is beta, and standard deviation 1.50" in text.value for text in page.markdown)


def test_the_tiles_trace_one_value_through_every_step():
    texts = payload(opened(beta=-0.2))["texts"]["four_steps.trace"]
    assert [texts[f"tiles.{n}"][4] for n in range(4)] == [
        "7",
        "7 − 5.00 = 2.00",
        "2.00 / 2.00 = 1.00",
        "1.5 · 1.00 + (−0.2) = 1.30",
    ]


@pytest.mark.parametrize("name", [*GRIDS, "trace"])
def test_every_control_stands_at_both_ends(name):
    kind = kinds(Settings)[name]
    for end in (kind.low, kind.high):
        page = opened(outlier="true", **{name: end})
        assert not page.exception, (name, end)
        control = next(each for each in payload(page)["controls"] if each["name"] == f"four_steps.{name}")
        assert control["start"] == (0 if end == kind.low else len(control["shown"]) - 1)


def test_the_outlier_brings_its_own_control_and_sentence():
    page = opened()
    page.toggle[0].set_value(True).run()
    assert not page.exception
    drawn = payload(page)
    assert "four_steps.outlier_value" in drawn["texts"]
    assert "every other value moves" in drawn["texts"]["four_steps.trace"]["sentence"][0]
    assert "four_steps.outlier_value" not in payload(opened())["texts"]


@pytest.mark.parametrize("batch", ["1, 2", ", ".join(["-20", "20"] * 8), "3 3 3", "0.1; 0.2"])
def test_any_batch_can_be_typed(batch):
    page = opened()
    page.text_input[0].set_value(batch).run()
    assert not page.exception
    assert not page.error
    entries = kinds(Settings)["batch"].read(batch)
    assert len(payload(page)["texts"]["four_steps.trace"]["sentence"]) == len(entries)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("1", "got 1 of them"), ("1, x", "'x' is not a number"), ("1, 1e9", "'1e9'"), ("", "got 0"), ("nan 1", "'nan'")],
)
def test_what_is_no_batch_is_told_and_the_last_good_one_stays(typed, said):
    page = opened()
    page.text_input[0].set_value("1, 2, 6").run()
    page.text_input[0].set_value(typed).run()
    assert not page.exception
    assert said in page.error[0].value
    assert "still shows 1, 2, 6" in page.error[0].value
    assert payload(page)["texts"]["four_steps.trace"]["tiles.0"] == ["1", "2", "6"]


def test_every_verdict_has_its_sentence():
    seen = set()
    for settings in (Settings(), Settings(outlier=True), Settings(gamma=2.0), Settings(gamma=1.0)):
        for control in (*GRIDS, "trace"):
            seen |= set(sweep(settings, control, grid(settings, control)).verdict)
    assert {f"sentence.{verdict}" for verdict in seen} == {
        name for name in WORDS.sections if name.startswith("sentence")
    }


@pytest.mark.parametrize(("beta", "reached"), [(5, True), (2, False)])
def test_the_check_is_answered_by_moving_the_model(beta, reached):
    page = opened(gamma=2, beta=beta)
    said = [box.value for box in (page.success if reached else page.info)]
    assert WORDS["check.reached" if reached else "check.not yet"] in said
    assert f"to within {UNDONE:g}" in WORDS["check"]


STATES = [
    Settings(),
    Settings(batch=(1.0, -3.5), gamma=-2.0, beta=0.5, epsilon=0.5, spread=1.5, offset=-4.0, trace=2),
    Settings(outlier=True, outlier_value=-14.5, trace=17),
    Settings(spread=0.0),
]


def assert_prints(text: str, settings: Settings) -> None:
    """Every number that the script prints is the record's."""
    result = run(settings)
    expected = {
        "x:": result.stations[0],
        "x - mu:": result.stations[1],
        "x_hat:": result.stations[2],
        "y:": result.stations[3],
        "mean and std of x:": [result.means[0], result.stds[0]],
        "mean and std of y:": [result.means[3], result.stds[3]],
        "|gamma| * sqrt(var / (var + epsilon)):": [result.promised_std],
        "the traced value:": result.path,
    }
    for label, values in expected.items():
        line = re.search(rf"^{re.escape(label)}(.*)$", text, flags=re.MULTILINE)[1]
        printed = [float(number) for number in line.strip(" []").split()]
        assert printed == pytest.approx(list(values), abs=2e-6), label


def test_the_script_runs_alone_and_prints_the_numbers_on_screen(tmp_path):
    for settings, text in zip(STATES, opening.printed(NAME, STATES, tmp_path), strict=True):
        assert_prints(text, settings)
