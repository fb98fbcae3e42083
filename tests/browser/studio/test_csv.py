"""Contract: the CSV of a studio figure holds its numbers themselves, under names as they were written."""

import base64
import csv

import numpy as np
import pytest

from figures.studio import boundary, maps
from tests.browser.studio.conftest import LANES

pytestmark = pytest.mark.browser

AXES = maps.Axes("Learning rate", ("0.1", "10"), "Batch size", ("16", "64"))
FOUND = np.array([[0.000123456, 900.0], [np.nan, np.nan]])
LOST = np.array([[False, False], [False, True]])


def csv_of(ask, moving) -> list[list[str]]:
    """The rows of the figure's CSV, the heading first."""
    return list(csv.reader(ask("(spec) => csvOf(JSON.parse(spec))", moving.figure.to_json()).splitlines()))


def test_the_csv_of_a_map_holds_the_numbers_themselves_and_each_cell_once(ask):
    assert csv_of(ask, maps.lane(AXES, LANES[1], FOUND, LOST, "validation", "Validation loss")) == [
        ["line", "Learning rate", "Batch size", "Validation loss"],
        ["2 · BN", "0.1", "16", "0.000123456"],
        ["2 · BN", "10", "16", "900"],
        ["2 · BN", "0.1", "64", ""],
        ["2 · BN", "10", "64", "✕"],
    ]
    shares = csv_of(ask, maps.lane(AXES, LANES[1], FOUND * 0 + 0.957, LOST, "accuracy", "Validation accuracy (%)"))
    assert [row[-1] for row in shares] == ["Validation accuracy (%)", "95.7", "95.7", "", "✕"]


def test_the_csv_of_a_readers_own_names_has_them_as_they_were_written(ask):
    spec = {"data": [{"name": "a &lt;b&gt;, &amp;amp;", "x": [1], "y": [2]}], "layout": {"xaxis": {}, "yaxis": {}}}
    written = ask("(spec) => csvOf(spec)", spec)
    assert list(csv.reader(written.splitlines()))[1] == ["a <b>, &amp;", "1", "2"]


def test_the_csv_of_who_wins_names_the_lanes(ask):
    rows = csv_of(ask, maps.winners(AXES, LANES, [[(1,), (0, 1)], [None, "lost"]], "Who wins"))
    assert [row[-1] for row in rows] == ["Who wins", "2 · BN", "1 · none = 2 · BN", "", "✕"]


@pytest.mark.parametrize(
    ("classes", "told", "columns", "first"),
    [
        (("no", "yes"), [51, 102, 153, 204], ["probability of yes"], ["0.2"]),
        (("a", "b", "c"), [2, 0, 1, 1, 204, 102, 153, 255], ["probability", "class"], ["0.8", "c"]),
    ],
)
def test_the_csv_of_a_border_says_whose_probability_it_is(ask, classes, told, columns, first):
    grid = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=float)
    (moving,) = boundary.borders(LANES[:1], grid, np.zeros((1, 2)), np.array([0]), classes)
    filled = """(spec, grid) => {
      const [history, figure] = [new RunHistory(), JSON.parse(spec)];
      history.take({ snapshots: [{ step: 1, lanes: [{ grid }] }] });
      fillTraces(figure, history, { step: 1 });
      return csvOf(figure);
    }"""
    rows = list(csv.reader(ask(filled, moving.figure.to_json(), base64.b64encode(bytes(told)).decode()).splitlines()))
    assert rows[0] == ["line", "x₁", "x₂", *columns]
    assert rows[1] == ["1 · none", "0", "0", *first]
    assert rows[4][1:3] == ["1", "1"]
