"""Contract: a move is answered in the browser: it runs no script, adds no history, asks only for what is missing."""

import urllib.parse

import pytest
from playwright.sync_api import expect

from tests.browser.stage_visit import NAME, Handle, choose, ready

pytestmark = pytest.mark.browser


def test_a_drag_draws_often_and_neither_it_nor_its_release_tells_python(handle, idle):
    page = handle.near().page
    before, sent, entries = handle.draws(), len(handle.sent), page.evaluate("history.length")
    page.evaluate("() => { window.kept = document.querySelector('.bnl-figure'); }")
    asked = len(handle.asked)
    page.mouse.move(*handle.at(0.2))
    page.mouse.down()
    for step in range(40):
        page.mouse.move(*handle.at(0.2 + step / 80))
        page.wait_for_timeout(20)
    assert handle.draws() - before >= 15
    page.mouse.up()
    handle.wait_for_address()
    idle(page)
    assert handle.in_url() == handle.shown()
    assert (len(handle.sent), len(handle.asked)) == (sent, asked)
    assert page.evaluate("history.length") == entries
    assert page.evaluate("() => window.kept === document.querySelector('.bnl-figure')")


def test_another_control_asks_for_one_table_and_tells_python_nothing(handle, idle):
    page, sent, entries = handle.page, len(handle.sent), handle.page.evaluate("history.length")
    asked, before = len(handle.asked), handle.line()
    choose(page, "drifting")
    handle.wait_for_address("momentum.stream=drifting")
    page.wait_for_function(
        "(old) => JSON.stringify([...document.querySelector('.bnl-figure').data[3].y]) !== old", arg=str(before)
    )
    idle(page)
    asked_for = [url for url in handle.asked[asked:] if "along=" not in url]  # the hand passes over the control
    paths = [urllib.parse.urlsplit(url) for url in asked_for]
    assert [(one.path, urllib.parse.parse_qs(one.query)["stream"]) for one in paths] == [
        ("/api/tables/momentum", ["drifting"])
    ]
    assert handle.line() != before
    assert (len(handle.sent), page.evaluate("history.length")) == (sent, entries)


def test_what_is_drawn_changes_with_the_drag_and_axes_stay(handle):
    handle.near()
    axes = "() => JSON.stringify(document.querySelector('.bnl-figure')._fullLayout.yaxis.range)"
    line, axis = handle.line(), handle.page.evaluate(axes)
    handle.page.mouse.move(*handle.at(0.5))
    handle.page.mouse.down()
    before = handle.draws()
    handle.page.mouse.move(*handle.at(0.05))
    handle.page.wait_for_function("(draws) => +document.querySelector('.bnl-stage').dataset.draws > draws", arg=before)
    assert handle.line() != line
    assert handle.page.evaluate(axes) == axis
    handle.page.mouse.up()


HELD_KEY = """(input) => {
  for (let presses = 0; presses < 5; presses += 1) {
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", repeat: presses > 0 }));
    input.stepUp();
    input.dispatchEvent(new Event("input"));
    input.dispatchEvent(new Event("change"));
  }
}"""
"""What a browser does while an arrow key is held, at a pace that no busy machine stretches."""


def test_a_held_key_writes_the_address_once(handle, idle):
    handle.near()
    start = handle.shown()
    handle.page.evaluate(
        """() => {
          window.writes = 0;
          const write = history.replaceState;
          history.replaceState = (...given) => ((window.writes += 1), write.apply(history, given));
        }"""
    )
    handle.input.evaluate(HELD_KEY)
    assert handle.shown() != start
    handle.wait_for_address()
    idle(handle.page)
    assert handle.page.evaluate("window.writes") == 1
    assert handle.in_url() == handle.shown()


def test_keys_move_the_control(handle):
    start = handle.shown()
    handle.input.focus()
    handle.page.keyboard.press("ArrowRight")
    assert float(handle.shown()) > float(start)
    seen = {key: (handle.page.keyboard.press(key), handle.shown())[1] for key in ("End", "PageDown", "Home", "PageUp")}
    assert seen["End"] == "0.999"
    assert seen["Home"] == "0"
    assert len(set(seen.values())) == 4


def test_a_double_click_resets(handle):
    handle.input.focus()
    handle.page.keyboard.press("Home")
    assert handle.shown() == "0"
    handle.page.mouse.dblclick(*handle.at(0.3))
    handle.page.wait_for_function(f"() => document.querySelector('[data-name={NAME}] input').ariaValueText === '0.99'")


@pytest.mark.parametrize(("motion", "glides"), [("reduce", False), ("no-preference", True)])
def test_reduced_motion_jumps_where_others_glide(new_page, motion, glides):
    """Every frame shows a value of its own on the way to the mark; how many there are is the machine's."""
    handle = Handle(new_page(reduced_motion=motion)).open().near()
    handle.page.evaluate(
        """() => {
          const output = document.querySelector(".bnl-controls output");
          const start = output.textContent;
          window.values = new Set();
          const note = () => output.textContent !== start && window.values.add(output.textContent);
          new MutationObserver(note).observe(output, { childList: true });
        }"""
    )
    handle.page.locator(".bnl-marks button").first.click()
    handle.page.wait_for_function("() => document.querySelector('.bnl-controls output').textContent === '0'")
    assert handle.page.evaluate("() => window.values.size > 1") == glides


def test_touch_moves_the_control(new_page):
    handle = Handle(new_page(has_touch=True, is_mobile=True)).open()
    before, line = handle.shown(), handle.line()
    handle.page.touchscreen.tap(*handle.at(0.9))
    handle.wait_for_address()
    assert handle.shown() != before
    handle.page.wait_for_function(
        "(old) => JSON.stringify([...document.querySelector('.bnl-figure').data[3].y]) !== old", arg=str(line)
    )


def test_figures_follow_a_theme_switch_without_a_new_node(new_page):
    color = "() => document.querySelector('.bnl-figure')._fullLayout.font.color"
    page = Handle(new_page(color_scheme="light")).open().page
    light = page.evaluate(color)
    page.evaluate("() => { window.kept = document.querySelector('.bnl-figure'); }")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"(light) => ({color})() !== light", arg=light)
    page.get_by_role("button", name="Main menu").click()
    page.get_by_role("menuitemradio", name="Light").click()
    page.wait_for_function(f"(light) => ({color})() === light", arg=light)
    assert page.evaluate("() => window.kept === document.querySelector('.bnl-figure')")


def test_closed_tabs_ask_for_nothing_and_open_ones_follow_the_move(handle, idle):
    page = handle.page
    assert not [url for url in handle.asked if "/api/code/" in url or "/api/qr" in url]
    page.get_by_role("tab", name="Do it in Keras").click()
    expect(page.locator(".bnl-code[tabindex]")).to_contain_text("momentum = 0.99")
    handle.input.press("Home")
    handle.wait_for_address("momentum.momentum=0")
    page.locator(".bnl-code[tabindex]").scroll_into_view_if_needed()
    expect(page.locator(".bnl-code[tabindex]")).to_contain_text("momentum = 0.0 ")
    page.get_by_role("tab", name="For the instructor").click()
    page.locator(".bnl-share").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.bnl-share img')?.naturalWidth > 0")
    assert "momentum.momentum=0" in page.locator(".bnl-share code").first.inner_text()
    assert "guess" not in page.locator(".bnl-share img").first.get_attribute("src")


def test_the_goal_answers_while_the_model_is_moved(handle):
    page = handle.page
    page.locator(".bnl-answer").get_by_text("Not yet").wait_for()
    page.locator("[data-field=steps] input").evaluate(
        "(input) => { input.value = 500; input.dispatchEvent(new Event('change')); }"
    )
    page.locator(".bnl-goal.bnl-reached").get_by_text("Forgotten and calm").wait_for()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_on_a_phone_a_state_worth_seeing_comes_into_sight_with_its_words(page, motion):
    page.emulate_media(reduced_motion=motion)
    page.set_viewport_size({"width": 390, "height": 844})
    ready(page, "/gamma_beta?gamma_beta.guess=Just+show+me")
    button = page.get_by_role("button", name="A saturated sigmoid")
    button.scroll_into_view_if_needed()
    page.mouse.wheel(0, 300)
    figure, words = page.locator(".bnl-cell").first, page.locator(".bnl-sentence")
    expect(figure).not_to_be_in_viewport(ratio=0.9)
    button.click()
    expect(words).to_contain_text("Drag beta and gamma")
    for part in (figure, words):
        expect(part).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Ask again").click()
    skip = page.get_by_role("button", name="Just show me")
    skip.scroll_into_view_if_needed()
    page.mouse.wheel(0, 300)
    expect(figure).not_to_be_in_viewport(ratio=0.9)
    skip.click()
    expect(figure).to_be_in_viewport(ratio=1)
