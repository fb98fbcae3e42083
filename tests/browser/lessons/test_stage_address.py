"""Contract: a lesson opens in its address's state, and says what it repaired; Back leaves the page in one press."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.stage_visit import NAME, URL, Handle, turn_to

pytestmark = pytest.mark.browser


def test_back_leaves_the_lesson_in_one_press_and_forward_brings_its_state_again(page, idle):
    page.goto("/")
    idle(page)
    turn_to(page, "Momentum", "Two modes")
    page.wait_for_url(re.compile("/momentum"))
    page.get_by_text("Just show me").click()
    handle = Handle(page)
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    for key in ("Home", "ArrowRight"):
        handle.input.press(key)
        page.wait_for_timeout(500)
    shown = handle.shown()
    handle.wait_for_address()
    page.go_back()
    page.get_by_role("heading", name="See what batch normalization does").wait_for()
    page.go_forward()
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    expect(page.locator(f"[data-name={NAME}] input")).to_have_attribute("aria-valuetext", shown)


def test_a_page_switch_keeps_what_was_set(page, idle):
    Handle(page).open(f"{URL}&momentum.momentum=0.5&momentum.stream=jumping")
    idle(page)
    page.get_by_test_id("stTopNavLink").first.click()
    page.get_by_role("heading", name="See what batch normalization does").wait_for()
    turn_to(page, "Momentum", "Two modes")
    page.wait_for_url(re.compile("momentum.momentum=0.5"))
    assert "momentum.stream=jumping" in page.url
    assert "momentum.guess=" in page.url


def test_a_link_opens_on_its_value_and_a_reload_keeps_a_released_one(handle, idle):
    handle.open(f"{URL}&momentum.{NAME}=0.9")
    assert handle.shown() == "0.9"
    handle.input.focus()
    handle.page.keyboard.press("End")
    handle.wait_for_address(f"momentum.{NAME}=0.999")
    handle.page.reload()
    handle.page.wait_for_selector(".bnl-stage[data-ready=true]")
    assert handle.shown() == "0.999"


def test_a_bad_address_is_repaired_aloud_and_the_lesson_shown(page, complaints, idle):
    page.goto(URL + "&momentum.batch_size=1e9&momentum.stream=%3Cb%3E&momentum.steps=40&momentum.pace=slow")
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    notice = page.locator(".bnl-notice")
    assert notice.inner_text().count("The address gave") == 2
    assert "<b>" in notice.inner_text()
    page.wait_for_url(re.compile("momentum.batch_size=256"))
    assert "momentum.steps=40" in page.url
    assert not [error for error in complaints.errors if "422" not in error]
