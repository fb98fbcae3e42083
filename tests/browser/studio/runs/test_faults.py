"""Contract: what goes wrong once in the studio's scripts stays no longer than that; asked in a blank page."""

import pytest

from tests.browser.blank_page import asking

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def ask(browser):
    yield from asking(
        browser, *(f"studio/{name}" for name in ("chart_grid", "uploading", "panels", "run_history", "zoom"))
    )


def test_after_a_drawing_that_failed_comes_the_next(ask):
    drawn = """async () => {
      const grid = new ChartGrid({});
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
      const studio = { data: { texts: {}, run: { momentum: 0.5, dropout: 0.1 } }, history: new RunHistory() };
      studio.history.take({ changes: "3:dropout=0.2" });
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
