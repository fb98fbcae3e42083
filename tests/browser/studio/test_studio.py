"""Contract: in a real browser, with real trainings, a run is played, paused, scrubbed, changed and forked."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.studio_visit import SMALL, part

pytestmark = pytest.mark.browser
VERDICT = re.compile("Best: |came out close together|learned|diverged|hardly better|lag")


def test_before_the_first_run_the_axes_are_there_and_one_thing_is_to_press(visitor, complaints):
    one = visitor()
    one.says("Nothing trained yet")
    assert all(not trace["x"] for trace in one.traces("main/loss"))
    for name in ("Play", "One step", "One step back", "Show the end"):
        expect(one.page.get_by_role("button", name=name, exact=True)).to_be_disabled()
    expect(one.page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    assert complaints.errors == []


def test_while_a_run_plays_nothing_of_its_future_is_in_the_page_until_the_end_is_shown(visitor, complaints):
    one = visitor(SMALL + "&studio.view=layer")
    at = one.paused_after(20)
    one.status("finished")
    assert at < one.number("known") == 168, "all is computed, and hidden"
    for name in ("layer", "gradients"):
        one.page.locator(f"[data-view={name}]").click()
        one.idle()
        one.drawn()
        assert one.latest() <= at
        assert not VERDICT.search(one.studio.inner_text())
    with one.page.expect_download() as download:
        one.studio.locator(".bns-menu summary").first.click()
        one.studio.get_by_role("button", name="CSV").first.click()
    rows = download.value.path().read_text(encoding="utf-8").splitlines()[1:]
    assert max(float(row.rsplit(",", 2)[1]) for row in rows) <= at
    one.page.locator("[data-view=home]").click()
    expect(one.page.get_by_text("would give the end away")).to_be_visible()
    one.press("Show the end")
    one.says(r"(Best: .*, by|came out close together).* 168 steps.* [\d.]+%")
    one.drawn()
    loss = one.traces("main/loss")
    assert part(loss, "raw", 0)["x"] == list(range(168)), "every step"
    assert part(loss, "validation", 1)["x"][-1] == one.latest() == 168
    expect(one.page.get_by_role("button", name="Curves (.csv)")).to_be_visible()
    one.press("Play again from the start")
    one.wait_for("step", 3)
    one.press("Pause")
    one.drawn()
    assert one.latest() <= one.number("step") < 168
    assert not VERDICT.search(one.studio.inner_text())
    assert complaints.errors == []


def test_while_a_lane_is_covered_the_verdict_does_not_tell_how_it_did(visitor):
    one = visitor(SMALL)
    one.press("Train")
    one.press("Show the end")
    verdict = one.studio.locator(".bns-status").get_by_text(VERDICT)
    expect(verdict).to_be_visible()
    place = verdict.bounding_box()
    one.page.keyboard.press("1")
    expect(verdict).not_to_be_visible()
    assert verdict.bounding_box() == place, "nothing moves"
    one.page.keyboard.press("1")
    expect(verdict).to_be_visible()


def test_it_plays_before_the_training_is_over_and_its_end_comes_by_itself(visitor):
    one = visitor(SMALL + "&studio.epochs=500")
    one.choose("Speed", "all in 5 s")
    one.press("Train")
    one.page.wait_for_function(
        "() => { const { status, step } = document.querySelector('.bnl-studio').dataset;"
        " return status === 'running' && Number(step) > 0; }"
    )
    one.mode("shown")
    one.says("500|10500")


def test_who_has_caught_up_with_the_training_waits_there(visitor):
    one = visitor()
    told = {"at": list(range(9)), "seconds": [0.1] * 9, "loss": [[1.0] * 9] * 2, "accuracy": [[0.5] * 9] * 2}
    point = {**told, "step": 9, "layers": [], "validation": [], "inference": [], "diverged": [None, None]}
    news = {"n": 1, "since": 0, "status": "running", "points": [point], "steps": 20, "position": 9}
    hear = f"() => {{ document.querySelector('.bnl-studio').studio.run.take({json.dumps(news)}); }}"
    one.page.route("**/api/jobs/*/events*", lambda route: None)
    one.press("Train")
    one.mode("playing")
    one.page.evaluate(hear)
    one.says("caught up with the training")
    assert one.number("step") == 9
    more = {**news, "since": 1, "points": [{**point, "at": list(range(9, 18)), "step": 18}]}
    one.page.evaluate(hear.replace(json.dumps(news), json.dumps(more)))
    one.wait_for("step", 9)


def test_steps_keys_and_a_click_move_the_reader(visitor):
    one = visitor()
    at = one.paused_after(20)
    one.says(f"Paused at step {at}")
    for name, step in (("One step", at + 1), ("One step back", at), ("One step back", at - 1)):
        one.press(name)
        expect(one.studio).to_have_attribute("data-step", str(step))
    one.page.get_by_role("slider", name="Step looked at").focus()
    for key, step in (("ArrowRight", at), ("Home", 0), ("ArrowRight", 1)):
        one.page.keyboard.press(key)
        expect(one.studio).to_have_attribute("data-step", str(step))
    one.page.keyboard.press(" ")
    one.mode("playing")
    one.status("finished")
    one.page.keyboard.press("End")
    one.mode("shown")


def test_a_part_of_the_time_axis_can_be_enlarged(visitor):
    one = visitor(SMALL)
    one.to_the_end()
    axis = "() => document.querySelector('.bnl-studio').studio.grid.charts.get('main/loss').plot.layout.xaxis.range"
    assert one.page.evaluate(axis) == [0, 168]
    one.press("First 20 steps")
    one.drawn()
    assert one.page.evaluate(axis) == [0, 20]
    one.page.get_by_role("slider", name="Time axis to step").press("ArrowRight")
    one.drawn()
    assert one.page.evaluate(axis) == [0, 21]
    one.press("Whole run")
    one.drawn()
    assert one.page.evaluate(axis) == [0, 168]


def test_back_leaves_the_page_in_one_press(visitor, lab):
    one = visitor()
    one.page.get_by_role("link", name="Start", exact=True).first.click()
    one.page.wait_for_url(lambda url: "studio" not in url)
    one.page.get_by_role("link", name="Studio", exact=True).first.click()
    one.page.wait_for_selector(".bnl-studio[data-ready=true]")
    one.idle()
    one.paused_after(20)
    one.scrub_to(10)
    one.choose("Layer", "2 of 2")
    one.page.wait_for_url(re.compile("studio.layer=1"))
    one.idle()
    one.page.go_back()
    one.page.wait_for_url(lambda url: "studio" not in url)


def test_scrubbing_moves_the_cursor_and_what_is_shown_and_the_link_reopens_there(visitor, lab):
    one = visitor(SMALL + "&studio.view=layer")
    one.paused_after(60)
    one.choose("Show", "batch and running statistics")
    last = part(one.traces("layer/statistics/mean-2"), "units", 1)["y"]
    one.scrub_to(20)
    assert one.latest() == 20
    expect(one.page).to_have_url(re.compile("studio.step=20"))
    assert part(one.traces("layer/statistics/mean-2"), "units", 1)["y"] != last, "the snapshot of then, not of now"
    again = visitor(one.page.url.partition("?")[2])
    again.wait_for("points", 20)
    assert again.number("step") == 20
    again.drawn()
    assert again.latest() == 20
    again.press("Show the end")
    again.scrub_to(20)
    assert again.cursor() == [20], "all is known now, and the place is marked"


def test_a_fork_goes_on_beside_the_original_on_the_same_past(visitor):
    one = visitor()
    one.paused_after(60)
    one.scrub_to(30)
    before = part(one.traces("main/loss"), "raw", 0)["y"][:30]
    one.page.locator("summary", has_text="Fork here").click()
    forking = one.page.locator(".bns-panel[open]")
    expect(forking.get_by_label("Learning rate")).to_have_value("0.033")  # as it stands it makes a difference
    expect(forking.locator(".bns-now")).to_have_text("now 0.1")
    forking.get_by_label("Learning rate").fill("0.5")
    forking.get_by_role("button", name="Fork", exact=True).click()
    expect(one.page).to_have_url(re.compile(r"studio.lane_3=fork.*"))
    one.mode("playing")
    assert one.number("step") >= 30, "the player goes on from there"
    one.status("finished")
    one.press("Show the end")
    one.idle()
    expect(one.studio.locator(".bns-legend")).to_contain_text("3 · fork of 1 at step 30, learning rate 0.5")
    loss = one.traces("main/loss")
    assert part(loss, "raw", 0)["y"][:30] == before, "its past is the original's"
    fork = part(loss, "raw", 2)["y"]
    assert fork[:30] == [None] * 30
    assert fork[31:] != part(loss, "raw", 0)["y"][31:]


def test_a_change_at_a_step_is_a_run_that_goes_on_from_there_is_marked_and_part_of_the_link(visitor):
    off = "&studio.lane_2=off&studio.lane_3=fork&studio.fork_at=10&studio.own_3=momentum%3D0.5"
    one = visitor(f"{SMALL}{off}&studio.changes=20%3Alearning_rate%3D0.02")
    one.paused_after(30)
    one.scrub_to(12)
    one.page.locator("summary", has_text="Fork here").click()
    forking = one.page.locator(".bns-panel[open]")
    assert forking.get_by_label("Lane").locator("option").all_inner_texts() == ["1 · no normalization"]
    one.page.locator("summary", has_text="Fork here").click()
    one.scrub_to(25)
    one.page.locator("summary", has_text="Change something here").click()
    changing = one.page.locator(".bns-panel[open]")
    expect(changing.get_by_label("Learning rate")).to_have_value("0.0067")  # a third of what is in force there
    expect(changing.locator(".bns-now")).to_have_text("now 0.02")
    changing.get_by_label("Learning rate").fill("0.5")
    changing.get_by_role("button", name="Change", exact=True).click()
    expect(one.page).to_have_url(re.compile(r"studio.changes=20%3Alearning_rate%3D0.02%3B25%3Alearning_rate%3D0.5"))
    one.mode("playing")
    one.status("finished")
    one.press("Show the end")
    one.drawn()
    assert {20, 25} <= set(one.cursor())
    one.page.locator("summary", has_text="Change something here").click()
    expect(changing).to_contain_text("The run ends here")
    expect(changing.get_by_role("button", name="Change", exact=True)).to_be_disabled()


def test_a_lane_that_diverges_is_explained_and_can_be_rewound(visitor):
    one = visitor("studio.learning_rate=3&studio.epochs=6&studio.seed=0")
    one.paused_after(14)
    alert = one.studio.get_by_role("alert").first
    expect(alert).to_contain_text(re.compile(r"no normalization diverged at step \d+: the .*layer.* Learning rate 3"))
    one.scrub_to(5)
    expect(alert).to_be_empty()
    one.press("Show the end")
    back = one.page.get_by_role("button", name=re.compile(r"Rewind to step \d+ with learning rate 1$"))
    step = int(re.search(r"step (\d+)", back.inner_text())[1])
    back.click()
    expect(one.page).to_have_url(re.compile(r"studio.own_3=learning_rate%3D1"))
    one.mode("playing")
    expect(one.studio.locator(".bns-legend")).to_contain_text(f"fork of 1 at step {step}, learning rate 1")


def test_nothing_jumps_while_it_plays_though_a_lane_is_lost(visitor):
    one = visitor("studio.learning_rate=3&studio.seed=0&studio.epochs=40")
    places = """() => [...document.querySelectorAll('.bns-transport :is(button, select), .bns-chart, .bns-tabs')]
      .map((node) => node.getBoundingClientRect()).map(({ top, left }) => [top, left].map(Math.round)).join()"""
    one.choose("Speed", "step by step")
    one.press("Train")
    one.wait_for("step", 0)
    first = one.page.evaluate(places)
    assert one.number("step") < 12, "before it is lost"
    one.choose("Speed", "all in 20 s")
    one.wait_for("step", 20)
    assert one.page.evaluate(places) == first
    one.press("Show the end")
    expect(one.studio.get_by_role("alert").first).to_contain_text(re.compile(r"diverged at step \d+"))


def test_reset_clears_and_the_same_settings_give_the_same_numbers(visitor):
    one = visitor(SMALL)
    one.to_the_end()
    first = part(one.traces("main/loss"), "raw", 1)["y"]
    one.press(re.compile("^Reset"))
    one.status("empty")
    one.drawn()
    assert one.latest() == -1
    one.to_the_end()
    one.drawn()
    assert part(one.traces("main/loss"), "raw", 1)["y"] == first


def test_a_bad_address_is_repaired_aloud(visitor):
    one = visitor("studio.batch_size=0&studio.own_2=data=xor")
    alerts = one.page.locator("[data-testid=stAlert]").first
    expect(alerts).to_contain_text("batch size = 0; it must be a whole number from 1 to 512")
    expect(alerts).to_contain_text("own 2 = data=xor")


def test_a_fork_outlives_a_popover_that_was_open_before_it(visitor):
    """A closed popover still reports the values that it had."""
    one = visitor()
    one.press(re.compile("^Lanes"))
    one.page.get_by_role("combobox", name=re.compile("Lane 3")).first.wait_for()
    one.page.keyboard.press("Escape")
    at = one.paused_after(30)
    one.page.locator("summary", has_text="Fork here").click()
    one.press("Fork")
    expect(one.page.get_by_role("button", name=re.compile("^Lanes"))).to_contain_text("fork")
    one.status("finished")
    one.page.get_by_role("tab", name="Slow motion").click()
    one.page.wait_for_url(re.compile("view=slow"))
    one.idle()
    expect(one.page.get_by_role("button", name=re.compile("^Lanes"))).to_contain_text("fork")
    expect(one.page).to_have_url(re.compile(f"fork_at={at}"))
