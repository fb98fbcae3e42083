"""Contract: before anything is trained, a recorded run of the page's first settings plays; it answers no prediction."""

import pytest
from playwright.sync_api import expect

from tests.browser.studio_visit import SMALL, Visitor, part

pytestmark = pytest.mark.browser
FIRST_EPOCHS = 42
"""The last step of the second of thirty epochs."""


@pytest.fixture
def opened(new_page, lab, idle):
    def visit(query: str = "", page: str = "studio", **options) -> Visitor:
        return Visitor(new_page(**options), lab, query, idle, page)

    return visit


def test_it_plays_without_its_future_until_train_replaces_it(opened):
    visitor = opened()
    visitor.status("shipped")
    visitor.says("A recorded run of these settings")
    visitor.wait_for("step", 0)
    visitor.scrub_to(40)
    visitor.mode("paused")
    assert visitor.latest() <= 40 < visitor.number("known")
    expect(visitor.page.get_by_role("button", name="Reset")).to_be_disabled()
    assert "studio.step" not in visitor.page.url
    visitor.press("Train")
    visitor.status("finished")
    visitor.press("Show the end")
    visitor.says("came out close together")


def test_every_layer_of_it_can_be_looked_at_without_the_server(opened):
    visitor = opened("studio.layer=0&studio.part=trained", reduced_motion="reduce")
    visitor.mode("shown")
    asked = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    gamma = "layer/trained/gamma"
    first = part(visitor.traces(gamma), "units", 1)["y"]
    visitor.choose("Layer", "3 of 4")
    visitor.drawn()
    third = part(visitor.traces(gamma), "units", 1)["y"]
    assert len(first) == len(third) == 32
    assert first != third
    assert not [url for url in asked if "api/jobs" in url]


def test_settings_of_which_none_ships_have_empty_axes(opened):
    visitor = opened(SMALL)
    visitor.status("empty")


def test_in_the_lesson_the_network_with_batch_norm_is_not_in_it(opened):
    visitor = opened(page="training", reduced_motion="reduce")
    visitor.status("shipped")
    visitor.says("Your prediction first")
    visitor.drawn()
    shown = visitor.traces("main/accuracy")
    assert part(shown, "validation", 0)["y"]
    assert part(shown, "validation", 1)["y"] == []


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_in_the_lesson_only_its_first_epochs_are_shown_before_the_prediction_and_then_the_rest(opened, motion):
    visitor = opened(page="training", reduced_motion=motion)
    visitor.mode("shown")
    visitor.drawn()
    assert (visitor.number("step"), visitor.latest()) == (FIRST_EPOCHS, FIRST_EPOCHS)
    visitor.says(f"up to step {FIRST_EPOCHS}")
    expect(visitor.page.get_by_role("button", name="Show the end")).to_be_disabled()
    visitor.page.get_by_role("slider", name="Step looked at").fill("400")
    visitor.drawn()
    assert visitor.latest() == FIRST_EPOCHS
    visitor.press("Just show me")
    visitor.wait_for("step", FIRST_EPOCHS)
    if motion == "no-preference":
        visitor.press("Show the end")
    visitor.mode("shown")
    visitor.drawn()
    assert visitor.latest() == 630
    with visitor.redrawing():
        visitor.press("Ask again")
        expect(visitor.studio).to_have_attribute("data-step", str(FIRST_EPOCHS))
    assert visitor.latest() == FIRST_EPOCHS
