"""Contract: each page comes up clean, light or dark, and axe finds nothing, whatever tab, drawer or popover is open."""

import pytest

from lessons.catalog import LESSONS

pytestmark = pytest.mark.browser
PAGES = ["/", *(f"/{slug}" for slug in LESSONS)]
TRAINED = ["/training", "/training?training.guess=Just+show+me", "/studio", "/claims"]
BRIEF = {"resultTypes": ["violations"]}
"""What passes is not told node by node: that takes longer than the looking."""
ALL = {**BRIEF, "rules": {"presentation-role-conflict": {"enabled": False}}}
"""Every rule but one: Streamlit's drop zone has a role and a name."""
COLORS = {**BRIEF, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""Only these rules can depend on the theme: the nodes and their names are the same."""
SCROLLED = ("scrollable-region-focusable", '<pre class="st-emotion')
"""Streamlit's, too: its code blocks scroll, and browsers let keys scroll them."""
GROUND = {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 19, 26)"}
TURNED = """ground => getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor === ground"""
TABS, POPOVER, SETUP = "[data-testid=stTabs]", "[data-testid=stPopoverBody]", ".bnl-setup"
STILL = """() => !document.querySelector("[data-stale=true]")
    && !document.getAnimations().some(({ playState }) => playState === "running")"""
"""Nothing is fading in or out, because a fading text has another color."""


@pytest.fixture(scope="module")
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright").Axe()


def faults(axe, page, within: str | None = None) -> list[str]:
    """axe's complaints about the page or, if the rest is known, a part of it: the rule, the node, and why."""
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    part = within if within and page.locator(within).count() else None  # tabs of the studio's own stand elsewhere
    while True:
        page.wait_for_function(STILL)
        found = axe.run(page, part, COLORS if dark else ALL).response["violations"]
        if page.evaluate(STILL):  # else something began to fade while axe looked
            break
    nodes = [(one["id"], node["html"], node["failureSummary"]) for one in found for node in one["nodes"]]
    ours = [(rule, html, why) for rule, html, why in nodes if rule != SCROLLED[0] or not html.startswith(SCROLLED[1])]
    return [f"{rule}: {html[:200]} {why[:300]}" for rule, html, why in ours]


@pytest.fixture
def opened(page, complaints, idle):
    """A function that opens a page by deep link; no error on the console, no request that leaves the machine."""

    def open_page(path: str):
        page.goto(path)
        idle(page)
        assert page.get_by_role("heading", level=1).count() == 1
        return page

    yield open_page
    assert (complaints.errors, complaints.strangers) == ([], [])


def in_both_themes(page, idle):
    """The page's themes, one after the other: while the caller looks, the page stands in it."""
    for scheme, ground in GROUND.items():
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(TURNED, arg=ground)
        idle(page)
        yield scheme


def tabs_to_open(page):
    """The tabs on screen that are closed, as they are come to."""
    for tab in page.get_by_role("tab").all():
        if tab.is_visible() and tab.get_attribute("aria-selected") != "true":
            yield tab


@pytest.mark.parametrize("path", PAGES)
def test_a_page_comes_up_clean_and_axe_finds_nothing(axe, opened, idle, path):
    page = opened(path)
    page.wait_for_selector(".bnl-stage[data-ready=true] .main-svg")
    skip, setup = page.get_by_role("button", name="Just show me", exact=True), page.get_by_role("button", name="Set-up")
    if path != "/":
        for scheme in in_both_themes(page, idle):
            assert faults(axe, page) == [], f"{scheme}, asking"
        skip.click()
        skip.wait_for(state="hidden")
        idle(page)
    for scheme in in_both_themes(page, idle):
        assert faults(axe, page) == [], scheme
        for tab in tabs_to_open(page):
            tab.click()
            idle(page)
            assert faults(axe, page, TABS) == [], (scheme, tab.inner_text())
        if setup.count():
            setup.click()
            assert faults(axe, page, SETUP) == [], scheme
            setup.click()


@pytest.mark.parametrize("path", TRAINED)
def test_a_page_about_trained_nets_comes_up_clean_and_axe_finds_nothing(axe, opened, idle, path):
    page = opened(path)
    if path != "/claims":
        page.wait_for_selector(".bnl-figure .main-svg")
    for scheme in in_both_themes(page, idle):
        assert faults(axe, page) == [], scheme
        for tab in tabs_to_open(page):
            tab.click()
            idle(page)
            assert faults(axe, page, TABS) == [], (scheme, tab.inner_text())
        for button in page.get_by_test_id("stPopoverButton").all():
            if button.is_visible():
                button.click()
                idle(page)
                assert faults(axe, page, POPOVER) == [], (scheme, button.inner_text())
                page.keyboard.press("Escape")


def test_axe_finds_nothing_where_one_teaches(axe, opened, idle):
    page = opened("/lecture")
    page.locator(".bnl-lecture-row button").first.click()
    menu = page.locator(".bnl-teach-menu summary")
    for scheme in in_both_themes(page, idle):
        assert faults(axe, page) == [], scheme
        for key in "?a":
            page.keyboard.press(key)
            assert faults(axe, page) == [], (scheme, key)
            page.keyboard.press("Escape")
        menu.click()
        assert faults(axe, page) == [], scheme
        menu.click()


@pytest.mark.parametrize("path", ["/presenter", "/worksheet?lesson=gamma_beta", "/worksheet?lesson=training&key=true"])
def test_axe_finds_nothing_where_one_prepares(axe, page, idle, path):
    page.goto(path)
    for scheme in GROUND:
        page.emulate_media(color_scheme=scheme)
        page.get_by_role("heading", level=1).wait_for()
        assert faults(axe, page) == [], scheme


@pytest.mark.parametrize(("scheme", "faint"), [("light", "#eee"), ("dark", "#222")])
def test_axe_sees_letters_too_faint_in_either_theme(axe, new_page, idle, scheme, faint):
    page = new_page(color_scheme=scheme)
    page.goto("/")
    idle(page)
    assert page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor") == GROUND[scheme]
    title = page.get_by_role("heading", level=1)
    title.evaluate("(node, color) => node.style.setProperty('color', color, 'important')", faint)
    assert [fault.partition(":")[0] for fault in faults(axe, page)] == ["color-contrast"]


def test_axe_sees_what_is_wrong(axe, page, idle):
    page.goto("/")
    idle(page)
    page.evaluate("document.body.appendChild(document.createElement('img')).src = '/favicon.png'")
    assert any(fault.startswith("image-alt") for fault in faults(axe, page))
