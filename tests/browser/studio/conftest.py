"""A blank page with the studio's scripts, without the app."""

import base64
import struct

import pytest

from figures import theme
from figures.studio.curves import LaneStyle
from tests.browser.blank_page import asking

LANES = [LaneStyle("1 · none", "none", theme.BEFORE, "dash"), LaneStyle("2 · BN", "BN", theme.AFTER, "solid")]


@pytest.fixture(scope="module")
def ask(browser):
    used = "numbers", "run_history", "fill", "slow", "alerts", "mistakes", "status"
    yield from asking(browser, "lib/menu", *(f"studio/{name}" for name in used))


def packed(*values: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
