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


def test_the_second_goal_of_gamma_and_beta_is_reached_by_moving_the_model_and_leads_on(page):
    ready(page, "/gamma_beta?gamma_beta.guess=Just+show+me")
    goal = page.locator(".bnl-goal")
    onward = goal.get_by_role("button", name="The next goal")
    assert not onward.is_visible()
    ready(page, "/gamma_beta?gamma_beta.gamma=1.3&gamma_beta.beta=-1.55&gamma_beta.guess=Just+show+me")
    onward.click()
    page.wait_for_url("**gamma_beta.view=a+sigmoid+behind+it**")
    goal.get_by_text("Free the sigmoid").wait_for()
    goal.get_by_text("Not yet").wait_for()
    page.locator('[data-name="beta"] input').dblclick()  # beta back at 0
    page.locator('[data-name="gamma"] input').dblclick()
    page.wait_for_selector(".bnl-goal.bnl-reached")
    onward.click()
    goal.get_by_text("Undo it for the next batch").wait_for()
    page.wait_for_url("**gamma_beta.view=the+next+batch**")
    goal.get_by_text("Not yet").wait_for()
    assert not onward.is_visible()
