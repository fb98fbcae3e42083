"""Contract: with several students, and a training process that dies, each is told what happens and loses nothing."""

import os
import re
import signal
import subprocess

import pytest
from playwright.sync_api import expect

from tests.browser.studio_visit import SMALL, part

pytestmark = pytest.mark.browser
MAIN = "document.querySelector('.bnl-studio').studio.grid.charts.get('main/loss').spec.layout"
INSIDE = (
    "[...document.querySelector('.bnl-studio').studio.grid.charts.keys()].filter((name) => name.startsWith('layer/'))"
)
LONG = "studio.layers=10&studio.width=128&studio.epochs=500"


def worker_of(lab) -> int:
    """The process id of the app's one training process."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 2) for line in listed.splitlines()[1:])
    (pid,) = [int(pid) for pid, parent, what in rows if int(parent) == lab.process.pid and "training.worker" in what]
    return pid


def test_a_training_whose_processes_die_goes_on_once_then_leaves_what_it_told_and_says_so_where_that_ends(visitor, lab):
    one = visitor(LONG)
    one.choose("Speed", "step by step")
    one.press("Train")
    one.wait_for("known", 60)
    first = worker_of(lab)
    os.kill(first, signal.SIGKILL)
    one.status("queued")
    known = one.number("known")  # it may begin again before that
    one.status("running")
    one.wait_for("known", known)
    assert worker_of(lab) != first
    os.kill(worker_of(lab), signal.SIGKILL)
    one.status("failed")
    assert "died" not in one.studio.inner_text(), "that is of the future"
    one.press("Show the end")
    one.says(r"process died at step \d+.*not your doing")
    one.drawn()
    told = losses(one)
    assert len(told) > 5
    one.press("Train")
    one.status("running")
    one.wait_for("points", len(told) - 1)
    one.press("Stop training")
    one.status("stopped")
    one.press("Show the end")
    one.drawn()
    again = losses(one)
    assert len(told.keys() & again.keys()) > 5
    assert all(again[step] == loss for step, loss in told.items() if step in again), "the same run again"


def losses(one) -> dict[float, float]:
    """The first lane's loss by step, at the steps that are drawn."""
    curve = part(one.traces("main/loss"), "raw", 0)
    return dict(zip(curve["x"], curve["y"], strict=True))


def test_a_second_student_waits_knows_how_long_and_is_served_by_itself(visitor):
    one = visitor(LONG)
    one.press("Train")
    one.wait_for("known", 0)
    other = visitor(LONG, alone=False)
    other.press("Train")
    other.says(r"number 1 in the queue.*roughly \d+ (s|min) to wait|You are next")
    one.press("Stop training")
    one.status("stopped")
    other.wait_for("step", 0)
    other.press(re.compile("^Reset"))
    other.status("empty")


def test_two_students_who_ask_for_the_same_share_one_run_and_each_watches_it_alone(visitor):
    query = SMALL + "&studio.seed=4711"
    one = visitor(query)
    one.to_the_end()
    other = visitor(query, alone=False)
    at = other.paused_after(20)
    assert other.latest() <= at
    assert one.latest() == 168
    mine, theirs = (part(each.traces("main/loss"), "raw", 1)["y"][:20] for each in (one, other))
    assert mine == theirs


def test_the_inside_of_a_step_between_two_snapshots_is_fetched_for_who_rests_there(visitor):
    one = visitor("studio.view=slow&studio.epochs=30")
    one.press("Train")
    one.status("finished")
    one.scrub_to(100)
    told = one.page.evaluate("() => document.querySelector('.bnl-studio').studio.run.history.recorded")
    between = next(step for step in range(100, 600) if step not in told)
    one.scrub_to(between)
    expect(one.studio.locator(".bns-stages")).to_contain_text("examples of the batch, the first unit")
    expect(one.studio.locator(".bns-recorded")).to_be_empty()


def test_a_stream_that_is_refused_for_now_is_asked_for_again_with_the_servers_words(visitor):
    """Two requests: the stream, and the one that finds out why."""
    one = visitor(SMALL)
    refusal = {"status": 429, "headers": {"Retry-After": "1"}, "json": {"error": "Too many at once; a second."}}
    one.page.route("**/api/jobs/*/events*", lambda route: route.fulfill(**refusal), times=2)
    one.press("Train")
    one.says("Too many at once; a second")
    one.status("finished")
    one.press("Show the end")
    one.drawn()
    assert part(one.traces("main/loss"), "raw", 0)["x"] == list(range(168))


def test_another_layer_costs_its_inside_alone(visitor):
    """For a finished run: no stream is opened, and the numbers are the same as with that layer from the start."""
    query = f"{SMALL}&studio.seed=4712&studio.view=layer&studio.part=distribution&studio.time=over"
    one = visitor(query)
    one.to_the_end()
    asked = []
    one.page.on("request", lambda request: asked.append(request.url) if "/api/jobs/" in request.url else None)
    with one.page.expect_response("**/snapshots?layer=1"):
        one.choose("Layer", "2 of 2")
    one.page.wait_for_function("() => document.querySelector('.bnl-studio').studio.run.history.layer === 1")
    one.drawn()
    assert [url.rpartition("/")[2] for url in asked] == ["snapshots?layer=1"]
    assert part(one.traces("main/loss"), "raw", 0)["x"] == list(range(168))
    pictures = one.page.evaluate(INSIDE)
    assert pictures
    shown = [one.traces(name) for name in pictures]
    other = visitor(f"{query}&studio.layer=1", alone=False)
    other.to_the_end()
    other.drawn()
    assert [other.traces(name) for name in pictures] == shown


@pytest.mark.parametrize(("axis", "last"), [("epochs", 31), ("seconds", None)])
def test_the_curves_can_stand_over_epochs_and_seconds(visitor, axis, last):
    one = visitor("studio.layers=2&studio.width=8&studio.epochs=30&studio.changes=100:batch_size=256")
    one.to_the_end()
    one.choose("Over", axis)
    title = f"{MAIN}.xaxis.title.text.startsWith('{axis[:5]}')"
    one.page.wait_for_function(f"() => {title}")
    one.idle()
    across = part(one.traces("main/loss"), "validation", 1)["x"]
    assert across == sorted(across)
    assert len(one.cursor()) == 1, "the change of the batch size, which came with the link, is marked"
    if last:
        assert across[-1] == last, "thirty whole ones, and the one that the change broke off"
        assert set(across[:-1]) <= set(range(last)), "validated at the ends of epochs, of either size"
    one.studio.get_by_label("log", exact=True).uncheck()
    one.page.wait_for_function(f"() => {MAIN}.yaxis.type === 'linear'")
