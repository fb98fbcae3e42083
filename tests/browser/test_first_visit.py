"""What a visit loads over the network: little the first time, next to nothing the second, nothing that is not drawn."""

import re

import pytest

from tests.waiting import DEADLINE

LESSON = "/momentum?momentum.guess=Just+show+me"
FIRST_MOST, SECOND_MOST = 2_500_000, 50_000
"""Bytes over the wire, headers counted, the websocket not: `python -m benchmarks.classroom --only visits` has both."""


def taken(context, idle, address: str) -> dict[str, int]:
    """The bytes of each file by its path; 0 for a cached one."""
    page, paths, took = context.new_page(), {}, {}
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.requestWillBeSent", lambda told: paths.update({told["requestId"]: told["request"]["url"]}))
    network.on("Network.loadingFinished", lambda told: took.update({told["requestId"]: told["encodedDataLength"]}))
    page.goto(address)
    page.wait_for_selector(".js-plotly-plot .main-svg")
    idle(page)
    page.close()
    return {re.sub(r"^\w+://[^/]+", "", paths[request]): count for request, count in took.items()}


@pytest.fixture
def visits(browser, server, idle):
    """A first and a second visit of one browser to a lesson whose figure is shown."""
    with browser.new_context() as context:
        context.set_default_timeout(1000 * DEADLINE)
        yield [taken(context, idle, server.url + LESSON) for _ in range(2)]


def test_a_first_visit_is_small_and_a_second_next_to_nothing(visits, summary):
    first, second = (sum(files.values()) for files in visits)
    summary.append(f"bytes over the wire: {first:,} on the first visit to a lesson, {second:,} on the second")
    assert 500_000 < first < FIRST_MOST
    assert second < SECOND_MOST
    assert any("/vendor/plotly.min.js" in path for path in visits[0])
    assert not [path for path in visits[0] if "PlotlyChart" in path], "Streamlit's own plotly.js"


def test_what_the_websocket_brings_is_compressed(page, server, idle):
    network, shakes = page.context.new_cdp_session(page), []
    network.send("Network.enable")
    network.on("Network.webSocketHandshakeResponseReceived", lambda told: shakes.append(told["response"]["headers"]))
    page.goto(LESSON)
    idle(page)
    assert ["permessage-deflate" in str(headers) for headers in shakes] == [True]
