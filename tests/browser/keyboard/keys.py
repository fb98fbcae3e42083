"""A visitor without a mouse: what has the focus at each step, and whether that can be seen."""

from __future__ import annotations

import itertools
import re
from typing import Any

MOST = 120
FOCUS = """() => {
  const at = document.activeElement;
  const box = (node) => node.getClientRects()[0] ?? node.getBoundingClientRect();
  const colorOf = (text) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const up = (node) => (node ? [node, ...up(node.parentElement)] : []);
  const grounds = (node) => up(node).map((one) => colorOf(getComputedStyle(one).backgroundColor));
  const shown = [at, at.closest("label"), at.closest("[data-focus-visible=true]")]; // Streamlit draws its own knobs
  const framed = shown.findLast((one) => one && getComputedStyle(one).outlineStyle !== "none") ?? at;
  const { outlineStyle, outlineWidth, outlineOffset, outlineColor } = getComputedStyle(framed);
  const within = parseFloat(outlineOffset) < 0;
  const around = parseFloat(outlineWidth) + parseFloat(outlineOffset) - 1; // a pixel is no fault
  const { left, top, right, bottom } = box(framed);
  const clips = up(framed.parentElement).filter((node) => getComputedStyle(node).overflow !== "visible").map(box);
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const over = document.elementFromPoint(x, y);
  const slides = (one) => one?.type === "range";
  const scrolled = document.querySelector("[data-testid=stMain]")?.scrollTop ?? 0;
  const words = at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText || at.value || "";
  const stops = (window.stops ??= []);
  if (!stops.includes(at)) stops.push(at);
  return {
    id: stops.indexOf(at),
    name: words.slice(0, 80).replace(/\\s+/g, " ").trim(),
    tag: at.tagName,
    popover: Boolean(at.closest("[data-testid=stPopoverBody]")),
    text: at.matches("input:not([type=range], [type=radio], [type=checkbox])"),
    frame: outlineStyle === "none" ? 0 : parseFloat(outlineWidth),
    colors: [colorOf(outlineColor), grounds(within ? framed : framed.parentElement).find((color) => color[3] === 255)],
    clipped: [{ left: 0, top: 0, right: innerWidth, bottom: innerHeight }, ...clips].some((clip) =>
      Math.max(clip.left - left, clip.top - top, right - clip.right, bottom - clip.bottom) > -around),
    covered: ![up(over).includes(framed), up(framed).includes(over), [at, over].every(slides)].some(Boolean),
    sticks: up(at).some((node) => ["sticky", "fixed"].includes(getComputedStyle(node).position)),
    at: [left, top + scrolled, right, bottom + scrolled].map(Math.round),
  };
}"""
"""The focus: its name, its frame, the colors of the frame and of what lies behind it, whether it is clipped or covered,
and where on the page it is (left, top, right, bottom)."""
MISSED = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
  .filter((one) => one.tabIndex >= 0 && !one.disabled && (one.type !== "radio" || one.checked))
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("[inert]"))
  .filter((one) => !window.stops.includes(one))
  .map((one) => one.outerHTML.slice(0, 200))"""


def luminance(color) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [c / 12.92 if (c := part / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for part in color]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


class Keys:
    """The keyboard of a page."""

    def __init__(self, page) -> None:
        self.page = page

    @property
    def at(self) -> dict[str, Any]:
        return self.page.evaluate(FOCUS)

    def press(self, *keys: str) -> dict[str, Any]:
        for key in keys:
            self.page.keyboard.press(key)
        return self.at

    def to(self, name: str, key: str = "Tab") -> list[dict[str, Any]]:
        """Press the key until the element with that name has the focus; returns all stops, each of them seen."""
        stops = []
        while not stops or not re.search(name, stops[-1]["name"]):
            assert len(stops) < MOST, f"no way to {name}: {[stop['name'] for stop in stops]}"
            stops.append(self.press(key))
            assert not unseen(stops[-1]), stops[-1]
        return stops

    def walk(self, key: str = "Tab") -> list[dict[str, Any]]:
        """Press the key until the page ends; returns all stops."""
        stops = []
        while (stop := self.press(key))["tag"] != "BODY":
            assert len(stops) < MOST, [stop["name"] for stop in stops]
            stops.append(stop)
        return stops

    def missed(self) -> list[str]:
        """The elements that can take the focus but have not had it."""
        return self.page.evaluate(MISSED)

    def stays(self, name: str) -> None:
        """Check that soon the element with that name has the focus, and keeps it."""
        self.page.wait_for_function(f"(name) => new RegExp(name).test(({FOCUS})().name)", arg=name)
        self.page.wait_for_timeout(600)  # a table arrives, the page's script runs
        assert re.search(name, self.at["name"]), self.at


def unseen(stop: dict[str, Any]) -> str:
    """Why the focus cannot be seen, "" if it can. A text field's frame is that of its box."""
    framed = stop["frame"] >= 2 and contrast(*(color[:3] for color in stop["colors"])) >= 3
    faults = {
        "lost": stop["tag"] in ("BODY", "HTML"),
        "covered": stop["covered"],
        "clipped": stop["clipped"] and not stop["text"],
        "frame": not framed and not stop["text"],
    }
    return " ".join(fault for fault, true in faults.items() if true)


def out_of_order(stops: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Pairs of stops of which the second is read before the first: it is higher, and not in a column to the right."""
    placed = [stop for stop in stops if not stop["sticks"]]
    pairs = itertools.pairwise(placed)
    return [(a["name"], b["name"]) for a, b in pairs if b["at"][3] <= a["at"][1] and b["at"][0] < a["at"][2]]
