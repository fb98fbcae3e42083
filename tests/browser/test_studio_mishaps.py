"""Contract: several students at once, and a training process that dies: each is told what happens and loses nothing."""

import os
import re
import signal
import subprocess

import pytest
from playwright.sync_api import expect

from tests.browser.studio_visit import part

pytestmark = pytest.mark.browser
MAIN = "document.querySelector('.bnl-studio').studio.desk.charts.get('main/loss').spec.layout"
LONG = "studio.layers=2&studio.width=8&studio.epochs=30"


def worker_of(lab) -> int:
    """The process id of the app's one training process."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 2) for line in listed.splitlines()[1:])
    (pid,) = [int(pid) for pid, parent, what in rows if int(parent) == lab.process.pid and "training.worker" in what]
    return pid


def test_a_training_process_that_dies_leaves_what_it_told_and_goes_on_where_it_stood(visitor, lab):
    one = visitor(LONG)
    one.press("Train")
    one.wait_for("position", 60)
    os.kill(worker_of(lab), signal.SIGKILL)
    one.status("failed")
    one.says(r"process died at step \d+.*not your doing.*Play goes on")
    told = part(one.traces("main/loss"), "raw", 0)["y"]
    assert len(told) > 50
    one.press("Go on")
    one.hurry()
    one.status("finished", 120)
    after = part(one.traces("main/loss"), "raw", 0)
    assert after["x"] == list(range(len(after["x"]))), "no step is missing, none comes twice"
    assert after["y"][: len(told)] == told


def test_a_second_student_waits_knows_how_long_and_is_served_by_itself(visitor):
    one = visitor(LONG)
    one.press("Train")
    one.wait_for("position", 5)
    other = visitor(LONG, alone=False)
    other.press("Train")
    other.status("queued")
    other.says(r"number 1 in the queue.*roughly \d+ (s|min) to wait|You are next")
    one.press("Pause")
    one.status("paused")
    other.status("running")
    other.wait_for("position", 5)
    one.press("Go on")
    one.says(r"in the queue|You are next|Training")
    other.press(re.compile("^Reset"))
    other.status("empty")
    one.hurry()
    one.status("finished", 90)


def test_two_students_who_ask_for_the_same_share_one_run_until_one_alters_it(visitor, lab):
    query = LONG + "&studio.seed=4711"
    one = visitor(query)
    one.press("Train")
    one.wait_for("position", 20)
    other = visitor(query, alone=False)
    other.press("Train")
    other.wait_for("points", 20)
    assert other.studio.get_attribute("data-status") == "running", "joined, not queued"
    other.press("Pause")
    other.status("paused")
    expect(one.studio).to_have_attribute("data-status", re.compile("running|finished"))
    one.status("finished", 90)
    alike = min(other.number("points"), one.number("points")) - 1
    mine, theirs = (part(each.traces("main/loss"), "raw", 1)["y"][:alike] for each in (one, other))
    assert mine == theirs


def test_the_training_can_be_taken_back_to_a_step_looked_at(visitor):
    one = visitor(LONG)
    one.paused_after(80)
    one.scrub_to(33)
    one.press("Take the training back to here")
    expect(one.studio).to_have_attribute("data-position", "33", timeout=40_000)
    one.status("paused")
    one.says("Paused at step 33")
    assert one.studio.get_attribute("data-step") == "33"


@pytest.mark.parametrize(("axis", "last"), [("epochs", 31), ("seconds", None)])
def test_the_curves_can_stand_over_epochs_and_seconds(visitor, axis, last):
    one = visitor(LONG + "&studio.pace=fast&studio.changes=100:batch_size=256")
    one.press("Train")
    one.status("finished")
    one.choose("Over", axis)
    title = f"{MAIN}.xaxis.title.text.startsWith('{axis[:5]}')"
    one.page.wait_for_function(title)
    one.idle()
    across = part(one.traces("main/loss"), "validation", 1)["x"]
    assert across == sorted(across)
    assert len(one.cursor()) == 1, "the change of the batch size, which came with the link, is marked"
    if last:
        assert across[-1] == last, "thirty whole ones, and the one that the change broke off"
        assert set(across[:-1]) <= set(range(last)), "validated at the ends of epochs, of either size"
    one.studio.get_by_label("log", exact=True).uncheck()
    one.page.wait_for_function(f"{MAIN}.yaxis.type === 'linear'")
