"""Contract: a goal that follows another is offered once that one is reached, and judged where it leads."""

import pytest

from tests.browser.stage_visit import ready

pytestmark = pytest.mark.browser


def test_the_second_goal_of_gamma_and_beta_is_reached_by_moving_the_model(page):
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
    assert not onward.is_visible(), "no third one"
