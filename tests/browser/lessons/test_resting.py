"""Contract: progress only counts states in which the hand rests, and a prediction's answer is that of its own state."""

import json

import pytest
from playwright.sync_api import expect

from lessons.catalog import LESSONS
from tests.browser.stage_visit import predict, ready

pytestmark = pytest.mark.browser

SKIPPED = "?{0}.guess=Just+show+me"


def reached(page) -> bool:
    kept = json.loads(page.evaluate("() => localStorage.getItem('bnl-progress') ?? '{}'"))
    return any(lesson.get("reached") for lesson in kept.values())


def preset(page, slug: str, name: str):
    return page.get_by_role("button", name=LESSONS[slug].words[f"preset.{name}"], exact=True)


def test_a_hand_that_passes_the_goal_has_not_reached_it(page):
    ready(page, "/covariate_shift" + SKIPPED.format("covariate_shift"))
    box = page.locator(".bnl-controls input").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.55 * box["width"], box["y"] + box["height"] / 2)
    expect(page.locator(".bnl-goal.bnl-reached")).to_be_visible()
    assert not reached(page)
    page.mouse.up()
    page.wait_for_function("() => localStorage.getItem('bnl-progress')?.includes('reached')")


def test_a_preset_is_pressed_until_what_it_set_differs(page):
    ready(page, "/four_steps" + SKIPPED.format("four_steps"))
    button = preset(page, "four_steps", "zero")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.locator(".bnl-control[data-name=gamma] input").press("ArrowRight")
    expect(button).to_have_attribute("aria-pressed", "false")


def test_the_gap_is_that_of_the_state_asked_for_and_asking_again_goes_back_to_it(page):
    ready(page, "/four_steps")
    predict(page, LESSONS["four_steps"])
    chip = page.locator(".bnl-asked")
    said = chip.inner_text()
    preset(page, "four_steps", "zero").click()
    expect(preset(page, "four_steps", "zero")).to_have_attribute("aria-pressed", "true")
    assert chip.inner_text() == said
    page.reload()
    expect(chip).to_have_text(said)
    page.get_by_role("button", name="Ask again").click()
    page.wait_for_function(
        "() => ![...new URLSearchParams(location.search).keys()].some((name) => name.startsWith('four_steps.'))"
    )


@pytest.mark.parametrize("choice", [0, 1])
def test_a_choice_is_told_beside_the_right_one(page, choice):
    ready(page, "/gamma_beta")
    choices = LESSONS["gamma_beta"].words.choices("predict")
    page.locator(".bnl-ask .bnl-card").nth(choice).click()
    told = f"You said: {choices[choice]}. " + (f"It is: {choices[1]}." if choice != 1 else "And so it is.")
    expect(page.locator(".bnl-asked")).to_have_text(told)
