"""Contract: an answer that comes after the hand has done something else changes only what it should."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.stage_visit import choose, turn_to

pytestmark = pytest.mark.browser

MOMENTUM = "/momentum?momentum.guess=Just+show+me"
RUNNING = "() => JSON.stringify([...document.querySelector('.bnl-figure').data[3].y])"


def opened(page, address: str = MOMENTUM):
    page.goto(address)
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    return page


def assert_as_a_fresh_visit_shows_it(page) -> None:
    """What is drawn and written, to the four digits that a table keeps, is the state in the address."""
    page.unroute_all()
    page.wait_for_function("() => !document.querySelector('.bnl-stage').stage.at.pending")
    seen = json.loads(page.evaluate(RUNNING)), page.locator(".bnl-sentence").inner_text()
    opened(page, page.url)
    drawn = json.loads(page.evaluate(RUNNING))
    assert page.locator(".bnl-sentence").inner_text() == seen[1]
    assert drawn == pytest.approx(seen[0], abs=1e-3 * (max(drawn) - min(drawn)))


class Held:
    """Answers to matching requests, held back until they are let through."""

    def __init__(self, page, pattern: str) -> None:
        self.waiting = []
        page.route(re.compile(pattern), lambda route: self.waiting.append(route))

    def until_asked(self, page, count: int = 1):
        for _ in range(200):
            if len(self.waiting) >= count:
                return self
            page.wait_for_timeout(25)
        raise AssertionError("nothing was asked for")

    def let_through(self) -> None:
        while self.waiting:
            self.waiting.pop(0).continue_()


def test_a_page_that_was_left_writes_no_address_and_draws_no_more(page, complaints, idle):
    opened(page)
    idle(page)
    late = Held(page, "/api/tables/momentum.*stream=drifting")
    choose(page, "drifting")
    late.until_asked(page)
    turn_to(page, "Four steps", "The layer")
    page.wait_for_url(re.compile("/four_steps"))
    page.get_by_text("Just show me").click()
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    late.let_through()
    idle(page)
    assert "momentum" not in page.url
    assert not [error for error in complaints.errors if "uncaught" in error]


def test_a_key_press_just_before_another_control_is_not_lost_and_the_figure_is_of_both(page):
    opened(page)
    page.locator("[data-name=momentum] input").press("Home")
    choose(page, "drifting")
    page.wait_for_url(re.compile("momentum.stream=drifting"))
    page.wait_for_url(re.compile("momentum.momentum=0"))
    expect(page.locator("[data-name=momentum] output")).to_have_text("0")
    assert_as_a_fresh_visit_shows_it(page)


def test_a_table_of_other_settings_is_not_drawn(page):
    """The hand moves the handle while another control's picture is on its way."""
    opened(page)
    late = Held(page, "/api/tables/momentum.*stream=drifting")
    page.locator("[data-name=momentum] input").hover()
    choose(page, "drifting")
    late.until_asked(page)
    handle = page.locator("[data-name=momentum] input")
    box = handle.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    late.let_through()
    page.wait_for_url(re.compile("momentum.stream=drifting"))
    page.mouse.up()
    page.wait_for_url(re.compile("momentum.momentum="))
    assert_as_a_fresh_visit_shows_it(page)


def test_a_picture_does_not_overwrite_what_is_typed_meanwhile(page):
    opened(page, "/four_steps?four_steps.guess=Just+show+me")
    late = Held(page, "/api/tables/four_steps.*outlier=true")
    page.get_by_role("button", name="Set-up").click()
    page.locator(".bnl-stage").get_by_text("Add an outlier").click()
    late.until_asked(page)
    line = page.get_by_role("textbox")
    line.fill("1, 2, 3, 40")
    late.let_through()
    page.wait_for_url(re.compile("four_steps.outlier=true"))
    assert line.input_value() == "1, 2, 3, 40"


def test_a_bad_line_stands_in_no_address_and_what_else_was_set_is_shown(page):
    opened(page, "/four_steps?four_steps.guess=Just+show+me")
    late = Held(page, "/api/tables/four_steps.*batch=")
    page.get_by_role("button", name="Set-up").click()
    line = page.get_by_role("textbox")
    line.fill("1, two")
    line.press("Enter")
    late.until_asked(page)
    page.locator("[data-name=gamma] input").press("Home")
    page.wait_for_url(re.compile("four_steps.gamma=-3"))
    assert "two" not in page.url
    late.until_asked(page)
    late.let_through()
    page.get_by_text("'two' is not a number").wait_for()
    assert line.input_value() == "1, two"
    page.wait_for_function("() => document.querySelector('.bnl-sentence').innerText.includes('negative gamma')")


def test_the_script_on_screen_is_of_the_state_on_screen(page):
    opened(page)
    page.get_by_role("tab", name="Do it in Keras").click()
    code = page.locator(".bnl-code[tabindex]")
    expect(code).to_contain_text('stream = "steady"')
    late = Held(page, "/api/code/momentum.*stream=drifting")
    choose(page, "drifting")
    page.wait_for_function("() => location.search.includes('stream=drifting')")
    code.evaluate("(node) => node.scrollIntoView()")
    late.until_asked(page)
    choose(page, "steady")
    page.wait_for_function("() => !location.search.includes('stream')")
    late.let_through()
    code.evaluate("(node) => node.scrollIntoView()")
    page.wait_for_timeout(300)  # there is nothing to wait for where nothing may happen
    expect(code).to_contain_text('stream = "steady"')


def test_an_empty_place_says_that_its_figure_is_on_the_way(page):
    late = Held(page, "/api/tables/momentum")
    page.goto(MOMENTUM)
    late.until_asked(page)
    page.wait_for_selector(".bnl-stage[aria-busy=true]")
    said = "() => getComputedStyle(document.querySelector('.bnl-stage .bnl-figures'), '::after').content"
    assert page.evaluate(said) == '"Computing the picture …"'
    late.let_through()
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    assert page.evaluate(said) == "none"
