"""Contract: axe finds nothing on any page, light or dark, whatever tab, drawer or popover is open."""

import pytest

from lessons.catalog import LESSONS

pytestmark = pytest.mark.browser
PATHS = ["/", *(f"/{slug}{query}" for slug in LESSONS for query in ("", f"?{slug}.guess=Just+show+me"))]
TRAINED = ["/training", "/training?training.guess=Just+show+me", "/studio"]
UPSTREAM = {
    "rules": {"presentation-role-conflict": {"enabled": False}, "scrollable-region-focusable": {"enabled": False}}
}
"""Streamlit's: its drop zone has a role and a name; its code blocks scroll, and browsers let keys scroll them."""
STILL = """() => !document.querySelector("[data-stale=true]")
    && !document.getAnimations().some(({ playState }) => playState === "running")"""
"""Nothing fades in or out, else its color is another for a moment."""


@pytest.fixture(scope="module")
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright").Axe()


def faults(axe, page, options=None) -> list[str]:
    """What axe complains about: the rule, the first node, and why."""
    page.wait_for_function(STILL)
    found = axe.run(page, options=options).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0]['failureSummary'][:300]}" for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(axe, new_page, idle, path, scheme):
    page = new_page(color_scheme=scheme)
    page.goto(path)
    idle(page)
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    assert faults(axe, page) == []
    for tab in page.get_by_role("tab").all():
        if tab.is_visible() and tab.get_attribute("aria-selected") != "true":
            tab.click()
            idle(page)
            assert faults(axe, page) == [], tab.inner_text()
    if path != "/":
        page.get_by_role("button", name="Set-up").click()
        assert faults(axe, page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", TRAINED)
def test_axe_finds_nothing_where_nets_are_trained(axe, new_page, idle, path, scheme):
    page = new_page(color_scheme=scheme)
    page.goto(path)
    idle(page)
    assert faults(axe, page, UPSTREAM) == []
    for tab in page.get_by_role("tab").all():
        tab.click()
        idle(page)
        assert faults(axe, page, UPSTREAM) == [], tab.inner_text()
    for button in page.get_by_test_id("stPopoverButton").all():
        if button.is_visible():
            button.click()
            idle(page)
            assert faults(axe, page, UPSTREAM) == [], button.inner_text()
            page.keyboard.press("Escape")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_one_teaches(axe, new_page, idle, scheme):
    page = new_page(color_scheme=scheme)
    page.goto("/lecture")
    idle(page)
    page.locator(".bnl-lecture-row button").first.click()
    assert faults(axe, page) == []
    for key in "?a":
        page.keyboard.press(key)
        assert faults(axe, page) == [], key
        page.keyboard.press("Escape")
    page.locator(".bnl-teach-menu summary").click()
    assert faults(axe, page) == []
    for path in ("/presenter", "/worksheet?lesson=gamma_beta"):
        page.goto(path)
        page.get_by_role("heading", level=1).wait_for()
        assert faults(axe, page) == [], path


def test_axe_sees_what_is_wrong(axe, page, idle):
    page.goto("/")
    idle(page)
    page.evaluate("document.body.appendChild(document.createElement('img')).src = '/favicon.png'")
    assert any(fault.startswith("image-alt") for fault in faults(axe, page))
