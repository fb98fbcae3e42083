"""Contract: a component's file that does not load is requested again; if it never loads, the page says so."""

import re

import pytest
from playwright.sync_api import expect

from lessons.content import read

pytestmark = pytest.mark.browser

URL = "/momentum?momentum.guess=Just+show+me"
ENTRY, IMPORTED, STYLE = "stage/index.js", "stage/board.js", "stage/stage.css"
WORDS = read("common")


def refusing(page, file, kind, times):
    """Answer 503 so many times when the file is requested as this kind; returns the kinds of all requests for it."""
    asked = []

    def answer(route):
        asked.append(route.request.resource_type)
        if asked[-1] == kind and asked.count(kind) <= times:
            route.fulfill(status=503, body="busy")
        else:
            route.continue_()

    page.route(re.compile(rf"/components/\w+/{file}$"), answer)
    return asked


@pytest.mark.parametrize(
    ("file", "kind", "needed"),
    [
        (ENTRY, "fetch", ["fetch"] * 3 + ["script"]),
        (IMPORTED, "fetch", ["fetch"] * 3 + ["script"]),
        (IMPORTED, "script", ["fetch"] + ["script"] * 3),
        (STYLE, "stylesheet", ["stylesheet"] * 3),
    ],
    ids=["entry", "imported", "imported once fetched", "style"],
)
def test_what_does_not_come_at_first_is_asked_for_again(page, file, kind, needed):
    """A page whose requests are watched has no cache, so an import requests the file again."""
    asked = refusing(page, file, kind, 2)
    page.goto(URL)
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    assert asked == needed
    expect(page.locator(".bnl-missing")).to_have_count(0)


def test_what_stays_away_is_said_and_tried_again_by_hand(page):
    asked = refusing(page, ENTRY, "fetch", 4)
    page.goto(URL)
    said = page.locator(".bnl-stage .bnl-missing")
    expect(said).to_contain_text(WORDS["component missing"])
    assert asked == ["fetch"] * 4
    said.get_by_role("button", name=WORDS["again"]).click()
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    expect(said).to_have_count(0)
