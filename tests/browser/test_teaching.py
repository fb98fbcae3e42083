"""Contract: parts that a teacher hides, by key or by link, stay hidden; the keys do nothing while text is typed."""

import re
import urllib.parse

import pytest
from playwright.sync_api import expect

from lessons.catalog import LESSONS
from tests.browser.stage_visit import ready

pytestmark = pytest.mark.browser
SHOWN = "/gamma_beta?gamma_beta.guess=Just+show+me"


SAID = "() => getComputedStyle(document.body, '::after').content"


def curtain(page) -> str:
    return page.evaluate("new URLSearchParams(location.search).get('curtain')")


def hidden(page, selector: str) -> bool:
    return page.locator(selector).evaluate("(node) => getComputedStyle(node).visibility") == "hidden"


def test_keys_hide_and_show_and_the_link_says_what_is_hidden(page, idle):
    ready(page, f"{SHOWN}&curtain=goal")
    assert hidden(page, ".bnl-goal")
    assert not hidden(page, ".bnl-sentence")
    place = page.locator(".bnl-sentence").bounding_box()
    page.keyboard.press("s")
    assert hidden(page, ".bnl-sentence")
    assert page.locator(".bnl-sentence").bounding_box() == place, "nothing moves"
    assert curtain(page) == "goal,sentence"
    assert "goal,sentence" in page.url
    page.keyboard.press("v")
    assert hidden(page, ".bnl-tiles")
    page.reload()
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    assert hidden(page, ".bnl-sentence")
    for key in "sgv":
        page.keyboard.press(key)
    assert curtain(page) is None
    assert not hidden(page, ".bnl-goal")
    page.keyboard.press("b")
    assert "B shows the page again" in page.evaluate(SAID)
    page.keyboard.press("b")
    assert page.evaluate(SAID) == "none"


def test_the_curtain_stays_when_the_model_moves(page, idle):
    ready(page, f"{SHOWN}&curtain=sentence")
    idle(page)
    page.locator('[data-name="gamma"] input').focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"gamma_beta\.gamma="))
    assert curtain(page) == "sentence"
    page.keyboard.press("t")
    page.wait_for_url(re.compile("view="))
    idle(page)
    assert curtain(page) == "sentence"
    assert hidden(page, ".bnl-sentence")


def test_a_long_answer_under_the_curtain_pushes_no_goal_out_of_sight(page):
    page.set_viewport_size({"width": 1280, "height": 640})
    ready(page, "/momentum?momentum.momentum=0.9&curtain=sentence")
    page.locator(".bnl-guess").first.press("PageUp")
    page.get_by_role("button", name="This is my guess").click()
    expect(page.locator(".bnl-asked p")).not_to_be_empty()
    assert page.locator(".bnl-rail").evaluate("(rail) => rail.scrollHeight - rail.clientHeight") <= 1
    assert page.locator(".bnl-sentence").bounding_box()["height"] >= 60


def test_on_a_projector_keys_show_the_goal_and_the_readings_and_no_page_offers_what_it_has_not(page, idle):
    page.set_viewport_size({"width": 1280, "height": 640})
    ready(page, f"{SHOWN}&view=teach")
    idle(page)
    boxes = page.locator(".bnl-teach-list label")
    page.locator(".bnl-teach-menu summary").click()
    assert [box.is_checked() for box in boxes.get_by_role("checkbox").all()] == [False, True, True, False]
    page.keyboard.press("Escape")
    for key, part in (("g", ".bnl-goal"), ("v", ".bnl-tiles")):
        assert not page.locator(part).is_visible()
        page.keyboard.press(key)
        expect(page.locator(part)).to_be_visible()
    assert "shown=goal,readings" in page.url
    assert "view=true" in page.url, "a reload shows the projector view again"
    page.wait_for_function(APART)
    expect(page.locator(".bnl-sentence")).to_be_visible()
    page.keyboard.press("g")
    expect(page.locator(".bnl-goal")).not_to_be_visible()
    assert curtain(page) is None
    ready(page, "/?view=teach")
    idle(page)
    page.locator(".bnl-teach-menu summary").click()
    assert boxes.all_inner_texts() == ["The whole screen"]


def test_on_a_projector_each_control_that_words_on_a_state_name_is_at_hand_and_stays(page):
    page.set_viewport_size({"width": 1280, "height": 640})
    ready(page, f"{SHOWN}&view=teach")
    beside, beta = page.locator(".bnl-controls .bnl-control"), page.locator('[data-name="beta"]')
    expect(beside).to_have_count(1)
    page.get_by_role("button", name="Set-up").click()
    expect(page.locator(".bnl-setup").locator(beta)).to_be_visible()
    page.locator(".bnl-setup").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="A saturated sigmoid").click()
    expect(page.locator(".bnl-sentence")).to_contain_text("Drag beta and gamma")
    for name in ("beta", "gamma"):
        page.locator(f'.bnl-controls [data-name="{name}"] input').press("Home")
    expect(beside).to_have_count(2)
    assert page.locator(".bnl-rail").evaluate("(rail) => rail.scrollHeight - rail.clientHeight") <= 1


def test_on_a_projector_the_class_sees_what_was_chosen_and_whether_it_is_right_until_the_next_move(page):
    page.set_viewport_size({"width": 1280, "height": 640})
    ready(page, "/gamma_beta?view=teach")
    page.locator(".bnl-card").first.click()
    told = page.locator(".bnl-asked")
    expect(told).to_contain_text("You said")
    expect(told).to_be_visible()
    assert page.locator(".bnl-below").inner_text().count("You said") == 0
    assert page.locator(".bnl-rail").evaluate("(rail) => rail.scrollHeight - rail.clientHeight") <= 1
    page.locator("[data-name=gamma] input").press("End")
    expect(told).not_to_be_visible()
    expect(page.locator(".bnl-below")).to_contain_text("You said")


APART = """() => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  const [figure, tiles, rail] = [".bnl-cell", ".bnl-tiles", ".bnl-rail"].map(box);
  return figure.bottom <= tiles.top + 1 && tiles.bottom <= innerHeight && box(".bnl-goal").bottom <= rail.bottom + 1;
}"""


def test_the_list_of_keys_is_told_and_typing_is_no_order(page, idle):
    ready(page, SHOWN)
    idle(page)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Hide or show the sentence")
    page.keyboard.press("s")
    assert curtain(page) is None, "the list is open"
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    assert curtain(page) is None, "the keys are off"
    page.keyboard.press("?")
    dialog.get_by_role("checkbox").check()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.get_by_label("Note for you").press_sequentially("sg?")
    assert curtain(page) is None
    assert page.get_by_label("Note for you").input_value() == "sg?"


def test_an_embedded_page_shows_its_stage_in_the_height_that_the_line_gives(page, idle):
    page.set_viewport_size({"width": 800, "height": 600})
    ready(page, f"{SHOWN}&embed=true")
    idle(page)
    for part in (".bnl-cell", '[data-name="gamma"] input'):
        box = page.locator(part).first.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 600
    assert not page.get_by_test_id("stHeader").is_visible()


@pytest.mark.parametrize("slug", LESSONS)
def test_an_embedded_lesson_shows_what_it_asks_about_whole_and_its_control(page, slug):
    page.set_viewport_size({"width": 800, "height": 600})
    ready(page, f"/{slug}?embed=true&asked=no")
    page.wait_for_timeout(200)
    parts = [".bnl-cell", ".bnl-controls .bnl-control", ".bnl-question"]
    boxes = [page.locator(part).first.bounding_box() for part in parts]
    assert all(box["y"] >= 0 and box["y"] + box["height"] <= 600 for box in boxes)
    figure, control, question = boxes
    assert figure["y"] + figure["height"] <= min(control["y"], question["y"]) + 1


def test_share_makes_a_link_that_leaves_controls_and_notes_out(page, new_page, idle):
    ready(page, f"{SHOWN}&gamma_beta.gamma=2")
    idle(page)
    page.get_by_role("tab", name="For the instructor").click()
    page.locator(".bnl-for-class summary").click()
    line = page.locator(".bnl-line code").first
    expect(line).to_have_text(re.compile(r"/gamma_beta\?gamma_beta\.gamma=2$"))
    for name in ("For students", "beta β", "The goal", "Set-up"):
        page.locator(".bnl-share label").filter(has_text=name).first.click()
    link = urllib.parse.urlsplit(line.inner_text())
    query = urllib.parse.parse_qs(link.query)
    assert (query["hide"], query["curtain"], query["role"]) == (["beta,setup"], ["goal"], ["student"])
    assert "localhost" not in link.netloc or link.netloc.startswith("localhost")

    student = ready(new_page(), f"{link.path}?{link.query}")
    idle(student)
    assert not student.locator('.bnl-control[data-name="beta"]').is_visible()
    assert student.locator('.bnl-control[data-name="gamma"]').is_visible()
    assert not student.locator(".bnl-door").is_visible()
    assert student.get_by_role("tab", name="For the instructor").count() == 0
    assert "Let everyone commit" not in student.content()
    assert "Lectures" not in student.inner_text("[data-testid=stHeader]")
    student.keyboard.press("g")
    assert hidden(student, ".bnl-goal"), "a student has no keys for it"
    student.evaluate("document.documentElement.dataset.curtain = 'screen'")
    assert "teacher has hidden" in student.evaluate(SAID)


COVERS = """() => [...document.querySelectorAll('.bnl-veil:not([hidden])')].map((one) => {
  const { left, top, width, height } = one.getBoundingClientRect();
  return [left, top, width, height].map(Math.round);
})"""


def test_another_window_uncovers_no_answer_in_the_projector_view(page, idle):
    """As where a projector is plugged in: letters and covers are those of a fresh visit."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    ready(page, "/momentum?view=teach")
    page.set_viewport_size({"width": 1280, "height": 640})
    idle(page)
    resized = page.evaluate(COVERS)
    ready(page, "/momentum?view=teach")
    idle(page)
    fresh = page.evaluate(COVERS)
    assert len(resized) == len(fresh) > 0
    assert (
        max(abs(a - b) for one, other in zip(resized, fresh, strict=True) for a, b in zip(one, other, strict=True)) < 3
    )
