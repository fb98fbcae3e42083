"""Contract: the training lesson is the studio's player: a student who presses Train watches, and a reload resumes."""

import json
import re
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.stage_visit import turn_to
from tests.browser.studio_visit import Visitor, calm, health, part
from tests.waiting import DEADLINE, until

pytestmark = pytest.mark.browser
START = "training.guess=The+one+with+batch+norm,+clearly"
LONG = "studio.stop_at=steps&studio.steps=20000&studio.batch_size=512&studio.layers=10&studio.width=128"
FIRST = """() => [...document.querySelector(".bnl-studio").studio.grid.charts.keys()]
  .find((name) => name.startsWith("layer/")).split("/").at(-1)"""
VALUES = """(name) => String([...document.querySelector(".bnl-studio").studio.grid.charts.get(name).plot.data[0].y])"""
SMALL = f"{START}&training.layers=2&training.width=8&training.epochs=8"
STEPS = 8 * 21


@pytest.fixture
def student(lab, new_page, idle):
    """A function that opens the lesson as another student does."""

    def come(query: str = SMALL, **options) -> Visitor:
        until(calm(lab))
        return Visitor(new_page(**options), lab, query, idle, "training")

    return come


def test_a_run_is_played_its_future_hidden_and_reckoned_with_at_its_end(student, complaints):
    one = student(START)
    one.paused_after(20)
    one.status("finished")
    one.press("One step")  # the page's script runs again, now that the run is over
    expect(one.page).to_have_url(re.compile(f"training.step={(at := one.number('step'))}"))
    one.idle()
    expect(one.page.get_by_text("And with another seed?")).to_have_count(0)
    assert one.latest() <= at
    assert not re.search("mistakes in 449", one.page.inner_text("body"))
    one.press("Show the end")
    one.says("mistakes in 449")
    expect(one.page.get_by_text("And with another seed?")).to_be_visible()
    expect(one.page.get_by_text("You predicted")).to_be_visible()
    one.drawn()
    assert one.latest() == 630
    assert complaints.errors == []


def test_a_reload_and_a_link_of_old_show_the_run_again_at_its_step(student):
    one = student(SMALL + "&training.pace=slow")
    one.paused_after(20)
    one.scrub_to(11)
    expect(one.page).to_have_url(re.compile("training.step=11"))
    seen = part(one.traces("main/loss"), "raw", 1)["y"]
    one.page.reload()
    one.mode("paused")
    one.wait_for("known", 11)
    one.drawn()
    assert (one.number("step"), one.latest()) == (11, 11)
    assert part(one.traces("main/loss"), "raw", 1)["y"] == seen
    expect(one.page.locator("[data-testid=stAlertContentWarning]")).to_have_count(0)


def test_a_reload_before_the_first_steps_have_come_shows_the_run_all_the_same(student):
    one, held = student(), []
    one.page.route("**/api/jobs/*/events*", lambda route: held.append(route))
    one.press("Train")
    expect(one.page).to_have_url(re.compile("training.step=0"))
    assert one.number("known") == 0
    one.page.unroute("**/api/jobs/*/events*")
    one.page.reload()
    one.page.wait_for_selector(".bnl-studio[data-ready=true]")
    one.wait_for("known", 0)
    one.mode("paused")


def test_back_leaves_the_lesson_in_one_press(student):
    one = student()
    one.page.get_by_role("link", name="Start", exact=True).first.click()
    one.page.wait_for_url(lambda url: "training" not in url)
    turn_to(one.page, "Live training", "In a network")
    one.page.wait_for_selector(".bnl-studio[data-ready=true]")
    one.idle()
    one.paused_after(5)
    one.scrub_to(3)
    one.page.go_back()
    one.page.wait_for_url(lambda url: "training" not in url)
    one.idle()
    assert "training" not in one.page.url


def test_borders_are_drawn_for_two_dimensional_data_in_the_dark_too(student):
    one = student(f"{START}&training.data=moons&training.epochs=3", color_scheme="dark")
    one.to_the_end()
    one.drawn()
    z = part(one.traces("border/border-2"), "grid", 1)["z"]
    assert (len(z), len(z[0])) == (48, 48)


def test_another_layer_shows_other_statistics(student):
    one = student()
    one.to_the_end()
    mean = "layer/statistics/" + one.page.evaluate(FIRST)
    one.page.wait_for_function(f"([name, steps]) => ({VALUES})(name).split(',').length === steps", arg=[mean, STEPS])
    first = one.page.evaluate(VALUES, mean)
    one.choose("Layer", "2 of 2")
    one.page.wait_for_function(f"([name, before]) => ({VALUES})(name) !== before", arg=[mean, first])
    assert one.page.evaluate(VALUES, mean).count(",") == first.count(",")


def test_settings_changed_after_a_run_leave_the_curves_marked(student):
    one = student()
    one.to_the_end()
    one.page.locator('[data-name="training.learning_rate"] input').press("ArrowRight")
    expect(one.page.get_by_text(re.compile("earlier settings: Learning rate 0.5"))).to_be_visible()
    assert one.latest() == 168


def test_a_server_that_forgot_the_training_is_said_so(student):
    one = student()
    one.page.route("**/api/jobs/*/events*", lambda route: route.fulfill(status=404, body="{}"))
    one.press("Train")
    one.says("no longer knows this training")


def test_a_broken_connection_is_said_and_mended_without_losing_or_doubling_a_point(student):
    one = student()
    cut = {"status": 200, "content_type": "text/event-stream", "body": 'data: {"n":0,"since":0,"status":"running"}\n\n'}
    one.page.route("**/api/jobs/*/events*", lambda route: route.fulfill(**cut), times=1)
    one.press("Train")
    one.says("The connection broke; trying again")
    one.status("finished")
    one.press("Show the end")
    one.drawn()
    assert part(one.traces("main/loss"), "raw", 0)["x"] == list(range(168))


def test_a_closed_tab_frees_its_slot_long_before_its_training_would_have_ended(lab, new_page, idle):
    """How soon is tested in tests/training/server/test_engine.py; how soon the worker stops depends on the machine."""
    until(calm(lab))
    one = Visitor(new_page(), lab, LONG, idle, "studio")
    one.press("Train")
    one.wait_for("known", 5)
    job = one.page.evaluate("() => document.querySelector('.bnl-studio').studio.run.job")
    one.page.close()
    until(lambda: not health(lab)["running"])
    with urllib.request.urlopen(f"{lab.url}/api/jobs/{job}/events", timeout=DEADLINE) as told:
        news = json.loads(next(line for line in told if line.startswith(b"data: "))[6:])
    assert (news["status"], news["reason"]) == ("stopped", "unseen")


def test_it_has_around_its_figures_what_every_lesson_has(student):
    """A question from an earlier lesson, the glossary, a notebook; and it says whose numbers these are."""
    page = student("training.layers=2").page
    page.evaluate("() => localStorage.setItem('bnl-progress', JSON.stringify({ momentum: { guess: 'x', seen: 1 } }))")
    page.reload()
    review = page.locator(".bnl-review")
    expect(review.locator("summary")).to_contain_text("Momentum")
    page.locator(".st-key-lab-ask .bnl-term").first.hover()
    expect(page.locator("#bnl-gloss")).to_be_visible()
    page.get_by_role("button", name="Just show me").click()
    expect(page.get_by_text("Trained by Keras")).to_be_visible()
    expect(review).not_to_be_visible()
    assert page.evaluate("() => JSON.parse(localStorage.getItem('bnl-progress')).momentum.offered > 1")
    page.get_by_role("tab", name="Do it in Keras").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="training.ipynb").click()
    cells = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))["cells"]
    assert "keras" in "".join(line for cell in cells for line in cell["source"])
