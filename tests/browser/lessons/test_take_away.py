"""Contract: a figure is taken home as a picture with its caption, and as the numbers that are drawn."""

import csv

import numpy as np
import pytest
from PIL import Image

from lessons.catalog import LESSONS
from tests.browser.stage_visit import ready

pytestmark = pytest.mark.browser
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
    assert "2.00" in drawn
    taken(page, "PNG").save_as(tmp_path / "figure.png")
    width, height = Image.open(tmp_path / "figure.png").size
    assert width * 9 == height * 16
