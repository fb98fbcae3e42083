"""Contract: a student presses Train and sees it happen; what breaks is said in words, and the next one gets a turn."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serving

pytestmark = pytest.mark.browser
START = "/training?training.guess=Just+show+me&training.pace="


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The app with one training slot, its worker ready."""
    with serving(tmp_path_factory.mktemp("training"), BN_LAB_SLOTS="1") as running:
        until(lambda: health(running)["ready"] == 1, 90)
        yield running


@pytest.fixture
def student(lab, new_page):
    """A function that opens the lesson as another student does."""

    def come(query: str = "slow", **options) -> Student:
        until(lambda: health(lab)["ready"] == 1 and not health(lab)["running"], 60)
        return Student(new_page(**options), lab, query)

    return come


class Student:
    """A visitor of the lesson and what it shows."""

    def __init__(self, page, lab, query: str) -> None:
        self.page, self.live = page, page.locator(".bnl-live")
        page.goto(lab.url + START + query)
        page.wait_for_selector(".bnl-live[data-ready=true]", timeout=60_000)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def status(self, word: str, seconds: float = 60) -> None:
        """Wait until the training has this status."""
        expect(self.live).to_have_attribute("data-status", word, timeout=1000 * seconds)

    def says(self, text: str) -> None:
        expect(self.live.get_by_role("status")).to_contain_text(re.compile(text), timeout=20_000)

    def points(self, more_than: int) -> int:
        """Wait until the curves have more than so many points; how many they have."""
        self.page.wait_for_function(
            "least => Number(document.querySelector('.bnl-live').dataset.points) > least", arg=more_than, timeout=60_000
        )
        return int(self.live.get_attribute("data-points"))


def until(truth, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def health(lab) -> dict:
    with urllib.request.urlopen(f"{lab.url}/api/health", timeout=10) as answer:
        return json.load(answer)


def worker(lab) -> int:
    """The id of the one worker process."""
    listed = subprocess.run(
        ["pgrep", "-P", str(lab.process.pid), "-f", "training.worker"], capture_output=True, text=True, check=True
    )
    return int(listed.stdout.split()[0])


def drawn(page) -> list[int]:
    """How many points the four curves of the loss figure have on screen."""
    return page.evaluate("() => document.querySelector('.bnl-live .bnl-figure').data.map((trace) => trace.y.length)")


def test_a_training_grows_in_place_and_ends_with_a_sentence(student, complaints):
    one = student("slow&training.epochs=4&training.layers=2&training.width=8")
    one.page.evaluate("() => { window.kept = document.querySelector('.bnl-live .bnl-figure'); }")
    one.press("Train")
    few = one.points(1)
    assert one.points(few + 20) > few + 20
    expect(one.page.get_by_role("progressbar", name="Progress of the training")).to_have_attribute(
        "aria-valuetext", re.compile(r"Step \d+ of 84 · epoch \d of 4 · \d+ steps/s · \d+ s left")
    )
    one.status("finished")
    one.says(r"After 84 steps: [\d.]+% of the validation examples right")
    assert one.page.evaluate("() => window.kept === document.querySelector('.bnl-live .bnl-figure')"), "not remounted"
    assert one.points(0) == 84
    assert drawn(one.page) == [84, 84, 5, 5], "every step, and validation before, between and after four epochs"
    expect(one.page.get_by_role("button", name="Stop")).to_be_disabled()
    assert complaints.errors == []


def test_stop_keeps_what_was_trained_and_reset_clears_it(student):
    one = student("slow&training.epochs=200")
    one.press("Train")
    kept = one.points(5)
    one.press("Stop")
    one.status("stopped", 5)
    one.says("You stopped it early")
    assert one.points(0) >= kept
    one.press("Reset")
    one.status("empty")
    one.says("Nothing trained yet")
    assert drawn(one.page) == [0, 0, 0, 0]


def test_borders_are_drawn_for_two_dimensional_data_in_the_dark_too(student):
    one = student("fast&training.data=moons&training.epochs=3", color_scheme="dark")
    one.press("Train")
    one.status("finished")
    sides = one.page.evaluate(
        "() => [...document.querySelectorAll('.bnl-live .bnl-figure')].flatMap((node) => node.data)"
        ".filter((trace) => trace.type === 'heatmap').map((trace) => [trace.z.length, trace.z[0].length])"
    )
    assert sides == [[48, 48], [48, 48]]


def test_a_lane_that_diverges_is_named_with_its_step_while_the_other_goes_on(student):
    one = student("slow&training.learning_rate=3&training.epochs=5")
    one.press("Train")
    expect(one.live.get_by_role("alert")).to_contain_text(
        re.compile(r"Without batch norm: diverged at step \d+"), timeout=30_000
    )
    one.status("finished")
    one.says(r"the loss stopped being a number at step \d+")


def test_where_both_lanes_diverge_neither_goes_on(student):
    one = student("slow&training.epochs=4&training.layers=1")
    points = {"at": [0], "loss": [[None], [None]], "accuracy": [[None], [None]], "layers": [], "validation": []}
    points |= {"step": 9, "epoch": 0, "rate": 1.0, "left": 1.0, "diverged": [3, 7]}
    news = {"n": 1, "since": 0, "status": "running", "reason": "", "points": [points], "grid": None, "end": None}
    news |= {"steps": 84, "epochs": 4, "record_every": 1}
    cut = {"status": 200, "content_type": "text/event-stream", "body": f"retry: 60000\ndata: {json.dumps(news)}\n\n"}
    one.page.route("**/api/jobs/*/events", lambda route: route.fulfill(**cut), times=1)
    one.press("Train")
    alert = one.live.get_by_role("alert")
    expect(alert).to_contain_text(re.compile("without batch norm at step 3, with it at step 7"))
    expect(alert).not_to_contain_text("goes on")


def test_another_layer_can_be_looked_at_without_a_word_to_the_server(student):
    one = student("fast&training.epochs=2&training.layers=2")
    one.press("Train")
    one.status("finished")
    one.says("After")
    ends = "() => [...document.querySelectorAll('.bnl-live .bnl-figure')].at(-1).data.map((t) => t.y.at(-1))"
    first = one.page.evaluate(ends)
    one.page.get_by_label("Statistics of batch-norm layer").select_option("2 of 2, its first unit")
    one.page.wait_for_function(f"first => JSON.stringify(({ends})()) !== JSON.stringify(first)", arg=first)


def test_settings_changed_after_a_run_leave_the_curves_marked(student):
    one = student("fast&training.epochs=2&training.layers=2")
    one.press("Train")
    one.status("finished")
    one.says("After")
    one.page.locator('[data-name="training.learning_rate"] input').press("ArrowRight")
    expect(one.live.locator(".bnl-note")).to_contain_text("earlier settings: Learning rate 0.1")
    assert one.points(0) == 42


def test_the_second_of_two_students_sees_a_place_and_starts_when_the_first_is_done(student, lab, new_page):
    one = student("slow&training.epochs=6&training.layers=1")
    two = Student(new_page(), lab, "fast&training.epochs=2&training.layers=1")
    one.press("Train")
    one.points(1)
    two.press("Train")
    two.says(r"number 1 in the queue, roughly \d+ s to wait")
    one.status("finished")
    two.status("finished")


def test_a_closed_tab_frees_its_slot_within_ten_seconds(student, lab):
    one = student("slow&training.epochs=200")
    one.press("Train")
    one.points(5)
    one.page.close()
    until(lambda: not health(lab)["running"], 10)


def test_a_worker_killed_in_the_middle_is_said_and_the_next_training_works(student, lab):
    one = student("slow&training.epochs=200")
    one.press("Train")
    kept = one.points(5)
    os.kill(worker(lab), signal.SIGKILL)
    one.status("failed", 10)
    one.says("The training process died at step \\d+")
    assert one.points(0) >= kept, "what it had told stays"
    until(lambda: health(lab)["ready"] == 1, 90)
    one.press("Train")
    fresh = one.points(0)
    assert one.points(fresh + 5) > fresh
    one.press("Stop")
    one.status("stopped", 10)


def test_a_server_that_forgot_the_training_is_said_so(student):
    one = student("fast&training.epochs=2&training.layers=1")
    one.page.route("**/api/jobs/*/events", lambda route: route.fulfill(status=404, body="{}"))
    one.press("Train")
    one.says("no longer knows this training")


def test_a_broken_connection_is_said_and_mended_without_losing_or_doubling_a_point(student):
    one = student("slow&training.epochs=4&training.layers=1")
    begun = {"n": 0, "since": 0, "status": "running", "reason": "", "points": [], "grid": None, "end": None}
    cut = {"status": 200, "content_type": "text/event-stream", "body": f"data: {json.dumps(begun)}\n\n"}
    one.page.route("**/api/jobs/*/events", lambda route: route.fulfill(**cut), times=1)
    one.press("Train")
    one.says("The connection broke; trying again")
    one.status("finished")
    assert one.points(0) == 84


def test_a_server_told_to_end_does_so_by_itself_while_a_training_streams(student, lab):
    """The last test here, because no other finds the server again."""
    one = student("slow&training.epochs=200")
    one.press("Train")
    one.points(5)
    lab.process.send_signal(signal.SIGTERM)
    lab.process.wait(15)
