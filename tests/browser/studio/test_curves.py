"""Contract: what the curves and the words at their ends say can be read, and is of the step looked at."""

import pytest

from tests.browser.blank_page import asking
from tests.browser.studio_visit import SMALL

pytestmark = pytest.mark.browser
LANE_2 = """
  const lane = { source: "batch", field: "loss", lane: 1 };
  const chart = Object.create(Chart.prototype);
  const history = new RunHistory();
  history.diverged = [12, null];
  const spec = { data: [{ meta: lane, x: [0, 6, 12], y: [2.3, 1.7, 1.1] }] };
  Object.assign(chart, { history, spec, meta: { over: "step" }, look: { axis: "step", following: false, step } });
"""


@pytest.fixture(scope="module")
def ask(browser):
    yield from asking(browser, *(f"studio/{name}" for name in ("charts", "fill", "run_history", "numbers")))


@pytest.mark.parametrize(("step", "value"), [(0, 2.32), (12, 1.1), (21, 0.5)])
def test_before_the_first_epoch_is_over_a_line_is_named_by_its_batches(ask, step, value):
    trace = {"meta": {"source": "validation", "field": "loss", "lane": 1}, "x": [0, 21], "y": [2.32, 0.5]}
    assert ask(f"((step, trace) => {{{LANE_2} return chart.valueAtCursor(trace); }})", step, trace) == value


@pytest.mark.parametrize(("step", "lost"), [(11, [False, False]), (12, [True, False])])
def test_a_lane_is_said_to_have_diverged_from_its_step_on(ask, step, lost):
    both = '[0, 1].map((lane) => chart.lostBy({ source: "validation", lane }))'
    assert ask(f"((step) => {{{LANE_2} return {both}; }})", step) == lost


@pytest.mark.parametrize(("size", "drawn"), [(2, 0), (64, 300)])
def test_accuracies_of_a_few_examples_are_drawn_smoothed_alone(ask, size, drawn):
    code = """((size) => {
      const history = new RunHistory();
      history.facts = { examples: { train: 64 * size }, steps_per_epoch: 64 };
      history.at = Array.from({ length: 300 }, (_, step) => step);
      history.accuracy = [history.at.map((step) => ((step * 7919) % 3) / 2)];
      const look = { axis: "step", smooth: true, parts: { batch: true }, window: null };
      return SOURCES.raw(history, look, { field: "accuracy", lane: 0 }).y.length;
    })"""
    assert ask(code, size) == drawn


NAMES = """() => [...document.querySelector(".bnl-studio").studio.grid.charts.values()].map((chart) => [
  chart.menu.querySelector("summary").ariaLabel, chart.plot.ariaLabel, chart.wordsInView(),
])"""


def test_each_chart_has_a_menu_of_its_own_name_and_says_its_numbers_without_being_seen(visitor):
    one, told = visitor(SMALL), 0
    one.to_the_end()
    for tab in ("Inside a layer", "Gradients", "Mistakes"):
        one.page.get_by_role("tab", name=tab).click()
        one.idle()
        one.drawn()
        menus, descriptions, words = zip(*one.page.evaluate(NAMES), strict=True)
        assert len(set(menus)) == len(menus) >= 2
        for menu, description, said in zip(menus, descriptions, words, strict=True):
            assert menu.partition(": ")[2] in description
            assert all(word in description for word in said)
            told += len(said)
    assert told >= 6, "the losses and accuracies of two lanes at the least"
