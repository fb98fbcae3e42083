"""Contract: an error in the studio's scripts lasts no longer than its cause; tested in a blank page."""

import pytest

from tests.browser.blank_page import asking

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def ask(browser):
    yield from asking(
        browser,
        *(f"studio/{name}" for name in ("chart_grid", "uploading", "panels", "run_history", "zoom", "run", "stream")),
    )


def test_after_a_drawing_that_failed_comes_the_next(ask):
    drawn = """async () => {
      const grid = new ChartGrid({ data: { texts: {} } });
      let draws = 0;
      grid.draw = async () => {
        draws += 1;
        throw new Error("a drawing that fails, as is tested");
      };
      for (let frame = 0; frame < 4; frame += 1) {
        grid.schedule();
        await new Promise(requestAnimationFrame);
      }
      return draws;
    }"""
    assert ask(drawn) > 1


@pytest.mark.parametrize(
    ("answer", "said"), [('{"error": "too large"}', "too large"), ("File too large", None), ("<html>413</html>", None)]
)
def test_of_a_file_that_is_refused_only_this_servers_own_words_are_told(ask, answer, said):
    told = """(answer) => {
      const faults = [];
      window.onerror = (fault) => faults.push(fault);
      document.body.innerHTML = "<div data-testid=stFileUploader></div>";
      const request = new XMLHttpRequest();
      request.open("PUT", "/_stcore/upload_file/one");
      Object.defineProperties(request, { status: { value: 413 }, responseText: { value: answer } });
      request.dispatchEvent(new Event("load"));
      return [faults, document.querySelector(".bns-refused")?.textContent ?? null];
    }"""
    assert ask(told, answer) == [[], said]


@pytest.mark.parametrize("value", [0, 0.9, "adam"])
def test_a_fork_begins_with_what_its_lane_has_of_its_own_and_else_with_what_all_have(ask, value):
    in_force = """(value) => {
      const data = { texts: {}, run: { momentum: 0.5, dropout: 0.1 } };
      const studio = { data, run: { history: new RunHistory() } };
      studio.run.history.take({ changes: "3:dropout=0.2" });
      return new Forms(studio).inForce(4, { own: ["momentum"], momentum: value, dropout: 0.1 });
    }"""
    assert ask(in_force, value) == {"momentum": value, "dropout": 0.2}


@pytest.mark.parametrize(
    ("window", "total", "then"),
    [
        ([100, 300], 200, [100, 200]),
        ([250, 300], 200, None),
        ([0, 300], 200, None),
        ([100, 300], 1, [100, 300]),
        ([100, 300], 900, [100, 300]),
    ],
)
def test_a_shorter_run_opens_on_a_stretch_that_it_has(ask, window, total, then):
    shown = """(texts, window, total) => {
      const acted = [];
      const zoom = new Zoom(texts, (window) => acted.push(window));
      zoom.show(400);
      zoom.set(...window);
      zoom.show(total);
      return [zoom.window, acted.at(-1)];
    }"""
    assert ask(shown, {"zoom.first": "", "zoom.whole": ""}, window, total) == [then, then]


def test_a_step_whose_look_was_refused_is_asked_for_again_and_one_that_was_taken_is_not(ask):
    looks = """async () => {
      const [taken, orders] = [[false, true, true], []];
      window.fetch = async (address, { body }) => {
        orders.push(JSON.parse(body).look);
        return { ok: taken[orders.length - 1] };
      };
      const run = Object.create(Run.prototype, { seen: { value: {} } });
      const studio = { views: { recordedAt: () => ({ still: true, recorded: 3 }) }, look: { layer: 0 } };
      Object.assign(run, { studio, job: "one", asked: new Set(), news: { n: 1 }, stream: { open: true } });
      for (const step of [5, 5, 5]) await run.lookExactly(step);
      return orders;
    }"""
    assert ask(looks) == [5, 5]


def test_a_studio_that_is_closed_opens_no_stream_for_an_answer_that_comes_late(ask):
    opened = """() => {
      let opened = 0;
      window.EventSource = class { constructor() { opened += 1; } close() {} };
      const stream = new Stream();
      stream.listen("one", 0);
      stream.end();
      stream.listen("one", 0);
      return [opened, stream.open];
    }"""
    assert ask(opened) == [1, False]


def test_a_look_that_comes_while_another_layer_is_fetched_is_kept(ask):
    steps = """async () => {
      const history = new RunHistory();
      history.take({ n: 1, snapshots: [{ step: 1, of: 0 }, { step: 4, of: 0 }] });
      const studio = { look: { layer: 1 }, grid: { schedule() {} } };
      const run = Object.create(Run.prototype, { more: { value: false } });
      Object.assign(run, { studio, history, job: "one", stream: { close() {} } });
      window.fetch = async () => {
        history.take({ snapshots: [{ step: 2, of: 1 }] });
        return { ok: true, json: async () => ({ snapshots: [{ step: 1, of: 1 }, { step: 4, of: 1 }] }) };
      };
      await run.showInside(1);
      return run.history.snapshots.map(({ step, of }) => [step, of]);
    }"""
    assert ask(steps) == [[1, 1], [2, 1], [4, 1]]
