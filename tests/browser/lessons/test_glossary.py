"""Contract: a term is explained where a page first uses it, on hover, tap and focus, and nothing moves for it."""

import pytest

from tests.browser.stage_visit import ready

pytestmark = pytest.mark.browser

PLACES = "() => [...document.querySelectorAll('p')].map((node) => JSON.stringify(node.getBoundingClientRect()))"


def test_hover_and_keys_explain_a_term_once_a_page_and_nothing_moves(page, complaints):
    ready(page, "/momentum?momentum.guess=Just+show+me")
    terms = page.locator(".bnl-term")
    terms.first.wait_for()
    words = [text.lower() for text in terms.all_inner_texts()]
    assert len(words) == len(set(words)) >= 3
    term, tip = terms.get_by_text("running mean").first, page.locator(".bnl-gloss")
    places = page.evaluate(PLACES)
    term.hover()
    tip.get_by_text("Averages of the batches").wait_for()
    assert page.evaluate(PLACES) == places
    page.mouse.move(5, 400)
    assert not tip.is_visible()
    term.focus()
    assert tip.is_visible()
    assert term.get_attribute("aria-describedby") == tip.get_attribute("id")
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    page.keyboard.press("Enter")
    assert tip.is_visible()
    assert complaints.errors == []


def test_a_tap_explains_a_term_within_the_screen(new_page):
    page = new_page(has_touch=True, is_mobile=True)
    page.set_viewport_size({"width": 390, "height": 844})
    ready(page, "/momentum")
    page.locator(".bnl-ask .bnl-term, .st-key-lesson .bnl-term").first.tap()
    box = page.locator(".bnl-gloss").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_another_page_and_back_mark_their_terms_again(page, idle):
    ready(page, "/momentum?momentum.guess=Just+show+me")
    page.locator(".bnl-term").first.wait_for()
    page.get_by_test_id("stTopNavLink").first.click()
    page.get_by_role("heading", name="See what batch normalization does").wait_for()
    page.go_back()
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    page.locator(".bnl-term").first.wait_for()
    idle(page)
