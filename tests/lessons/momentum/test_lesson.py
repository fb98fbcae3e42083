"""The words at every momentum, in both conventions, and the output of the take-home script."""

import re

import numpy as np
import pytest

from lessons import momentum
from lessons.momentum import LESSON, experiment
from lessons.momentum.experiment import MOMENTA, Settings, run, step_of, sweep
from lessons.table import rows


def test_the_model_answers_the_prediction():
    assert "**do not differ at all**" in LESSON.table(Settings(), None).texts["reckoning"][0]


@pytest.mark.parametrize("convention", ["Keras", "PyTorch"])
@pytest.mark.parametrize("kept", [0, 0.5, 0.95, 0.999])
def test_the_handle_starts_where_the_settings_say(convention, kept):
    (control,) = LESSON.handles(Settings(momentum=kept, convention=convention))
    shown = kept if convention == "Keras" else 1 - kept
    assert float(control.shown[control.at]) == pytest.approx(shown)
    assert convention in control.label
    assert ("OLD" if convention == "Keras" else "NEW") in control.label


def test_the_marks_name_the_article_and_both_defaults_in_either_convention():
    for convention, values in (("Keras", ("0 ", "0.9 ", "0.99 ")), ("PyTorch", ("1 ", "0.1 ", "0.01 "))):
        marks = LESSON.handles(Settings(convention=convention))[0].marks
        assert list(marks) == [step_of(0.0), step_of(0.9), step_of(0.99)]
        assert all(mark.startswith(value) for mark, value in zip(marks.values(), values, strict=True))
        other = {"Keras": "= PyTorch's 0.1", "PyTorch": "= Keras's 0.99"}[convention]
        assert [mark for mark in marks.values() if other in mark]


def test_every_verdict_has_a_sentence_and_the_sentences_quote_the_record():
    settings = Settings(stream="jumping", steps=200)
    record, texts = sweep(settings, "momentum", MOMENTA), LESSON.table(settings, "momentum").texts
    facts = rows(record.facts, len(MOMENTA))
    for step, word in enumerate(record.verdict):
        assert texts["sentence"][step].replace("−", "-") == LESSON.words.say(f"sentence.{word}", **facts[step]).replace(
            "−", "-"
        )
        assert texts["tile.2"][step].replace("−", "-") == f"{record.inference_output[step, -1]:z.2f}"
    assert len(set(texts["tile.3"])) == 1


def test_every_sentence_is_of_a_verdict_that_is_given():
    states = [
        Settings(),
        Settings(steps=20),
        Settings(stream="jumping", steps=200),
        Settings(stream="drifting", steps=200),
        Settings(stream="drifting", factor=4.0, steps=60, statistic="variance"),
        Settings(stream="drifting", factor=0.1, steps=20),
        Settings(batch_size=2, steps=500),
        Settings(statistic="variance", batch_size=2, steps=500),
        Settings(statistic="variance", batch_size=4, steps=500),
    ]
    given = {word for state in states for word in sweep(state, "momentum", MOMENTA).verdict}
    assert {f"sentence.{word}" for word in given} == {
        name for name in LESSON.words.sections if name.startswith("sentence.")
    }


def test_the_update_is_written_as_the_convention_writes_it():
    for convention, update in (
        ("Keras", "0.99 × old + (1 − 0.99) × batch"),
        ("PyTorch", "(1 − 0.01) × old + 0.01 × batch"),
    ):
        assert LESSON.table(Settings(convention=convention), "momentum").texts["tile.0"][step_of(0.99)] == update
        assert LESSON.table(Settings(convention=convention), None).texts["tile.0"] == [update]


@pytest.mark.parametrize(("kept", "reached"), [(0.95, True), (0.99, False), (0.5, False)])
def test_the_check_is_answered_by_moving_the_model(kept, reached):
    made = LESSON.table(Settings(momentum=kept), None)
    assert made.texts["check"] == [LESSON.words["check.reached" if reached else "check.not yet"]]
    assert list(made.reached) == [reached]


def test_a_momentum_between_two_grid_points_snaps_to_the_grid():
    assert LESSON.snapped(Settings(momentum=0.9512)).momentum == 0.95


@pytest.mark.parametrize("statistic", ["mean", "variance"])
def test_the_tile_of_the_update_names_the_statistic(statistic):
    assert LESSON.picture(Settings(statistic=statistic))[1].tiles[0] == f"Running {statistic} becomes"


def test_whatever_the_momentum_one_sweep_serves_pictures_and_table(monkeypatch):
    asked = []
    momentum.swept.cache_clear()
    monkeypatch.setattr(experiment, "sweep", lambda settings, *rest: asked.append(settings) or sweep(settings, *rest))
    for kept in (0.5, 0.9):
        LESSON.table(Settings(momentum=kept), None)
        LESSON.picture(Settings(momentum=kept))
    LESSON.table(Settings(), "momentum")
    assert len(asked) == 1


def test_the_words_promise_only_what_the_model_shows():
    """Numbers in fixed text: half forgotten within 7 batches at 0.9; three quarters of the variance at B = 4."""
    assert run(Settings(momentum=0.9)).half_life < 7
    result = run(Settings(statistic="variance", batch_size=4))
    assert result.expected.var[-1] == pytest.approx(0.75 * result.true.var[-1])
    assert np.all(np.isfinite(result.inference_output))


def test_the_check_turns_green_after_the_batches_that_the_instructors_note_tells():
    """At the default momentum, and within what the slider allows."""
    (told,) = map(int, re.findall(r"is reached: (\d+)", LESSON.words["instructor"]))
    assert [bool(run(Settings(steps=steps)).reached) for steps in (told - 1, told)] == [False, True]


def test_the_prediction_is_the_running_mean_by_its_rule_at_the_marks():
    """From the start value 0, each batch's mean counting 1 − momentum; worked out here batch by batch."""
    result, running = run(Settings()), [0.0]
    for mean in result.batch.mean:
        running.append(0.99 * running[-1] + 0.01 * mean)
    (truth,) = LESSON.table(Settings(), None).truth
    assert truth == pytest.approx([running[n] for n in (0, 10, 25, 40, 60, 80, 100)])
    tracks = LESSON.table(Settings(), None).tracks[0]
    assert list(tracks["data[4].x"][0]) == [0, 10, 25, 40, 60, 80, 100]
