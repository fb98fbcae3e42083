"""Contract: what the studio's scripts reckon and say is true, asked of them in a blank page, without the app."""

import base64
import struct
from pathlib import Path

import pytest

from ui.studio import SCRIPTS
from ui.words import read

pytestmark = pytest.mark.browser
COMPONENTS = Path(__file__).resolve().parents[2] / "assets" / "components"
WORDS = read("05_studio")
TEXTS = {heading.removeprefix("live."): text for heading, text in WORDS.sections.items() if heading.startswith("live.")}


@pytest.fixture(scope="module")
def ask(browser):
    """`ask(function, *given)`: what a function of the scripts, as JavaScript, answers."""
    page = browser.new_page()
    own = [name for name in SCRIPTS if name != "studio/mount"]
    page.add_script_tag(content="".join((COMPONENTS / f"{name}.js").read_text(encoding="utf-8") for name in own))
    yield lambda function, *given: page.evaluate(f"(given) => ({function})(...given)", list(given))
    page.close()


def packed(*values: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def test_a_gap_is_reckoned_with_its_own_lanes_epsilon(ask):
    layer = {
        "batch_mean": packed(0.5),
        "batch_var": packed(0.0),
        "running_mean": packed(0.4),
        "running_var": packed(1.0),
    }
    news = {"snapshots": [{"step": 1, "lanes": [{"layers": [layer]}, {"layers": [layer]}]}]}
    gap = """(news, lane) => {
      const course = new Course();
      course.take(news);
      const look = { step: 1, layer: 0, axis: "step", epsilons: [0.01, 0.0001] };
      return SOURCES.layer(course, look, { field: "gap_mean", lane }).y[0];
    }"""
    assert [ask(gap, news, lane) for lane in (0, 1)] == [pytest.approx(1, rel=1e-5), pytest.approx(10, rel=1e-5)]
