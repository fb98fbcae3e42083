"""Contract: each page comes up clean, light or dark, and axe finds nothing, whatever tab, drawer or popover is open."""

import pytest

from lessons.catalog import LESSONS

pytestmark = pytest.mark.browser
PATHS = ["/", *(f"/{slug}{query}" for slug in LESSONS for query in ("", f"?{slug}.guess=Just+show+me"))]
TRAINED = ["/training", "/training?training.guess=Just+show+me", "/studio", "/claims"]
UPSTREAM = {"rules": {"presentation-role-conflict": {"enabled": False}}}
"""Streamlit's: its drop zone has a role and a name."""
SCROLLED = ("scrollable-region-focusable", '<pre class="st-emotion')
"""Streamlit's, too: its code blocks scroll, and browsers let keys scroll them."""
COLORS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""Only these rules can depend on the theme: the nodes and their names are the same."""
GROUND = {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 19, 26)"}
TABS, POPOVER = "[data-testid=stTabs]", "[data-testid=stPopoverBody]"
STILL = """() => !document.querySelector("[data-stale=true]")
    && !document.getAnimations().some(({ playState }) => playState === "running")"""
"""Nothing is fading in or out, because a fading text has another color."""


@pytest.fixture(scope="module")
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright").Axe()


def faults(axe, page, options=None, within: str | None = None) -> list[str]:
    """axe's complaints about the page or, if the rest is known, a part of it: the rule, the node, and why."""
    page.wait_for_function(STILL)
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    part = within if within and page.locator(within).count() else None  # tabs of the studio's own stand elsewhere
    found = axe.run(page, part, COLORS if dark else options).response["violations"]
    nodes = [(one["id"], node["html"], node["failureSummary"]) for one in found for node in one["nodes"]]
    ours = [(rule, html, why) for rule, html, why in nodes if rule != SCROLLED[0] or not html.startswith(SCROLLED[1])]
    return [f"{rule}: {html[:200]} {why[:300]}" for rule, html, why in ours]


@pytest.fixture(params=GROUND)
def opened(new_page, complaints, idle, request):
    """A function that opens a page by deep link; no error on the console, no request that leaves the machine."""

    def open_page(path: str):
        page = new_page(color_scheme=request.param)
        page.goto(path)
        idle(page)
        assert page.get_by_role("heading", level=1).count() == 1
        ground = page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor")
        assert ground == GROUND[request.param]
        return page

    yield open_page
    assert (complaints.errors, complaints.strangers) == ([], [])


@pytest.mark.parametrize("path", PATHS)
def test_a_page_comes_up_clean_and_axe_finds_nothing(axe, opened, idle, path):
    page = opened(path)
    page.wait_for_selector(".bnl-stage[data-ready=true] .main-svg")
    assert faults(axe, page) == []
    for tab in page.get_by_role("tab").all():
        if tab.is_visible() and tab.get_attribute("aria-selected") != "true":
            tab.click()
            idle(page)
            assert faults(axe, page, within=TABS) == [], tab.inner_text()
    if path != "/":
        page.get_by_role("button", name="Set-up").click()
        assert faults(axe, page, within=".bnl-setup") == []


@pytest.mark.parametrize("path", TRAINED)
def test_a_page_about_trained_nets_comes_up_clean_and_axe_finds_nothing(axe, opened, idle, path):
    page = opened(path)
    if path != "/claims":
        page.wait_for_selector(".bnl-figure .main-svg")
    assert faults(axe, page, UPSTREAM) == []
    for tab in page.get_by_role("tab").all():
        tab.click()
        idle(page)
        assert faults(axe, page, UPSTREAM, TABS) == [], tab.inner_text()
    for button in page.get_by_test_id("stPopoverButton").all():
        if button.is_visible():
            button.click()
            idle(page)
            assert faults(axe, page, UPSTREAM, POPOVER) == [], button.inner_text()
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


@pytest.mark.parametrize(("scheme", "faint"), [("light", "#eee"), ("dark", "#222")])
def test_axe_sees_letters_too_faint_in_either_theme(axe, new_page, idle, scheme, faint):
    page = new_page(color_scheme=scheme)
    page.goto("/")
    idle(page)
    title = page.get_by_role("heading", level=1)
    title.evaluate("(node, color) => node.style.setProperty('color', color, 'important')", faint)
    assert [fault.partition(":")[0] for fault in faults(axe, page)] == ["color-contrast"]


def test_axe_sees_what_is_wrong(axe, page, idle):
    page.goto("/")
    idle(page)
    page.evaluate("document.body.appendChild(document.createElement('img')).src = '/favicon.png'")
    assert any(fault.startswith("image-alt") for fault in faults(axe, page))
