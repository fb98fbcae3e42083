"""Contract: a reader who presses a button by key keeps their place, even if the button disappears."""

import pytest

from tests.browser.keyboard.keys import Keys
from tests.browser.stage_visit import ready

pytestmark = pytest.mark.browser


def press(keys: Keys, name: str) -> None:
    """Press Enter at that button."""
    keys.page.get_by_role("button", name=name, exact=True).first.focus()
    keys.press("Enter")


@pytest.mark.parametrize(
    ("path", "guessed", "control"),
    [("/four_steps", "This is my guess", "^gamma"), ("/which_axis", "Just show me", "^Norm$")],
)
def test_a_prediction_leads_to_the_control_and_a_mark_keeps_the_focus(path, guessed, control, page):
    keys = Keys(ready(page, path))
    if page.locator(".bnl-guess").count():
        page.locator(".bnl-guess").first.press("PageUp")
    press(keys, guessed)
    keys.stays(control)
    mark = page.locator(".bnl-marks button").first
    mark.focus()
    keys.press("Enter")
    keys.stays(mark.inner_text())


def test_in_live_training_a_prediction_leads_to_train_and_asking_again_to_the_choices(page, idle):
    page.goto("/training")
    page.wait_for_selector(".bnl-studio[data-ready=true]")
    idle(page)
    keys = Keys(page)
    press(keys, "The one without, clearly")
    keys.stays("^Train$")
    press(keys, "Ask again")
    keys.stays("^The one with batch norm")


def test_stop_leads_to_the_player_and_fork_to_where_it_was_opened(visitor):
    one = visitor("studio.stop_at=steps&studio.steps=20000&studio.batch_size=512&studio.layers=8&studio.width=64")
    one.paused_after(5)
    keys = Keys(one.page)
    press(keys, "Stop training")
    keys.stays("^Play$")
    one.status("stopped")
    one.page.locator("summary", has_text="Fork here").press("Enter")
    press(keys, "Fork")
    keys.stays("^Fork here")
