"""Contract: a move is answered in the browser: it runs no script, adds no history, asks only for what is missing."""

import re
import urllib.parse

import pytest
from playwright.sync_api import expect

from tests.browser.stage_visit import choose, turn_to

pytestmark = pytest.mark.browser

URL = "/momentum?momentum.guess=Just+show+me"
NAME = "momentum"


class Handle:
    """The momentum control, as a visitor's hand finds it; what the page sends and asks for."""

    def __init__(self, page):
        self.page = page
        self.input = page.locator(f'[data-name="{NAME}"] input')
        self.root = page.locator(".bnl-stage")
        self.sent, self.asked = [], []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: self.sent.append(frame)))
        page.on("request", lambda request: self.asked.append(request.url) if "/api/" in request.url else None)

    def open(self, url=URL):
        self.page.goto(url)
        self.page.wait_for_selector(".bnl-stage[data-ready=true]")
        self.input.scroll_into_view_if_needed()
        return self

    def near(self):
        """Bring the hand to the control and wait until its table is there."""
        with self.page.expect_response(lambda answer: "along=" in answer.url):
            self.input.hover()
        return self

    def draws(self) -> int:
        return int(self.root.get_attribute("data-draws"))

    def shown(self) -> str:
        return self.input.get_attribute("aria-valuetext")

    def at(self, share: float) -> tuple[float, float]:
        box = self.input.bounding_box()
        return box["x"] + share * box["width"], box["y"] + box["height"] / 2

    def in_url(self) -> str | None:
        found = re.search(rf"momentum\.{NAME}=([^&]+)", self.page.url)
        return found and found[1]

    def wait_for_address(self, text=f"momentum.{NAME}="):
        self.page.wait_for_function("(text) => location.search.includes(text)", arg=text)

    def line(self) -> list[float]:
        """The running statistic as it is drawn now."""
        return self.page.evaluate(
            "() => [...document.querySelector('.bnl-figure').data.find((t) => t.line?.width === 3).y].map(Number)"
        )


@pytest.fixture
def handle(page, idle):
    opened = Handle(page).open()
    idle(page)
    return opened


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


def test_a_link_opens_on_its_value_and_a_reload_keeps_a_released_one(handle, idle):
    handle.open(f"{URL}&momentum.{NAME}=0.9")
    assert handle.shown() == "0.9"
    handle.input.focus()
    handle.page.keyboard.press("End")
    handle.wait_for_address(f"momentum.{NAME}=0.999")
    handle.page.reload()
    handle.page.wait_for_selector(".bnl-stage[data-ready=true]")
    assert handle.shown() == "0.999"


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
    assert page.evaluate("() => window.kept === document.querySelector('.bnl-figure')")


def test_without_plotly_the_numbers_stand_as_text_and_still_follow(page):
    page.route("**/vendor/plotly*.js*", lambda route: route.abort())
    page.goto(URL)
    page.wait_for_selector(".bnl-stage[data-ready=words]")
    figure = page.locator(".bnl-figure").first
    assert "did not load" in figure.inner_text()
    before = figure.inner_text()
    page.locator(f'[data-name="{NAME}"] input').press("Home")
    page.wait_for_function("(text) => document.querySelector('.bnl-figure').innerText !== text", arg=before)
    assert "last batch" in page.locator(".bnl-sentence").inner_text()


def test_a_bad_address_is_repaired_aloud_and_the_lesson_shown(page, complaints, idle):
    page.goto(URL + "&momentum.batch_size=1e9&momentum.stream=%3Cb%3E&momentum.steps=40&momentum.pace=slow")
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    notice = page.locator(".bnl-notice")
    assert notice.inner_text().count("The address gave") == 2
    assert "<b>" in notice.inner_text()
    page.wait_for_url(re.compile("momentum.batch_size=256"))
    assert "momentum.steps=40" in page.url
    assert not [error for error in complaints.errors if "422" not in error]


def test_numbers_that_do_not_arrive_are_told_and_asked_for_again(page, idle):
    page.route("**/api/tables/momentum?stream*", lambda route: route.abort())
    Handle(page).open()
    choose(page, "jumping")
    page.get_by_text("did not arrive").wait_for()
    page.unroute("**/api/tables/momentum?stream*")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url(re.compile("momentum.stream=jumping"))
    assert page.locator(".bnl-trouble").is_hidden()


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


def test_a_server_with_too_much_to_do_is_asked_again_when_it_says(page):
    refused = []

    def busy(route):
        if len(refused) < 2:
            refused.append(route.request.url)
            route.fulfill(status=503, headers={"Retry-After": "0.1"}, json={"error": "Too many ask at once."})
        else:
            route.continue_()

    page.route("**/api/tables/momentum*", busy)
    Handle(page).open()
    assert len(refused) == 2
    assert page.locator(".bnl-trouble").is_hidden()
