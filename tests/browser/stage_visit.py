"""What the tests of a lesson's stage do as a visitor does."""

from __future__ import annotations

import re

URL = "/momentum?momentum.guess=Just+show+me"
NAME = "momentum"


def turn_to(page, label: str, chapter: str) -> None:
    """Choose a page in the menu."""
    page.get_by_test_id("stTopNavSection").filter(has_text=chapter).click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text=label).click()


def ready(page, address: str):
    """The page at that address, its stage drawn."""
    page.goto(address)
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    return page


def predict(page, lesson) -> None:
    """Commit to a prediction of whatever kind that lesson asks for."""
    if not lesson.guess:
        return page.locator(".bnl-ask .bnl-card").first.click()
    if lesson.guess.kind != "order":
        page.locator(".bnl-guess").first.press("PageUp")
    return page.get_by_role("button", name="This is my guess").click()


def choose(page, text: str) -> None:
    """Choose an option in the set-up, which is opened for it and closed again."""
    with_setup(page, lambda: page.locator(".bnl-setup").get_by_text(text, exact=True).click())


def with_setup(page, act) -> None:
    """Do something in the open set-up, then close it."""
    page.get_by_role("button", name="Set-up").click()
    act()
    page.locator(".bnl-setup").get_by_role("button", name="Close").click()


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
