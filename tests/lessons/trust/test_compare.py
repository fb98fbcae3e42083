"""Contract: the comparison of a lesson with its script in Keras uses every digit, and finds a wrong number."""

import dataclasses

import numpy as np
import pytest

from lessons.four_steps import LESSON
from lessons.four_steps.experiment import Settings
from lessons.trust import compare

pytest.importorskip("keras")


def test_rounded_formats_print_every_digit_and_other_words_stay():
    script = 'third = 1 / 3\nprint(f"at {4.0:g}: {third:.6f} {third:.6g}")'
    text = compare.in_full(f"class keras:\n    __version__ = '3'\n{script}")
    told = compare.output(text)
    assert told.splitlines() == [f"at 4: {1 / 3:.17g} {1 / 3:.17g}", "Keras version: 3"]


def test_the_same_state_agrees_to_rounding_and_a_wrong_number_is_told(monkeypatch):
    settings = Settings(pull=3.0, spread=0.5)
    found = compare.compared(LESSON, settings)
    assert found["difference"] < 1e-13
    assert (found["dtype"], found["count"]) == ("float64", 4 * 6 + 2 + 2 + 1 + 4)
    monkeypatch.setattr(compare, "output", lambda script: "x: 1 2 3\nKeras version: 3")
    lesson = dataclasses.replace(LESSON, printed=lambda _: {"x:": np.array([1.0, 2.5, 3.0])})
    assert compare.compared(lesson, settings)["difference"] == 0.5
