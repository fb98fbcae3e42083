"""Contract: the lesson runs from question to check, at both ends of every control; its script prints the screen."""

import json
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bn_core.experiments.momentum import MOMENTA, Settings, run, step_of, sweep
from bn_core.experiments.settings import Choice, kinds
from ui.code import SCRIPTS, keras_code
from ui.words import read

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "03_momentum.py")
WORDS = read("03_momentum")
NOTHING = WORDS.choices("predict")[3]
OTHERS = [name for name in kinds(Settings) if name != "momentum"]


def opened(guess: str | None = NOTHING, **settings) -> AppTest:
    """The page with the prediction made and the given settings in the URL."""
    page = AppTest.from_file(PAGE, default_timeout=20)
    if guess:
        page.query_params["momentum.guess"] = guess
    for name, value in settings.items():
        page.query_params[f"momentum.{name}"] = str(value)
    return page.run()


def payload(page: AppTest) -> dict:
    data = page.get("bidi_component")[0].proto.bytes
    (length,) = struct.unpack_from("<I", data)
    return json.loads(data[4 : 4 + length])


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


@pytest.mark.parametrize("name", OTHERS)
def test_every_control_stands_at_both_ends(name):
    kind = kinds(Settings)[name]
    ends = kind.options if isinstance(kind, Choice) else (kind.low, kind.high)
    page = opened()
    for end in ends:
        widgets = page.radio if isinstance(kind, Choice) else page.slider
        next(widget for widget in widgets if widget.key == f"momentum.{name}").set_value(end).run()
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


@pytest.mark.parametrize(
    "settings",
    [
        Settings(momentum=0.0, stream="jumping", batch_size=2, steps=21, sample=-3.5),
        Settings(momentum=0.95, convention="PyTorch", stream="drifting", mean=-1.0, sd=0.5, factor=3.0, seed=8),
    ],
)
def test_the_script_runs_alone_and_prints_the_numbers_on_screen(settings, tmp_path):
    """Keras's own layer, fed the same stream, ends with the record's running statistics and outputs."""
    script = tmp_path / "take_home.py"
    script.write_text(keras_code("03_momentum", settings))
    run_alone = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True)
    text, result = run_alone.stdout, run(settings)
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
