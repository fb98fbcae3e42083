"""Contract: a file of words is a title, a lead and sections; templates are filled, never guessed."""

import pytest

from lessons.content import parse, read
from ui.page.menu import LESSONS

TEXT = """# What is it?

One line leads in.

## predict
Which one?
- first choice
- second choice

## sentence.steady
The mean is {mean:.2f}.
"""


def test_a_words_file_is_title_lead_and_sections():
    words = parse(TEXT)
    assert words.title == "What is it?"
    assert words["lead"] == "One line leads in."
    assert words.choices("predict") == ["first choice", "second choice"]
    assert words.prose("predict") == "Which one?"


def test_a_template_is_filled_from_values_and_a_missing_value_is_an_error():
    words = parse(TEXT)
    assert words.say("sentence.steady", mean=1.234) == "The mean is 1.23."
    assert words.say("sentence.steady", mean=-0.5) == "The mean is −0.50."
    with pytest.raises(KeyError, match="mean"):
        words.say("sentence.steady")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_every_lesson_has_the_sections_every_lesson_needs(lesson):
    words = read(lesson.slug)
    needed = {"lead", "predict", "explain", "formula", "not shown", "check", "instructor"}
    assert needed <= set(words.sections)
    assert any(heading.startswith("reckoning") for heading in words.sections)
    assert words.prose("predict").rstrip("*").endswith("?")
    assert words.title.endswith("?")


def test_one_step_is_no_steps_and_a_fraction_or_a_longer_number_stays_plural():
    content = parse("# T\n\n## needs\n{n} steps")
    assert [content.say("needs", n=n) for n in (1, 2, "0.1", 11)] == ["1 step", "2 steps", "0.1 steps", "11 steps"]
