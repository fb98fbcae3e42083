"""Contract: a figure is taken home as a picture with its caption, and as the numbers that are drawn."""

import csv

import numpy as np
import pytest
from PIL import Image

from lessons.catalog import LESSONS
from tests.browser.conftest import wait_until_idle
from tests.browser.stage_visit import ready

pytestmark = pytest.mark.browser
ON_WORDS = """() => [...document.querySelectorAll(".bnl-cell")].flatMap((cell) => {
  const menu = cell.querySelector(".bns-menu summary").getBoundingClientRect();
  const dots = (menu.left + menu.right) / 2;
  const words = [...cell.querySelectorAll("text")].map((one) => [one.textContent, one.getBoundingClientRect()]);
  const above = words.filter(([, { top, bottom }]) => top < menu.bottom && bottom > menu.top);
  return above.filter(([, { left, right }]) => left < dots + 4 && right > dots - 4).map(([word]) => word);
})"""
LESSON = LESSONS["gamma_beta"]


def taken(page, choice: str):
    """The file that a choice in the figure's menu gives."""
    page.locator(".bnl-cell .bns-menu summary").click()
    with page.expect_download() as download:
        page.locator(".bnl-cell .bns-menu").get_by_role("button", name=choice).click()
    return download.value


def test_a_figure_is_taken_home_once_the_prediction_is_made(page, tmp_path):
    ready(page, "/gamma_beta?gamma_beta.gamma=2")
    assert not page.locator(".bnl-cell .bns-menu summary").is_visible(), "it holds the answer"
    page.get_by_text("Just show me").click()

    numbers = taken(page, "CSV")
    assert numbers.suggested_filename == "gamma_beta-1.csv"
    names, *rows = csv.reader(numbers.path().read_text(encoding="utf-8").splitlines())
    assert names == ["line", "x", "y"]
    told = np.array([row[1:] for row in rows if row[0] == "y"], float).T
    (tracks,) = LESSON.table(LESSON.settings(gamma=2.0)).tracks
    np.testing.assert_allclose(told[1], tracks["data[3].y"][0], rtol=1e-6)

    taken(page, "SVG").save_as(tmp_path / "figure.svg")
    drawn = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    assert LESSON.words.title in drawn
    assert "gamma_beta.gamma=2" in drawn
    assert "gamma_beta.guess" not in drawn
    assert "2.00" in drawn
    taken(page, "PNG").save_as(tmp_path / "figure.png")
    width, height = Image.open(tmp_path / "figure.png").size
    assert width * 9 == height * 16


def test_each_of_several_figures_takes_its_own_title_along(page, tmp_path):
    ready(page, "/momentum?momentum.guess=Just+show+me")
    page.locator(".bnl-cell .bns-menu summary").first.click()
    with page.expect_download() as download:
        page.locator(".bnl-cell .bns-menu").first.get_by_role("button", name="SVG").click()
    drawn = download.value.path().read_text(encoding="utf-8")
    assert LESSONS["momentum"].words.title in drawn
    assert "The running mean, batch by batch" in drawn


@pytest.mark.parametrize("size", [(1280, 640), (390, 844)], ids=["laptop", "phone"])
@pytest.mark.parametrize("slug", ["four_steps", "gamma_beta", "train_infer", "activations"])
def test_a_figures_menu_lies_on_no_word_of_it(page, slug, size):
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    page.goto(f"/{slug}?{slug}.guess=Just+show+me")
    page.wait_for_selector(".bnl-cell text")
    wait_until_idle(page)
    assert page.evaluate(ON_WORDS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
