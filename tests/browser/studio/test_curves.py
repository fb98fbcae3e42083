"""Contract: the curves and the words at their ends can be read, and belong to the reader's step."""

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
    yield from asking(
        browser, *(f"studio/{name}" for name in ("charts", "cursor", "axis", "fill", "run_history", "numbers"))
    )


@pytest.mark.parametrize(("step", "value"), [(0, 2.32), (12, 1.1), (21, 0.5)])
def test_before_the_first_epoch_is_over_a_line_is_named_by_its_batches(ask, step, value):
    trace = {"meta": {"source": "validation", "field": "loss", "lane": 1}, "x": [0, 21], "y": [2.32, 0.5]}
    assert ask(f"((step, trace) => {{{LANE_2} return valueAtCursor(chart, trace); }})", step, trace) == value


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


WALKED = """((times, targets, calm) => {
  const [axis, run] = [new Axis(), {}];
  return times.map((now, index) => axis.towards(targets[index], [run], { now, empty: false, calm }));
})"""


@pytest.mark.parametrize("calm", [False, True])
def test_an_axis_never_draws_in_and_moves_outward_before_the_readers_eyes(ask, calm):
    """At 1000 ms the run comes below the first decades; from 1200 ms on the reader looks back."""
    times, targets = [0, 1000, 1200, 1400, 2000], [[-3, 1], [-5, 1], [-3, 1], [-3, 1], [-3, 1]]
    low, high = zip(*ask(WALKED, times, targets, calm), strict=True)
    assert low == ((-3, -5, -5, -5, -5) if calm else (-3, -3, -4, -5, -5))
    assert set(high) == {1}


def test_another_run_has_an_axis_of_its_own_at_once(ask):
    code = """(() => {
      const [axis, at] = [new Axis(), { now: 0, empty: false, calm: false }];
      axis.towards([-5, 4], [{}], at);
      return axis.towards([-3, 1], [{}], at);
    })"""
    assert ask(code) == [-3, 1]


def test_who_looks_back_in_a_run_sees_the_axis_that_its_later_losses_took(ask):
    code = """(() => {
      const [chart, history] = [Object.create(Chart.prototype), new RunHistory()];
      Object.assign(chart, { axis: new Axis(), begin: [-3, 1], meta: {}, look: { window: null } });
      const ends = (seen, drawn) => (Object.assign(chart, { history: seen }), chart.growing(true, drawn));
      return [ends(history, [2, 1e-5]), ends(history.until(0), [2]), ends(new RunHistory(), [2])];
    })"""
    assert ask(code) == [[-5, 1], [-5, 1], [-3, 1]]


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
