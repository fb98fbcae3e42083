"""Every lesson's page: the stage and what follows it, the same for every state and every prediction."""

import functools
import html
import re

import pytest
from streamlit.testing.v1 import AppTest

from lessons import textbook
from lessons.catalog import LESSONS
from lessons.code import source
from lessons.content import read
from tests.pages.opening import FRAME, SKIP, components, opened
from tests.waiting import DEADLINE
from ui.page.menu import LESSONS as PAGES
from ui.page.menu import following
from ui.page.stage import lesson_data

TABS = ("why", "not shown", "keras", "instructor")
EACH = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)


@functools.cache
def plain(slug: str) -> AppTest:
    """The page at its bare address."""
    return opened(slug, guess=None)


def kind(part: dict) -> str:
    """Which of the parts below a stage this is, by what it alone is sent."""
    return next(
        (kind for name, kind in (("file", "code"), ("controls", "share"), ("scripted", "teaching")) if name in part),
        "trust",
    )


@EACH
def test_after_the_stage_come_the_parts_that_follow_it_and_the_way_on(lesson):
    page = plain(lesson.slug)
    drawn, *parts = components(page)
    assert drawn["slug"] == lesson.slug
    assert [kind(part) for part in parts] == ["code", "share", "trust", "teaching"]
    assert {part["slug"] for part in parts} == {lesson.slug}
    assert [tab.label for tab in page.tabs] == [read("common")[f"tab.{tab}"] for tab in TABS]
    (link,) = page.get("page_link")
    assert link.proto.label == f"Next: {following(lesson.slug).question}"


@EACH
@pytest.mark.parametrize(
    ("guess", "text"), [(SKIP, "2"), ("nothing of these", "nan"), ("<script>", "<b>"), (None, "1e400")]
)
def test_whatever_the_address_holds_the_script_sends_the_same(lesson, guess, text):
    """Prediction and settings are the browser's: no state of them costs another page, and a bad one breaks none."""
    fields = dict.fromkeys(("seed", "gamma", "depth", "momentum", "batch", "pace"), text)
    page = opened(lesson.slug, guess=guess, **fields)
    assert not page.exception
    assert not page.warning
    assert components(page) == components(plain(lesson.slug))


@EACH
def test_the_stage_is_told_the_lessons_fields(lesson):
    sent = components(plain(lesson.slug))[0]
    assert {name: sent[name] for name in lesson_data(lesson)} == lesson_data(lesson)


@EACH
def test_beside_the_formula_stand_the_textbooks_lines_and_on_demand_the_engines(lesson):
    page = plain(lesson.slug)
    shown = [part.proto.body for part in page.get("html") if "bnl-code" in part.proto.body]
    short, exact = (re.sub(r"<[^>]+>", "", html.unescape(body)) for body in shown)
    assert [each.label for each in page.expander][-1] == read("common")["engine"]
    for function in lesson.engine:
        assert source(getattr(textbook, function.__name__)) in short
        assert source(function) in exact


@EACH
def test_the_script_to_take_home_is_named_as_the_lesson(lesson):
    code = components(plain(lesson.slug))[1]
    assert code["file"] == f"{lesson.slug}.py"
    assert code["file"] in code["texts"]["download"]


def test_the_home_page_shows_one_real_picture_with_one_control_and_gives_no_lessons_answer_away():
    drawn, progress, _ = components(AppTest.from_file(str(FRAME), default_timeout=DEADLINE).run())
    aimed = {*LESSONS, "training"}
    assert [lesson["slug"] for lesson in progress["lessons"]] == [page.slug for page in PAGES if page.slug in aimed]
    assert (drawn["slug"], drawn["figures"], drawn["carrying"]) == ("activations", [0], ["weight_scale"])
    assert drawn["picture"] == {"activation": "tanh"}, "the lesson asks about ReLU"
    assert {led["slug"] for led in drawn["leads"].values()} <= aimed
