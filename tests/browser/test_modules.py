"""Contract: the stage's modules that know no page work as they say; tested in a blank page, without the app."""

import base64

import numpy as np
import pytest

from lessons import packing
from lessons.table import LessonTable
from tests.browser.blank_page import asking
from tests.lessons.unpacking import LARGE_TRACKS, unpacked

pytestmark = pytest.mark.browser
UNPACK = """(base64) => {
  const { tracks } = unpack(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
  const row = (track, step) => [...valueAt(track, step)].map((value) => (isNaN(value) ? "gap" : value));
  return tracks.map((track) => [0, 1].map((step) => row(track, step)));
}"""
POSITION = """(acts) => {
  const at = new Position({ momentum: "0.9", stream: "steady" });
  const told = acts.map(([what, ...given]) => at[what](...given));
  return { told: told.map((one) => one ?? null), values: at.values, good: at.good, along: at.along?.name ?? null };
}"""

FREED = """async () => {
  const Plotly = await loadPlotly("vendor/plotly.min.js");
  const node = document.body.appendChild(document.createElement("div"));
  const yaxis = { automargin: true, tickprefix: "a long prefix that needs a wider margin " };
  const drawing = drawFigure(Plotly, node, { data: [{ y: [1, 2] }], layout: { height: 300, yaxis } });
  const freed = freeFigure(node);
  await drawing;
  const drawn = node.querySelectorAll(".scatterlayer .trace").length;
  await freed;
  return [drawn, "_fullLayout" in node];
}"""


@pytest.fixture(scope="module")
def ask(browser):
    yield from asking(browser, "stage/tables", "stage/position", "lib/plot")


@pytest.mark.parametrize("name", ["few", *LARGE_TRACKS])
def test_a_table_is_unpacked_to_the_numbers_that_were_packed(ask, name):
    """The first two steps of the track."""
    values = LARGE_TRACKS[name][0] if name in LARGE_TRACKS else np.array([[0.1, np.nan], [-2.5, 3e7]])
    packed = packing.table(LessonTable(({"data[0].y": values},), {}, np.array([True, False])), None)
    (found,) = ask(UNPACK, base64.b64encode(packed).decode())
    gaps = [[np.nan if value == "gap" else value for value in row] for row in found]
    np.testing.assert_allclose(gaps, unpacked(packed)[1][0]["data[0].y"][:2], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(gaps, values[:2], rtol=1e-6, atol=np.nanmax(values) / 1000)


def test_an_answer_that_was_overtaken_is_not_wanted(ask):
    assert ask(POSITION, [["ask"], ["ask"], ["wants", 1], ["wants", 2]])["told"] == [1, 2, False, True]


def test_the_address_keeps_what_was_answered_for_until_the_next_answer(ask):
    asked = ask(POSITION, [["adopt", [["stream", "drifting"]]], ["ask"]])
    assert (asked["values"]["stream"], asked["good"]["stream"]) == ("drifting", "steady")
    answered = ask(POSITION, [["adopt", [["stream", "drifting"]]], ["ask"], ["take"]])
    assert answered["good"]["stream"] == "drifting"
    undone = ask(POSITION, [["adopt", [["stream", "nonsense"]]], ["ask"], ["undo", "stream"]])
    assert undone["values"]["stream"] == "steady"


def test_a_handle_let_go_without_its_table_has_its_picture_fetched(ask):
    told = ask(POSITION, [["letGo", "momentum", "0.9"], ["letGo", "momentum", "0.5"]])["told"]
    assert told == ["nothing", "fetched"]


def test_a_figure_takes_the_dark_twin_of_each_color_and_larger_letters(ask):
    assert ask("(text) => inTheme(text, { '#ffffff': '#000000' }, true)", "#FFFFFF #123456") == "#000000 #123456"
    assert ask("(spec) => scaled(spec, 2)", {"font": {"size": 7}, "width": 3}) == {"font": {"size": 14}, "width": 3}


def test_a_figure_is_freed_after_its_drawing_is_over(ask):
    assert ask(FREED) == [1, False]
