"""A student in the studio, in a real browser."""

import itertools
import json
import re
import time
import urllib.request

from playwright.sync_api import expect

seeds = itertools.count(1)
SMALL = "studio.layers=2&studio.width=8&studio.epochs=8"
CURSOR = """() => document.querySelector(".bnl-studio").studio.desk.charts.get("main/loss")
  .plot.layout.shapes.map((shape) => shape.x0)"""


class Visitor:
    """Someone in the studio, and what they see."""

    def __init__(self, page, lab, query: str, idle) -> None:
        self.page, self.studio, self.idle = page, page.locator(".bnl-studio"), lambda: idle(page)
        page.goto(f"{lab.url}/studio?{query}")
        page.wait_for_selector(".bnl-studio[data-ready=true]", timeout=60_000)
        self.idle()

    def press(self, name) -> None:
        self.page.get_by_role("button", name=name, exact=isinstance(name, str)).first.click()

    def hurry(self) -> None:
        """Let the rest of the training come as fast as it can."""
        self.page.get_by_label("Speed", exact=True).select_option("fast")

    def status(self, word: str, seconds: float = 60) -> None:
        expect(self.studio).to_have_attribute("data-status", word, timeout=1000 * seconds)

    def says(self, text: str) -> None:
        expect(self.studio.get_by_role("status")).to_contain_text(re.compile(text), timeout=20_000)

    def number(self, name: str) -> int:
        return int(self.studio.get_attribute(f"data-{name}"))

    def wait_for(self, name: str, more_than: int) -> None:
        self.page.wait_for_function(
            "([name, least]) => Number(document.querySelector('.bnl-studio').dataset[name]) > least",
            arg=[name, more_than],
            timeout=60_000,
        )

    def paused_after(self, steps: int) -> int:
        """Train, pause once there are more than so many steps; the step it stands at."""
        self.press("Train")
        self.wait_for("position", steps)
        self.press("Pause")
        self.status("paused")
        self.idle()
        return self.number("position")

    def scrub_to(self, step: int) -> None:
        draws = self.number("draws")
        self.page.get_by_role("slider", name="Step looked at").fill(str(step))
        self.idle()
        self.wait_for("draws", draws)
        self.page.wait_for_function(f"(step) => ({CURSOR})().includes(step)", arg=step)

    def choose(self, label: str, option: str) -> None:
        self.studio.get_by_label(label, exact=True).select_option(label=option)

    def traces(self, name: str) -> list[dict]:
        """The drawn traces of the figure called so: what they show, in plain numbers."""
        return self.page.evaluate(
            """(name) => {
              const shown = document.querySelector(".bnl-studio").studio.desk.charts.get(name).plot;
              const list = (values) => [...(values ?? [])];
              return shown.data.map(({meta, x, y, z}) => ({...meta, x: list(x), y: list(y), z: z ?? null}));
            }""",
            name,
        )

    def cursor(self) -> list[float]:
        """Where upright lines stand in the loss figure."""
        return self.page.evaluate(CURSOR)


def until(truth, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def health(lab) -> dict:
    with urllib.request.urlopen(f"{lab.url}/api/health", timeout=10) as answer:
        return json.load(answer)


def part(traces: list[dict], source: str, lane: int) -> dict:
    return next(one for one in traces if one["source"] == source and one["lane"] == lane)


def calm(lab):
    """Whether the worker is ready and has nothing to do, as a function."""

    def truth() -> bool:
        told = health(lab)
        return told["ready"] == 1 and not told["running"]

    return truth
