"""Contract: a prediction is drawn with mouse, finger or keys, then stays in the figure, with its gap in words."""

import re

import pytest
from playwright.sync_api import expect

from lessons.catalog import LESSONS
from tests.browser.stage_visit import ready

pytestmark = pytest.mark.browser

GHOST = """() => {
  for (const node of document.querySelectorAll(".bnl-figure")) {
    const ghost = node._fullData?.find(({ name }) => name === "guess");
    if (ghost?.visible === true) return { x: [...ghost.x], y: [...ghost.y], line: ghost.line };
  }
  return null;
}"""


def commit(page) -> str:
    """Commit to the guess; returns the words about it."""
    page.get_by_role("button", name="This is my guess").click()
    page.wait_for_function("() => document.querySelector('.bnl-asked')?.innerText.startsWith('You')")
    page.wait_for_function(f"() => ({GHOST})() || document.querySelector('.bnl-stage').dataset.draws > 0")
    return page.locator(".bnl-asked").inner_text()


def test_a_number_is_dragged_along_the_axis_and_stays_as_a_dotted_ghost_with_its_gap(page, complaints, idle):
    ready(page, "/four_steps")
    idle(page)
    button = page.get_by_role("button", name="This is my guess")
    assert button.is_disabled()
    pad = page.locator(".bnl-pad").bounding_box()
    mark = page.locator(".bnl-guess").bounding_box()
    page.mouse.move(mark["x"] + 13, mark["y"] + 13)
    page.mouse.down()
    page.mouse.move(pad["x"] + 0.75 * pad["width"], mark["y"] + 13, steps=6)
    page.mouse.up()
    value = float(page.locator(".bnl-guess").get_attribute("aria-valuenow"))
    low, high = (float(page.locator(".bnl-guess").get_attribute(f"aria-value{end}")) for end in ("min", "max"))
    assert value == pytest.approx(low + 0.75 * (high - low), abs=0.2)
    said = commit(page)
    page.wait_for_function(f"() => ({GHOST})()")
    ghost = page.evaluate(GHOST)
    assert ghost["x"] == [value, value]
    assert ghost["line"]["dash"] == "dot"
    assert said == f"You predicted {value:.2f}. The answer: 2.00, {value - 2:.2f} apart."
    assert complaints.errors == []


def test_a_ghost_is_drawn_over_the_data_that_it_was_made_of_alone(page):
    """Wherever the control stands."""
    ready(page, "/momentum?momentum.guess=1,1,1,1,1,1,1&momentum.momentum=0.5")
    page.wait_for_function(f"() => ({GHOST})()")
    page.get_by_role("button", name="The data jump").click()
    page.wait_for_url("**momentum.stream=jumping**")
    page.wait_for_function(f"() => ({GHOST})() === null")
    page.get_by_role("button", name="momentum = 0").click()
    page.wait_for_function(f"() => ({GHOST})()")


def test_keys_set_a_number_and_asking_again_clears_it(page):
    ready(page, "/covariate_shift")
    mark = page.locator(".bnl-guess")
    mark.press("End")
    expect(mark).to_have_attribute("aria-valuetext", "100%")  # in the next frame
    for _ in range(5):
        mark.press("ArrowDown")
    assert commit(page).startswith("You predicted 95%. The answer: ")
    assert "covariate_shift.guess=0.95" in page.url
    page.get_by_role("button", name="Ask again").click()
    page.wait_for_function(f"() => ({GHOST})() === null || document.querySelector('.bnl-guess')")
    assert page.get_by_role("button", name="This is my guess").is_disabled()
    assert "guess" not in page.url


def test_one_stroke_of_the_mouse_draws_the_whole_curve_and_arrows_mend_it(page):
    ready(page, "/momentum")
    assert page.evaluate("() => document.querySelector('.bnl-figure')._fullData[3].visible") is False
    pad = page.locator(".bnl-pad").bounding_box()
    page.mouse.move(pad["x"] + 1, pad["y"] + 0.8 * pad["height"])
    page.mouse.down()
    page.mouse.move(pad["x"] + pad["width"] - 1, pad["y"] + 0.2 * pad["height"])  # in one move: none is left out
    page.mouse.up()
    marks = page.locator(".bnl-guess")
    values = [float(mark.get_attribute("aria-valuenow")) for mark in marks.all()]
    assert values == sorted(values)
    assert len(set(values)) == 7
    marks.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Home")
    lowest = marks.nth(1).get_attribute("aria-valuemin")
    expect(marks.nth(1)).to_have_attribute("aria-valuenow", lowest)  # the figure is drawn in the next frame
    said = commit(page)
    assert "On average they are" in said
    page.wait_for_function(f"() => ({GHOST})()")
    assert page.evaluate(GHOST)["x"] == [0, 10, 25, 40, 60, 80, 100]
    assert page.evaluate("() => document.querySelector('.bnl-figure')._fullData[3].visible") is True


def test_a_finger_sets_the_width_of_a_ridge(new_page):
    page = new_page(has_touch=True, is_mobile=True)
    page.set_viewport_size({"width": 390, "height": 844})
    ready(page, "/activations")
    pad = page.locator(".bnl-pad").bounding_box()
    page.touchscreen.tap(pad["x"] + 0.75 * pad["width"], pad["y"] + 0.5 * pad["height"])
    assert float(page.locator(".bnl-guess").get_attribute("aria-valuenow")) == pytest.approx(2, abs=0.1)
    assert "a factor of" in commit(page)
    page.wait_for_function(f"() => ({GHOST})()")
    low, high = page.evaluate(GHOST)["x"]
    assert low == -high


def test_an_order_is_made_with_keys_and_with_the_mouse_and_its_pairs_are_counted(page):
    ready(page, "/regularisation")
    first = page.locator(".bnl-order .bnl-card").first
    words = LESSONS["regularisation"].words.choices("predict")
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator(".bnl-order .bnl-card").all_inner_texts() == [words[1], words[2], words[0], words[3]]
    assert page.evaluate("() => document.activeElement.innerText") == words[0]
    box, top = (page.locator(".bnl-order .bnl-card").nth(n).bounding_box() for n in (1, 0))
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(top["x"] + 20, top["y"] + 2, steps=5)
    page.mouse.up()
    assert page.locator(".bnl-order .bnl-card").all_inner_texts() == [words[2], words[1], words[0], words[3]]
    assert commit(page).startswith("Your order is the one measured here: ")
    assert "regularisation.guess=2,1,0,3" in page.url
    page.get_by_role("button", name="Ask again").click()
    page.get_by_role("button", name="This is my guess").click()
    told = re.compile(r"^Measured here, lowest first \(in brackets: your place\): .* \(\d\)\.$")
    expect(page.locator(".bnl-asked")).to_have_text(told)


def test_a_question_and_its_answer_are_each_drawn_once(page, idle):
    ready(page, "/activations")
    idle(page)
    stage = page.locator(".bnl-stage")
    draws = int(stage.get_attribute("data-draws"))
    assert draws == 1
    page.get_by_role("button", name="Just show me", exact=True).click()
    expect(stage).to_have_attribute("data-draws", re.compile(rf"^(?!{draws}$)"))
    idle(page)
    expect(stage).to_have_attribute("data-draws", str(draws + 1))
