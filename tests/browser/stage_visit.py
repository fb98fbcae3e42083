"""What the tests of a lesson's stage do as a visitor does."""

from __future__ import annotations


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
