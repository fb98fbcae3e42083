"""Contract: a lesson whose numbers or drawing do not arrive says so and goes on as well as it can."""

import re

import pytest

from tests.browser.stage_visit import NAME, URL, Handle, choose

pytestmark = pytest.mark.browser


def test_without_plotly_the_numbers_stand_as_text_and_still_follow(page):
    page.route("**/vendor/plotly*.js*", lambda route: route.abort())
    page.goto(URL)
    page.wait_for_selector(".bnl-stage[data-ready=words]")
    figure = page.locator(".bnl-figure").first
    assert "did not load" in figure.inner_text()
    before = figure.inner_text()
    page.locator(f'[data-name="{NAME}"] input').press("Home")
    page.wait_for_function("(text) => document.querySelector('.bnl-figure').innerText !== text", arg=before)
    assert "last batch" in page.locator(".bnl-sentence").inner_text()


def test_numbers_that_do_not_arrive_are_told_and_asked_for_again(page, idle):
    page.route("**/api/tables/momentum?stream*", lambda route: route.abort())
    Handle(page).open()
    choose(page, "jumping")
    page.get_by_text("did not arrive").wait_for()
    page.unroute("**/api/tables/momentum?stream*")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url(re.compile("momentum.stream=jumping"))
    assert page.locator(".bnl-trouble").is_hidden()


def test_a_server_with_too_much_to_do_is_asked_again_when_it_says(page):
    refused = []

    def busy(route):
        if len(refused) < 2:
            refused.append(route.request.url)
            route.fulfill(status=503, headers={"Retry-After": "0.1"}, json={"error": "Too many ask at once."})
        else:
            route.continue_()

    page.route("**/api/tables/momentum*", busy)
    Handle(page).open()
    assert len(refused) == 2
    assert page.locator(".bnl-trouble").is_hidden()


def test_what_stands_below_the_stage_waits_below_the_first_screen(page):
    """So that it does not jump down once the stage comes: as soon as the page's styles are there."""
    page.route("**/api/tables/**", lambda route: None)
    page.goto("/four_steps?four_steps.guess=Just+show+me")
    page.get_by_role("tablist").wait_for()
    below = "() => document.querySelector('[role=tablist]').getBoundingClientRect().top >= innerHeight"
    page.wait_for_function(below)
    assert page.locator(".bnl-stage[data-ready]").count() == 0, "the stage is still to come"
