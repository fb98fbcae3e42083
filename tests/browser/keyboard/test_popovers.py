"""Contract: the Tab key reaches a popover in reading order."""

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard.keys import Keys

pytestmark = pytest.mark.browser


def test_a_popover_follows_its_button_and_leads_back_to_it(visitor):
    keys = Keys(visitor(alone=False).page)
    keys.to("^Network ")
    keys.press("Enter")
    body = keys.page.locator("[data-testid=stPopoverBody]")
    expect(body).to_be_visible()
    first = keys.press("Tab")
    assert first["popover"], first
    keys.press("Shift+Tab")
    keys.stays("^Network ")
    stops = keys.to("^Lanes ")
    assert [stop["popover"] for stop in stops] == [True] * (len(stops) - 1) + [False]
    keys.press("Shift+Tab")
    keys.stays("^Network ")
    keys.press("Tab", "Tab", "Escape")
    expect(body).to_have_count(0)
    keys.stays("^Network ")
