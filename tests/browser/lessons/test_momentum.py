"""Contract: in the browser too, dragging momentum moves the inference output and leaves the training output alone."""

import pytest

from lessons.packing import LEVELS
from tests.browser.stage_visit import choose

pytestmark = pytest.mark.browser

URL = "/momentum?momentum.guess=Just+show+me"
LINES = """() => [...document.querySelectorAll('.bnl-figure')[1]._fullData].map((trace) => [...trace.y].map(Number))"""

COVERED = """(names) => {
  const boxes = [...document.querySelectorAll(names)].map((node) => {
    const text = document.createRange();
    text.selectNodeContents(node);
    return text.getBoundingClientRect();
  });
  const apart = (one, other) => one.right <= other.left || other.right <= one.left || one.bottom <= other.top
    || other.bottom <= one.top;
  return boxes.flatMap((one, index) => boxes.slice(index + 1).filter((other) => !apart(one, other))).length;
}"""
"""How many pairs of these elements' texts lie on top of each other."""


def drawn(page) -> int:
    return int(page.locator(".bnl-stage").get_attribute("data-draws"))


def test_momentum_zero_moves_only_the_inference_line_onto_the_training_line(page):
    page.goto(URL)
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    training, true, inference = page.evaluate(LINES)
    control, before = page.locator("[data-name='momentum'] input"), drawn(page)
    control.press("Home")
    page.wait_for_function("(n) => +document.querySelector('.bnl-stage').dataset.draws > n", arg=before)
    still, still_true, moved = page.evaluate(LINES)
    assert (still, still_true) == (training, true)
    assert moved != inference
    assert moved[1:] == pytest.approx(training, abs=5 / LEVELS)  # a table travels in steps of its range
    assert "Only the last batch" in page.locator(".bnl-sentence").inner_text()


def test_pytorch_turns_the_numbers_round_and_keeps_the_memory(page, complaints):
    page.goto(URL + "&momentum.momentum=0.9")
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    control = page.locator("[data-name='momentum'] input")
    place = control.input_value()
    assert control.get_attribute("aria-valuetext") == "0.9"
    choose(page, "PyTorch")
    page.wait_for_function("() => document.querySelector('.bnl-head label').textContent.includes('NEW')")
    assert (control.get_attribute("aria-valuetext"), control.input_value()) == ("0.1", place)
    assert page.get_by_text("(1 − 0.1) × old + 0.1 × batch").is_visible()
    assert (complaints.errors, complaints.strangers) == ([], [])


@pytest.mark.parametrize(("width", "view"), [(1280, ""), (1920, "&view=true"), (390, "")])
def test_neither_tiles_nor_marks_cover_each_other(page, width, view):
    page.set_viewport_size({"width": width, "height": 1080})
    page.goto(URL + view)
    page.wait_for_selector(".bnl-stage[data-ready=true]")
    assert page.locator(".bnl-tiles dt").count() == 4
    assert page.evaluate(COVERED, ".bnl-tiles dt") == 0
    assert page.locator(".bnl-marks button").count() == 3
    assert page.evaluate(COVERED, ".bnl-marks button") == 0
