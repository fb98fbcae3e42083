"""A student in the studio, in a real browser."""

import itertools
import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from tests.waiting import DEADLINE

seeds = itertools.count(1)
SMALL = "studio.layers=2&studio.width=8&studio.epochs=8"
CURSOR = """() => document.querySelector(".bnl-studio").studio.grid.charts.get("main/loss")
  .plot.layout.shapes.map((shape) => shape.x0)"""


LATEST = """() => {
  const { charts } = document.querySelector(".bnl-studio").studio.grid;
  const over = [...charts.values()].filter(({ meta }) => meta.over === "step").map(({ plot }) => plot);
  const drawn = over.flatMap(({ data }) => data.filter(({ meta }) => meta.source !== "guide"));
  const marks = over.flatMap(({ layout }) => (layout.shapes ?? []).map(({ x0 }) => x0));
  return Math.max(-1, ...drawn.flatMap(({ x }) => [...(x ?? [])]), ...marks);
}"""


class Visitor:
    """Someone in the studio, and what they see."""

    def __init__(self, page, lab, query: str, idle, page_name: str = "studio") -> None:
        self.page, self.studio, self.idle = page, page.locator(".bnl-studio"), lambda: idle(page)
        page.goto(f"{lab.url}/{page_name}?{query}")
        page.wait_for_selector(".bnl-studio[data-ready=true]")
        self.idle()

    def press(self, name) -> None:
        self.page.get_by_role("button", name=name, exact=isinstance(name, str)).first.click()

    def status(self, word: str) -> None:
        expect(self.studio).to_have_attribute("data-status", word)

    def says(self, text: str) -> None:
        expect(self.studio.get_by_role("status")).to_contain_text(re.compile(text))

    def number(self, name: str) -> int:
        return int(self.studio.get_attribute(f"data-{name}"))

    def wait_for(self, name: str, more_than: int) -> None:
        self.page.wait_for_function(
            "([name, least]) => Number(document.querySelector('.bnl-studio').dataset[name]) > least",
            arg=[name, more_than],
        )

    def mode(self, word: str) -> None:
        expect(self.studio).to_have_attribute("data-mode", word)

    def paused_after(self, steps: int) -> int:
        """Train, pause once so many steps were played; the step it stands at."""
        self.press("Train")
        expect(self.studio).not_to_have_attribute("data-status", "shipped")
        self.wait_for("step", steps)
        self.press("Pause")
        self.mode("paused")
        self.idle()
        return self.number("step")

    def to_the_end(self) -> None:
        """Train, and do not wait for the film."""
        self.press("Train")
        self.status("finished")
        self.press("Show the end")
        self.idle()

    def scrub_to(self, step: int) -> None:
        self.page.get_by_role("slider", name="Step looked at").fill(str(step))
        expect(self.studio).to_have_attribute("data-step", str(step))
        self.drawn()
        self.idle()

    def drawn(self) -> None:
        """Wait until what is looked at is drawn."""
        self.page.wait_for_function(
            "() => { const { due, busy } = document.querySelector('.bnl-studio').studio.grid; return !due && !busy; }"
        )

    @contextmanager
    def redrawing(self) -> Iterator[None]:
        """Do what is inside, then wait until it has been drawn; counted from before, since a drawing may be quick."""
        before = self.number("draws")
        yield
        self.wait_for("draws", before)
        self.drawn()

    def latest(self) -> float:
        """The last step of which anything is plotted, in any chart on the page."""
        return self.page.evaluate(LATEST)

    def choose(self, label: str, option: str) -> None:
        self.studio.get_by_label(label, exact=True).select_option(label=option)

    def traces(self, name: str) -> list[dict]:
        """The drawn traces of the figure called so: what they show, in plain numbers."""
        return self.page.evaluate(
            """(name) => {
              const shown = document.querySelector(".bnl-studio").studio.grid.charts.get(name).plot;
              const list = (values) => [...(values ?? [])];
              return shown.data.map(({meta, x, y, z}) => ({...meta, x: list(x), y: list(y), z: z ?? null}));
            }""",
            name,
        )

    def cursor(self) -> list[float]:
        """Where upright lines stand in the loss figure."""
        return self.page.evaluate(CURSOR)


def health(lab) -> dict:
    with urllib.request.urlopen(f"{lab.url}/api/health", timeout=DEADLINE) as answer:
        return json.load(answer)


def part(traces: list[dict], source: str, lane: int) -> dict:
    return next(one for one in traces if one["source"] == source and one["lane"] == lane)


def calm(lab):
    """Whether the worker is ready and has nothing to do, as a function."""

    def truth() -> bool:
        told = health(lab)
        return told["ready"] == 1 and not told["running"]

    return truth
