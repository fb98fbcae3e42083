"""Contract: a lesson asks one question of an earlier one, the longest unseen; its model says what is right."""

import json

import pytest

from lessons.catalog import LESSONS
from tests.browser.blank_page import asking
from tests.browser.stage_visit import ready

pytestmark = pytest.mark.browser

SEEN = {
    "four_steps": {"guess": "1.5", "seen": 2000, "reviewed": 9000},
    "gamma_beta": {"guess": "Just show me", "seen": 5000},
    "which_axis": {"guess": "4", "seen": 8000},
    "train_infer": {"seen": 1},
}


@pytest.fixture(scope="module")
def ask(browser):
    yield from asking(browser, "stage/review")


def test_the_one_out_of_sight_for_longest_is_asked_and_none_that_was_never_answered(ask):
    reviews = [{"slug": slug} for slug in LESSONS]
    assert ask("(reviews, done) => due(reviews, done).slug", reviews, SEEN) == "gamma_beta"
    assert ask("(reviews, done) => due(reviews, done) ?? null", reviews, {}) is None


@pytest.fixture
def returning(page):
    page.goto("/")
    page.evaluate("(all) => localStorage.setItem('bnl-progress', all)", json.dumps(SEEN))
    return page


@pytest.mark.parametrize("choice", [0, 2])
def test_an_answer_is_judged_by_that_lessons_model_and_kept_and_nothing_moves(returning, choice):
    page, words = returning, LESSONS["gamma_beta"].words
    ready(page, "/momentum")
    scene = "() => document.querySelector('.bnl-scene').getBoundingClientRect().height"
    height, box = page.evaluate(scene), page.locator(".bnl-controls").bounding_box()
    page.locator(".bnl-review summary").click()
    assert words["menu"] in page.locator(".bnl-review summary").inner_text()
    page.locator(".bnl-review .bnl-card").nth(choice).click()
    answer = page.locator(".bnl-review .bnl-answer")
    answer.get_by_text("Right" if choice == 2 else "the model says").wait_for()
    assert words.choices("review")[2] in answer.inner_text()
    assert (page.evaluate(scene), page.locator(".bnl-controls").bounding_box()) == (height, box)
    kept = page.evaluate("() => JSON.parse(localStorage.getItem('bnl-progress')).gamma_beta")
    assert kept["recalled"] == (choice == 2)
    assert kept["reviewed"] > 9000
    ready(page, "/input_scaling")
    assert LESSONS["which_axis"].words["menu"] in page.locator(".bnl-review summary").inner_text()


def test_a_question_that_was_passed_by_goes_to_the_back(returning):
    """At a reload it is still the same."""
    page, summary = returning, returning.locator(".bnl-review summary")
    ready(page, "/momentum")
    ready(page, "/momentum")
    assert LESSONS["gamma_beta"].words["menu"] in summary.inner_text()
    page.get_by_role("button", name="Just show me").click()
    page.wait_for_function("() => JSON.parse(localStorage.getItem('bnl-progress')).gamma_beta.offered > 9000")
    ready(page, "/input_scaling")
    assert LESSONS["which_axis"].words["menu"] in summary.inner_text()


def test_who_comes_for_the_first_time_is_asked_nothing(page):
    ready(page, "/momentum")
    assert not page.locator(".bnl-review").is_visible()
