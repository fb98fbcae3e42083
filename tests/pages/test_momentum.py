"""Contract: the lesson runs from question to check, at both ends of every control; its script prints the screen."""

import functools
import re

import numpy as np
import pytest

from bn_core.experiments import momentum
from bn_core.experiments.momentum import MOMENTA, Settings, run, step_of, sweep
from bn_core.experiments.settings import kinds
from tests.pages import opening
from tests.pages.opening import moved, payload
from ui.code import SCRIPTS, keras_code
from ui.words import read

NAME = "03_momentum"
WORDS = read(NAME)
opened = functools.partial(opening.opened, NAME)
OTHERS = [name for name in kinds(Settings) if name != "momentum"]


def test_nothing_is_revealed_before_the_reader_commits():
    page = opened(guess=None)
    assert not page.exception
    assert len(page.get("bidi_component")) == 0
    assert len(page.radio) == 1


def test_the_figure_appears_after_committing():
    page = opened(guess=None)
    page.radio[0].set_value(WORDS.choices("predict")[0]).run()
    assert not page.exception
    assert len(payload(page)["figures"]) == 3
    assert any("differ by at most **0**" in text.value for text in page.markdown)


def test_every_control_stands_at_both_ends():
    page = opened()
    for name, end in moved(page, "momentum", Settings, OTHERS):
        assert not page.exception, (name, end)


@pytest.mark.parametrize("convention", ["Keras", "PyTorch"])
@pytest.mark.parametrize("kept", [0, 0.5, 0.95, 0.999])
def test_the_scrubbed_control_starts_where_the_url_says(convention, kept):
    page = opened(momentum=kept, convention=convention)
    assert not page.exception
    control = payload(page)["controls"][0]
    shown = kept if convention == "Keras" else 1 - kept
    assert float(control["shown"][control["start"]]) == pytest.approx(shown)
    assert convention in control["label"]
    assert ("OLD" if convention == "Keras" else "NEW") in control["label"]


def test_the_marks_name_the_article_and_both_defaults_in_either_convention():
    for convention, values in (("Keras", ("0 ", "0.9 ", "0.99 ")), ("PyTorch", ("1 ", "0.1 ", "0.01 "))):
        marks = payload(opened(convention=convention))["controls"][0]["marks"]
        assert [int(step) for step in marks] == [step_of(0.0), step_of(0.9), step_of(0.99)]
        assert all(mark.startswith(value) for mark, value in zip(marks.values(), values, strict=True))


def test_every_verdict_has_a_sentence_and_the_sentences_quote_the_record():
    page = payload(opened(stream="jumping", steps=200))
    table = sweep(Settings(stream="jumping", steps=200), "momentum", MOMENTA)
    texts = page["texts"]["momentum.momentum"]
    for step, word in enumerate(table.verdict):
        assert texts["sentence"][step].replace("−", "-") == WORDS.say(f"sentence.{word}", **table.facts(step))
        assert texts["tiles.2"][step].replace("−", "-") == f"{table.inference_output[step, -1]:z.2f}"
    assert len(set(texts["tiles.3"])) == 1


def test_the_update_is_written_as_the_convention_writes_it():
    for convention, update in (
        ("Keras", "0.99 × old + (1 − 0.99) × batch"),
        ("PyTorch", "(1 − 0.01) × old + 0.01 × batch"),
    ):
        texts = payload(opened(convention=convention))["texts"]["momentum.momentum"]
        assert texts["tiles.0"][step_of(0.99)] == update


@pytest.mark.parametrize(("kept", "reached"), [(0.95, True), (0.99, False), (0.5, False)])
def test_the_check_is_answered_by_moving_the_model(kept, reached):
    page = opened(momentum=kept)
    said = [box.value for box in (page.success if reached else page.info)]
    assert WORDS["check.reached" if reached else "check.not yet"] in said


def test_a_momentum_between_two_grid_points_snaps_to_the_grid():
    page = opened(momentum=0.9512)
    assert "momentum = 0.95 " in page.code[1].value


def test_the_script_as_it_lies_in_the_repository_stands_at_the_default_state():
    lying = (SCRIPTS / "03_momentum.py").read_text(encoding="utf-8")
    assert keras_code("03_momentum", Settings()).replace("'", '"') == lying.replace("'", '"')


def printed(text: str, label: str) -> float:
    return float(re.search(rf"{re.escape(label)} (-?[\d.]+(?:e-?\d+)?)", text)[1])


STATES = [
    Settings(momentum=0.0, stream="jumping", batch_size=2, steps=21, sample=-3.5),
    Settings(momentum=0.95, convention="PyTorch", stream="drifting", mean=-1.0, sd=0.5, factor=3.0, seed=8),
]


def test_the_script_runs_alone_and_prints_the_numbers_on_screen(tmp_path):
    """Keras's own layer, fed the same stream, ends with the record's running statistics and outputs."""
    for settings, text in zip(STATES, opening.printed(NAME, STATES, tmp_path), strict=True):
        assert_prints(text, settings)


def assert_prints(text: str, settings: Settings) -> None:
    """Every number that the script prints is the record's."""
    result = run(settings)
    mean, var = result.running.mean[-1], result.running.var[-1]
    if settings.convention == "Keras":
        assert printed(text, "\nrunning variance:") == pytest.approx(var, abs=2e-6)
        assert printed(text, f"\ninference output of {settings.sample:g}:") == pytest.approx(
            result.inference_output[-1], abs=2e-6
        )
    else:
        assert printed(text, ", running variance") == pytest.approx(var, abs=2e-6)
        assert printed(text, f"PyTorch's rule, inference output of {settings.sample:g}:") == pytest.approx(
            result.inference_output[-1], abs=2e-6
        )
    assert printed(text, "running mean:") == pytest.approx(mean, abs=2e-6)
    assert printed(text, "start value left:") == pytest.approx(float(result.start_share), abs=1e-6)
    assert printed(text, f"\ntraining output of {settings.sample:g}:") == pytest.approx(
        result.training_output[-1], abs=2e-6
    )
    assert printed(text, "differ by:") == result.training_difference == 0.0


def test_the_words_promise_only_what_the_model_shows():
    """Numbers in fixed text: half forgotten within 7 batches at 0.9; three quarters of the variance at B = 4."""
    assert run(Settings(momentum=0.9)).half_life < 7
    result = run(Settings(statistic="variance", batch_size=4))
    assert result.expected.var[-1] == pytest.approx(0.75 * result.true.var[-1])
    assert np.all(np.isfinite(result.inference_output))


def test_the_check_turns_green_after_the_batches_that_the_instructors_note_tells():
    """At the default momentum, and within what the slider allows."""
    (told,) = map(int, re.findall(r"turns green: (\d+)", WORDS["instructor"]))
    assert [bool(run(Settings(steps=steps)).reached) for steps in (told - 1, told)] == [False, True]


def test_a_drag_needs_no_new_sweep(monkeypatch):
    """Whatever the momentum, the page asks for one and the same table."""
    asked = []
    monkeypatch.setattr(momentum, "sweep", lambda settings, *rest: asked.append(settings) or sweep(settings, *rest))
    for kept in (0.5, 0.9):
        assert not opened(momentum=kept).exception
    assert len(set(asked)) == 1


def test_momentum_is_shown_as_it_stands_although_the_table_is_of_another():
    assert "momentum = 0.5 " in opened(momentum=0.5).code[1].value
