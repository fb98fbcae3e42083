"""Contract: the browser alone keeps what a reader has done; it can be saved, opened again and cleared."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.stage_visit import ready

pytestmark = pytest.mark.browser


def dots(page) -> list[str]:
    return [dot.get_attribute("class").removeprefix("bnl-dot-") for dot in page.locator(".bnl-progress li").all()]


def test_what_was_predicted_and_reached_is_kept_saved_opened_and_cleared(page, idle, tmp_path):
    ready(page, "/gamma_beta")
    page.locator(".bnl-ask .bnl-card").first.click()
    page.goto("/")
    idle(page)
    told = page.locator(".bnl-progress [role=status]")
    expect(told).to_contain_text("1 of")
    assert dots(page).count("predicted") == 1

    with page.expect_download() as download:
        page.get_by_role("button", name="Save to a file").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    kept = json.loads(saved.read_text())
    assert list(kept) == ["gamma_beta"]

    page.get_by_role("button", name="Clear").click()
    assert "predicted" not in dots(page)
    page.get_by_role("button", name="Undo").click()
    assert dots(page).count("predicted") == 1

    (tmp_path / "other.json").write_text(json.dumps(kept | {"momentum": {"guess": "x", "reached": True}}))
    page.locator(".bnl-progress input[type=file]").set_input_files(tmp_path / "other.json")
    expect(told).to_contain_text("2 of")
    assert dots(page).count("reached") == 1

    (tmp_path / "broken.json").write_text("[1, 2]")
    page.locator(".bnl-progress input[type=file]").set_input_files(tmp_path / "broken.json")
    expect(told).to_contain_text("nothing was changed")
    assert dots(page).count("reached") == 1


def test_a_goal_that_is_reached_is_kept(page, idle):
    ready(page, "/gamma_beta?gamma_beta.gamma=1.3&gamma_beta.beta=-1.55&gamma_beta.guess=Just+show+me")
    page.goto("/")
    idle(page)
    expect(page.locator(".bnl-progress [role=status]")).to_contain_text("goals reached: 1")
