"""Contract: replacing a run moves no curve and trains no copy, and can be undone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.studio_visit import SMALL, Visitor

pytestmark = pytest.mark.browser
CURVES = """() => {
  const { top, height } = document.querySelector(".bns-chart").getBoundingClientRect();
  return [top, height];
}"""


@pytest.fixture
def one(new_page, lab, idle):
    return Visitor(new_page(), lab, SMALL, idle)


def undo(one: Visitor):
    return one.studio.get_by_role("button", name=re.compile("^Undo"))


def test_a_fork_lies_over_the_curves_and_is_undone_at_its_step(one):
    at = one.paused_after(10)
    one.status("finished")
    expect(undo(one)).to_be_disabled()
    before = one.page.evaluate(CURVES)
    one.page.locator("summary", has_text="Fork here").click()
    assert one.page.evaluate(CURVES) == before
    one.page.locator(".bns-panel[open]").get_by_role("button", name="Fork").click()
    expect(one.page.get_by_role("button", name=re.compile("^Lanes"))).to_contain_text("fork")
    one.status("finished")
    assert one.page.evaluate(CURVES) == before
    undo(one).click()
    expect(one.page.get_by_role("button", name=re.compile("^Lanes"))).not_to_contain_text("fork")
    expect(one.studio).to_have_attribute("data-step", str(at))
    one.mode("paused")


def test_a_reset_is_undone(one):
    at = one.paused_after(10)
    one.press(re.compile("^Reset"))
    one.status("empty")
    undo(one).click()
    expect(one.studio).to_have_attribute("data-step", str(at))


def test_a_reset_leaves_no_fork_of_the_run_that_went(one):
    one.paused_after(10)
    one.page.locator("summary", has_text="Fork here").click()
    one.page.locator(".bns-panel[open]").get_by_role("button", name="Fork").click()
    expect(one.studio.locator(".bns-legend li")).to_have_count(3)
    one.press(re.compile("^Reset"))
    expect(one.studio.locator(".bns-legend li")).to_have_count(2)
    undo(one).click()
    expect(one.studio.locator(".bns-legend li")).to_have_count(3)


def test_a_fork_with_nothing_changed_is_not_offered(one):
    one.paused_after(10)
    one.page.locator("summary", has_text="Fork here").click()
    forking = one.page.locator(".bns-panel[open]")
    send, value = forking.get_by_role("button", name="Fork"), forking.get_by_role("spinbutton")
    expect(send).to_be_enabled()
    value.fill("0.1")
    expect(send).to_be_disabled()
    expect(forking).to_contain_text("the run would be a copy")
    value.fill("0.2")
    expect(send).to_be_enabled()
    one.page.mouse.click(5, 300)
    expect(forking).to_have_count(0)
