"""Contract: a drag is answered in the browser, draws all the way, and tells Python once, when it is let go."""

import re

import pytest

pytestmark = pytest.mark.browser

URL = "/momentum?momentum.guess=Just+show+me"
NAME = "momentum.momentum"


class Handle:
    """The momentum control of lesson 3, as a visitor's hand finds it."""

    def __init__(self, page):
        self.page = page
        self.input = page.locator(f'[data-name="{NAME}"] input')
        self.root = page.locator(".bnl-scrub")
        self.sent = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: self.sent.append(frame)))

    def open(self, url=URL):
        self.page.goto(url)
        self.page.wait_for_selector(".bnl-scrub[data-ready=true]")
        self.input.scroll_into_view_if_needed()
        return self

    def draws(self) -> int:
        return int(self.root.get_attribute("data-draws"))

    def shown(self) -> str:
        return self.input.get_attribute("aria-valuetext")

    def at(self, share: float) -> tuple[float, float]:
        box = self.input.bounding_box()
        return box["x"] + share * box["width"], box["y"] + box["height"] / 2

    def in_url(self) -> str | None:
        found = re.search(rf"{NAME}=([^&]+)", self.page.url)
        return found and found[1]

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


def test_a_drag_draws_often_says_nothing_and_reports_once_on_release(handle, idle):
    page, before = handle.page, handle.draws()
    page.evaluate("() => { window.kept = document.querySelector('.bnl-figure'); }")
    sent = len(handle.sent)
    page.mouse.move(*handle.at(0.2))
    page.mouse.down()
    for step in range(40):
        page.mouse.move(*handle.at(0.2 + step / 80))
        page.wait_for_timeout(20)
    assert handle.draws() - before >= 15
    assert len(handle.sent) == sent
    page.mouse.up()
    page.wait_for_function("(name) => location.search.includes(name)", arg=f"{NAME}=")
    idle(page)
    assert len(handle.sent) == sent + 1
    assert handle.in_url() == handle.shown()
    assert page.evaluate("() => window.kept === document.querySelector('.bnl-figure')")


def test_what_is_drawn_changes_with_the_drag_and_axes_stay(handle):
    axes = "() => JSON.stringify(document.querySelector('.bnl-figure')._fullLayout.yaxis.range)"
    line, axis = handle.line(), handle.page.evaluate(axes)
    handle.page.mouse.move(*handle.at(0.5))
    handle.page.mouse.down()
    before = handle.draws()
    handle.page.mouse.move(*handle.at(0.05))
    handle.page.wait_for_function("(draws) => +document.querySelector('.bnl-scrub').dataset.draws > draws", arg=before)
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


def test_a_held_key_is_told_to_python_once(handle, idle):
    sent, start = len(handle.sent), handle.shown()
    handle.input.evaluate(HELD_KEY)
    assert handle.shown() != start
    handle.page.wait_for_function("(name) => location.search.includes(name)", arg=f"{NAME}=")
    idle(handle.page)
    assert len(handle.sent) == sent + 1
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
    handle.page.wait_for_function(
        f"() => document.querySelector('[data-name=\"{NAME}\"] input').ariaValueText === '0.99'"
    )


def test_a_link_opens_on_its_value_and_a_reload_keeps_a_released_one(handle, idle):
    handle.open(f"{URL}&{NAME}=0.9")
    assert handle.shown() == "0.9"
    handle.input.focus()
    handle.page.keyboard.press("End")
    handle.page.wait_for_function("(text) => location.search.includes(text)", arg=f"{NAME}=0.999")
    idle(handle.page)
    handle.page.reload()
    handle.page.wait_for_selector(".bnl-scrub[data-ready=true]")
    assert handle.shown() == "0.999"


@pytest.mark.parametrize(("motion", "frames"), [("reduce", 1), ("no-preference", 18)])
def test_reduced_motion_jumps_where_others_glide(new_page, motion, frames):
    """Every frame shows a value of its own on the way to the mark."""
    handle = Handle(new_page(reduced_motion=motion)).open()
    handle.page.evaluate(
        """() => {
          const output = document.querySelector(".bnl-control output");
          window.values = new Set();
          new MutationObserver(() => window.values.add(output.textContent)).observe(output, { childList: true });
        }"""
    )
    handle.page.locator(".bnl-marks button").first.click()
    handle.page.wait_for_function("() => document.querySelector('.bnl-control output').textContent === '0'")
    assert handle.page.evaluate("() => window.values.size") == frames


def test_touch_moves_the_control(new_page):
    handle = Handle(new_page(has_touch=True, is_mobile=True)).open()
    before = handle.shown()
    handle.page.touchscreen.tap(*handle.at(0.9))
    handle.page.wait_for_function("(name) => location.search.includes(name)", arg=f"{NAME}=")
    assert handle.shown() != before


def test_figures_follow_a_theme_switch_without_a_new_node(new_page):
    colour = "() => document.querySelector('.bnl-figure')._fullLayout.font.color"
    page = Handle(new_page(color_scheme="light")).open().page
    light = page.evaluate(colour)
    page.evaluate("() => { window.kept = document.querySelector('.bnl-figure'); }")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"(light) => ({colour})() !== light", arg=light)
    assert page.evaluate("() => window.kept === document.querySelector('.bnl-figure')")


def test_without_plotly_the_numbers_stand_as_text_and_still_follow(page):
    page.route("**/vendor/plotly.min.js*", lambda route: route.abort())
    page.goto(URL)
    page.wait_for_selector(".bnl-scrub[data-ready=words]")
    figure = page.locator(".bnl-figure").first
    assert "did not load" in figure.inner_text()
    before = figure.inner_text()
    page.locator(f'[data-name="{NAME}"] input').focus()
    page.keyboard.press("Home")
    page.wait_for_function("(text) => document.querySelector('.bnl-figure').innerText !== text", arg=before)
    assert "last batch" in page.locator(".bnl-sentence").inner_text()
