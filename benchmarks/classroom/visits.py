"""Bytes over the wire when a browser opens a lesson for the first time, and when it comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, sync_playwright

from benchmarks.classroom.visitor import GUESS
from tests.browser.conftest import FLAGS, wait_until_idle
from tests.browser.find import executable

READY = ".bnl-stage[data-ready=true]"


def visits(url: str, lessons: Sequence[str]) -> Iterator[tuple[str, int]]:
    """By lesson, the bytes of the first visit and of the second with the same browser; nothing without a browser."""
    with sync_playwright() as playwright:
        path = executable(playwright)
        if path is None:
            return
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for lesson in lessons:
            context = browser.new_context()
            for name in ("first", "second"):
                yield (
                    f"{lesson}: {name} visit",
                    taken(context, f"{url}/{lesson}?{urlencode({f'{lesson}.guess': GUESS})}"),
                )
            context.close()
        browser.close()


def taken(context: BrowserContext, address: str) -> int:
    """The bytes of all responses and of the websocket until the page is drawn and idle; cached files cost nothing."""
    page, sizes = context.new_page(), []
    session = context.new_cdp_session(page)
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    session.on("Network.webSocketFrameReceived", lambda event: sizes.append(frame(event["response"])))
    session.send("Network.enable")
    page.goto(address)
    page.wait_for_selector(READY)
    wait_until_idle(page)
    page.close()
    return int(sum(sizes))


def frame(response: dict) -> int:
    """The bytes of a websocket frame; binary ones are reported in base64."""
    size = len(response["payloadData"])
    return size * 3 // 4 if response["opcode"] == 2 else size
