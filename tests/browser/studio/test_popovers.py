"""Contract: a popover is reached by keys where it is read, and what has the focus is framed."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
AT = """() => {
  const at = document.activeElement;
  const frames = [at, at.closest("label")].filter(Boolean).map((one) => getComputedStyle(one));
  const framed = frames.findLast((one) => one.outlineStyle !== "none") ?? frames[0];
  const { outlineStyle, outlineWidth, outlineColor } = framed;
  const { x, y, width, height } = at.getBoundingClientRect();
  const words = at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText || at.value || "";
  return {
    name: words.replace(/\\s+/g, " ").trim(),
    tag: at.tagName,
    outline: [outlineStyle, parseFloat(outlineWidth), outlineColor],
    popover: Boolean(at.closest("[data-testid=stPopoverBody]")),
    text: at.matches("input:not([type=range], [type=radio], [type=checkbox])"),
    seen: x + width > 0 && y + height > 0 && x < innerWidth && y < innerHeight,
  };
}"""
MOST = 60
GROUND = {"light": (255, 255, 255), "dark": (15, 19, 26)}


def luminance(color) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [c / 12.92 if (c := part / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for part in color]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


class Keys:
    """Someone without a mouse: what has the focus, and whether it is seen, at each step."""

    def __init__(self, page, scheme="light"):
        self.page, self.scheme = page, scheme

    @property
    def at(self) -> dict:
        return self.page.evaluate(AT)

    def press(self, *keys) -> dict:
        for key in keys:
            self.page.keyboard.press(key)
        return self.at

    def to(self, name: str, key: str = "Tab") -> list[dict]:
        """Press the key until that has the focus; all stops on the way."""
        stops = []
        while not stops or not re.search(name, stops[-1]["name"]):
            assert len(stops) < MOST, f"no way to {name}: {[stop['name'] for stop in stops]}"
            stops.append(self.press(key))
            self.check(stops[-1])
        return stops

    def check(self, stop: dict) -> None:
        assert stop["tag"] not in ("BODY", "HTML"), "the focus is lost"
        assert stop["seen"], stop
        style, width, color = stop["outline"]
        if not stop["text"]:  # a field for text is framed by its box
            assert style != "none", stop
            assert width >= 2, stop
            red, green, blue = map(int, re.findall(r"\d+", color)[:3])
            assert contrast((red, green, blue), GROUND[self.scheme]) >= 3, stop

    def stays(self, name: str) -> None:
        """In a moment that has the focus, and keeps it."""
        self.page.wait_for_function(f"(name) => new RegExp(name).test(({AT})().name)", arg=name, timeout=20_000)
        self.page.wait_for_timeout(600)  # a table arrives, the page's script runs
        assert re.search(name, self.at["name"]), self.at


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
