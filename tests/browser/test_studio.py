"""Contract: in a real browser, with real trainings, the studio can be watched, paused, scrubbed, changed and forked."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.studio_visit import SMALL, part, seeds

pytestmark = pytest.mark.browser
DRAWN = """() => document.querySelector(".bnl-studio").studio.desk.charts.get("main/loss")
  .plot.data.find(({ meta }) => meta.source === "batch").x.length"""


def test_before_the_first_run_the_axes_are_there_and_one_thing_is_to_press(visitor, complaints):
    one = visitor()
    one.says("Nothing trained yet")
    assert all(not trace["x"] for trace in one.traces("main/loss"))
    for name in ("Go on", "One step", "One step back"):
        expect(one.page.get_by_role("button", name=name, exact=True)).to_be_disabled()
    expect(one.page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    assert complaints.errors == []


def test_a_training_is_watched_to_its_end(visitor, complaints):
    one = visitor(SMALL + "&studio.pace=fast")
    one.press("Train")
    one.status("finished")
    one.says(r"(did better, by|came out even).* 168 steps.* [\d.]+%")
    loss = one.traces("main/loss")
    assert part(loss, "batch", 0)["x"] == list(range(168)), "every step"
    assert part(loss, "validation", 1)["x"][-1] == 168
    assert one.number("snapshots") > 1
    assert complaints.errors == []


def test_pause_step_and_step_back_move_the_training_by_one(visitor):
    one = visitor()
    at = one.paused_after(20)
    one.says(f"Paused at step {at}")
    one.press("One step")
    expect(one.studio).to_have_attribute("data-position", str(at + 1), timeout=20_000)
    one.press("One step back")
    expect(one.studio).to_have_attribute("data-position", str(at), timeout=20_000)
    one.press("Go on")
    one.status("finished")


def test_steps_at_an_earlier_step_move_the_look_not_the_training(visitor):
    one = visitor()
    at = one.paused_after(40)
    one.scrub_to(20)
    one.says(f"You look at step 20.* paused at step {at}")
    for name, step in (("One step", 21), ("One step back", 20), ("One step back", 19)):
        one.press(name)
        expect(one.studio).to_have_attribute("data-step", str(step))
    assert one.number("position") == at
    one.press("Newest")
    one.says(f"Paused at step {at}")


def test_a_run_that_is_over_is_watched_again_also_by_who_comes_later(visitor):
    query = SMALL + f"&studio.pace=fast&studio.seed={next(seeds)}"
    one = visitor(query)
    one.press("Train")
    one.status("finished")
    one.says("came out even|did better")
    one.press("Watch it again from here")
    one.says("shown again as it went")
    one.page.wait_for_function(f"() => 0 < ({DRAWN})() && ({DRAWN})() < 168")  # what came later is not drawn yet
    one.says("came out even|did better")
    assert len(part(one.traces("main/loss"), "batch", 0)["x"]) == 168
    other = visitor(query)
    other.press("Train")
    other.says("shown again as it went")
    other.press("Pause")
    other.says("came out even|did better")
    assert 0 < other.number("step") < 168


def test_scrubbing_moves_the_cursor_and_what_is_shown_and_the_link_reopens_there(visitor, lab):
    one = visitor(SMALL + "&studio.view=layer")
    at = one.paused_after(60)
    one.choose("Show", "batch and running statistics")
    last = part(one.traces("layer/statistics/mean-2"), "units", 1)["y"]
    one.scrub_to(20)
    assert one.cursor() == [20]
    expect(one.page).to_have_url(re.compile("studio.step=20"))
    assert part(one.traces("layer/statistics/mean-2"), "units", 1)["y"] != last, "the snapshot of then, not of now"
    assert one.number("position") == at, "only the look goes back"
    one.press("Go on")
    one.status("finished")
    again = visitor(one.page.url.partition("?")[2])
    again.wait_for("points", 20)
    assert again.number("step") == 20
    assert 20 in again.cursor()


def test_the_keys_of_the_scrubber_look_and_play(visitor):
    one = visitor()
    at = one.paused_after(30)
    one.page.get_by_role("slider", name="Step looked at").focus()
    one.page.keyboard.press("ArrowLeft")
    expect(one.studio).to_have_attribute("data-step", str(at - 1))
    one.idle()
    one.page.keyboard.press(" ")
    one.status("running")


def test_a_fork_goes_on_beside_the_original_on_the_same_past(visitor):
    one = visitor()
    one.paused_after(60)
    one.scrub_to(30)
    before = part(one.traces("main/loss"), "raw", 0)["y"][:30]
    one.page.locator("summary", has_text="Fork at step 30").click()
    forking = one.page.locator(".bns-panel[open]")
    forking.get_by_label("Learning rate").fill("0.5")
    forking.get_by_role("button", name="Fork", exact=True).click()
    expect(one.page).to_have_url(re.compile(r"studio.lane_3=fork.*"), timeout=20_000)
    one.idle()
    one.hurry()
    one.status("finished")
    expect(one.studio.locator(".bns-legend")).to_contain_text("3 · fork of 1 at step 30, learning rate 0.5")
    loss = one.traces("main/loss")
    assert part(loss, "raw", 0)["y"][:30] == before, "its past is the original's"
    fork = part(loss, "raw", 2)["y"]
    assert fork[:30] == [None] * 30
    assert fork[31:] != part(loss, "raw", 0)["y"][31:]


def test_change_and_fork_begin_with_what_is_in_force_and_no_fork_leaves_a_fork_or_the_end(visitor):
    off = "&studio.lane_2=off&studio.lane_3=fork&studio.fork_at=10&studio.own_3=momentum%3D0.5"
    one = visitor(f"{SMALL}{off}&studio.changes=20%3Alearning_rate%3D0.02")
    one.paused_after(30)
    one.page.locator("summary", has_text="Change now").click()
    expect(one.page.locator(".bns-panel[open]").get_by_label("Learning rate")).to_have_value("0.02")
    one.page.locator("summary", has_text="Change now").click()
    one.scrub_to(12)
    one.page.locator("summary", has_text="Fork at step 12").click()
    forking = one.page.locator(".bns-panel[open]")
    expect(forking.get_by_label("Learning rate")).to_have_value("0.1")
    assert forking.get_by_label("Lane").locator("option").all_inner_texts() == ["1 · no normalization"]
    expect(forking.get_by_role("button", name="Fork", exact=True)).to_be_enabled()
    one.press("Newest")
    one.press("Go on")
    one.status("finished")
    expect(forking.get_by_role("button", name="Fork", exact=True)).to_be_disabled()
    expect(forking).to_contain_text("The run ends here")


def test_a_change_under_way_is_marked_and_becomes_part_of_the_link(visitor):
    one = visitor()
    one.press("Train")
    one.wait_for("position", 10)
    one.page.locator("summary", has_text="Change now").click()
    changing = one.page.locator(".bns-panel[open]")
    changing.get_by_label("Learning rate").fill("0.02")
    changing.get_by_role("button", name="Change", exact=True).click()
    expect(one.page).to_have_url(re.compile(r"studio.changes=\d+%3Alearning_rate%3D0.02"), timeout=20_000)
    step = int(re.search(r"changes=(\d+)", one.page.url)[1])
    one.status("finished")
    assert step in one.cursor()


def test_a_lane_that_diverges_is_explained_and_can_be_rewound(visitor):
    one = visitor("studio.learning_rate=3&studio.epochs=6&studio.seed=0")
    one.press("Train")
    alert = one.studio.get_by_role("alert").first
    expect(alert).to_contain_text(
        re.compile(r"no normalization diverged at step \d+: the .*layer.* Learning rate 3"), timeout=30_000
    )
    back = one.page.get_by_role("button", name=re.compile(r"Rewind to step \d+ with learning rate 1$"))
    step = int(re.search(r"step (\d+)", back.inner_text())[1])
    back.click()
    expect(one.page).to_have_url(re.compile(r"studio.own_3=learning_rate%3D1"), timeout=20_000)
    one.idle()
    one.status("finished")
    expect(one.studio.locator(".bns-legend")).to_contain_text(f"fork of 1 at step {step}, learning rate 1")


def test_what_ails_a_lane_is_said_while_it_trains_and_moves_no_curve(visitor):
    """A plain net's units die at that rate, which batch norm survives."""
    one = visitor("studio.learning_rate=1&studio.seed=3&studio.epochs=40")
    top = "() => document.querySelector('.bnl-studio .bnl-figures').getBoundingClientRect().top + window.scrollY"
    one.press("Train")
    one.wait_for("points", 20)
    before = one.page.evaluate(top)
    alert = one.studio.get_by_role("alert").first
    expect(alert).to_contain_text(re.compile(r"no normalization( sits at chance|: \d+ of the 32)"), timeout=40_000)
    assert one.studio.get_attribute("data-status") == "running"
    assert one.page.evaluate(top) == before
    expect(alert.locator(".bns-alert")).to_have_count(1)
    alert.get_by_role("button", name=re.compile("Look at:")).click()
    expect(one.page).to_have_url(re.compile("studio.view=(gradients|layer)"))


def test_another_layer_shows_other_numbers(visitor):
    one = visitor(SMALL + "&studio.pace=fast")
    one.press("Train")
    one.status("finished")
    one.idle()
    one.choose("Show", "gamma and beta")
    first = part(one.traces("layer/trained/gamma"), "units", 1)["y"]
    assert len(first) == 8
    one.choose("Layer", "2 of 2")
    one.page.wait_for_function(
        """(first) => {
          const { charts } = document.querySelector(".bnl-studio").studio.desk;
          const { y } = charts.get("layer/trained/gamma").plot.data[0];
          return y.length === first.length && y[0] !== first[0];
        }""",
        arg=first,
    )
    assert len(part(one.traces("layer/trained/gamma"), "units", 1)["y"]) == 8


def test_the_gaps_of_a_lane_are_drawn_with_its_own_epsilon(visitor):
    one = visitor(SMALL + "&studio.own_2=epsilon=0.05")
    assert one.page.evaluate("document.querySelector('.bnl-studio').studio.look.epsilons") == [0.001, 0.05]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_draws_what_it_promises(visitor, complaints, scheme):
    one = visitor(SMALL + "&studio.pace=fast", color_scheme=scheme)
    one.press("Train")
    one.status("finished")
    one.idle()
    heat = part(one.traces("layer/distribution/pre/over/pre-over-time-1"), "heat", 0)
    assert len(heat["z"][0]) == one.number("snapshots")
    assert sum(row[0] for row in heat["z"]) == pytest.approx(1), "shares of all values"
    one.page.get_by_role("tab", name="Mistakes").click()
    expect(one.studio.locator(".bns-digit").first).to_contain_text(re.compile(r"\d, answered \d \([\d.]+%\)"))
    one.page.get_by_role("tab", name="Flow of gradients").click()
    one.idle()
    ratio = part(one.traces("gradients/over/update_ratio"), "layer", 1)["y"]
    assert all(0 < value < 1 for value in ratio)
    one.page.get_by_role("tab", name="Slow motion").click()
    expect(one.studio.locator(".bns-stages")).to_contain_text(re.compile(r"the unit has mean [−\d.]+ and variance"))
    one.idle()
    expect(one.page).to_have_url(re.compile("studio.view=slow"))
    assert complaints.errors == []


def test_slow_motion_adds_up(visitor):
    """The running mean told is the one that the told numbers make."""
    one = visitor(SMALL + "&studio.view=slow")
    one.paused_after(20)
    text = one.studio.locator(".bns-stages li").last.inner_text().replace("−", "-")
    momentum, rest, batch, running, before = (float(word) for word in re.findall(r"-?\d+\.\d+", text))
    assert running == pytest.approx(momentum * before + rest * batch, abs=2e-3)


def test_the_border_of_data_in_the_plane_is_drawn_at_the_step_looked_at(visitor):
    one = visitor("studio.data=moons&studio.epochs=30&studio.view=border")
    one.paused_after(30)
    now = part(one.traces("border/border-2"), "grid", 1)["z"]
    assert (len(now), len(now[0])) == (48, 48)
    chart = one.studio.locator(".bns-views .bns-chart").nth(1)
    chart.locator("summary").click()
    with one.page.expect_download() as download:
        chart.get_by_role("button", name="CSV").click()
    rows = [line.split(",") for line in download.value.path().read_text(encoding="utf-8").splitlines()]
    assert [float(word) for word in rows[1][1:]] == [-2, -2, pytest.approx(now[0][0])]
    one.scrub_to(1)
    assert part(one.traces("border/border-2"), "grid", 1)["z"] != now


def test_numbers_and_pictures_can_be_taken_from_a_chart_by_keyboard(visitor):
    one = visitor(SMALL + "&studio.pace=fast")
    one.press("Train")
    one.status("finished")
    for name, check in (
        ("CSV", lambda text: text.startswith("line,training step")),
        ("SVG", lambda text: "<svg" in text),
    ):
        one.studio.locator(".bns-menu summary").first.focus()
        one.page.keyboard.press("Enter")
        with one.page.expect_download() as download:
            one.studio.locator(".bns-menu[open]").get_by_role("button", name=name).press("Enter")
        assert check(download.value.path().read_text(encoding="utf-8"))


def test_reset_clears_and_the_same_settings_give_the_same_numbers(visitor):
    one = visitor(SMALL + "&studio.pace=fast")
    one.press("Train")
    one.status("finished")
    first = part(one.traces("main/loss"), "raw", 1)["y"]
    one.press(re.compile("^Reset"))
    one.status("empty")
    one.press("Train")
    one.status("finished")
    assert part(one.traces("main/loss"), "raw", 1)["y"] == first


def test_a_bad_address_is_repaired_aloud(visitor):
    one = visitor("studio.batch_size=0&studio.own_2=data=xor")
    alerts = one.page.locator("[data-testid=stAlert]").first
    expect(alerts).to_contain_text("batch size = 0; it must be a whole number from 1 to 512")
    expect(alerts).to_contain_text("own 2 = data=xor")


def test_a_fork_outlives_a_popover_that_was_open_before_it(visitor):
    """A closed popover goes on saying the values that it had."""
    one = visitor()
    one.press(re.compile("^Lanes"))
    one.page.get_by_role("combobox", name=re.compile("Lane 3")).first.wait_for()
    one.page.keyboard.press("Escape")
    at = one.paused_after(30)
    one.page.locator("summary", has_text=f"Fork at step {at}").click()
    one.press("Fork")
    expect(one.page.get_by_role("button", name=re.compile("^Lanes"))).to_contain_text("fork")
    one.status("finished")
    one.page.get_by_role("tab", name="Slow motion").click()
    one.page.wait_for_url(re.compile("view=slow"))
    one.idle()
    expect(one.page.get_by_role("button", name=re.compile("^Lanes"))).to_contain_text("fork")
    expect(one.page).to_have_url(re.compile(f"fork_at={at}"))
