"""Contract of every lesson's stage: its figures share the first screen, its grips and presets do what they promise."""

import dataclasses
import itertools

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from figures.blank import Box
from lessons.catalog import LESSONS
from lessons.lesson import Lesson
from tests.lessons.states import EACH, figures, handle_of, switched_on, tabled
from tests.pages.opening import FRAME, PAGES, components
from tests.waiting import DEADLINE

RIGHT = {
    "activations": "falls to about 0.7",
    "covariate_shift": "Re-estimating",
    "four_steps": "2",
    "gamma_beta": "Its shape",
    "input_scaling": "The different spreads, not",
    "momentum": "Nothing",
    "regularisation": "Batch norm with a little",
    "train_infer": "No: it depends",
    "which_axis": "45",
}
"""The right answers by theory, or by the lesson's own source."""


@EACH
@pytest.mark.parametrize("view", ["false", "true"], ids=["normal", "projector"])
def test_the_page_gives_the_stage_its_question_and_what_lies_deeper_its_place(lesson, view):
    """In its frame, as everybody opens it, in the normal and in the projector view."""
    page = framed(lesson, view)
    assert page.title[0].value == lesson.words.title
    stage, code, share, trust, foot = components(page)
    assert (stage["slug"], stage["ask"]["choices"]) == (lesson.slug, lesson.words.choices("predict"))
    assert (stage["scale"] > 1) == (view == "true")
    assert {part["slug"] for part in (code, share, trust, foot)} == {lesson.slug}
    deeper = " ".join(text.value for text in page.markdown)
    assert all(lesson.words[heading][:40] in deeper for heading in ("explain", "formula", "not shown", "instructor"))
    assert lesson.words["reckoning"][:40] not in deeper


@EACH
def test_figures_share_the_stage_and_the_prediction_is_veiled_in_one(lesson):
    blanks = lesson.blanks(lesson.settings())
    for view in ("place", "teach"):
        boxes = [box for blank in blanks if (box := getattr(blank, view))]
        assert boxes
        assert all(left + width <= 1 and top + height <= 1 for left, top, width, height in boxes)
        assert not any(overlap(one, other) for one, other in itertools.combinations(boxes, 2))
    assert any(blank.veil for blank in blanks)


def overlap(one: Box, other: Box) -> bool:
    return all(one[n] < other[n] + other[n + 2] and other[n] < one[n] + one[n + 2] for n in (0, 1))


@EACH
def test_a_grip_moves_its_mark_as_far_as_its_control(lesson):
    """So a mark stays under the hand that drags it."""
    settings = switched_on(lesson)
    for number, blank in enumerate(lesson.blanks(settings)):
        for name, (trace, point) in blank.grips.items():
            table, handle = tabled(lesson, settings, name), handle_of(lesson, settings, name)
            places = np.array(
                [figures(lesson, settings, table, step)[number].data[trace].x[point] for step in (0, -1)], dtype=float
            )
            assert np.diff(places) == pytest.approx(handle.values[-1] - handle.values[0], rel=1e-3)


@EACH
def test_each_point_that_is_touched_is_a_step_of_its_control(lesson):
    settings = switched_on(lesson)
    for number, blank in enumerate(lesson.blanks(settings)):
        for name, trace in blank.touch.items():
            table, handle = tabled(lesson, settings, name), handle_of(lesson, settings, name)
            points = figures(lesson, settings, table, 0)[number].data[trace]
            places = set(zip(points.x, points.y, strict=True))
            assert len(places) == len(handle.values), "each has a place of its own"


@EACH
def test_a_preset_is_a_state_of_its_own_and_says_what_to_look_at(lesson):
    assert 2 <= len(lesson.presets) <= 5
    states = [dataclasses.replace(lesson.settings(), **changes) for changes in lesson.presets.values()]
    assert len({lesson.settings(), *states}) == 1 + len(states)
    assert not any(lesson.off_grid(state) for state in states)
    assert not any(np.any(tabled(lesson, state, None).reached) for state in states), "the goal is the reader's to reach"


@EACH
def test_controls_lead_to_the_state_that_is_asked_about_and_its_goal_is_not_reached_there(lesson):
    asked = dataclasses.replace(lesson.settings(), **lesson.asked_at)
    assert set(lesson.asked_at) <= set(lesson.carrying or lesson.dragged)
    assert not lesson.off_grid(asked)
    assert not np.any(tabled(lesson, asked, None).reached)


@EACH
def test_the_lead_is_one_line(lesson):
    assert len(lesson.words["lead"]) <= 120


@EACH
def test_the_model_finds_the_right_choice(lesson):
    words = lesson.words
    choices, (_, around) = words.choices("review"), lesson.picture(lesson.snapped(lesson.settings()))
    assert len(choices) == 3
    assert choices[around.right].startswith(RIGHT[lesson.slug])
    assert words.prose("review").rstrip("…").strip()


def test_another_model_would_find_another_choice():
    assert [LESSONS["momentum"].review({"difference": difference}) for difference in (0.0, 0.3)] == [2, 0]
    assert [LESSONS["four_steps"].review({"y_mean": mean}) for mean in (0.1, 1.4, 2.0)] == [0, 1, 2]


def framed(lesson: Lesson, view: str) -> AppTest:
    """The lesson's page in the frame of all pages, which it brings up without a complaint."""
    frame, (file,) = AppTest.from_file(str(FRAME), default_timeout=DEADLINE), PAGES.glob(f"[0-9]*_{lesson.slug}.py")
    frame.query_params["view"] = view
    page = frame.switch_page(f"../pages/{file.name}").run()
    assert not page.exception
    assert [alert.value for alert in (*page.error, *page.warning)] == []
    return page
