"""Contract: what goes wrong once in the studio's scripts stays no longer than that; asked in a blank page."""

import pytest

from tests.browser.blank_page import asking

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def ask(browser):
    yield from asking(browser, "studio/chart_grid", "studio/uploading")


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
