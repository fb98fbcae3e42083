"""Contract: a lecture is collected, kept, taken elsewhere, and given from another window with the arrow keys."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.stage_visit import ready

pytestmark = pytest.mark.browser
STATES = [
    {
        "page": "gamma_beta",
        "settings": {"gamma": "2"},
        "guess": "Just show me",
        "title": "One",
        "note": "Ask **why**, *then* who; 2 * 3 * 4.",
    },
    {"page": "gamma_beta", "settings": {}, "title": "Two, asked first", "curtain": ["readings"]},
    {"page": "momentum", "settings": {"momentum": "0.9"}, "guess": "Just show me", "title": "Three"},
    {"page": "which_axis", "settings": {"norm": "2"}, "guess": "Just show me", "title": "Four"},
    {"page": "gamma_beta", "settings": {"beta": "1"}, "guess": "Just show me", "title": "Five"},
]
LECTURE = {"title": "Of the test", "states": [{"minutes": 2, "note": "", **state} for state in STATES]}
FURTHER = (("3. Three", "momentum", "0.9"), ("4. Four", "which_axis", ""), ("5. Five", "gamma_beta", ""))
"""From the third state on: the presenter's heading, the page, and what its address holds."""
NOTE_COPIES = "() => { navigator.clipboard.writeText = (text) => ((window.copied = text), Promise.resolve()); }"
BAR_IS_WHOLE = """() => {
  const parts = ["stTopNavLink", "stTopNavSection", "stMainMenu"].map((name) => `[data-testid=${name}]`);
  const tools = [".st-key-view label", ".bnl-lecture-bar button", ".bnl-teaching > button", ".bnl-teach-menu summary"];
  const nodes = document.querySelectorAll([...parts, ...tools].join());
  const boxes = [...nodes].map((node) => node.getBoundingClientRect()).filter(({ width }) => width);
  const apart = (one, other) => one.right <= other.left || other.right <= one.left;
  const whole = boxes.every(({ top, bottom, right }) => top >= 0 && bottom <= 54 && right <= innerWidth);
  return boxes.length === 14 && whole && boxes.every((one) => boxes.every((two) => one === two || apart(one, two)));
}"""


def opened(page, idle, tmp_path, told=LECTURE):
    """The page of lectures with that lecture open."""
    page.goto("/lecture")
    idle(page)
    file = tmp_path / "lecture.json"
    file.write_text(json.dumps(told) if isinstance(told, dict) else told)
    page.locator(".bnl-lecture input[type=file]").set_input_files(file)
    return page


def test_a_state_is_added_and_the_lecture_is_edited_and_taken_elsewhere(page, new_page, idle, tmp_path):
    ready(page, "/gamma_beta?gamma_beta.guess=Just+show+me&gamma_beta.gamma=2&curtain=goal")
    idle(page)
    page.evaluate(NOTE_COPIES)
    page.get_by_role("button", name="Link", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Copy").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("window.copied").endswith("/gamma_beta?gamma_beta.gamma=2&curtain=goal")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    for title in ("First", "Second"):
        page.keyboard.press("a")
        page.get_by_label("Title").fill(title)
        page.get_by_label("Note for you").fill("Ask who is right.")
        page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="Open my lecture").click()
    titles = page.locator(".bnl-states input[type=text]")
    expect(titles).to_have_count(2)
    expect(page.locator(".bnl-facts").first).to_have_text("Gamma and beta · gamma γ, the scale: 2.00 · hidden: goal")
    page.locator(".bnl-states button[name=down]").first.click()
    assert [title.input_value() for title in titles.all()] == ["Second", "First"]
    titles.first.fill("Renamed")
    titles.first.press("Tab")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save to a file").click()
    kept = json.loads(download.value.path().read_text())
    assert [state["title"] for state in kept["states"]] == ["Renamed", "First"]
    assert kept["states"][0]["settings"] == {"gamma": "2"}
    assert kept["states"][0]["curtain"] == ["goal"]


def test_what_was_removed_comes_back_and_a_link_holds_the_lecture(page, new_page, idle, tmp_path):
    opened(page, idle, tmp_path)
    states = page.locator(".bnl-states li")
    states.first.get_by_role("button", name="Remove").click()
    expect(states).to_have_count(4)
    notes = page.locator(".bnl-states textarea")
    notes.first.fill("Typed, and pressed at once")
    states.first.get_by_role("button", name="Later").click()
    expect(notes.nth(1)).to_have_value("Typed, and pressed at once")
    status = page.locator(".bnl-lecture [role=status]")
    expect(status).to_have_text("")
    for what, typed, count in (("move", 1, 4), ("note", 0, 4), ("removal", 0, 5)):
        page.get_by_role("button", name=f"Undo: {what} of state 1").click()
        expect(status).to_have_text(f"Taken back: {what} of state 1.")
        expect(states).to_have_count(count)
        assert [one.input_value() for one in notes.all()].count("Typed, and pressed at once") == typed
    page.reload()
    idle(page)
    for _ in range(3):
        page.get_by_role("button", name="Redo").click()
    expect(notes.nth(1)).to_have_value("Typed, and pressed at once")
    page.get_by_role("button", name="Clear").click()
    expect(states).to_have_count(0)
    for _ in range(4):
        page.get_by_role("button", name="Undo").click()
    expect(states).to_have_count(5)
    page.evaluate(NOTE_COPIES)
    page.get_by_role("button", name="Copy as one link").click()
    link = page.wait_for_function("() => window.copied").json_value()
    other = new_page()
    other.goto(link)
    idle(other)
    expect(other.locator(".bnl-states input[type=text]").first).to_have_value("One")
    assert "#" not in other.url


@pytest.mark.parametrize("told", ["[1]", "{", '{"states": [{"settings": {"a": 1}}]}', '{"states": [{"page": "../x"}]}'])
def test_what_is_no_lecture_changes_nothing(told, page, idle, tmp_path):
    opened(page, idle, tmp_path)
    expect(page.locator(".bnl-states li")).to_have_count(5)
    opened(page, idle, tmp_path, told)
    expect(page.locator(".bnl-lecture [role=status]")).to_contain_text("nothing was changed")
    expect(page.locator(".bnl-states li")).to_have_count(5)


def given(page, idle):
    """The presenter's window of the lecture that this page begins to give."""
    page.get_by_role("button", name="Give the lecture").click()
    page.wait_for_selector(".bnl-teach[data-ready=true]")
    idle(page)
    page.evaluate("() => { window.same = true; }")
    with page.context.expect_page() as opening:
        page.keyboard.press("p")
    return opening.value


def test_a_lecture_is_given_from_the_presenters_window(page, idle, tmp_path):
    """Five states forward and one back; the class's window follows the presenter's without being loaded again."""
    presenter = given(opened(page, idle, tmp_path), idle)
    expect(presenter.get_by_role("heading", level=1)).to_have_text("1. One")
    expect(presenter.locator(".bnl-note strong")).to_have_text(["why", "then"])
    expect(presenter.locator(".bnl-note")).to_have_text("Ask why, then who; 2 * 3 * 4.")
    expect(presenter.locator(".bnl-facts")).to_have_text("Gamma and beta · gamma γ, the scale: 2.00")
    expect(presenter.locator(".bnl-next")).to_contain_text("Two, asked first")

    presenter.keyboard.press("ArrowRight")
    expect(presenter.get_by_role("heading", level=1)).to_have_text("2. Two, asked first")
    page.wait_for_selector(".bnl-ask .bnl-card")
    assert "gamma_beta.gamma" not in page.url
    assert page.evaluate("document.documentElement.dataset.curtain") == "readings"
    presenter.keyboard.press("s")
    expect(presenter.get_by_role("checkbox", name="The sentence")).to_be_checked()
    assert "readings,sentence" in page.url

    for title, slug, text in FURTHER:
        presenter.keyboard.press("PageDown")
        expect(presenter.get_by_role("heading", level=1)).to_have_text(title)
        page.wait_for_url(re.compile(f"/{slug}\\?"))
        page.wait_for_selector(".bnl-teach[data-ready=true]")
        idle(page)
        assert text in page.url
        assert "curtain" not in page.url
    presenter.set_viewport_size({"width": 1000, "height": 450})
    expect(presenter.locator("[aria-current]")).to_be_in_viewport(ratio=0.9)
    assert page.evaluate("window.same"), "the page has not been loaded anew"
    expect(page.locator('[data-name="gamma"] output')).to_have_text("1.00")
    assert "view=" in page.url
    page.keyboard.press("PageUp")
    expect(presenter.get_by_role("heading", level=1)).to_have_text("4. Four")
    expect(page.locator(".bnl-lecture-bar")).to_contain_text("4 / 5")
    page.set_viewport_size({"width": 1280, "height": 640})
    page.wait_for_function(BAR_IS_WHOLE)
    page.get_by_role("button", name="End the lecture").click()
    expect(presenter.get_by_text("No window shows the lecture")).to_be_visible()


def test_the_clock_runs_from_when_the_lecture_is_given(page, idle, tmp_path):
    page.clock.set_fixed_time("2026-01-05T10:00:00")
    opened(page, idle, tmp_path)
    with page.context.expect_page() as opening:
        page.get_by_role("button", name="Presenter's window").click()
    presenter = opening.value
    expect(presenter.locator(".bnl-time")).to_have_text("0:00 / 10 min")
    page.clock.set_fixed_time("2026-01-05T10:30:00")
    page.get_by_role("button", name="Give the lecture").click()
    page.wait_for_selector(".bnl-teach[data-ready=true]")
    page.clock.set_fixed_time("2026-01-05T10:35:00")
    expect(presenter.locator(".bnl-time")).to_have_text("5:00 / 10 min")


def test_a_veil_lifts_where_the_next_state_of_the_same_page_is_answered(page, idle, tmp_path):
    states = [{**state, "page": "four_steps", "settings": {}} for state in (STATES[1], STATES[0])]
    opened(page, idle, tmp_path, {"title": "", "states": states})
    page.get_by_role("button", name="Give the lecture").click()
    veil = page.locator(".bnl-cell .bnl-veil").first
    expect(veil).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(veil).to_be_hidden()
    page.locator(".bnl-control input").first.focus()  # as an answer and a drag leave it
    page.keyboard.press("ArrowLeft")
    expect(veil).to_be_visible()
